// SPDX-License-Identifier: Apache-2.0
// A project, what runs, and a policy, written down in a few words.
#pragma once

#include <string>

#include "controller/plan/plan.hpp"

namespace trueup::plan::test {

inline const std::string old_commit = "1234567000000000000000000000000000000000";
inline const std::string new_commit = "9f3c1e2000000000000000000000000000000000";

struct World {
    model::Project project;
    model::Observed observed;
    Policy policy;
    SystemTime now;

    World();

    // A service on the default network.
    model::Service& pulled(const std::string& name, const std::string& image = "nginx:1");
    model::Service& built(const std::string& name, const std::string& recipe = "recipe-1");
    model::Service& service(const std::string& name) { return project.services.at(name); }
    // `service` starts after `other`.
    void depends(const std::string& service, const std::string& other,
                 model::DependencyCondition condition = model::DependencyCondition::started);
    void add_healthcheck(const std::string& service);
    // The commit moves on, and what `service` is built from with it.
    void new_revision(const std::string& service);

    model::ObservedContainer& container(const std::string& name);
    // A second look at the same container under another name.
    model::ObservedContainer& copy_container(const std::string& name, const std::string& as);
    void remove_container(const std::string& name);

    Plan diff() const;
    std::string text() const;
    // Applies plans until nothing is left to do.
    void converge();
    // The same, remembering what was pulled, as the store does.
    void converge_pulls();
};

// As the store remembers it after a successful run.
Applied applied(const World& world);

// Three services as real stacks have them: db (pulled, health check), migrate (one-shot), api
// (built, waits for both), all running.
World shop();
// The shop with a database that keeps its data in a volume, and an api that keeps uploads on the host.
World shop_with_data();

void add_volume(World& world, const std::string& key, const std::string& name);

// The same containers as compose would have made them: no label of ours, images of nobody's recipe.
void make_foreign(World& world);
World compose_shop();
// In what a container of compose differs.
model::Comparison& comparison(World& world, const std::string& name);

}    // namespace trueup::plan::test
