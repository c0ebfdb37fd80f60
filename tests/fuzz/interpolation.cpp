// SPDX-License-Identifier: Apache-2.0
// ${VARIABLES} in values: never throws or hangs, and what is printed with doubled dollars is read back as it
// was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "controller/compose/interpolate.hpp"
#include "tests/fuzz/lookup.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto substituted = trueup::compose::substitute(text, trueup::fuzz::lookup);
    if (!substituted && substituted.error().message().empty()) std::abort();
    std::string doubled;
    for (const char letter : text) doubled += letter == '$' ? "$$" : std::string(1, letter);
    const auto same = trueup::compose::substitute(doubled, trueup::fuzz::lookup);
    if (!same || same->text != text) std::abort();
    return 0;
}
