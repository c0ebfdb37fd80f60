// SPDX-License-Identifier: Apache-2.0
// Short forms, sizes, durations, numbers and shell words: never throws or hangs.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "controller/compose/shell_words.hpp"
#include "controller/compose/short_forms.hpp"
#include "controller/compose/units.hpp"

using namespace trueup::compose;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    trueup::yaml::Node node;
    node.kind = trueup::yaml::Kind::scalar;
    node.text = std::string(text);
    const auto ports = expand_port(node);
    if (!ports && ports.error().message().empty()) std::abort();
    const auto volume = expand_volume(node);
    if (!volume && volume.error().message().empty()) std::abort();
    const auto device = expand_device(node);
    if (!device && device.error().message().empty()) std::abort();
    const auto words = split_words(text);
    if (!words && words.error().message().empty()) std::abort();
    const auto bytes = parse_bytes(text);
    if (bytes && *bytes < 0) std::abort();
    const auto duration = parse_duration(text);
    // What is printed is read back as it was.
    if (duration && parse_duration(format_duration(*duration)) != duration) std::abort();
    const auto real = parse_real(text);
    if (real && format_double(*real).empty()) std::abort();
    parse_integer(text);
    parse_flag(text);
    return 0;
}
