// SPDX-License-Identifier: Apache-2.0
// Step: `command` and `entrypoint` given as one string are split as a POSIX shell splits words,
// without expansion.
#pragma once

#include <string_view>

#include "controller/base/result.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {

// Errc::invalid for a quote that is never closed.
Result<model::Strings> split_words(std::string_view text);

}    // namespace trueup::compose
