// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/env_files.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/dotenv.hpp"
#include "controller/compose/nodes.hpp"
#include "controller/compose/problems.hpp"
#include "controller/compose/scalars.hpp"

namespace trueup::compose {
namespace {

class ServiceFiles {
public:
    ServiceFiles(const model::StringMap& variables, Session& session)
        : variables_(variables), session_(session), reporter_(session.problems) {}

    VariableSources service(const std::string& name, yaml::Node& node) {
        const Path::Step services(reporter_.path, "services");
        const Path::Step step(reporter_.path, name);
        sources_ = {};
        environment(node);
        labels(node);
        return std::move(sources_);
    }

private:
    void environment(yaml::Node& service) {
        yaml::Node* files = service.find("env_file");
        if (files == nullptr) return;
        const yaml::Node declared = member(service, "environment");
        const yaml::Node list = std::move(*files);
        erase(service, "env_file");
        const Path::Step step(reporter_.path, "env_file");
        model::StringMap values;
        for (const yaml::Node& item : list.items) read_environment(item, declared, values);
        for (const auto& [name, value] : values) {
            if (declared.find(name) == nullptr) sources_.names.insert(name);
        }
        lay_below(service, "environment", values, list);
    }

    void labels(yaml::Node& service) {
        yaml::Node* files = service.find("label_file");
        if (files == nullptr) return;
        const yaml::Node list = std::move(*files);
        erase(service, "label_file");
        const Path::Step step(reporter_.path, "label_file");
        model::StringMap values;
        // Labels are about the service: no variable of the process gets into them.
        const Lookup earlier = look_in(values);
        for (const yaml::Node& item : list.items) {
            const auto content = read(item, item.text, "label_file");
            if (content) parse(*content, item.text, earlier, values);
        }
        lay_below(service, "labels", values, list);
    }

    static yaml::Node member(const yaml::Node& service, std::string_view key) {
        const yaml::Node* found = service.find(key);
        return found == nullptr ? yaml::Node() : *found;
    }

    void read_environment(const yaml::Node& item, const yaml::Node& declared,
                          model::StringMap& values) {
        const yaml::Node* path = item.find("path");
        if (path == nullptr) return;    // told by the schema
        const yaml::Node* required = item.find("required");
        const bool optional = required != nullptr && scalar_text(*required) == "false";
        if (optional && !session_.places.exists(path->text)) return;
        const auto content = read(*path, path->text, "env_file");
        if (!content) return;
        if (const auto found = session_.places.find(path->text))
            sources_.paths.push_back(found->path);
        const Lookup lookup = [&](const std::string& name) -> std::optional<std::string> {
            const auto known = variables_.find(name);
            if (known != variables_.end()) return known->second;
            const yaml::Node* own = declared.find(name);
            if (own != nullptr && own->is_scalar()) return scalar_text(*own);
            const auto earlier = values.find(name);
            return earlier == values.end() ? std::nullopt : std::optional(earlier->second);
        };
        const std::string format = member_text(item, "format");
        if (format == "raw") return read_raw(*content, values);
        if (!format.empty())
            return reporter_.tell(*item.find("format"),
                                  fmt::format("'{}' is no format of variable files", format),
                                  "raw");
        parse(*content, path->text, lookup, values);
    }

    std::optional<std::string> read(const yaml::Node& place, const std::string& path,
                                    std::string_view kind) {
        if (!path.starts_with('/')) return std::nullopt;    // told with the paths
        if (!session_.places.is_in_tree(path)) {
            reporter_.tell(place, fmt::format("'{}' is outside the commit", path),
                           "only files of the commit can be read");
            return std::nullopt;
        }
        auto content = session_.places.read(path);
        if (!content) {
            reporter_.tell(place, content.error().message(),
                           kind == "env_file" ? "add it, or set 'required: false'" : "add it");
            return std::nullopt;
        }
        if (content->size() > session_.left.variable_bytes) {
            reporter_.tell(place, too_many_variables({}).message);
            return std::nullopt;
        }
        session_.left.variable_bytes -= content->size();
        return std::move(*content);
    }

    void parse(const std::string& content, const std::string& path, const Lookup& lookup,
               model::StringMap& values) {
        const std::string shown = session_.places.shown(path);
        auto parsed = parse_dotenv(content, shown, lookup);
        if (!parsed) return session_.take(parsed.error());
        for (auto& [key, value] : *parsed) values[key] = std::move(value);
    }

    // KEY=value by line and nothing else: no quotes, no variables.
    void read_raw(const std::string& content, model::StringMap& values) {
        for (std::string_view line : base::split(content, '\n')) {
            if (line.ends_with('\r')) line.remove_suffix(1);
            const std::size_t start = line.find_first_not_of(" \t");
            if (start == std::string_view::npos || line[start] == '#') continue;
            line.remove_prefix(start);
            const std::size_t equals = line.find('=');
            const std::string key(line.substr(0, equals));
            if (equals != std::string_view::npos) {
                values[key] = line.substr(equals + 1);
                continue;
            }
            const auto known = variables_.find(key);
            if (known != variables_.end()) values[key] = known->second;
        }
    }

    static void lay_below(yaml::Node& service, std::string_view key, const model::StringMap& values,
                          const yaml::Node& like) {
        yaml::Node merged = make(yaml::Kind::mapping, like);
        const yaml::Node* own = service.find(key);
        for (const auto& [name, value] : values) {
            if (own == nullptr || own->find(name) == nullptr)
                add(merged, name, scalar(value, like));
        }
        if (own != nullptr)
            merged.entries.insert(merged.entries.end(), own->entries.begin(), own->entries.end());
        if (!merged.entries.empty()) set(service, key, std::move(merged));
    }

    const model::StringMap& variables_;
    Session& session_;
    Reporter reporter_;
    VariableSources sources_;
};

}    // namespace

std::map<std::string, VariableSources> read_service_files(yaml::Node& file,
                                                          const model::StringMap& variables,
                                                          Session& session) {
    ServiceFiles files(variables, session);
    std::map<std::string, VariableSources> sources;
    for_each(file.find("services"), [&](const std::string& name, yaml::Node& service) {
        VariableSources found = files.service(name, service);
        if (!found.paths.empty()) sources.emplace(name, std::move(found));
    });
    return sources;
}

}    // namespace trueup::compose
