// SPDX-License-Identifier: Apache-2.0
// Sizes, durations and numbers as the Compose Specification writes them, and as Go prints them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "controller/model/project.hpp"

namespace trueup::compose {

// "1.5gb", "64m", "1024": binary units of one letter with or without "b" ("Specifying byte values").
std::optional<std::int64_t> parse_bytes(std::string_view text);

// "1w2d", "1m30s", "500ms" ("Specifying durations"); never negative. A bare number is none.
std::optional<model::Duration> parse_duration(std::string_view text);
// "1m30s", "1h0m0s", "1.5s": what Compose prints.
std::string format_duration(model::Duration duration);

// A number with digits, sign, point and exponent only.
std::optional<double> parse_real(std::string_view text);
// Decimal, no spaces.
std::optional<std::int64_t> parse_integer(std::string_view text);

// Go's %v of a float64 and of a float32: the shortest digits that read back the same.
std::string format_double(double value);
std::string format_float(float value);

// y, yes, on, true and their opposites, in any case.
std::optional<bool> parse_flag(std::string_view text);

}    // namespace trueup::compose
