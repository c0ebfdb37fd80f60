// SPDX-License-Identifier: Apache-2.0
// A build's or a pull's stream: the same is told however the bytes are cut, and the same error and
// image come out of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/engine/progress.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    // The first byte is the size of the pieces.
    const std::size_t step = data[0] + 1U;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    trueup::engine::ProgressReader whole;
    const auto expected = whole.feed(text);
    trueup::engine::ProgressReader cut;
    std::vector<std::string> told;
    for (std::size_t at = 0; at < text.size(); at += step) {
        const auto lines = cut.feed(text.substr(at, step));
        told.insert(told.end(), lines.begin(), lines.end());
    }
    if (told != expected || cut.error() != whole.error() || cut.image_id() != whole.image_id())
        std::abort();
    return 0;
}
