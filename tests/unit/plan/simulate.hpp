// SPDX-License-Identifier: Apache-2.0
// What a plan would do to an engine, one engine call at a time, on an Observed.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/plan/plan.hpp"

namespace trueup::plan::test {

class Simulation {
public:
    Simulation(const model::Project& project, const Policy& policy, model::Observed& observed)
        : project_(project), policy_(policy), observed_(observed) {}

    // Carries out the plan in an order that its `after` allows, chosen by `seed` (0: as written), up to
    // `calls` engine calls. The calls made.
    std::size_t apply(const Plan& plan, std::size_t calls = SIZE_MAX, unsigned seed = 0);

    // What must never happen, in words: renaming onto a taken name, touching what is not ours, …
    const std::vector<std::string>& violations() const { return violations_; }

private:
    using Calls = std::vector<std::function<void()>>;
    struct Make;

    model::ObservedContainer* find(const std::string& id);
    model::ObservedContainer* ours(const std::string& id);
    void rename(const std::string& id, const std::string& name);
    void remove(const std::string& id);
    void create(const PrepareContainer& step);
    void start(const std::string& id);
    std::string resolve(const std::string& id, const std::string& name) const;
    std::string new_id(const std::string& kind);

    const model::Project& project_;
    const Policy& policy_;
    model::Observed& observed_;
    std::map<int, std::string> image_of_action_;
    std::map<std::string, std::string> prepared_;    // final name -> container id
    std::set<std::string> issued_;
    std::vector<std::string> violations_;
};

}    // namespace trueup::plan::test
