// SPDX-License-Identifier: Apache-2.0
// Inside reconcile/ only: the words that what was found and what was done share.
#pragma once

#include <string>

#include "controller/reconcile/history.hpp"

namespace trueup::reconcile {

// "code: app/main.py differs from 9f3c1e2"
std::string text_of(const plan::Cause& cause);
// The cause of what the plan starts, else of its first action.
std::string why(const plan::Plan& plan);
std::string short_id(const std::string& commit);

store::Event event_of(const Entry& entry, store::EventType type, std::string reason,
                      std::string message);

}    // namespace trueup::reconcile
