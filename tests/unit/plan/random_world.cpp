// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/random_world.hpp"

#include <fmt/format.h>

namespace trueup::plan::test {

using model::CodeStatus;
using model::ContainerState;
using model::DependencyCondition;

World RandomWorld::project() {
    World world;
    for (int n = 0; n < below(3); ++n) {
        model::Network network;
        network.key = fmt::format("net{}", n);
        network.name = "shop_" + network.key;
        world.project.networks[network.key] = network;
    }
    for (int n = 0; n < below(3); ++n) {
        model::Volume volume;
        volume.key = fmt::format("data{}", n);
        volume.name = "shop_" + volume.key;
        world.project.volumes[volume.key] = volume;
    }
    const int services = 1 + below(6);
    for (int index = 0; index < services; ++index) add_service(world, index);
    return world;
}

void RandomWorld::add_service(World& world, int index) {
    const std::string name = fmt::format("s{}", index);
    const bool builds = chance(50);
    model::Service& service = builds ? world.built(name, fmt::format("recipe-{}", below(4)))
                                     : world.pulled(name, fmt::format("image:{}", below(4)));
    if (builds && chance(30)) world.project.code.erase(name);
    if (!builds && chance(20)) service.image = "shop-s0";    // perhaps what another service builds
    if (chance(40)) world.add_healthcheck(name);
    if (chance(30)) service.replicas = below(4);
    if (chance(30)) service.restart.name = "no";
    if (chance(10) && service.replicas == 1) service.container_name = "own-" + name;
    for (const auto& [key, network] : world.project.networks) {
        if (chance(30)) service.networks[key] = {};
    }
    for (const auto& [key, volume] : world.project.volumes) {
        model::Mount mount;
        mount.source = key;
        mount.target = "/" + key;
        if (chance(30)) service.mounts.push_back(mount);
    }
    for (int other = 0; other < index; ++other) {
        if (!chance(40) || !world.project.services.contains(fmt::format("s{}", other))) continue;
        const auto condition = static_cast<DependencyCondition>(below(3));
        world.depends(name, fmt::format("s{}", other), condition);
        service.depends_on.rbegin()->second.restart = chance(20);
        service.depends_on.rbegin()->second.required = !chance(20);
    }
}

void RandomWorld::change(World& world) {
    world.policy.identity.revision = fmt::format("{:040x}", ++versions_ * 1111111);
    std::vector<std::string> names;
    for (const auto& [name, service] : world.project.services) names.push_back(name);
    for (const std::string& name : names) {
        model::Service& service = world.service(name);
        if (chance(20)) service.environment["VERSION"] = std::to_string(versions_);
        if (chance(30) && service.build) service.build->recipe_id += "+";
        if (chance(20) && !service.build) service.image = fmt::format("image:{}", below(6));
        if (chance(15) && service.container_name.empty()) service.replicas = below(4);
        if (chance(10)) service.networks.erase("default");
        if (chance(10)) world.add_healthcheck(name);
    }
    // s0 stays: others may run what it builds.
    if (chance(20) && names.back() != "s0") world.project.services.erase(names.back());
    if (chance(20)) add_service(world, 7);
    if (chance(15)) world.project.networks.erase("net0");
    for (auto& [name, service] : world.project.services) {
        std::erase_if(service.networks, [&](const auto& entry) {
            return !world.project.networks.contains(entry.first);
        });
    }
}

void RandomWorld::disturb(World& world) {
    for (model::ObservedContainer& container : world.observed.containers) disturb(world, container);
    if (chance(30) && !world.observed.containers.empty()) {
        std::erase_if(world.observed.containers, [&](const auto&) { return chance(20); });
    }
    if (chance(10)) world.observed.image_of_reference.clear();
    if (chance(10) && !world.observed.images.empty()) {
        const std::string id = world.observed.images.begin()->first;
        world.observed.images.erase(id);
        std::erase_if(world.observed.image_of_reference,
                      [&](const auto& entry) { return entry.second == id; });
    }
    if (chance(10)) {
        // Somebody pulled the tag, and it has moved.
        model::ObservedImage image;
        image.id = "sha256:moved";
        world.observed.images[image.id] = image;
        world.observed.image_of_reference["image:1"] = image.id;
    }
    for (auto& [id, image] : world.observed.images) {
        if (chance(10)) image.code.status = chance(50) ? CodeStatus::stale : CodeStatus::unknown;
    }
    // Things of others: a network and a volume of a needed name, a `docker compose run`.
    for (auto& network : world.observed.networks) {
        if (chance(10)) network.owned = false;
    }
    for (auto& volume : world.observed.volumes) {
        if (chance(10)) volume.stack = "another";
    }
    if (chance(10)) {
        model::ObservedContainer run;
        run.id = "one-off";
        run.name = "shop-s0-run-1";
        run.project = "shop";
        run.service = "s0";
        run.one_off = true;
        run.state = ContainerState::running;
        world.observed.containers.push_back(run);
    }
}

void RandomWorld::disturb(World& world, model::ObservedContainer& container) {
    if (chance(15)) {
        container.state = static_cast<ContainerState>(below(7));
        container.exit_code = chance(50) ? 0 : 137;
    }
    if (chance(10) && world.project.code.contains(container.service))
        container.code.status = CodeStatus::stale;
    if (chance(10)) container.code = {};
    if (chance(5)) container.name += chance(50) ? ".previous" : ".next";
    if (chance(3)) container.networks.clear();
    if (chance(20)) container.health = static_cast<model::Health>(below(4));
}

}    // namespace trueup::plan::test
