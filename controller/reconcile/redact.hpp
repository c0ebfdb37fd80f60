// SPDX-License-Identifier: Apache-2.0
// Messages that may repeat what a person wrote, without the values that nobody may read.
#pragma once

#include <string>
#include <vector>

#include "controller/base/error.hpp"

namespace trueup::reconcile {

// The text with "…" in place of each value of at least four bytes; shorter ones tell nothing, and
// would tear every message.
std::string redact(std::string text, std::vector<std::string> values);
Error redact(const Error& error, const std::vector<std::string>& values);

}    // namespace trueup::reconcile
