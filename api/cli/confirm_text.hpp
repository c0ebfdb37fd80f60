// SPDX-License-Identifier: Apache-2.0
// What a stack waits for a yes to, and how that is said without a controller. Pure.
#pragma once

#include <string>

#include "api/v1alpha1/stack.hpp"

namespace trueup::cli {

// The text of an apply of `file`, which may speak of `trueup confirm`: that asks a controller, and here
// is none.
std::string how_to_confirm(std::string text, const v1alpha1::ConfirmationStatus& asked,
                           const std::string& stack, const std::string& file);

}    // namespace trueup::cli
