// SPDX-License-Identifier: Apache-2.0
// Files of variables: never throws or hangs, and a problem says something.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "controller/compose/dotenv.hpp"
#include "tests/fuzz/lookup.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto variables = trueup::compose::parse_dotenv(text, ".env", trueup::fuzz::lookup);
    if (!variables && variables.error().message().empty()) std::abort();
    return 0;
}
