// SPDX-License-Identifier: Apache-2.0
// Headers of byte code, byte by byte (PEP 552).
#pragma once

#include <cstdint>
#include <string>

namespace trueup::test {

inline std::string pyc_head(std::uint16_t magic, std::uint32_t flags, std::uint32_t first,
                            std::uint32_t second) {
    std::string head;
    const auto add = [&](std::uint32_t number, int bytes) {
        for (int at = 0; at < bytes; ++at) head += static_cast<char>((number >> (8 * at)) & 0xffU);
    };
    add(magic, 2);
    head += "\r\n";
    add(flags, 4);
    add(first, 4);
    add(second, 4);
    return head;
}

}    // namespace trueup::test
