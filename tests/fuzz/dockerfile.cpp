// SPDX-License-Identifier: Apache-2.0
// Dockerfiles: never throws, every stage has a base, and a problem says where it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/dockerfile/parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = trueup::dockerfile::parse(text, "Dockerfile", {{"VERSION", "1.2"}});
    if (!parsed) {
        if (parsed.error().problems().empty()) std::abort();
        return 0;
    }
    if (parsed->stages.empty()) std::abort();
    for (const auto& stage : parsed->stages) {
        if (stage.base.empty() && stage.unresolved.empty()) std::abort();
        for (const auto& instruction : stage.instructions) {
            if (instruction.name.empty() || instruction.position.line == 0) std::abort();
        }
    }
    for (const auto& image : trueup::dockerfile::base_images(*parsed, "Dockerfile")) {
        if (image.reference.empty()) std::abort();
    }
    return 0;
}
