// SPDX-License-Identifier: Apache-2.0
// Pieces of text that the table and the description of a stack share. Pure.
#pragma once

#include <string>
#include <string_view>

#include "api/cli/output.hpp"
#include "api/cli/table.hpp"
#include "api/v1alpha1/stack.hpp"

namespace trueup::cli {

// "9f3c1e2"; "" stays "".
std::string short_commit(std::string_view commit);
// "True", "False" or "Unknown" in its colour; a condition that was never set is Unknown.
Cell condition_cell(const v1alpha1::StackStatus& status, std::string_view type);
Seconds age_of(SystemTime time, const Look& look);
// Every line moved right.
std::string indent_lines(std::string_view text, std::size_t spaces);

}    // namespace trueup::cli
