// SPDX-License-Identifier: Apache-2.0
// spec.source and spec.compose: which commit, and which files of it with which variables.
#include <fmt/format.h>

#include <algorithm>

#include "api/v1alpha1/document.hpp"
#include "api/v1alpha1/git_url.hpp"
#include "api/v1alpha1/parse_spec.hpp"
#include "api/v1alpha1/rules.hpp"
#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

constexpr std::string_view path_advice =
    "write a path relative to the root of the commit, without leaving it";

void read_commit(Reader& git, const Text& commit, GitSource& source) {
    if (is_commit_id(commit.value)) {
        source.commit = commit.value;
        for (char& digit : source.commit) {
            if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit - 'A' + 'a');
        }
        return;
    }
    if (is_hex(commit.value) && commit.value.size() < 40) {
        git.add(commit.position,
                fmt::format("spec.source.git.commit: {} is an abbreviated commit id",
                            in_quotes(commit.value)),
                fmt::format("write all 40 digits: git rev-parse {}", commit.value));
        return;
    }
    git.add(commit.position, "spec.source.git.commit: a commit id has 40 hexadecimal digits",
            "copy it from `git rev-parse HEAD`; a branch goes into the field 'branch'");
}

void check_revision(Reader& git) {
    const bool pinned_otherwise = git.has("tag") || git.has("semver");
    const bool commit = git.has("commit");
    const bool branch = git.has("branch");
    if (commit && branch) {
        git.add(git.find("branch")->position(), "spec.source.git names a commit and a branch",
                "keep one of the two");
    } else if (!commit && !branch && !pinned_otherwise) {
        git.add(git.position(), "spec.source.git names no revision",
                "add 'commit: <40 hexadecimal digits>' or 'branch: <name>'");
    }
}

GitSource read_git(Reader git) {
    GitSource source;
    git.require("url", "an https://, http:// or file:// url, or a path");
    if (const auto url = git.text("url")) {
        source.url = url->value;
        source.url_position = url->position;
        const auto parsed = parse_git_url(url->value);
        if (!parsed)
            git.problems().push_back(
                to_problem(url->position, "spec.source.git.url", parsed.error().message()));
    }
    check_revision(git);
    if (const auto commit = git.text("commit")) {
        source.revision_position = commit->position;
        read_commit(git, *commit, source);
    }
    if (const auto branch = git.text("branch")) {
        source.revision_position = branch->position;
        if (is_branch_name(branch->value)) {
            source.branch = branch->value;
        } else {
            git.add(branch->position,
                    fmt::format("spec.source.git.branch: {} is not a branch name",
                                in_quotes(branch->value)),
                    "write the name without refs/heads/ and without white space");
        }
    }
    if (const auto credentials = git.text("credentials")) {
        source.credentials = credentials->value;
        if (!is_label(credentials->value)) {
            git.add(credentials->position,
                    fmt::format("spec.source.git.credentials: {} is not a valid name",
                                in_quotes(credentials->value)),
                    "the name of a credential in the controller's configuration");
        }
    }
    for (const std::string_view field : {"tag", "semver", "signatures"}) git.not_yet(field);
    return source;
}

bool is_path_in_commit(const std::string& path, const std::string& project_path) {
    return !path.empty() && !path.starts_with('/') &&
           base::normal_path(fmt::format("{}/{}", project_path, path)).has_value();
}

// Without "." and "..", which would make one path two.
std::optional<std::string> absolute_path(Reader& reader, std::string_view name) {
    const auto path = reader.text(name);
    if (!path) return std::nullopt;
    if (path->value.starts_with('/')) {
        const auto normal = base::normal_path(std::string_view(path->value).substr(1));
        if (normal && "/" + *normal == path->value) return path->value;
    }
    reader.add(
        path->position,
        fmt::format("{}: {} is not an absolute path", reader.path_of(name), in_quotes(path->value)),
        "begin with '/', without '.' and '..' parts and without '/' at the end");
    return std::nullopt;
}

