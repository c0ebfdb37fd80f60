// SPDX-License-Identifier: Apache-2.0
// What was found, as a person reads it: in the order of the files' lines, each once, and not thousands.
#pragma once

#include "controller/base/error.hpp"
#include "controller/compose/session.hpp"

namespace trueup::compose {

// Sorted, without doubles.
Problems in_order(Problems problems);

// Errc::invalid with all of them, or with the first 200.
Error error_of(Problems problems);

// Adds those of later steps that stand where nothing was wrong before.
void add_new(const Problems& later, Problems& problems);

// All problems of a session, without those that only follow from a variable that could not be put in.
Problems settle(Session& session);

}    // namespace trueup::compose
