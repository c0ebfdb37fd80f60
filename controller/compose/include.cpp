// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/include.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "controller/compose/canonical.hpp"
#include "controller/compose/merge.hpp"
#include "controller/compose/nodes.hpp"
#include "controller/compose/resolve_paths.hpp"
#include "controller/compose/validate.hpp"

namespace trueup::compose {
namespace {

class Includer {
public:
    // `attribute` is where the entry stands: "include[0]".
    Includer(const FileSet& files, const std::string& path, std::string attribute, Session& session)
        : files_(files), path_(path), attribute_(std::move(attribute)), session_(session) {}

    // What one entry, in its long form, brings; nothing when it cannot be loaded.
    yaml::Node load(const yaml::Node& entry) {
        const yaml::Node* paths = entry.find("path");
        if (paths == nullptr || paths->items.empty()) {
            tell(entry, "this include names no file", "add 'path:'");
            return {};
        }
        FileSet included{{}, "", variables_, files_.including, place(paths->items[0])};
        included.including.push_back(path_);
        for (const yaml::Node& path : paths->items) {
            const auto resolved = resolve(path);
            if (!resolved) return {};
            included.paths.push_back(*resolved);
        }
        if (!check_cycle(included.paths[0], paths->items[0])) return {};
        const auto directory = directory_for(entry, included.paths[0]);
        if (!directory) return {};
        included.directory = *directory;
        variables_ = read_variable_files(variable_files(entry, *directory), files_.variables,
                                         place(entry), session_);
        return load_files(included, session_);
    }

private:
    Place place(const yaml::Node& node) const { return {node.position(), attribute_}; }
    void tell(const yaml::Node& node, std::string_view message, std::string advice) {
        place(node).tell(message, std::move(advice), session_.problems);
    }

    std::optional<std::string> resolve(const yaml::Node& path) {
        if (is_remote(path.text)) {
            tell(path, fmt::format("'{}' is a remote file, which is not supported", path.text),
                 "copy it into the project");
            return std::nullopt;
        }
        auto resolved = session_.places.resolve(files_.directory, path.text);
        if (!resolved)
            tell(path, fmt::format("'{}' is outside the {}", path.text, session_.places.what()),
                 "");
        return resolved;
    }

    bool check_cycle(const std::string& path, const yaml::Node& node) {
        const auto& chain = files_.including;
        const bool again =
            path == path_ || std::find(chain.begin(), chain.end(), path) != chain.end();
        if (again) tell(node, fmt::format("'{}' includes itself", node.text), "remove one of them");
        const bool deep = chain.size() >= Limits().include_depth;
        if (deep)
            tell(node, fmt::format("included more than {} levels deep", Limits().include_depth),
                 "flatten it");
        return !again && !deep;
    }

    std::optional<std::string> directory_for(const yaml::Node& entry, const std::string& first) {
        const yaml::Node* given = entry.find("project_directory");
        if (given == nullptr || given->text.empty()) return directory_of(first);
        return resolve(*given);
    }

    model::Strings variable_files(const yaml::Node& entry, const std::string& directory) {
        const yaml::Node* given = entry.find("env_file");
        model::Strings paths;
        if (given == nullptr || given->items.empty()) {
            const auto dotenv = session_.places.join(directory, ".env");
            const bool is_file =
                dotenv && session_.places.exists(*dotenv) && !session_.places.is_directory(*dotenv);
            if (is_file) paths.push_back(*dotenv);
            return paths;
        }
        for (const yaml::Node& item : given->items) {
            if (item.text == "/dev/null") continue;
            if (const auto resolved = resolve(item)) paths.push_back(*resolved);
        }
        return paths;
    }

    const FileSet& files_;
    const std::string& path_;
    std::string attribute_;
    Session& session_;
    model::StringMap variables_;
};

// The including file over the included one, resource by resource.
void import(yaml::Node included, yaml::Node& document, const Resets& resets, Session& session) {
    Reporter reporter(session.problems);
    for (const std::string_view kind :
         {"services", "volumes", "networks", "secrets", "configs", "models"}) {
        yaml::Node* from = included.find(kind);
        if (from == nullptr) continue;
        yaml::Node* to = document.find(kind);
        if (to == nullptr || to->is_null()) {
            set(document, kind, std::move(*from));
            continue;
        }
        if (!to->is_mapping()) continue;    // told by the schema
        std::unordered_map<std::string, std::size_t> places;
        for (std::size_t index = 0; index < to->entries.size(); ++index)
            places.emplace(to->entries[index].key, index);
        const Object object = find_attribute(Object::file, kind)->extras.inner;
        for (yaml::Entry& entry : from->entries) {
            const auto place = places.find(entry.key);
            if (place == places.end()) {
                to->entries.push_back(std::move(entry));
                continue;
            }
            resets.apply(entry.value, {std::string(kind), entry.key});
            yaml::Node& own = to->entries[place->second].value;
            if (own.is_null()) {
                own = std::move(entry.value);
                continue;
            }
            const Path::Step step(reporter.path, kind);
            const Path::Step inner(reporter.path, entry.key);
            own = merge(std::move(entry.value), std::move(own), object, reporter);
        }
    }
}

}    // namespace

void apply_include(yaml::Node& document, const FileSet& files, const std::string& path,
                   const Resets& resets, Session& session) {
    yaml::Node* found = document.find("include");
    if (found == nullptr) return;
    yaml::Node part = make(yaml::Kind::mapping, *found);
    add(part, "include", std::move(*found));
    erase(document, "include");
    const std::size_t before = session.problems.size();
    validate(part, session.interpolate, session.problems);
    if (session.problems.size() != before) {
        session.incomplete = true;
        return;
    }
    canonicalise(part, session);
    const auto& entries = part.find("include")->items;
    for (std::size_t index = 0; index < entries.size(); ++index) {
        Includer includer(files, path, fmt::format("include[{}]", index), session);
        yaml::Node included = includer.load(entries[index]);
        session.incomplete = session.incomplete || included.is_null();
        import(std::move(included), document, resets, session);
    }
}

}    // namespace trueup::compose
