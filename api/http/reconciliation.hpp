// SPDX-License-Identifier: Apache-2.0
// What became of a reconcile that somebody asked for. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/v1alpha1/stack.hpp"

namespace trueup::http {

// pending: not acted on yet, or still under way. succeeded: Ready, which says of the code that it
// was proven or why it could not be. failed: anything else, with the reason of Ready.
enum class Phase : std::uint8_t { pending, succeeded, failed };
std::string_view to_string(Phase phase);    // "Pending" "Succeeded" "Failed"

Phase phase_of(const v1alpha1::StackStatus& status, bool handled);

// {kind: Reconciliation, metadata: {name}, status: {request, phase, reason, message, desiredCommit,
//  runningCommit, fresh}}
boost::json::object reconciliation_to_json(const v1alpha1::Stack& stack, const std::string& request,
                                           Phase phase);

}    // namespace trueup::http
