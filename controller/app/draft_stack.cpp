// SPDX-License-Identifier: Apache-2.0
#include "controller/app/draft_stack.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/array.hpp>
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "api/v1alpha1/stack.hpp"
#include "controller/model/labels.hpp"

namespace trueup::app {
namespace {

namespace json = boost::json;

constexpr std::string_view variable_files_label = "com.docker.compose.project.environment_file";

std::string label_of(const FoundContainer& container, std::string_view name) {
    const auto found = container.labels.find(std::string(name));
    return found == container.labels.end() ? std::string() : found->second;
}

std::vector<std::string> split_list(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        if (end > begin) parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

// Nothing where they name no files, and of a command that somebody ran by hand.
std::optional<ProjectLabels> labels_of(const FoundContainer& container) {
    ProjectLabels labels;
    labels.working_directory = label_of(container, model::labels::compose_working_dir);
    labels.compose_files = split_list(label_of(container, model::labels::compose_config_files));
    labels.variable_files = split_list(label_of(container, variable_files_label));
    if (container.one_off || labels.working_directory.empty() || labels.compose_files.empty())
        return std::nullopt;
    return labels;
}

// A compose project may have '_' in it and at its end, a Stack may not.
std::string stack_name(const std::string& project) {
    std::string name = project;
    std::replace(name.begin(), name.end(), '_', '-');
    while (!name.empty() && name.back() == '-') name.pop_back();
    while (!name.empty() && name.front() == '-') name.erase(0, 1);
    return name;
}

json::array names_of(const std::vector<FoundFile>& files) {
    json::array names;
    for (const FoundFile& file : files) {
        if (file.in_commit.empty()) {
            names.push_back(json::object{{"host", file.path}});
        } else {
            names.push_back(json::value(file.in_commit));
        }
    }
    return names;
}

Result<void> check_compose_files(const FoundProject& found) {
    std::string missing;
    for (const FoundFile& file : found.compose_files) {
        if (file.in_commit.empty()) missing += (missing.empty() ? "" : ", ") + file.path;
    }
    if (missing.empty()) return Result<void>();
    return Error(Errc::invalid,
                 fmt::format("project {} was started from what commit {} does not have: {} (commit "
                             "it, and ask again)",
                             found.project, found.commit.substr(0, 7), missing));
}

std::vector<std::string> notes_of(const FoundProject& found) {
    std::vector<std::string> notes;
    if (!found.environment_said) {
        notes.push_back(fmt::format("environment: {} is a guess (--environment says another)",
                                    found.environment));
    }
    if (!found.origin.empty()) {
        notes.push_back(fmt::format(
            "url: the work tree on this host; its remote {} serves other hosts too{}", found.origin,
            found.pushed ? ""
                         : fmt::format(", once commit {} is pushed there: as far as the work tree "
                                       "knows, it is not",
                                       found.commit.substr(0, 7))));
    }
    for (const auto* list : {&found.compose_files, &found.variable_files}) {
        for (const FoundFile& file : *list) {
            if (!file.modified) continue;
            notes.push_back(
                fmt::format("{} is not as commit {} has it: what was changed there is "
                            "not in this Stack until it is committed",
                            file.path, found.commit.substr(0, 7)));
        }
    }
    for (const std::string& other : found.other_origins) {
        notes.push_back(fmt::format(
            "not all of it was started from the files below: {} (add what is missing to "
            "compose.files; what then is in none of them is left as it is)",
            other));
    }
    std::set<std::string> host_files;
    for (const FoundFile& file : found.variable_files) {
        if (file.in_commit.empty()) host_files.insert(file.path);
    }
    for (const std::string& file : host_files) {
        notes.push_back(
            fmt::format("{} is not in the commit: it is read from this host, and has "
                        "to lie below one of the configuration's hostRoots",
                        file));
    }
    for (const FoundBind& bind : found.outside_commit) {
        notes.push_back(
            fmt::format("service {} binds {}, which is not in the commit: "
                        "hostDirectory says where it lies, below one of the "
                        "configuration's hostRoots",
                        bind.service, bind.source));
    }
    return notes;
}

json::object compose_of(const FoundProject& found, const std::string& name) {
    json::object compose;
    compose["files"] = names_of(found.compose_files);
    if (name != found.project) compose["project"] = found.project;
    if (!found.variable_files.empty()) compose["variableFiles"] = names_of(found.variable_files);
    if (!found.outside_commit.empty()) compose["hostDirectory"] = found.working_directory;
    return compose;
}

}    // namespace

std::vector<HostNeed> host_needs(const FoundProject& found) {
    std::vector<HostNeed> needs;
    for (const FoundFile& file : found.variable_files) {
        if (file.in_commit.empty()) needs.push_back({file.path, "variables", false});
    }
    if (!found.outside_commit.empty())
        needs.push_back({found.working_directory, "hostDirectory", true});
    for (const FoundBind& bind : found.outside_commit)
        needs.push_back({bind.source, "bound by service " + bind.service, true});
    return needs;
}

Result<ProjectLabels> read_project_labels(const std::vector<FoundContainer>& containers) {
    for (const FoundContainer& container : containers) {
        if (auto labels = labels_of(container)) return std::move(*labels);
    }
    return Error(Errc::not_found,
                 "none of its containers says where its compose files lie (docker compose writes "
                 "the labels com.docker.compose.project.working_dir and .config_files)");
}

std::vector<std::string> other_origins(const std::vector<FoundContainer>& containers,
                                       const ProjectLabels& chosen) {
    std::map<std::string, std::set<std::string>> services;
    for (const FoundContainer& container : containers) {
        const auto labels = labels_of(container);
        if (!labels || *labels == chosen) continue;
        std::vector<std::string> files = labels->compose_files;
        files.insert(files.end(), labels->variable_files.begin(), labels->variable_files.end());
        services[fmt::format("{} in {}", fmt::join(files, ", "), labels->working_directory)].insert(
            container.service);
    }
    std::vector<std::string> told;
    for (const auto& [origin, names] : services)
        told.push_back(fmt::format("{} from {}", fmt::join(names, ", "), origin));
    return told;
}

Result<Draft> draft_stack(const FoundProject& found) {
    const auto checked = check_compose_files(found);
    if (!checked) return checked.error();
    Draft draft;
    draft.notes = notes_of(found);
    const std::string name = stack_name(found.project);
    json::object git{{"url", found.url}, {"commit", found.commit}};
    json::object source{{"git", std::move(git)}};
    if (found.path != ".") source["path"] = found.path;
    json::object spec{{"environment", found.environment}, {"source", std::move(source)}};
    spec["compose"] = compose_of(found, name);
    spec["adopt"] = false;
    draft.stack["apiVersion"] = v1alpha1::api_version;
    draft.stack["kind"] = "Stack";
    draft.stack["metadata"] = json::object{{"name", name}};
    draft.stack["spec"] = std::move(spec);
    return draft;
}

}    // namespace trueup::app
