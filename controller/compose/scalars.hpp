// SPDX-License-Identifier: Apache-2.0
// What a scalar of a YAML file is: quoted text is a string whatever it looks like, plain text may be a
// number or a boolean (YAML 1.2 core schema, with the octal and binary numbers that Go's reader takes).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "controller/base/yaml.hpp"

namespace trueup::compose {

enum class ScalarType : std::uint8_t { string, boolean, integer, real };
ScalarType type_of(const yaml::Node& node);
// "a string", "a number", "true or false", "a list"…: for messages.
std::string_view describe(const yaml::Node& node);

// A scalar as the text that lands in an environment: plain `true`, `0x10`, `0755`, `1.50` and `1e3`
// become "true", "16", "493", "1.5" and "1000"; quoted text stays.
std::string scalar_text(const yaml::Node& node);

// Of a plain number in any base; nothing for anything else, or when it needs more than 64 bits.
std::optional<std::int64_t> scalar_integer(const yaml::Node& node);
std::optional<double> scalar_real(const yaml::Node& node);

// A mapping's key that YAML does not take for a string: `1: x`, `true: x`.
bool is_string_key(const yaml::Entry& entry);

}    // namespace trueup::compose
