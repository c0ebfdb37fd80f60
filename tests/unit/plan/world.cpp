// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/plan/simulate.hpp"

namespace trueup::plan::test {

World::World() {
    project.name = "shop";
    policy.identity.stack = "shop-production";
    policy.identity.environment = "production";
    policy.identity.revision = old_commit;
    policy.identity.bind_root = "/binds";
    policy.identity.key = "of the tests";
    model::Network network;
    network.key = "default";
    network.name = "shop_default";
    project.networks["default"] = network;
}

model::Service& World::pulled(const std::string& name, const std::string& image) {
    model::Service service;
    service.name = name;
    service.image = image;
    service.restart.name = "unless-stopped";
    service.networks["default"] = {};
    return project.services[name] = service;
}

model::Service& World::built(const std::string& name, const std::string& recipe) {
    model::Service& service = pulled(name, "");
    model::Build build;
    build.context = name;
    build.context_id = "context of " + recipe;
    build.recipe_id = recipe;
    service.build = build;
    model::CodeMapping mapping;
    mapping.from = name;
    mapping.to = "/srv/" + name;
    project.code[name] = {mapping};
    return service;
}

void World::depends(const std::string& name, const std::string& other,
                    model::DependencyCondition condition) {
    model::Dependency dependency;
    dependency.condition = condition;
    service(name).depends_on[other] = dependency;
}

void World::add_healthcheck(const std::string& name) {
    model::Healthcheck check;
    check.test = {"CMD", "true"};
    service(name).healthcheck = check;
}

void World::new_revision(const std::string& name) {
    policy.identity.revision = new_commit;
    service(name).build->recipe_id += "+";
    service(name).build->context_id += "+";
}

model::ObservedContainer& World::container(const std::string& name) {
    for (model::ObservedContainer& each : observed.containers) {
        if (each.name == name) return each;
    }
    ADD_FAILURE() << "no container " << name;
    return observed.containers.emplace_back();
}

model::ObservedContainer& World::copy_container(const std::string& name, const std::string& as) {
    model::ObservedContainer copy = container(name);
    copy.name = as;
    copy.id = "id-of-" + as;
    return observed.containers.emplace_back(copy);
}

void World::remove_container(const std::string& name) {
    std::erase_if(observed.containers, [&](const auto& each) { return each.name == name; });
}

Plan World::diff() const { return plan::diff(project, observed, policy, now); }
std::string World::text() const { return to_text(diff()); }

void World::converge() {
    for (int round = 0; round < 5; ++round) {
        const Plan plan = diff();
        if (plan.empty()) return;
        if (plan.blocked) break;
        Simulation simulation(project, policy, observed);
        simulation.apply(plan);
        for (const std::string& violation : simulation.violations())
            ADD_FAILURE() << violation << "\n" << to_text(plan);
    }
    EXPECT_EQ(text(), "");
}

void World::converge_pulls() {
    for (int round = 0; round < 5; ++round) {
        const Plan plan = diff();
        if (plan.empty()) return;
        Simulation simulation(project, policy, observed);
        simulation.apply(plan);
        for (const Action& action : plan.actions) {
            if (const auto* pull = std::get_if<PullImage>(&action.step))
                policy.pulls[pull->reference] = Pull{policy.identity.revision, now};
        }
    }
    EXPECT_EQ(text(), "");
}

Applied applied(const World& world) {
    Applied all;
    all.commit = world.policy.identity.revision;
    for (const auto& [name, service] : world.project.services)
        all.services[name] = applied_hash(world.project, service, all.commit);
    return all;
}

World shop() {
    World world;
    world.pulled("db", "postgres:16");
    world.add_healthcheck("db");
    world.built("migrate", "recipe-migrate").restart = {"no", 0, true};
    world.built("api", "recipe-api");
    world.add_healthcheck("api");
    world.depends("migrate", "db", model::DependencyCondition::healthy);
    world.depends("api", "db", model::DependencyCondition::healthy);
    world.depends("api", "migrate", model::DependencyCondition::completed_successfully);
    world.converge();
    return world;
}

void add_volume(World& world, const std::string& key, const std::string& name) {
    model::Volume volume;
    volume.key = key;
    volume.name = name;
    world.project.volumes[key] = volume;
}

World shop_with_data() {
    World world = shop();
    add_volume(world, "data", "shop_data");
    model::Mount data;
    data.source = "data";
    data.target = "/data";
    world.service("db").mounts = {data};
    model::Mount uploads;
    uploads.kind = model::MountKind::bind;
    uploads.source = "/srv/uploads";
    uploads.target = "/uploads";
    world.service("api").mounts = {uploads};
    world.converge();
    return world;
}

void make_foreign(World& world) {
    for (model::ObservedContainer& each : world.observed.containers) {
        each.owned = false;
        each.owner = each.stack = each.seal = each.config_hash = each.revision = "";
        each.image_reference =
            render::image_reference(world.project.name, world.project.services.at(each.service));
        each.comparison.emplace();
        each.comparison->config_hash =
            render::config_hash(world.project, world.project.services.at(each.service));
    }
    for (auto& [id, image] : world.observed.images) image.recipe_id.clear();
    for (model::ObservedNetwork& each : world.observed.networks) each.owned = false;
    for (model::ObservedVolume& each : world.observed.volumes) each.owned = false;
    world.policy.adopt = true;
}

World compose_shop() {
    World world = shop();
    make_foreign(world);
    return world;
}

model::Comparison& comparison(World& world, const std::string& name) {
    return *world.container(name).comparison;
}

}    // namespace trueup::plan::test
