// SPDX-License-Identifier: Apache-2.0
// Ports, volumes and devices as one text each: never throws or hangs, and a problem says something.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "controller/compose/short_forms.hpp"

using namespace trueup::compose;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    trueup::yaml::Node node;
    node.kind = trueup::yaml::Kind::scalar;
    node.text = std::string(reinterpret_cast<const char*>(data), size);
    const auto ports = expand_port(node);
    if (!ports && ports.error().message().empty()) std::abort();
    const auto volume = expand_volume(node);
    if (!volume && volume.error().message().empty()) std::abort();
    const auto device = expand_device(node);
    if (!device && device.error().message().empty()) std::abort();
    return 0;
}
