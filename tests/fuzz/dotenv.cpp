// SPDX-License-Identifier: Apache-2.0
// Files of variables: never throws or hangs, and a problem says something.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "controller/compose/dotenv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const trueup::compose::Lookup lookup =
        [](const std::string& name) -> std::optional<std::string> {
        if (name == "EMPTY") return std::string();
        return name.starts_with("S") ? std::optional(name + "$value") : std::nullopt;
    };
    const auto variables = trueup::compose::parse_dotenv(text, ".env", lookup);
    if (!variables && variables.error().message().empty()) std::abort();
    return 0;
}
