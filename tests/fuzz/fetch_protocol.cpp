// SPDX-License-Identifier: Apache-2.0
// What the git child reads and what its answer may be: never throws; a request that is accepted
// comes back equal.
#include "controller/source/fetch_protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto request = trueup::source::parse_request(text);
    if (request) {
        const auto again = trueup::source::parse_request(trueup::source::to_text(*request));
        if (!again || !(*again == *request)) std::abort();
    }
    const auto answer = trueup::source::parse_answer(text);
    if (answer && answer->empty()) std::abort();
    const auto told = trueup::source::parse_answer(trueup::source::to_text(answer));
    if (static_cast<bool>(told) != static_cast<bool>(answer)) std::abort();
    return 0;
}
