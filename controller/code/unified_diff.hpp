// SPDX-License-Identifier: Apache-2.0
// Two texts as a unified diff, as `diff -u` prints it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trueup::code {

// Valid UTF-8 without NUL.
bool is_text(std::string_view content);

// "--- a\n+++ b\n@@ -1,3 +1,3 @@\n…" with three lines around each change; "" when they are equal. A last
// line without its end is marked as git marks it. Texts that differ in more than 2000 lines: their
// whole content, once taken away and once added.
std::string unified_diff(std::string_view before, std::string_view after,
                         const std::string& before_name, const std::string& after_name);

}    // namespace trueup::code
