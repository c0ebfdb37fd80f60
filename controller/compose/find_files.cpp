// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/find_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/dotenv.hpp"
#include "controller/compose/limits.hpp"

namespace trueup::compose {
namespace {

// Compose's own order of preference.
struct Name {
    std::string_view stem;
    std::string_view ending;
};
constexpr std::array<Name, 4> names{{{"compose", "yaml"},
                                     {"compose", "yml"},
                                     {"docker-compose", "yml"},
                                     {"docker-compose", "yaml"}}};
constexpr std::array<std::string_view, 4> overrides{"compose.override.yml", "compose.override.yaml",
                                                    "docker-compose.override.yml",
                                                    "docker-compose.override.yaml"};

std::string inside(const Places& places, const std::string& directory, std::string_view name) {
    return places.join(directory, name).value_or(directory);
}

// "<stem>.<middle>.yaml" or ".yml" beside the compose file; "" when there is neither.
std::string beside(const Places& places, const std::string& directory, std::string_view stem,
                   std::string_view middle) {
    for (const std::string_view ending : {"yaml", "yml"}) {
        const std::string path =
            inside(places, directory, fmt::format("{}.{}.{}", stem, middle, ending));
        if (places.exists(path)) return path;
    }
    return {};
}

Result<model::Strings> discover_for_stack(const Places& places, const std::string& directory,
                                          const std::string& environment, Problems& warnings) {
    for (const Name& name : names) {
        const std::string base =
            inside(places, directory, fmt::format("{}.{}", name.stem, name.ending));
        if (!places.exists(base)) continue;
        model::Strings found{base};
        if (!environment.empty()) {
            const std::string over = beside(places, directory, name.stem, environment);
            if (!over.empty()) found.push_back(over);
        }
        const std::string local = beside(places, directory, name.stem, "override");
        if (!local.empty() && local != found.back()) {
            warnings.push_back({Position{places.shown(local), 0, 0},
                                "plain Compose would read this file too, trueup does not",
                                "name it in spec.compose.files if it belongs to this environment"});
        }
        return found;
    }
    const std::string folder = places.tree_path(directory);
    return Error(Errc::not_found,
                 fmt::format("there is no compose.yaml in {} of the commit; name the files in "
                             "spec.compose.files, or the folder in spec.path",
                             folder.empty() ? "the root" : folder));
}

// What COMPOSE_FILE leaves open: with Compose paths start in the first file's folder, and it knows nothing
// of files of an environment.
void check_variable(const Places& places, const std::string& directory,
                    const std::string& environment, const model::Strings& paths,
                    Problems& problems) {
    if (directory_of(paths[0]) != directory)
        problems.push_back({Position{places.shown(paths[0]), 0, 0},
                            "COMPOSE_FILE names it first, and it is in another folder than the "
                            "project",
                            "set spec.path to its folder, or name the files in "
                            "spec.compose.files"});
    if (environment.empty()) return;
    for (const std::string_view stem : {"compose", "docker-compose"}) {
        const std::string over = beside(places, directory, stem, environment);
        const bool named = std::find(paths.begin(), paths.end(), over) != paths.end();
        if (over.empty() || named) continue;
        problems.push_back({Position{places.shown(over), 0, 0},
                            "it is the environment's, and COMPOSE_FILE does not name it",
                            "name the files in spec.compose.files"});
    }
}

}    // namespace

Result<model::Strings> find_stack_files(const Places& places, const std::string& directory,
                                        const LoadOptions& options,
                                        const model::StringMap& variables, Problems& warnings) {
    const bool by_stack = !options.files.empty();
    const model::Strings named = by_stack ? options.files : files_in_variable(variables);
    if (named.empty()) return discover_for_stack(places, directory, options.environment, warnings);
    model::Strings paths;
    Problems problems;
    for (const std::string& file : named) {
        const auto path = places.join(directory, file);
        if (file.starts_with('/') || !path)
            problems.push_back(
                {Position{file, 0, 0}, "this compose file is outside the commit",
                 by_stack ? "use a relative path" : "use a relative path in COMPOSE_FILE"});
        else
            paths.push_back(*path);
    }
    if (!by_stack && problems.empty())
        check_variable(places, directory, options.environment, paths, problems);
    if (!problems.empty()) return Error(std::move(problems));
    return paths;
}

model::Strings files_in_variable(const model::StringMap& variables) {
    const auto named = variables.find("COMPOSE_FILE");
    if (named == variables.end()) return {};
    const auto separator = variables.find("COMPOSE_PATH_SEPARATOR");
    const bool given = separator != variables.end() && !separator->second.empty();
    model::Strings files;
    for (const std::string_view file :
         base::split(named->second, given ? separator->second[0] : ':'))
        if (!file.empty()) files.emplace_back(file);
    return files;
}

Result<model::Strings> discover(const Places& places, const std::string& directory,
                                Problems& warnings) {
    for (std::string folder = directory;; folder = directory_of(folder)) {
        model::Strings found;
        for (const Name& name : names) {
            const std::string path =
                inside(places, folder, fmt::format("{}.{}", name.stem, name.ending));
            if (places.exists(path)) found.push_back(path);
        }
        if (found.size() > 1)
            warnings.push_back(
                {Position(), "there are several compose files", "using " + found[0]});
        if (!found.empty()) {
            found.resize(1);
            for (const std::string_view name : overrides) {
                const std::string path = inside(places, folder, name);
                if (!places.exists(path)) continue;
                found.push_back(path);
                break;
            }
            return found;
        }
        if (places.tree_path(folder).empty()) break;
    }
    return Error(
        Errc::not_found,
        fmt::format("there is no compose.yaml in {}, nor in a folder above it; name a file "
                    "with -f",
                    places.shown(directory)));
}

Result<model::StringMap> read_variables(const Places& places, const std::string& directory,
                                        const LoadOptions& options) {
    model::StringMap values;
    Problems problems;
    const Lookup lookup = [&](const std::string& name) -> std::optional<std::string> {
        const auto given = options.variables.find(name);
        if (given != options.variables.end()) return given->second;
        const auto earlier = values.find(name);
        return earlier == values.end() ? std::nullopt : std::optional(earlier->second);
    };
    std::size_t left = Limits().variable_bytes;
    const auto read = [&](const std::string& path, const std::string& content) {
        if (content.size() > left) return problems.push_back(too_many_variables({path, 0, 0}));
        left -= content.size();
        auto parsed = parse_dotenv(content, path, lookup);
        if (!parsed) {
            const Problems found = parsed.error().problems();
            problems.insert(problems.end(), found.begin(), found.end());
            return;
        }
        for (auto& [key, value] : *parsed) values[key] = std::move(value);
    };
    const auto read_file = [&](const std::string& path) {
        const auto content = places.read(path);
        if (content)
            read(places.shown(path), *content);
        else
            problems.push_back({Position{places.shown(path), 0, 0}, content.error().message(),
                                "spec.compose.variableFiles names files of the commit"});
    };
    const std::string dotenv = inside(places, directory, ".env");
    if (places.exists(dotenv)) read_file(dotenv);
    for (const VariableFile& file : options.variable_files) {
        if (file.host_content) {
            read(file.path, *file.host_content);
            continue;
        }
        const auto path = places.join(directory, file.path);
        if (file.path.starts_with('/') || !path)
            problems.push_back({Position{file.path, 0, 0},
                                "this variable file is outside the commit", "use a relative path"});
        else
            read_file(*path);
    }
    if (!problems.empty()) return Error(std::move(problems));
    for (const auto& [key, value] : options.variables) values[key] = value;
    return values;
}

}    // namespace trueup::compose
