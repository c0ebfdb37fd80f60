// SPDX-License-Identifier: Apache-2.0
// What the archive API gives of a seat's container: an owner key, or an error that repeats nothing of
// it. A key that is found survives being packed again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/engine/seat_key.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace trueup;
    const std::string_view tar(reinterpret_cast<const char*>(data), size);
    const auto key = engine::unpack_key(tar);
    if (!key) {
        if (key.error() != Error(Errc::invalid, "it holds no owner key")) std::abort();
        return 0;
    }
    if (!engine::is_owner_key(*key)) std::abort();
    const auto packed = engine::pack_key(*key);
    if (!packed) std::abort();
    const auto again = engine::unpack_key(*packed);
    if (!again || *again != *key) std::abort();
    return 0;
}
