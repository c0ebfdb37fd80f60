// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/load_files.hpp"

#include <fmt/format.h>

#include <utility>

#include "controller/compose/canonical.hpp"
#include "controller/compose/complete.hpp"
#include "controller/compose/dotenv.hpp"
#include "controller/compose/extends.hpp"
#include "controller/compose/include.hpp"
#include "controller/compose/merge.hpp"
#include "controller/compose/nodes.hpp"
#include "controller/compose/resets.hpp"
#include "controller/compose/resolve_paths.hpp"
#include "controller/compose/rules.hpp"
#include "controller/compose/validate.hpp"

namespace trueup::compose {
namespace {

void take_version(yaml::Node& file, Session& session) {
    if (const yaml::Node* version = file.find("version")) {
        session.warnings.push_back(
            {version->position(), "'version' is obsolete and has no effect", "remove it"});
    }
    erase(file, "version");
}

void load_document(yaml::Node document, const FileSet& files, const std::string& path,
                   Extender& extender, yaml::Node& merged, Session& session) {
    if (!session.afford(document)) return;
    const Resets resets = Resets::take(document, session.problems);
    session.interpolate_tree(document, look_in(files.variables));
    apply_include(document, files, path, resets, session);
    resets.apply(merged);
    extender.apply(document, path, resets);
    if (merged.is_null())
        merged = std::move(document);
    else
        merged = merge(std::move(merged), std::move(document), Object::file, session.problems);
    enforce_unicity(merged, Object::file);
    validate(merged, session.interpolate, session.problems);
    take_version(merged, session);
    canonicalise(merged, session);
    enforce_unicity(merged, Object::file);
}

}    // namespace

yaml::Node load_files(const FileSet& files, Session& session) {
    yaml::Node merged;
    Extender extender(files, session);
    for (const std::string& path : files.paths) {
        const auto* documents = session.documents(path, files.from);
        if (documents == nullptr) continue;
        for (const yaml::Node& document : *documents)
            load_document(document, files, path, extender, merged, session);
    }
    if (merged.is_null()) return merged;
    const std::size_t before = session.problems.size();
    add_defaults(merged);
    check_rules(merged, session.problems);
    resolve_paths(merged, files.directory, session);
    if (!session.as_written) resolve_environment(merged, files.variables);
    session.drop_consequences(before);
    return merged;
}

model::StringMap read_variable_files(const model::Strings& paths, const model::StringMap& known,
                                     const Place& from, Session& session) {
    model::StringMap values;
    const Lookup lookup = [&](const std::string& name) -> std::optional<std::string> {
        const auto given = known.find(name);
        if (given != known.end()) return given->second;
        const auto earlier = values.find(name);
        return earlier == values.end() ? std::nullopt : std::optional(earlier->second);
    };
    for (const std::string& path : paths) {
        const auto content = session.places.read(path);
        if (!content) {
            from.tell(content.error().message(), "is this the right file?", session.problems);
            continue;
        }
        const std::string shown = session.places.shown(path);
        if (content->size() > session.left.variable_bytes) {
            session.problems.push_back(too_many_variables(Position{shown, 0, 0}));
            break;
        }
        session.left.variable_bytes -= content->size();
        auto parsed = parse_dotenv(*content, shown, lookup);
        if (!parsed) {
            session.take(parsed.error());
            continue;
        }
        for (auto& [key, value] : *parsed) values[key] = std::move(value);
    }
    for (const auto& [key, value] : known) values[key] = value;
    return values;
}

}    // namespace trueup::compose
