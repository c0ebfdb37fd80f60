// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/one_shot.hpp"

namespace trueup::plan {
namespace {

// A service that only names the image which another one builds runs that one.
const model::Build* build_of(const model::Project& project, const model::Service& service) {
    if (service.build) return &*service.build;
    for (const auto& [name, other] : project.services) {
        if (other.build && render::image_reference(project.name, other) == service.image)
            return &*other.build;
    }
    return nullptr;
}

}    // namespace

bool is_awaited(const model::Project& project, const std::string& service_name) {
    for (const auto& [name, service] : project.services) {
        const auto found = service.depends_on.find(service_name);
        if (found == service.depends_on.end()) continue;
        if (found->second.condition == model::DependencyCondition::completed_successfully)
            return true;
    }
    return false;
}

bool is_one_shot(const model::Project& project, const model::Service& service) {
    const std::string restart = render::restart_policy(service).name;
    const bool may_end = restart == "no" || restart == "on-failure";
    const bool checked = service.healthcheck && !service.healthcheck->disabled;
    if (may_end && service.ports.empty() && !checked) return true;
    return is_awaited(project, service.name);
}

bool may_be_outdated(const model::Project& project, const model::Service& service) {
    if (service.reloads || is_awaited(project, service.name)) return false;
    return !render::restart_policy(service).written || !is_one_shot(project, service);
}

// Many programs exit with 0 when they are asked to end: a database that dockerd stopped has not
// completed.
bool has_completed(const model::Project& project, const model::Service& service,
                   const model::ObservedContainer& container) {
    const bool succeeded =
        container.state == model::ContainerState::exited && container.exit_code == 0;
    if (!succeeded || !is_one_shot(project, service)) return false;
    switch (container.ended.cause) {
        case model::EndCause::crash: return true;
        case model::EndCause::stopped:
        case model::EndCause::killed:
        case model::EndCause::oom: return false;
        case model::EndCause::none: break;
    }
    if (is_awaited(project, service.name)) return true;
    return render::restart_policy(service).written && !container.ended.before_engine;
}

std::optional<model::Completion> definition(const model::Project& project,
                                            const model::Service& service,
                                            const model::Observed& observed) {
    model::Completion wanted;
    wanted.config_hash = render::config_hash(project, service);
    if (const model::Build* build = build_of(project, service)) {
        wanted.image = build->recipe_id;
        return wanted;
    }
    const auto image = observed.image_of_reference.find(service.image);
    if (image == observed.image_of_reference.end()) return std::nullopt;
    wanted.image = image->second;
    return wanted;
}

// Where the image is gone from the engine too, nothing says that it would be another one.
bool is_done(const model::Project& project, const model::Service& service, int number,
             const model::Observed& observed) {
    const auto done = observed.completed.find({service.name, number});
    if (done == observed.completed.end() || !is_one_shot(project, service)) return false;
    const auto wanted = definition(project, service, observed);
    return wanted ? done->second == *wanted
                  : done->second.config_hash == render::config_hash(project, service);
}

std::optional<model::Completion> completion(const Decision& decision,
                                            const model::Project& project) {
    if (!decision.finished || decision.current == nullptr) return std::nullopt;
    const model::ObservedContainer& container = *decision.current;
    model::Completion done;
    done.config_hash = render::config_hash(project, *decision.service);
    const model::Build* build = build_of(project, *decision.service);
    done.image = build == nullptr ? container.image_id : build->recipe_id;
    if (!render::is_hash_of(container.config_hash, done.config_hash,
                            decision.service->unkeyed_hash))
        return std::nullopt;
    return done;
}

}    // namespace trueup::plan
