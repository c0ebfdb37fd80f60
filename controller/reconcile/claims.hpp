// SPDX-License-Identifier: Apache-2.0
// Which Stacks are this controller's at all: those that name one of its engines, and claim a compose
// project on it that no other Stack claims.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "api/v1alpha1/stack.hpp"
#include "controller/base/result.hpp"
#include "controller/reconcile/findings.hpp"

namespace trueup::reconcile {

struct Entry;

struct Engines {
    std::set<std::string, std::less<>> names{"default"};
    bool ignore_others = false;    // a Stack of another engine is another controller's
};

// Where a Stack runs: no two may have the same.
using Place = std::pair<std::string, std::string>;    // engine, compose project
Place place_of(const v1alpha1::Stack& stack);

// Sets or clears Entry::refused of each: EngineUnknown (the engine is not in the configuration),
// DuplicateProject (several Stacks have the place: it is refused to all of them), ProjectTaken (its
// file is gone, and another Stack has its place now: it was renamed).
void refuse_claims(std::map<std::string, Entry>& entries, const Engines& engines);

// The findings of a stack that is refused: nothing of it was looked at or touched.
Findings refused_findings(const Entry& entry);

// The findings of a stack whose file is gone since an earlier run: what it is to be is not known, so
// it is left as it is. `suspension` is the one in force, or nullptr.
Findings orphan_findings(const Entry& entry, const store::Suspension* suspension);

}    // namespace trueup::reconcile
