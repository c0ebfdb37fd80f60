// SPDX-License-Identifier: Apache-2.0
// Which stacks are to be removed since no file names them any more, and whether a person has to say
// yes first: many at once are more often a mistake than meant. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/base/clock.hpp"

namespace trueup::reconcile {

struct Entry;

// A stack whose file is gone, with sync.deletionPolicy: delete.
struct Removal {
    SteadyTime since;                     // when its file was missed first
    std::vector<std::string> together;    // all that are to be removed now, this one among them
    std::string token;                    // "" = it needs no yes; else names just these
    std::string question;                 // for a person; with a token

    bool operator==(const Removal&) const = default;
};

// What store::Confirmation::token holds for each stack of a removal that was confirmed: the others
// go one by one, and then it is no longer just these.
inline constexpr std::string_view removal_confirmed = "remove";

// Sets or clears Entry::removal of each. More than one, or more than a fifth of the stacks, waits;
// so does the last one, after which the desired state would name none.
void mark_removals(std::map<std::string, Entry>& entries, SteadyTime now);

}    // namespace trueup::reconcile
