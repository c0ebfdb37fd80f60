// SPDX-License-Identifier: Apache-2.0
// A command as one text: never throws or hangs, and words have no letters that the text has not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "controller/compose/shell_words.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto words = trueup::compose::split_words(text);
    if (!words) {
        if (words.error().message().empty()) std::abort();
        return 0;
    }
    std::size_t letters = 0;
    for (const std::string& word : *words) letters += word.size();
    if (letters > size) std::abort();
    return 0;
}
