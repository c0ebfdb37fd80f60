// SPDX-License-Identifier: Apache-2.0
#include "controller/app/code_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/load.hpp"
#include "controller/model/labels.hpp"

namespace trueup::app {
namespace {

namespace fs = std::filesystem;
namespace labels = model::labels;

std::string value_of(const model::StringMap& all, std::string_view label) {
    const auto found = all.find(std::string(label));
    return found == all.end() ? std::string() : found->second;
}

std::string relative(const std::string& path, const std::string& root) {
    std::string inside = fs::path(path).lexically_relative(root).string();
    return inside == "." ? std::string() : inside;
}

// The project's folder in the commit. trueup writes that, compose the folder on its host.
Result<std::string> folder_of(const model::StringMap& all, const std::string& working_dir,
                              const std::string& root) {
    if (all.contains(std::string(labels::owner))) return relative(working_dir, "/");
    std::error_code code;
    const std::string folder = fs::weakly_canonical(working_dir, code).string();
    const std::string inside = code || root.empty() ? ".." : relative(folder, root);
    if (!inside.starts_with("..")) return inside;
    return Error(Errc::not_found,
                 fmt::format("its project was started in {}, which is no folder of "
                             "this repository",
                             working_dir));
}

// Both write the files' paths: trueup those in the commit, compose those on its host.
model::Strings files_of(const model::StringMap& all, const std::string& working_dir) {
    model::Strings files;
    const std::string written = value_of(all, labels::compose_config_files);
    const std::string start = all.contains(std::string(labels::owner))
                                  ? working_dir.substr(std::min<std::size_t>(1, working_dir.size()))
                                  : working_dir;
    for (const std::string_view file : base::split(written, ',')) {
        if (file.empty()) continue;
        const fs::path path(file);
        const bool beside = start.empty();
        files.push_back(beside ? path.string() : path.lexically_relative(start).string());
    }
    return files;
}

}    // namespace

Result<model::Project> project_of_labels(const model::StringMap& all,
                                         const source::LocalCommit& local) {
    const std::string service = value_of(all, labels::compose_service);
    const std::string working_dir = value_of(all, labels::compose_working_dir);
    if (service.empty() || working_dir.empty())
        return Error(Errc::not_found, "its labels name no service of a compose project");
    const auto folder = folder_of(all, working_dir, local.root);
    if (!folder) return folder.error();
    compose::LoadOptions options;
    options.project_name = value_of(all, labels::compose_project);
    options.project_directory = *folder;
    options.files = files_of(all, working_dir);
    options.profiles = {"*"};
    // Binds of the host are no code of the commit; they only must not be in the way.
    options.host_directory = working_dir;
    auto project = compose::load(*local.commit.tree, options);
    if (!project) return project.error();
    auto found = project->services.extract(service);
    if (found.empty()) {
        return Error(Errc::not_found, fmt::format("commit {} has no service {}",
                                                  local.commit.id.substr(0, 12), service));
    }
    project->services.clear();
    project->services.insert(std::move(found));
    return std::move(*project);
}

Result<model::CodeMapping> parse_map(const std::string& text) {
    const std::size_t colon = text.find(":/");
    const auto from = base::normal_path(colon == text.npos ? "" : text.substr(0, colon));
    if (colon == text.npos || colon == 0 || !from) {
        return Error(
            Errc::invalid,
            fmt::format("--map '{}': write a path of the commit, ':' and where it lies in the "
                        "container, for example app:/srv/app, or .:/srv for all of it",
                        text));
    }
    model::CodeMapping mapping;
    mapping.from = *from;
    mapping.to = text.substr(colon + 1);
    return mapping;
}

}    // namespace trueup::app
