// SPDX-License-Identifier: Apache-2.0
// What a project may cost at most, all of it; base/yaml.hpp has what one file may. docs/compose.md is made
// from these numbers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace trueup::compose {

struct Limits {
    // Counted while a project is loaded.
    std::size_t files = 500;    // compose files read, each time they are
    std::size_t include_depth = 16;
    std::size_t extends_depth = 32;
    std::size_t services = 10'000;
    std::size_t values = 1'000'000;             // of all files, with everything that extends copies
    std::size_t variable_bytes = 16U << 20U;    // of env, label and variable files together

    // Of one thing.
    static constexpr std::size_t read_bytes = 1U << 20U;    // any file that is read: env, seccomp…
    static constexpr std::size_t assigned_bytes = 4U << 20U;     // values of one variable file
    static constexpr int variable_depth = 20;                    // ${A:-${B:-…}}
    static constexpr std::size_t value_bytes = 1U << 20U;        // with its variables put in
    static constexpr std::size_t document_bytes = 16U << 20U;    // of such values together
    static constexpr std::size_t ports = 100'000;                // of a project, ranges written out
    static constexpr std::int64_t replicas = 1'000;
    static constexpr std::size_t problems = 200;    // told, of more the number
};

}    // namespace trueup::compose
