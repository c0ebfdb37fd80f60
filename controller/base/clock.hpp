// SPDX-License-Identifier: Apache-2.0
// Time is an input. Pure code takes `now` as an argument; the rest asks a Clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace trueup::base {

using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
using SystemTime = std::chrono::system_clock::time_point;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
public:
    virtual ~Clock() = default;
    virtual SystemTime now() const = 0;       // wall clock, UTC: for people and files
    virtual SteadyTime steady() const = 0;    // never jumps: for deadlines and ages
};

// The machine's clocks; lives for the whole process.
const Clock& machine_clock();

// "2026-11-24T10:15:00Z" (RFC 3339, UTC, whole seconds), as Kubernetes writes times.
std::string to_rfc3339(SystemTime time);
// Of any offset and fraction, "2026-11-24T11:15:00.123456789+01:00"; nothing for anything else.
std::optional<SystemTime> parse_rfc3339(std::string_view text);

}    // namespace trueup::base

namespace trueup {
using base::Clock;
using base::Milliseconds;
using base::Seconds;
using base::SteadyTime;
using base::SystemTime;
}    // namespace trueup
