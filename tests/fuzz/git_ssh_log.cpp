// SPDX-License-Identifier: Apache-2.0
// ssh's log, in which the server's own words stand: never throws, and what is told of it is short
// and one line.
#include "controller/source/git_ssh_log.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/base/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace trueup;
    const std::string_view log(reinterpret_cast<const char*>(data), size);
    static const v1alpha1::GitUrl url = *v1alpha1::parse_git_url("ssh://git@host:2222/shop");
    source::GitCredential credential;
    credential.name = "shop-git";
    credential.secret = "hunter2";
    if (size % 2 == 0) credential.private_key = "/key";
    if (size % 3 == 0) credential.known_hosts = "/known_hosts";
    const Error error = source::ssh_error(url, "git", credential, log);
    const std::string& message = error.message();
    if (message.empty() || message.size() > 4'000) std::abort();
    if (std::any_of(message.begin(), message.end(),
                    [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; })) {
        std::abort();
    }
    if (base::find_invalid_utf8(message)) std::abort();
    static_cast<void>(source::ssh_stage(log));
    return 0;
}
