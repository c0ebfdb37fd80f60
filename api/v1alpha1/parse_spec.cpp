// SPDX-License-Identifier: Apache-2.0
// One function per section of the spec. Every field of the design is named here: those this version
// acts on are read, the others may only state their default.
#include "api/v1alpha1/parse_spec.hpp"

#include <fmt/format.h>

#include "api/v1alpha1/git_url.hpp"
#include "api/v1alpha1/rules.hpp"
#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

constexpr std::string_view path_advice =
    "write a path relative to the root of the commit, without leaving it";

// "what is wrong (what to do)" of a rule's error, as message and advice.
Problem to_problem(const Position& position, std::string_view where, std::string_view text) {
    const std::size_t open = text.find(" (");
    Problem problem;
    problem.position = position;
    problem.message = fmt::format("{}: {}", where, text.substr(0, open));
    if (open != text.npos && text.ends_with(')')) {
        problem.advice = std::string(text.substr(open + 2, text.size() - open - 3));
    }
    return problem;
}

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
    for (const std::string_view field : {"tag", "semver", "credentials", "signatures"})
        git.not_yet(field);
    return source;
}

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

// Paths below the project directory, which may climb out of it but not out of the commit.
std::vector<std::string> read_paths(Reader& reader, std::string_view name,
                                    const std::string& project_path) {
    std::vector<std::string> paths;
    for (Text& path : reader.texts(name)) {
        if (path.value.empty() || path.value.starts_with('/') ||
            !base::normal_path(fmt::format("{}/{}", project_path, path.value))) {
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

// Files of the commit only; {host: …} entries are named as what they are.
std::vector<std::string> read_variable_files(Reader& compose, const std::string& project_path) {
    const yaml::Node* node = compose.find("variableFiles");
    if (node == nullptr || !node->is_sequence())
        return read_paths(compose, "variableFiles", project_path);
    for (const yaml::Node& item : node->items) {
        if (!item.is_mapping() || item.find("host") == nullptr) continue;
        compose.add(
            item.position(),
            "spec.compose.variableFiles: files of the host are not supported yet by this version",
            "put the file into the commit or the values into spec.compose.variables");
        return {};
    }
    return read_paths(compose, "variableFiles", project_path);
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
    compose.not_yet("hostDirectory");
    return spec;
}

CodeSpec read_code(Reader code, const std::string& project_path) {
    CodeSpec spec;
    code.require("service", "the service of the compose file");
    code.require("from", "the path in the commit, relative to the project directory");
    code.require("to", "the absolute path in the container");
    if (auto service = code.text("service")) spec.service = std::move(service->value);
    if (auto from = code.text("from")) {
        if (from->value.starts_with('/') ||
            !base::normal_path(fmt::format("{}/{}", project_path, from->value))) {
            code.add(from->position,
                     fmt::format("{}: {} is not inside the commit", code.path_of("from"),
                                 in_quotes(from->value)),
                     "write a path relative to the project directory, without leaving the commit");
        }
        spec.from = std::move(from->value);
    }
    if (auto to = code.text("to")) {
        if (!to->value.starts_with('/')) {
            code.add(to->position,
                     fmt::format("{}: {} is not an absolute path", code.path_of("to"),
                                 in_quotes(to->value)),
                     "write the path in the container, beginning with '/'");
        }
        spec.to = std::move(to->value);
    }
    for (Text& pattern : code.texts("ignore")) spec.ignore.push_back(std::move(pattern.value));
    return spec;
}

void read_build(Reader build, StackSpec& spec) {
    if (const auto mode = build.text("mode")) {
        if (mode->value == "never") {
            spec.build_mode = BuildMode::never;
        } else if (mode->value == "pull") {
            build.add(mode->position, "spec.build.mode: pull is not supported yet by this version",
                      "write build or never");
        } else if (mode->value != "build") {
            build.add(mode->position,
                      fmt::format("spec.build.mode: unknown mode {}", in_quotes(mode->value)),
                      "one of: build, never");
        }
    }
    build.only_default("bytecode", "purge");
}

void read_rollout(Reader rollout, StackSpec& spec) {
    rollout.only_default("strategy", "auto");
    rollout.only_default("gateway", "auto");
    rollout.only_empty("before");
    rollout.only_empty("steps");
    rollout.only_default("drain", "10s");
    rollout.only_default("rollback", "automatic");
    spec.rollout_timeout = rollout.duration("timeout", std::chrono::seconds(1));
}

void read_sync(Reader sync, StackSpec& spec) {
    sync.only_default("mode", "automatic");
    sync.only_default("driftCorrection", "enabled");
    sync.only_default("grace", "1m");
    sync.only_default("onUnhealthy", "report");
    sync.only_default("deletionPolicy", "orphan");
    sync.only_empty("windows");
    sync.only_empty("dependsOn");
    sync.only_empty("ignore");
    spec.prune = sync.boolean("prune").value_or(spec.prune);
    spec.interval = sync.duration("interval", std::chrono::seconds(1)).value_or(spec.interval);
}

void read_checks(Reader checks) {
    checks.only_empty("image");
    checks.only_empty("running");
    checks.only_empty("monitor");
}

}    // namespace

StackSpec parse_spec(Reader& document) {
    StackSpec spec;
    Reader reader = document.section(
        "spec", {"environment", "engine", "source", "compose", "code", "images", "build", "checks",
                 "rollout", "sync", "adopt", "suspend", "historyLimit", "promotion"});
    reader.require("environment", "for example production");
    reader.require("source", "add source: {git: {url: …, commit: …}}");
    if (auto environment = reader.text("environment")) {
        if (!is_label(environment->value)) {
            reader.add(environment->position,
                       fmt::format("spec.environment: {} is not a valid name",
                                   in_quotes(environment->value)),
                       "lower-case letters, digits and inner '-', at most 63");
        }
        spec.environment = std::move(environment->value);
    }
    read_source(reader.section("source", {"git", "sameRepository", "path"}), spec);
    spec.compose =
        read_compose(reader.section("compose", {"files", "project", "profiles", "variables",
                                                "variableFiles", "hostDirectory"}),
                     spec.path);
    const auto code = reader.list("code");
    for (std::size_t index = 0; index < code.size(); ++index) {
        spec.code.push_back(
            read_code(Reader(*code[index], fmt::format("spec.code[{}]", index),
                             {"service", "from", "to", "ignore"}, reader.problems()),
                      spec.path));
    }
    read_build(reader.section("build", {"mode", "bytecode"}), spec);
    read_checks(reader.section("checks", {"image", "running", "monitor"}));
    read_rollout(reader.section("rollout", {"strategy", "gateway", "before", "steps", "drain",
                                            "timeout", "rollback"}),
                 spec);
    read_sync(
        reader.section("sync", {"mode", "driftCorrection", "grace", "onUnhealthy", "prune",
                                "deletionPolicy", "windows", "dependsOn", "ignore", "interval"}),
        spec);
    reader.only_default("engine", "default");
    reader.only_default("images", "pinned");
    reader.only_default("adopt", "false");
    reader.only_default("suspend", "false");
    reader.only_default("historyLimit", "10");
    reader.not_yet("promotion");
    return spec;
}

}    // namespace trueup::v1alpha1
