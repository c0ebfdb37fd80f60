// SPDX-License-Identifier: Apache-2.0
#include "api/cli/give_back.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/render/render.hpp"

namespace trueup::cli {
namespace {

// As a shell reads it back.
std::string quoted(const std::string& text) {
    constexpr std::string_view plain = "-_./:=@%+,";
    const bool simple = !text.empty() && std::all_of(text.begin(), text.end(), [&](char each) {
        return std::isalnum(static_cast<unsigned char>(each)) != 0 ||
               plain.find(each) != std::string_view::npos;
    });
    if (simple) return text;
    std::string out = "'";
    for (const char each : text) {
        if (each == '\'') {
            out += "'\\''";
        } else {
            out += each;
        }
    }
    return out + "'";
}

// Relative to the project's directory, as compose is run there.
std::string from_directory(const std::string& path, const std::string& directory) {
    if (directory.empty() || directory == ".") return path;
    if (path.starts_with(directory + "/")) return path.substr(directory.size() + 1);
    std::string up;
    for (const char each : directory + "/") up += each == '/' ? "../" : "";
    return up + path;
}

std::string command(const v1alpha1::Stack& stack, const reconcile::Desired& desired) {
    const v1alpha1::ComposeSpec& compose = stack.spec.compose;
    std::string text;
    for (const auto& [name, value] : compose.variables) text += name + "=" + quoted(value) + " ";
    text += "docker compose -p " + quoted(stack.project_name());
    for (const std::string& file : desired.project.config_files)
        text += " -f " + quoted(from_directory(file, stack.spec.path));
    if (!compose.variable_files.empty()) {
        const std::string beside =
            stack.spec.path == "." ? std::string(".env") : stack.spec.path + "/.env";
        if (desired.commit.tree && desired.commit.tree->stat(beside)) text += " --env-file .env";
        for (const v1alpha1::VariableFile& file : compose.variable_files)
            text += " --env-file " + quoted(file.path);
    }
    for (const std::string& profile : compose.profiles) text += " --profile " + quoted(profile);
    return text + " up -d";
}

bool has_hooks(const model::Service& service) {
    return !service.pre_start.empty() || !service.post_start.empty() || !service.pre_stop.empty();
}

// What compose made, and trueup has not touched since, has the labels that compose itself wrote.
bool is_of_compose(const std::string& service, const reconcile::Findings& found) {
    bool any = false;
    if (!found.observed) return false;
    for (const model::ObservedContainer& each : found.observed->containers) {
        if (each.service != service || each.one_off) continue;
        if (!each.adopted && !each.comparison) return false;
        any = true;
    }
    return any;
}

// Compose before hooks refuses the whole file, and a later one hashes all services otherwise.
std::string why_another_version(const model::Project& project, const model::Service& service) {
    constexpr std::string_view version =
        "which docker compose 2.26.1 refuses, and later versions create anew";
    if (has_hooks(service)) return fmt::format("it has hooks, {}", version);
    for (const auto& [name, other] : project.services) {
        if (has_hooks(other)) return fmt::format("service {} has hooks, {}", name, version);
    }
    return {};
}

// Why compose will create the service's containers anew; "" when it has no reason to.
std::string why_anew(const model::Service& service, const reconcile::Findings& found) {
    if (is_of_compose(service.name, found)) return {};
    const model::Project& project = found.desired->project;
    for (const auto& [target, mount] : render::mounts_by_target(project, service)) {
        if (mount.kind == model::MountKind::bind && mount.in_commit)
            return fmt::format("it binds {} of the commit, which trueup keeps elsewhere",
                               mount.source);
    }
    return why_another_version(project, service);
}

// Compose looks for relative paths beside its files.
bool binds_below(const std::string& folder, const model::Project& project) {
    if (folder.empty()) return false;
    for (const auto& [name, service] : project.services) {
        for (const auto& [target, mount] : render::mounts_by_target(project, service)) {
            if (mount.kind == model::MountKind::bind && !mount.in_commit &&
                (mount.source == folder || mount.source.starts_with(folder + "/")))
                return true;
        }
    }
    return false;
}

std::string where_to_run(const v1alpha1::Stack& stack, const model::Project& project) {
    const std::string inside = stack.spec.path == "." ? std::string("the root") : stack.spec.path;
    const std::string& folder = stack.spec.compose.host_directory;
    if (!binds_below(folder, project))
        return fmt::format("Run this in {} of a checkout of that commit", inside);
    return fmt::format(
        "Run this in {}, which has to be {} of a checkout of that commit\n"
        "   (from another folder compose would bind other, empty ones)",
        folder, inside);
}

// Taking over is nothing that compose would have to do.
bool is_as_the_commit_says(const plan::Plan& plan) {
    return plan.held.empty() &&
           std::all_of(plan.actions.begin(), plan.actions.end(), [](const plan::Action& action) {
               return std::holds_alternative<plan::AdoptContainer>(action.step);
           });
}

}    // namespace

std::string give_back_text(const v1alpha1::Stack& stack, const std::string& file,
                           const reconcile::Findings& found) {
    const reconcile::Desired& desired = *found.desired;
    std::string text = fmt::format("stack {} (project {}), commit {}:\n", stack.metadata.name,
                                   stack.project_name(), desired.commit.id);
    for (const auto& [name, service] : desired.project.services) {
        const std::string why = why_anew(service, found);
        text += fmt::format(
            "  {}: {}\n", name,
            why.empty() ? "compose goes on with what runs" : "compose will create it anew: " + why);
    }
    if (!is_as_the_commit_says(found.plan)) {
        text += fmt::format(
            "What runs is not as that commit says (`trueup diff -f {}`): compose will create anew "
            "what is\nconfigured otherwise, and leave stale code as it is. `trueup apply -f {}` "
            "puts it right first.\n",
            file, file);
    }
    text += fmt::format(
        "\nTo give it back to docker compose:\n"
        "1. Take {} away from where the controller looks. With sync.deletionPolicy: orphan, the\n"
        "   default, what runs is left as it is.\n"
        "2. {}:\n\n   {}\n\n"
        "   For another controller to take it over with `adopt: true`, add --force-recreate: else "
        "it\n"
        "   keeps the labels of this one.\n"
        "Nothing was changed.\n",
        file, where_to_run(stack, desired.project), command(stack, desired));
    return text;
}

}    // namespace trueup::cli
