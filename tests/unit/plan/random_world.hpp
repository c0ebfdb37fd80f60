// SPDX-License-Identifier: Apache-2.0
// Random but repeatable worlds: a stack that was deployed, changed, and had things happen to it.
#pragma once

#include <random>

#include "tests/unit/plan/world.hpp"

namespace trueup::plan::test {

class RandomWorld {
public:
    explicit RandomWorld(unsigned seed) : random_(seed) {}

    // A project in its first version; nothing runs.
    World project();
    // The commit moves on: services change, come and go.
    void change(World& world);
    // What people, crashes and engines do to a running stack.
    void disturb(World& world);

private:
    bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
    void add_service(World& world, int index);
    void disturb(World& world, model::ObservedContainer& container);

    std::mt19937 random_;
    int versions_ = 0;
};

}    // namespace trueup::plan::test
