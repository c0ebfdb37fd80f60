// SPDX-License-Identifier: Apache-2.0
// The pipeline, in order: find the files -> variables -> per file: parse, interpolate, short forms,
// attributes -> merge -> decode -> complete -> consistency. Problems of all files are collected before
// merging stops the load, since one merged tree of broken files would only breed follow-up errors.
#include "controller/compose/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/base/yaml.hpp"
#include "controller/compose/attributes.hpp"
#include "controller/compose/consistency.hpp"
#include "controller/compose/decode.hpp"
#include "controller/compose/dotenv.hpp"
#include "controller/compose/interpolate.hpp"
#include "controller/compose/merge.hpp"
#include "controller/compose/short_forms.hpp"

namespace trueup::compose {
namespace {

constexpr std::size_t file_limit = 1U << 20U;

std::string join(const std::string& directory, std::string_view path) {
    return directory.empty() ? std::string(path) : fmt::format("{}/{}", directory, path);
}

Error one_problem(std::string file, std::string message, std::string advice) {
    return Error(
        Problems{{Position{std::move(file), 0, 0}, std::move(message), std::move(advice)}});
}

// compose.yaml and its old names, and the environment's file beside it.
Result<model::Strings> discover(const model::Tree& tree, const LoadOptions& options) {
    const auto exists = [&](const std::string& path) { return tree.stat(path).has_value(); };
    model::Strings found;
    for (const std::string_view stem : {"compose", "docker-compose"}) {
        for (const std::string_view ending : {"yaml", "yml"}) {
            const std::string base =
                join(options.project_directory, fmt::format("{}.{}", stem, ending));
            if (!found.empty() || !exists(base)) continue;
            found.push_back(base);
            for (const std::string_view over : {"yaml", "yml"}) {
                const std::string path =
                    join(options.project_directory,
                         fmt::format("{}.{}.{}", stem, options.environment, over));
                if (!options.environment.empty() && found.size() == 1 && exists(path))
                    found.push_back(path);
            }
        }
    }
    if (!found.empty()) return found;
    return Error(
        Errc::not_found,
        fmt::format("there is no compose.yaml in {} of the commit; name the files in "
                    "spec.compose.files, or the folder in spec.path",
                    options.project_directory.empty() ? "the root" : options.project_directory));
}

Result<model::Strings> compose_files(const model::Tree& tree, const LoadOptions& options) {
    if (options.files.empty()) return discover(tree, options);
    model::Strings paths;
    Problems problems;
    for (const std::string& file : options.files) {
        const auto path = base::normal_path(join(options.project_directory, file));
        if (!path)
            problems.push_back({Position{file, 0, 0}, "this compose file is outside the commit",
                                "use a relative path"});
        else
            paths.push_back(*path);
    }
    if (!problems.empty()) return Error(std::move(problems));
    return paths;
}

Result<model::StringMap> variables(const model::Tree& tree, const LoadOptions& options) {
    model::StringMap values;
    const Lookup lookup = [&](const std::string& name) -> std::optional<std::string> {
        const auto given = options.variables.find(name);
        if (given != options.variables.end()) return given->second;
        const auto earlier = values.find(name);
        return earlier == values.end() ? std::nullopt : std::optional(earlier->second);
    };
    model::Strings files;
    const std::string dotenv = join(options.project_directory, ".env");
    if (tree.stat(dotenv)) files.push_back(dotenv);
    for (const std::string& file : options.variable_files) {
        const auto path = base::normal_path(join(options.project_directory, file));
        if (!path)
            return one_problem(file, "this variable file is outside the commit",
                               "use a relative path");
        files.push_back(*path);
    }
    for (const std::string& file : files) {
        const auto content = tree.read(file, file_limit);
        if (!content)
            return one_problem(file, content.error().message(),
                               "spec.compose.variableFiles names files of the commit");
        auto parsed = parse_dotenv(*content, file, lookup);
        if (!parsed) return parsed.error();
        for (auto& [key, value] : *parsed) values[key] = std::move(value);
    }
    for (const auto& [key, value] : options.variables) values[key] = value;
    return values;
}

// One file up to its long form; problems are added, an empty mapping stands for what cannot be read.
yaml::Node read_file(const model::Tree& tree, const std::string& path, const Lookup& lookup,
                     Problems& problems, Problems& warnings) {
    yaml::Node nothing;
    nothing.kind = yaml::Kind::mapping;
    const auto content = tree.read(path, file_limit);
    if (!content) {
        problems.push_back(
            {Position{path, 0, 0}, content.error().message(), "is this the right file?"});
        return nothing;
    }
    auto documents = yaml::parse(*content, path);
    if (!documents) {
        const Problems& found = documents.error().problems();
        problems.insert(problems.end(), found.begin(), found.end());
        return nothing;
    }
    std::erase_if(*documents, [](const yaml::Node& document) { return document.is_null(); });
    for (yaml::Node& document : *documents) {
        if (!document.is_mapping()) {
            problems.push_back(
                {document.position(),
                 fmt::format("a compose file is a mapping, this is {}", document.describe()), ""});
            continue;
        }
        interpolate(document, lookup, problems, warnings);
        expand_short_forms(document, problems);
        check_file(document, problems);
        nothing = merge(std::move(nothing), std::move(document));
    }
    return nothing;
}

void warn_of_version(const yaml::Node& file, Problems& warnings) {
    const yaml::Node* version = file.find("version");
    if (version != nullptr)
        warnings.push_back(
            {version->position(), "'version' is obsolete and has no effect", "remove it"});
}

bool is_project_name(std::string_view name) {
    const auto plain = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
    };
    return !name.empty() && plain(name[0]) &&
           std::all_of(name.begin(), name.end(), [&](char letter) {
               return plain(letter) || letter == '-' || letter == '_';
           });
}

Result<std::string> project_name(const yaml::Node& file, const LoadOptions& options) {
    std::string name = options.project_name;
    const yaml::Node* given = file.find("name");
    if (name.empty() && given != nullptr) name = given->text;
    if (is_project_name(name)) return name;
    return Error(Errc::invalid, fmt::format("'{}' is no project name: lower-case letters, digits, "
                                            "- and _, starting with a letter or digit",
                                            name));
}

void sort_unique(Problems& problems) {
    std::sort(problems.begin(), problems.end());
    problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
}

}    // namespace

