// SPDX-License-Identifier: Apache-2.0
// Git urls: never throws; what is accepted has no word that a program could take for an option, and
// no message repeats a password.
#include "api/v1alpha1/git_url.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using trueup::v1alpha1::GitScheme;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto url = trueup::v1alpha1::parse_git_url(text);
    if (!url) return url.error().message().empty() ? (std::abort(), 0) : 0;
    const auto control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; };
    if (std::any_of(url->path.begin(), url->path.end(), control)) std::abort();
    if (url->remote() == url->host_name().empty()) std::abort();
    if (url->scheme != GitScheme::ssh) return url->user.empty() ? 0 : (std::abort(), 0);
    for (const std::string_view word :
         {std::string_view(url->user), url->host_name(), std::string_view(url->path)}) {
        if (word.starts_with('-')) std::abort();
    }
    if (url->user.find_first_of(":@") != url->user.npos || url->path.empty()) std::abort();
    return 0;
}
