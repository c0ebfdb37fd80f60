// SPDX-License-Identifier: Apache-2.0
// A plan while it is written: numbers actions and keeps `after` short. Inside plan/ only.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/plan.hpp"

namespace trueup::plan {

using Numbers = std::set<int>;

// The first 12 digits of an id, without "sha256:"; the first 7 of a commit.
std::string short_id(std::string_view id);
std::string short_commit(std::string_view commit);

class Draft {
public:
    // Appends; returns its number. `after` may name any earlier action.
    int add(std::string target, std::string service, Step step, Cause cause, Numbers after);

    // It puts right what changed by itself.
    void mark_correction(int number) {
        actions_[static_cast<std::size_t>(number - 1)].corrects = true;
    }

    // Actions so far that no other one waits for: who waits for these has waited for all.
    Numbers ends() const;

    const Step& step(int number) const {
        return actions_[static_cast<std::size_t>(number - 1)].step;
    }
    std::vector<Action> take() { return std::move(actions_); }

private:
    std::vector<Action> actions_;
    // By action, a bit for each earlier one that it waits for, however far: whole words, since a
    // plan of a thousand services has millions of them.
    using Bits = std::vector<std::uint64_t>;
    std::vector<Bits> ancestors_;
    Numbers ends_;
};

}    // namespace trueup::plan
