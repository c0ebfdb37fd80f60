// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/project_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/complete.hpp"
#include "controller/compose/consistency.hpp"
#include "controller/compose/load_files.hpp"
#include "controller/compose/nodes.hpp"
#include "controller/compose/profiles.hpp"

namespace trueup::compose {
namespace {

bool is_plain(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

bool is_project_name(std::string_view name) {
    return !name.empty() && name.size() <= 200 && is_plain(name[0]) &&
           std::all_of(name.begin(), name.end(), [](char letter) {
               return is_plain(letter) || letter == '-' || letter == '_';
           });
}

// Compose's way to make a project's name of a text: lower case, other characters dropped.
std::string normal_name(std::string_view text) {
    std::string name;
    for (char letter : text) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
        const bool inner = !name.empty() && (letter == '-' || letter == '_');
        if (is_plain(letter) || inner) name += letter;
    }
    return name;
}

// The last `name:` of the files, put together with its variables.
struct GivenName {
    std::string text;
    Position position;
    bool failed = false;    // told where all variables are
};

GivenName name_in_files(const ProjectFileOptions& options, Session& session) {
    GivenName name;
    const Lookup lookup = look_in(options.variables);
    for (const std::string& path : options.files) {
        const auto* documents = session.documents(path, Place());
        if (documents == nullptr) continue;
        for (const yaml::Node& document : *documents) {
            const yaml::Node* given = document.find("name");
            if (given == nullptr || !given->is_scalar() || given->text.empty()) continue;
            name = {given->text, given->position(), false};
        }
    }
    if (!session.interpolate) return name;
    const auto text = substitute(name.text, lookup);
    name.failed = !text;
    if (text) name.text = text->text;
    return name;
}

std::string project_name(const ProjectFileOptions& options, Session& session) {
    const GivenName given = name_in_files(options, session);
    std::string name = options.name;
    const auto variable = options.variables.find("COMPOSE_PROJECT_NAME");
    if (name.empty() && variable != options.variables.end()) name = variable->second;
    Position position;
    if (name.empty()) {
        if (given.failed) return {};
        name = normal_name(given.text);
        position = given.position;
    }
    const std::string& folder = options.directory;
    if (name.empty()) name = normal_name(std::string_view(folder).substr(folder.rfind('/') + 1));
    if (!is_project_name(name)) {
        session.problems.push_back(
            {position, fmt::format("'{}' is no project name", name),
             "lower-case letters, digits, - and _, up to 200 of them, starting with a letter or "
             "digit"});
    }
    return name;
}

model::Strings active_profiles(const ProjectFileOptions& options) {
    if (!options.profiles.empty()) return options.profiles;
    const auto variable = options.variables.find("COMPOSE_PROFILES");
    model::Strings profiles;
    if (variable == options.variables.end()) return profiles;
    for (const std::string_view name : base::split(variable->second, ','))
        if (!base::trim(name).empty()) profiles.emplace_back(base::trim(name));
    return profiles;
}

// Who asks for a service by its name enables its profiles, as with Compose.
model::Strings enabled_profiles(const ProjectFileOptions& options, const yaml::Node& file) {
    model::Strings profiles = active_profiles(options);
    const yaml::Node* services = file.find("services");
    for (const std::string& name : options.services) {
        const yaml::Node* service = services == nullptr ? nullptr : services->find(name);
        const yaml::Node* own = service == nullptr ? nullptr : service->find("profiles");
        if (own == nullptr) continue;
        for (const yaml::Node& profile : own->items) profiles.push_back(profile.text);
    }
    return profiles;
}

void check_service_count(const yaml::Node& file, Session& session) {
    const yaml::Node* services = file.find("services");
    if (services == nullptr || services->entries.size() <= session.left.services) return;
    session.tell(*services,
                 fmt::format("the project has more than {} services", session.left.services),
                 "split it");
}

}    // namespace

ProjectFile load_project_file(const ProjectFileOptions& options, Session& session) {
    ProjectFile project;
    project.name = project_name(options, session);
    session.left.files = Limits().files;    // those that were read for the name are read again
    model::StringMap variables = options.variables;
    variables["COMPOSE_PROJECT_NAME"] = project.name;
    const FileSet files{options.files, options.directory, variables, {}, Place()};
    project.file = load_files(files, session);
    if (!project.file.is_mapping()) {
        project.file.kind = yaml::Kind::mapping;
        if (session.problems.empty() && !options.files.empty())
            session.problems.push_back({Position{session.places.shown(options.files.front()), 0, 0},
                                        "there is no service in it",
                                        "add 'services:' with at least one service"});
    }
    const std::size_t before = session.problems.size();
    check_service_count(project.file, session);
    const model::StringMap none;
    normalise(project.file, project.name, session.as_written ? none : variables);
    project.profiles = profile_names(project.file);
    if (session.as_written) return project;
    project.disabled =
        drop_disabled(project.file, enabled_profiles(options, project.file), options.services);
    // Those that are not asked for keep their resources in the model, as with Compose.
    const bool selects = !options.services.empty();
    const yaml::Node all = selects ? project.file : yaml::Node();
    select_services(project.file, options.services, session.problems);
    if (!session.incomplete) check_consistency(project.file, project.disabled, session.problems);
    project.variables = read_service_files(project.file, variables, session);
    session.drop_consequences(before);
    settle_hosts(project.file);
    drop_unused(project.file, selects ? all : project.file);
    return project;
}

}    // namespace trueup::compose
