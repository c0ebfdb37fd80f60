// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/draft.hpp"

namespace trueup::plan {
namespace {

constexpr std::size_t word_bits = 64;
constexpr std::uint64_t bit(std::size_t index) { return std::uint64_t{1} << (index % word_bits); }

}    // namespace

int Draft::add(std::string target, std::string service, Step step, Cause cause, Numbers after) {
    Action action;
    action.number = static_cast<int>(actions_.size()) + 1;
    action.target = std::move(target);
    action.service = std::move(service);
    action.step = std::move(step);
    action.cause = std::move(cause);

    // What those it names wait for already need not be named.
    Bits ancestors(actions_.size() / word_bits + 1, 0);
    for (const int direct : after) {
        const Bits& inherited = ancestors_[static_cast<std::size_t>(direct - 1)];
        for (std::size_t word = 0; word < inherited.size(); ++word)
            ancestors[word] |= inherited[word];
    }
    for (const int direct : after) {
        const auto index = static_cast<std::size_t>(direct - 1);
        if ((ancestors[index / word_bits] & bit(index)) != 0) continue;
        action.after.push_back(direct);
        ends_.erase(direct);
    }
    for (const int direct : action.after) {
        const auto index = static_cast<std::size_t>(direct - 1);
        ancestors[index / word_bits] |= bit(index);
    }
    const int number = action.number;
    ancestors_.push_back(std::move(ancestors));
    actions_.push_back(std::move(action));
    ends_.insert(number);
    return number;
}

Numbers Draft::ends() const { return ends_; }

}    // namespace trueup::plan
