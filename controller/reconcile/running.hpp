// SPDX-License-Identifier: Apache-2.0
// What runs of a stack: of which commit, and under which project name. Pure.
#pragma once

#include <optional>
#include <string>

#include "controller/reconcile/findings.hpp"

namespace trueup::reconcile {

// The commit that runs: the desired one when nothing remains to do, or when what runs is as it says and
// only something of it is stopped or missing; else the one that the running containers were created for,
// when they agree (one that no commit since has changed agrees with all of them); else "".
std::string running_commit(const Desired& desired, const model::Observed& observed,
                           const plan::Plan& remaining);

// While another project name waits for a yes: the findings as if the stack had its old one, under which
// it runs. Nothing in any other case.
std::optional<Findings> under_old_name(const Findings& findings);

}    // namespace trueup::reconcile
