// SPDX-License-Identifier: Apache-2.0
// The controller's configuration: never throws, and a refusal says why.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/v1alpha1/configuration.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    trueup::v1alpha1::is_configuration(text);
    const auto read = trueup::v1alpha1::parse_configuration(text, "/etc/trueup/config.yaml");
    if (!read && read.error().message().empty()) std::abort();
    return 0;
}
