// SPDX-License-Identifier: Apache-2.0
// compose::load -> build::identify -> code::find_code, in that order, since each needs what the one
// before it filled in.
#include "controller/reconcile/desired.hpp"

#include <fmt/format.h>

#include <utility>

#include "api/v1alpha1/git_url.hpp"
#include "controller/build/build.hpp"
#include "controller/code/large_files.hpp"
#include "controller/compose/dotenv.hpp"
#include "controller/compose/load.hpp"
#include "controller/reconcile/redact.hpp"
#include "controller/render/profiles.hpp"
#include "controller/plan/ignore.hpp"

namespace trueup::reconcile {
namespace {

compose::LoadOptions load_options(const LoadInputs& inputs) {
    compose::LoadOptions options;
    options.project_name = inputs.project_name;
    options.project_directory = inputs.spec.path == "." ? std::string() : inputs.spec.path;
    options.files = inputs.spec.compose.files;
    options.environment = inputs.spec.environment;
    options.profiles = inputs.spec.compose.profiles;
    options.variables = inputs.spec.compose.variables;
    options.host_directory = inputs.spec.compose.host_directory;
    auto content = inputs.host_contents.begin();
    for (const v1alpha1::VariableFile& file : inputs.spec.compose.variable_files) {
        compose::VariableFile& given = options.variable_files.emplace_back();
        given.path = file.path;
        if (file.on_host) given.host_content = *content++;
    }
    return options;
}

// The values out of files of the host, which no message may repeat.
model::Strings host_values(const LoadInputs& inputs) {
    model::Strings values;
    const compose::Lookup lookup =
        [&inputs](const std::string& name) -> std::optional<std::string> {
        const auto& given = inputs.spec.compose.variables;
        const auto found = given.find(name);
        return found == given.end() ? std::nullopt : std::optional(found->second);
    };
    for (const std::string& content : inputs.host_contents) {
        const auto parsed = compose::parse_dotenv(content, "", lookup);
        if (!parsed) continue;
        for (const auto& [name, value] : *parsed) values.push_back(value);
    }
    return values;
}

// What the engine would bind has to be there, and allowed.
Result<void> check_binds(const model::Project& project, const LoadInputs& inputs) {
    const std::string& folder = inputs.spec.compose.host_directory;
    Problems problems;
    for (const auto& [name, service] : project.services) {
        for (const auto& [target, mount] : render::mounts_by_target(project, service)) {
            if (mount.kind != model::MountKind::bind) continue;
            if (mount.in_commit && !inputs.remote_engine.empty()) {
                problems.push_back(
                    {service.position,
                     fmt::format("service {} binds {} of the commit, and engine {} is on another "
                                 "host, which does not see it",
                                 name, mount.source, inputs.remote_engine),
                     "put the file into the image, or below spec.compose.hostDirectory on that "
                     "host "
                     "and out of the commit"});
            } else if (mount.in_commit && !inputs.unseen_files.empty()) {
                problems.push_back({service.position,
                                    fmt::format("service {} binds {} of the commit, and {}", name,
                                                mount.source, inputs.unseen_files),
                                    ""});
            } else if (!mount.in_commit && !folder.empty() &&
                       (mount.source == folder || mount.source.starts_with(folder + "/"))) {
                const auto allowed =
                    inputs.host_files.check(mount.source, inputs.remote_engine.empty());
                if (!allowed)
                    problems.push_back(
                        {service.position,
                         fmt::format("service {} cannot bind {}", name, allowed.error().message()),
                         ""});
            }
        }
    }
    if (!problems.empty()) return Error(std::move(problems));
    return Result<void>();
}

// spec.code by service; a service that the project does not have is a mistake worth telling.
Result<std::map<std::string, std::vector<model::CodeMapping>>> explicit_code(
    const v1alpha1::StackSpec& spec, const model::Project& project) {
    std::map<std::string, std::vector<model::CodeMapping>> mappings;
    for (const v1alpha1::CodeSpec& code : spec.code) {
        if (!project.services.contains(code.service)) {
            return Error(
                Errc::invalid,
                fmt::format("spec.code names service '{}', which the compose files do not have",
                            code.service));
        }
        model::CodeMapping mapping;
        mapping.from = code.from == "." ? std::string() : code.from;
        mapping.to = code.to;
        mapping.ignore = code.ignore;
        mappings[code.service].push_back(std::move(mapping));
    }
    return mappings;
}

Error at_commit(const Error& error, const std::string& commit) {
    return error.problems().empty() ? error.in(fmt::format("commit {}", commit.substr(0, 12)))
                                    : error;
}

Result<void> add_code(Desired& desired, const v1alpha1::StackSpec& spec) {
    const model::Tree& tree = *desired.commit.tree;
    const auto given = explicit_code(spec, desired.project);
    if (!given) return given.error();
    desired.bytecode = spec.bytecode;
    const bool bytecode = spec.bytecode != v1alpha1::BytecodePolicy::ignore;
    auto found = code::find_code(desired.project, tree, *given, bytecode);
    if (!found) return at_commit(found.error(), desired.commit.id);
    Problems large;
    for (auto& [name, code] : *found) {
        if (!code.untraced.empty()) desired.untraced[name] = std::move(code.untraced);
        if (!code.unplaced.empty()) desired.unplaced[name] = std::move(code.unplaced);
        if (!code.base.reference.empty()) desired.bases[name] = std::move(code.base);
        if (code.expected == nullptr) continue;
        const Problems pointers = code::large_file_pointers(*code.expected, tree);
        large.insert(large.end(), pointers.begin(), pointers.end());
        desired.project.code[name] = std::move(code.mappings);
        desired.expected[name] = std::move(code.expected);
    }
    if (!large.empty()) return Error(std::move(large));
    return Result<void>();
}

// Pointers that cannot be honoured are mistakes; those that name no service of this commit are told.
Result<void> check_ignored(Desired& desired) {
    Problems problems;
    for (const std::string& pointer : desired.policy.ignore) {
        if (auto why = plan::refuse_pointer(pointer))
            problems.push_back({{}, "spec.sync.ignore: " + *why, ""});
    }
    if (!problems.empty()) return Error(std::move(problems));
    for (const std::string& pointer : plan::idle_pointers(desired.project, desired.policy.ignore)) {
        desired.project.warnings.push_back(
            {{},
             fmt::format("spec.sync.ignore: '{}' names no service of this commit", pointer),
             ""});
    }
    return Result<void>();
}

}    // namespace

namespace {

Result<std::shared_ptr<const Desired>> load_unredacted(const LoadInputs& inputs) {
    const std::string& folder = inputs.spec.compose.host_directory;
    if (!folder.empty()) {
        const auto allowed = inputs.host_files.check(folder, inputs.remote_engine.empty());
        if (!allowed) return allowed.error().in("spec.compose.hostDirectory");
    }
    auto project = compose::load(*inputs.commit.tree, load_options(inputs));
    if (!project) return at_commit(project.error(), inputs.commit.id);
    const std::string directory = inputs.spec.path == "." ? std::string() : inputs.spec.path;
    const auto inlined = render::inline_profiles(*project, *inputs.commit.tree, directory);
    if (!inlined) return at_commit(inlined.error(), inputs.commit.id);
    auto identified = build::identify(std::move(*project), *inputs.commit.tree);
    if (!identified) return at_commit(identified.error(), inputs.commit.id);
    const auto bound = check_binds(*identified, inputs);
    if (!bound) return bound.error();

    auto desired = std::make_shared<Desired>();
    desired->commit = inputs.commit;
    desired->host_values = host_values(inputs);
    desired->project = std::move(*identified);
    const v1alpha1::SyncSpec& sync = inputs.spec.sync;
    desired->policy.prune = sync.prune;
    desired->policy.drift_correction = sync.drift_correction;
    desired->policy.grace = sync.grace;
    desired->policy.ignore = sync.ignore;
    desired->policy.adopt = inputs.spec.adopt;
    desired->policy.identity.controller = inputs.controller_name;
    desired->policy.identity.key = inputs.owner_key;
    desired->policy.identity.stack = inputs.stack_name;
    desired->policy.identity.environment = inputs.spec.environment;
    desired->policy.identity.revision = inputs.commit.id;
    desired->policy.identity.bind_root = inputs.bind_root;
    desired->policy.identity.working_dir =
        "/" + (inputs.spec.path == "." ? std::string() : inputs.spec.path);
    const Result<void> added = add_code(*desired, inputs.spec);
    if (!added) return added.error();
    const Result<void> ignored = check_ignored(*desired);
    if (!ignored) return ignored.error();
    // Nothing changes any more: every reconcile compares this hash, so it is computed once.
    for (auto& [name, service] : desired->project.services) {
        std::string hash = plan::config_hash(desired->project, service, desired->policy.ignore);
        service.config_hash = render::keyed_hash(inputs.owner_key, hash);
        if (!inputs.owner_key.empty()) service.unkeyed_hash = std::move(hash);
        desired->applied_hashes[name] =
            plan::applied_hash(desired->project, service, inputs.commit.id);
    }
    return std::shared_ptr<const Desired>(std::move(desired));
}

}    // namespace

Result<std::shared_ptr<const Desired>> load_desired(const LoadInputs& inputs) {
    auto desired = load_unredacted(inputs);
    if (desired || inputs.host_contents.empty()) return desired;
    return redact(desired.error(), host_values(inputs));
}

Result<std::string> absolute_git_url(const v1alpha1::GitSource& git, const std::string& directory) {
    const auto parsed = v1alpha1::parse_git_url(git.url);
    if (!parsed) return parsed.error();
    if (parsed->scheme != v1alpha1::GitScheme::path || git.url.starts_with('/')) return git.url;
    if (directory.empty()) {
        Problem problem;
        problem.position = git.url_position;
        problem.message = fmt::format(
            "'{}' is a relative path, and this file comes out of a git repository", git.url);
        problem.advice = "use a url, or an absolute path on the controller's host";
        return Error(Problems{std::move(problem)});
    }
    return directory + "/" + git.url;
}

}    // namespace trueup::reconcile