Result<model::Project> load(const model::Tree& tree, const LoadOptions& options) {
    const auto files = compose_files(tree, options);
    if (!files) return files.error();
    auto values = variables(tree, options);
    if (!values) return values.error();
    values->emplace("COMPOSE_PROJECT_NAME", options.project_name);
    const Lookup lookup = [&](const std::string& name) -> std::optional<std::string> {
        const auto found = values->find(name);
        return found == values->end() ? std::nullopt : std::optional(found->second);
    };

    Problems problems;
    Problems warnings;
    yaml::Node merged;
    merged.kind = yaml::Kind::mapping;
    merged.file = std::make_shared<const std::string>(files->front());
    for (const std::string& file : *files) {
        yaml::Node next = read_file(tree, file, lookup, problems, warnings);
        warn_of_version(next, warnings);
        merged = merge(std::move(merged), std::move(next));
    }
    if (!problems.empty()) {
        sort_unique(problems);
        return Error(std::move(problems));
    }
    const auto name = project_name(merged, options);
    if (!name) return name.error();

    const DecodeContext context{tree,
                                options.project_directory,
                                lookup,
                                {options.profiles.begin(), options.profiles.end()},
                                problems};
    model::Project project = decode(merged, *name, context);
    complete(project);
    check_consistency(project, problems);
    if (!problems.empty()) {
        sort_unique(problems);
        return Error(std::move(problems));
    }
    sort_unique(warnings);
    project.config_files = *files;
    project.warnings = std::move(warnings);
    return project;
}

}    // namespace trueup::compose
