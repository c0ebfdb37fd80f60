// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/consistency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "controller/base/text.hpp"

namespace trueup::compose {
namespace {

template <class Map>
std::string suggestion(const std::string& name, const Map& map) {
    std::vector<std::string_view> names;
    for (const auto& [key, value] : map) names.push_back(key);
    return base::suggest(name, names);
}

bool is_disabled(const model::Project& project, const std::string& name) {
    const auto& disabled = project.disabled_services;
    return std::find(disabled.begin(), disabled.end(), name) != disabled.end();
}

void check_references(const model::Project& project, const model::Service& service, bool alone,
                      Problems& problems) {
    const auto problem = [&](std::string message, std::string advice) {
        problems.push_back({service.position, fmt::format("service {}: {}", service.name, message),
                            std::move(advice)});
    };
    if (service.image.empty() && !service.build && alone)
        problem("it has neither image nor build", "add one of them");
    for (const auto& [key, network] : service.networks) {
        if (!project.networks.contains(key)) {
            problem(fmt::format("network '{}' is not defined", key),
                    suggestion(key, project.networks));
        }
    }
    for (const model::Mount& mount : service.mounts) {
        const bool named = mount.kind == model::MountKind::volume && !mount.source.empty();
        if (named && !project.volumes.contains(mount.source)) {
            problem(fmt::format("volume '{}' is not defined", mount.source),
                    "add it under the top-level 'volumes:'; a path starts with './'");
        }
    }
    if (!service.container_name.empty() && service.replicas > 1) {
        problem("a service with a container_name has one container",
                "remove container_name or the replicas");
    }
}

void check_dependencies(const model::Project& project, model::Service& service,
                        Problems& problems) {
    for (auto entry = service.depends_on.begin(); entry != service.depends_on.end();) {
        const auto& [name, dependency] = *entry;
        if (project.services.contains(name)) {
            ++entry;
            continue;
        }
        if (dependency.required) {
            const bool disabled = is_disabled(project, name);
            problems.push_back(
                {service.position,
                 fmt::format("service {}: depends on '{}', which {}", service.name, name,
                             disabled ? "is disabled by its profile" : "is not defined"),
                 disabled ? "enable the profile, or set 'required: false'"
                          : suggestion(name, project.services)});
        }
        entry = service.depends_on.erase(entry);
    }
}

// A walk in depth without recursion: a chain of dependencies may be as long as the file allows.
class Cycles {
public:
    Cycles(const model::Project& project, Problems& problems)
        : project_(project), problems_(problems) {}

    void run() {
        for (const auto& [name, service] : project_.services) {
            if (state_[name] == State::unseen) walk(name);
        }
    }

private:
    enum class State { unseen, on_path, done };
    using Next = std::map<std::string, model::Dependency>::const_iterator;

    void enter(const std::string& name) {
        state_[name] = State::on_path;
        path_.emplace_back(name, project_.services.at(name).depends_on.begin());
    }

    void walk(const std::string& start) {
        enter(start);
        while (!path_.empty()) {
            const std::string name = path_.back().first;
            Next& next = path_.back().second;
            if (next == project_.services.at(name).depends_on.end()) {
                state_[name] = State::done;
                path_.pop_back();
                continue;
            }
            const std::string dependency = (next++)->first;
            if (!project_.services.contains(dependency)) continue;
            if (state_[dependency] == State::on_path)
                tell(dependency);
            else if (state_[dependency] == State::unseen)
                enter(dependency);
        }
    }

    void tell(const std::string& name) {
        std::vector<std::string> cycle;
        for (const auto& [step, next] : path_) {
            if (!cycle.empty() || step == name) cycle.push_back(step);
        }
        cycle.push_back(name);
        problems_.push_back(
            {project_.services.at(name).position,
             fmt::format("services depend on each other in a circle: {}", fmt::join(cycle, " -> ")),
             ""});
    }

    const model::Project& project_;
    Problems& problems_;
    std::vector<std::pair<std::string, Next>> path_;
    std::map<std::string, State> state_;
};

void check_container_names(const model::Project& project, Problems& problems) {
    std::map<std::string, std::string> owner;
    for (const auto& [name, service] : project.services) {
        if (service.container_name.empty()) continue;
        const auto [first, is_new] = owner.emplace(service.container_name, name);
        if (!is_new) {
            problems.push_back(
                {service.position,
                 fmt::format("service {}: container_name '{}' is taken by service {}", name,
                             service.container_name, first->second),
                 ""});
        }
    }
}

}    // namespace

void complete(model::Project& project) {
    std::set<std::string> networks;
    std::set<std::string> volumes;
    for (const auto& [name, service] : project.services) {
        for (const auto& [key, network] : service.networks) networks.insert(key);
        for (const model::Mount& mount : service.mounts) {
            if (mount.kind == model::MountKind::volume) volumes.insert(mount.source);
        }
    }
    if (networks.contains("default") && !project.networks.contains("default")) {
        model::Network network;
        network.key = "default";
        network.name = project.name + "_default";
        project.networks.emplace("default", std::move(network));
    }
    std::erase_if(project.networks,
                  [&](const auto& entry) { return !networks.contains(entry.first); });
    std::erase_if(project.volumes,
                  [&](const auto& entry) { return !volumes.contains(entry.first); });
}

void check_consistency(model::Project& project, Problems& problems) {
    const bool alone = problems.empty();
    for (auto& [name, service] : project.services) {
        check_references(project, service, alone, problems);
        check_dependencies(project, service, problems);
    }
    Cycles(project, problems).run();
    check_container_names(project, problems);
}

}    // namespace trueup::compose
