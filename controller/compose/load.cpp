// SPDX-License-Identifier: Apache-2.0
// The pipeline: variables -> find the files -> project file (project_file.cpp and load_files.cpp say its
// steps) -> what trueup supports -> decode. Every problem is kept and the load goes on, so that a person
// sees all of them at once. Where a value is wrong, nothing that follows from it is told; where a file
// cannot be read, nothing that could stand in it is missed.
#include "controller/compose/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/config_hash.hpp"
#include "controller/compose/decode.hpp"
#include "controller/compose/find_files.hpp"
#include "controller/compose/places.hpp"
#include "controller/compose/project_file.hpp"
#include "controller/compose/report.hpp"
#include "controller/compose/support.hpp"

namespace trueup::compose {
namespace {

// Compose pulls what it could build, too; here the commit says what runs.
void warn_of_pull_policy(const model::Service& service, const yaml::Node& node,
                         Problems& warnings) {
    if (!service.build || (service.pull_policy != "always" && !service.pull_every)) return;
    warnings.push_back({node.find("pull_policy")->position(),
                        fmt::format("services.{}.pull_policy: it has no effect: the service has a "
                                    "build, and is built from the commit",
                                    service.name),
                        "remove one of both"});
}

model::Project decode_supported(const ProjectFile& file, const std::string& directory,
                                const LoadOptions& options, Session& session) {
    Problems found;
    check_support(file.file, found, session.warnings);
    const yaml::Node* services = file.file.find("services");
    const bool empty = services == nullptr || services->entries.empty();
    if (empty && file.disabled.empty() && session.problems.empty())
        found.push_back({file.file.position(), "there is no service in it",
                         "add 'services:' with at least one service"});
    Reporter reporter(found);
    const DecodeContext context{session.places, directory, options.host_directory, reporter};
    model::Project project = decode(file, context);
    add_new(found, session.problems);
    for (auto& [name, service] : project.services) {
        const yaml::Node* node = services == nullptr ? nullptr : services->find(name);
        if (node != nullptr) warn_of_pull_policy(service, *node, session.warnings);
        // Compose 2.26.1 knows no hooks, and takes no file that has some.
        const bool hooks =
            !service.pre_start.empty() || !service.post_start.empty() || !service.pre_stop.empty();
        if (node != nullptr && !hooks) service.compose_hash = compose_config_hash(*node);
    }
    return project;
}

}    // namespace

Result<model::Project> load(const model::Tree& tree, const LoadOptions& options) {
    const auto folder = base::normal_path(options.project_directory);
    if (!folder) {
        return Error(Errc::invalid, fmt::format("the project directory '{}' is outside the commit",
                                                options.project_directory));
    }
    const Places places(tree, false, "");
    Session session(places, true);
    ProjectFileOptions wanted;
    wanted.name = options.project_name;
    wanted.directory = places.absolute(*folder);
    wanted.profiles = options.profiles;
    auto variables = read_variables(places, wanted.directory, options);
    if (!variables) return variables.error();
    auto files = find_stack_files(places, wanted.directory, options, *variables, session.warnings);
    if (!files) return files.error();
    wanted.files = *files;
    wanted.variables = std::move(*variables);

    const ProjectFile file = load_project_file(wanted, session);
    model::Project project = decode_supported(file, wanted.directory, options, session);
    Problems problems = settle(session);
    if (!problems.empty()) return error_of(std::move(problems));
    for (const std::string& path : *files) project.config_files.push_back(places.tree_path(path));
    std::move(project.warnings.begin(), project.warnings.end(),
              std::back_inserter(session.warnings));
    project.warnings = in_order(std::move(session.warnings));
    return project;
}

}    // namespace trueup::compose
