// SPDX-License-Identifier: Apache-2.0
// Durations, sizes and numbers: never throws or hangs, and what is printed is read back as it was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "controller/compose/units.hpp"

using namespace trueup::compose;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto bytes = parse_bytes(text);
    if (bytes && *bytes < 0) std::abort();
    const auto duration = parse_duration(text);
    if (duration && parse_duration(format_duration(*duration)) != duration) std::abort();
    const auto real = parse_real(text);
    if (real && format_double(*real).empty()) std::abort();
    parse_integer(text);
    parse_flag(text);
    return 0;
}