// Paths below the project directory, which may climb out of it but not out of the commit.
std::vector<std::string> read_paths(Reader& reader, std::string_view name,
                                    const std::string& project_path) {
    std::vector<std::string> paths;
    for (Text& path : reader.texts(name)) {
        if (!is_path_in_commit(path.value, project_path)) {
            reader.add(
                path.position,
                fmt::format("{}: {} is not inside the commit", reader.path_of(name),
                            in_quotes(path.value)),
                "write a path relative to the project directory, without leaving the commit");
            continue;
        }
        paths.push_back(std::move(path.value));
    }
    return paths;
}

// A path in the commit, or {host: /absolute/path} on the controller's host.
std::vector<VariableFile> read_variable_files(Reader& compose, const std::string& project_path) {
    std::vector<VariableFile> files;
    const yaml::Node* node = compose.find("variableFiles");
    const bool any_on_host = node != nullptr && node->is_sequence() &&
                             std::any_of(node->items.begin(), node->items.end(),
                                         [](const yaml::Node& item) { return item.is_mapping(); });
    if (!any_on_host) {
        for (std::string& path : read_paths(compose, "variableFiles", project_path))
            files.push_back(VariableFile{std::move(path), false});
        return files;
    }
    for (std::size_t index = 0; index < node->items.size(); ++index) {
        const yaml::Node& item = node->items[index];
        const std::string where = fmt::format("spec.compose.variableFiles[{}]", index);
        if (item.is_mapping()) {
            Reader file(item, where, {"host"}, compose.problems());
            file.require("host", "an absolute path on the controller's host");
            if (auto path = absolute_path(file, "host"))
                files.push_back(VariableFile{std::move(*path), true});
        } else if (item.is_scalar() && is_path_in_commit(item.text, project_path)) {
            files.push_back(VariableFile{item.text, false});
        } else {
            compose.add(
                item.position(), fmt::format("{}: this is not a path in the commit", where),
                "write a path relative to the project directory, or {host: /absolute/path}");
        }
    }
    return files;
}

}    // namespace

void read_source(Reader source, StackSpec& spec) {
    source.only_default("sameRepository", "false");
    source.require("git", "add git: {url: …, commit: …}");
    if (source.has("git")) {
        spec.git = read_git(source.section(
            "git", {"url", "commit", "branch", "tag", "semver", "credentials", "signatures"}));
    }
    if (const auto path = source.text("path")) {
        const auto normal = base::normal_path(path->value);
        if (!normal) {
            source.add(path->position,
                       fmt::format("spec.source.path: {} is not inside the commit",
                                   in_quotes(path->value)),
                       std::string(path_advice));
        } else {
            spec.path = normal->empty() ? "." : *normal;
        }
    }
}

ComposeSpec read_compose(Reader compose, const std::string& project_path) {
    ComposeSpec spec;
    spec.files = read_paths(compose, "files", project_path);
    spec.variable_files = read_variable_files(compose, project_path);
    if (auto project = compose.text("project")) {
        if (!is_project_name(project->value)) {
            compose.add(project->position,
                        fmt::format("spec.compose.project: {} is not a project name",
                                    in_quotes(project->value)),
                        "lower-case letters, digits, '-' and '_', beginning with a letter or "
                        "digit, at most 63");
        }
        spec.project = std::move(project->value);
    }
    for (Text& profile : compose.texts("profiles")) {
        if (!is_profile_name(profile.value)) {
            compose.add(
                profile.position,
                fmt::format("spec.compose.profiles: {} is not a profile name",
                            in_quotes(profile.value)),
                "at least two letters, digits, '_', '.' and '-', beginning with a letter or digit");
        }
        spec.profiles.push_back(std::move(profile.value));
    }
    for (auto& [name, value] : compose.text_map("variables")) {
        if (!is_variable_name(name)) {
            compose.add(
                value.position,
                fmt::format("spec.compose.variables: {} is not a variable name", in_quotes(name)),
                "letters, digits and '_', not beginning with a digit");
        }
        spec.variables.emplace(name, std::move(value.value));
    }
    spec.host_directory = absolute_path(compose, "hostDirectory").value_or("");
    return spec;
}

}    // namespace trueup::v1alpha1
