// SPDX-License-Identifier: Apache-2.0
// The engine's JSON: whatever an answer holds, every reader of it gives a value or an error with a
// message.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/engine/codec.hpp"

namespace {

namespace codec = trueup::engine::codec;

template <class T>
bool explained(const trueup::Result<T>& result) {
    return result.has_value() || !result.error().message().empty();
}

bool consistent(std::string_view text) {
    const auto container = codec::container(text);
    if (container && container->id.empty()) return false;
    const auto created = codec::created_id(text);
    if (created && created->empty()) return false;
    const auto image = codec::image(text);
    if (image && image->id.empty()) return false;
    const auto object = codec::object(text);
    return explained(object) && explained(container) && explained(created) && explained(image);
}

}    // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (!consistent(text)) std::abort();
    if (!explained(codec::containers(text)) || !explained(codec::networks(text)) ||
        !explained(codec::volumes(text)) || !explained(codec::images(text)) ||
        !explained(codec::changes(text)) || !explained(codec::info(text)) ||
        !explained(codec::event(text))) {
        std::abort();
    }
    const auto error = codec::error_of(500, text, "asking");
    if (!error.message().starts_with("asking: ")) std::abort();
    codec::status_text(text);
    return 0;
}
