// SPDX-License-Identifier: Apache-2.0
// Stack files: never throws, and what was read survives the way through JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/v1alpha1/codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto stacks = trueup::v1alpha1::parse_stacks(text, "stack.yaml");
    if (!stacks) {
        if (stacks.error().message().empty()) std::abort();
        return 0;
    }
    for (trueup::v1alpha1::Stack stack : *stacks) {
        const auto back = trueup::v1alpha1::from_json(trueup::v1alpha1::to_json(stack));
        stack.position = trueup::Position();
        stack.engine_position = trueup::Position();
        if (!back || !(*back == stack)) std::abort();
    }
    return 0;
}
