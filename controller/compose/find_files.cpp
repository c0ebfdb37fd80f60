// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/find_files.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/dotenv.hpp"

namespace trueup::compose {
namespace {

constexpr std::size_t text_limit = 1U << 20U;

// Compose's own order of preference.
struct Name {
    std::string_view stem;
    std::string_view ending;
};
constexpr std::array<Name, 4> names{{{"compose", "yaml"},
                                     {"compose", "yml"},
                                     {"docker-compose", "yml"},
                                     {"docker-compose", "yaml"}}};

std::string join(const std::string& directory, std::string_view path) {
    return directory.empty() ? std::string(path) : fmt::format("{}/{}", directory, path);
}

// "<stem>.<middle>.yaml" or ".yml" beside the compose file; "" when there is neither.
std::string beside(const model::Tree& tree, const LoadOptions& options, std::string_view stem,
                   std::string_view middle) {
    for (const std::string_view ending : {"yaml", "yml"}) {
        const std::string path =
            join(options.project_directory, fmt::format("{}.{}.{}", stem, middle, ending));
        if (tree.stat(path)) return path;
    }
    return {};
}

Result<model::Strings> discover(const model::Tree& tree, const LoadOptions& options,
                                Problems& warnings) {
    for (const Name& name : names) {
        const std::string base =
            join(options.project_directory, fmt::format("{}.{}", name.stem, name.ending));
        if (!tree.stat(base)) continue;
        model::Strings found{base};
        if (!options.environment.empty()) {
            const std::string over = beside(tree, options, name.stem, options.environment);
            if (!over.empty()) found.push_back(over);
        }
        const std::string local = beside(tree, options, name.stem, "override");
        if (!local.empty() && local != found.back()) {
            warnings.push_back({Position{local, 0, 0},
                                "plain Compose would read this file too, trueup does not",
                                "name it in spec.compose.files if it belongs to this environment"});
        }
        return found;
    }
    return Error(
        Errc::not_found,
        fmt::format("there is no compose.yaml in {} of the commit; name the files in "
                    "spec.compose.files, or the folder in spec.path",
                    options.project_directory.empty() ? "the root" : options.project_directory));
}

}    // namespace

Result<std::string> read_text(const model::Tree& tree, std::string_view path) {
    const auto entry = tree.stat(path);
    if (!entry) return entry.error();
    if (entry->kind == model::EntryKind::symlink) {
        return Error(Errc::invalid,
                     fmt::format("{} is a symbolic link, which is not supported yet", path));
    }
    const bool is_file =
        entry->kind == model::EntryKind::file || entry->kind == model::EntryKind::executable;
    if (!is_file) return Error(Errc::invalid, fmt::format("{} is no file", path));
    return tree.read(path, text_limit);
}

Result<model::Strings> find_compose_files(const model::Tree& tree, const LoadOptions& options,
                                          Problems& warnings) {
    if (options.files.empty()) return discover(tree, options, warnings);
    model::Strings paths;
    Problems problems;
    for (const std::string& file : options.files) {
        const bool absolute = file.starts_with('/');
        const auto path = base::normal_path(join(options.project_directory, file));
        if (absolute || !path)
            problems.push_back({Position{file, 0, 0}, "this compose file is outside the commit",
                                "use a relative path"});
        else
            paths.push_back(*path);
    }
    if (!problems.empty()) return Error(std::move(problems));
    return paths;
}

Result<model::StringMap> read_variables(const model::Tree& tree, const LoadOptions& options) {
    model::StringMap values;
    Problems problems;
    const Lookup lookup = [&](const std::string& name) -> std::optional<std::string> {
        const auto given = options.variables.find(name);
        if (given != options.variables.end()) return given->second;
        const auto earlier = values.find(name);
        return earlier == values.end() ? std::nullopt : std::optional(earlier->second);
    };
    std::vector<VariableFile> files;
    const std::string dotenv = join(options.project_directory, ".env");
    if (tree.stat(dotenv)) files.push_back({dotenv, std::nullopt});
    for (const VariableFile& file : options.variable_files) {
        if (file.host_content) {
            files.push_back(file);
            continue;
        }
        const bool absolute = file.path.starts_with('/');
        const auto path = base::normal_path(join(options.project_directory, file.path));
        if (absolute || !path)
            problems.push_back({Position{file.path, 0, 0},
                                "this variable file is outside the commit", "use a relative path"});
        else
            files.push_back({*path, std::nullopt});
    }
    for (const VariableFile& file : files) {
        const auto content = file.host_content ? Result<std::string>(*file.host_content)
                                               : read_text(tree, file.path);
        if (!content) {
            problems.push_back({Position{file.path, 0, 0}, content.error().message(),
                                "spec.compose.variableFiles names files of the commit"});
            continue;
        }
        auto parsed = parse_dotenv(*content, file.path, lookup);
        if (!parsed) {
            const Problems found = parsed.error().problems();
            problems.insert(problems.end(), found.begin(), found.end());
            continue;
        }
        for (auto& [key, value] : *parsed) values[key] = std::move(value);
    }
    if (!problems.empty()) return Error(std::move(problems));
    for (const auto& [key, value] : options.variables) values[key] = value;
    return values;
}

}    // namespace trueup::compose
