// SPDX-License-Identifier: Apache-2.0
#include "api/cli/give_back.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
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

// Why compose will create the service's containers anew; "" when it has no reason to.
std::string why_anew(const model::Project& project, const model::Service& service) {
    for (const auto& [target, mount] : render::mounts_by_target(project, service)) {
        if (mount.kind == model::MountKind::bind && mount.in_commit)
            return fmt::format("it binds {} of the commit, which trueup keeps elsewhere",
                               mount.source);
    }
    return {};
}

}    // namespace

std::string give_back_text(const v1alpha1::Stack& stack, const std::string& file,
                           const reconcile::Desired& desired) {
    std::string text = fmt::format("stack {} (project {}), commit {}:\n", stack.metadata.name,
                                   stack.project_name(), desired.commit.id);
    for (const auto& [name, service] : desired.project.services) {
        const std::string why = why_anew(desired.project, service);
        text += fmt::format(
            "  {}: {}\n", name,
            why.empty() ? "compose goes on with what runs" : "compose will create it anew: " + why);
    }
    text += fmt::format(
        "\nTo give it back to docker compose:\n"
        "1. Take {} away from where the controller looks. With sync.deletionPolicy: orphan, the\n"
        "   default, what runs is left as it is.\n"
        "2. Run this in {} of a checkout of that commit:\n\n   {}\n\n"
        "   For another controller to take it over with `adopt: true`, add --force-recreate: else "
        "it\n"
        "   keeps the labels of this one.\n"
        "Nothing was changed.\n",
        file, stack.spec.path == "." ? std::string("the root") : stack.spec.path,
        command(stack, desired));
    return text;
}

}    // namespace trueup::cli
