// SPDX-License-Identifier: Apache-2.0
// ssh's log of an engine's host, in which the host's own words stand: one line that can be shown.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/base/text.hpp"
#include "controller/engine/ssh_connection.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace trueup;
    const std::string_view log(reinterpret_cast<const char*>(data), size);
    static const engine::Address address = *engine::parse_address("ssh://deploy@host:2222");
    engine::SshOptions options;
    if (size % 2 == 0) options.identity_file = "/key";
    if (size % 3 == 0) options.known_hosts_file = "/known_hosts";
    const std::string message =
        engine::ssh_engine_error(address, options, log, "GET /_ping").message();
    if (message.empty() || message.size() > 4'000) std::abort();
    if (std::any_of(message.begin(), message.end(),
                    [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; })) {
        std::abort();
    }
    if (base::find_invalid_utf8(message)) std::abort();
    return 0;
}
