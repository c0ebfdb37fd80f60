// SPDX-License-Identifier: Apache-2.0
// Step: `command` and `entrypoint` given as one string are split into words as Compose does it, without
// expansion. No shell runs them.
#pragma once

#include <string_view>

#include "controller/base/result.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {

// Errc::invalid for a quote, a ` or a $( that is never closed, and for what only a shell understands:
// ; & | < > ( ) outside of quotes.
Result<model::Strings> split_words(std::string_view text);

}    // namespace trueup::compose
