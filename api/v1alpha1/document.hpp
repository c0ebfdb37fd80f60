// SPDX-License-Identifier: Apache-2.0
// What every kind of document has in common: apiVersion, kind, no tags; problems as one error.
#pragma once

#include <string_view>

#include "api/v1alpha1/reader.hpp"
#include "controller/base/result.hpp"

namespace trueup::v1alpha1 {

inline constexpr std::string_view stack_kind = "Stack";
inline constexpr std::string_view configuration_kind = "ControllerConfiguration";

// apiVersion is ours and kind is `kind`; another kind of ours is told where it belongs.
void check_type(Reader& document, std::string_view kind);

// A tag such as !override would be dropped silently otherwise.
void refuse_tags(const yaml::Node& node, Problems& problems);

// In the order of the file's lines; a hundred, and how many more there are.
Error to_error(Problems problems);

// "what is wrong (what to do)", the form of a rule's error, as message and advice.
Problem to_problem(const Position& position, std::string_view where, std::string_view text);

}    // namespace trueup::v1alpha1
