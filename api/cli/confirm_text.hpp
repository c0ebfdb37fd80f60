// SPDX-License-Identifier: Apache-2.0
// What a stack waits for a yes to, and how that is said without a controller, or without a terminal. Pure.
#pragma once

#include <string>

#include "api/v1alpha1/stack.hpp"

namespace trueup::cli {

// The text of a diff or an apply of `file`, which may speak of `trueup confirm`: that asks a
// controller, and here is none.
std::string how_to_confirm(std::string text, const v1alpha1::ConfirmationStatus& asked,
                           const std::string& stack, const std::string& file);

// The same beside a controller, which holds the engine: it takes the yes.
std::string how_to_confirm_there(std::string text, const std::string& stack);

// Of a token of `apply --confirm` that said yes to nothing. `asked`: a question is told beside this;
// `of_controller`: the controller that asks takes the yes.
std::string unmatched_token_text(const std::string& token, bool asked, bool of_controller);

// The command that says yes to just this. `server`: where the controller was asked.
std::string confirming_command(const v1alpha1::ConfirmationStatus& asked, const std::string& stack,
                               const std::string& server);

}    // namespace trueup::cli
