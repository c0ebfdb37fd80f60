// SPDX-License-Identifier: Apache-2.0
// The rules of single values, each of its own. Pure text predicates; messages are the codec's.
#pragma once

#include <string_view>

namespace trueup::v1alpha1 {

// RFC 1123 label, as Kubernetes object names: a-z, 0-9 and inner "-", at most 63 bytes.
bool is_label(std::string_view text);
// Compose's project rule: [a-z0-9][a-z0-9_-]*, at most 63 bytes (it becomes part of container
// names, which Docker's DNS cuts there).
bool is_project_name(std::string_view text);
// Compose's profile rule: [a-zA-Z0-9][a-zA-Z0-9_.-]+
bool is_profile_name(std::string_view text);
// [A-Za-z_][A-Za-z0-9_]*
bool is_variable_name(std::string_view text);
// 40 lower- or upper-case hexadecimal digits; `is_hex` any number of at least 4 (an abbreviation).
bool is_commit_id(std::string_view text);
bool is_hex(std::string_view text);
// What git-check-ref-format(1) allows below refs/heads/.
bool is_branch_name(std::string_view text);

}    // namespace trueup::v1alpha1
