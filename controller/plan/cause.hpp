// SPDX-License-Identifier: Apache-2.0
// Why something is done, or would be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trueup::plan {

// Design: "Identity and drift". The values are stable; text and metrics use the names.
enum class Drift : std::uint8_t {
    revision = 1,
    config = 2,
    image = 3,
    code = 4,
    bytecode = 5,
    process = 6,
    content = 7,
    runtime = 8,
    state = 9,
    orphan = 10,
};
std::string_view to_string(Drift drift);

struct Cause {
    Drift drift = Drift::state;
    std::string text;    // for a person: "app/main.py differs from 9f3c1e2"

    bool operator==(const Cause&) const = default;
};

}    // namespace trueup::plan
