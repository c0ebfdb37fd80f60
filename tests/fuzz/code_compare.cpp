// SPDX-License-Identifier: Apache-2.0
// Two trees of files, three bytes a file: what an image brought along is never a difference of its
// container, what is told is never more than what was counted, and equal trees are fresh.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "controller/code/scan.hpp"

namespace {

namespace code = trueup::code;
using trueup::model::CodeStatus;

std::string path_of(unsigned char byte) {
    const char* const endings[] = {".py", ".txt", ".sh", "\n\xFF.py"};
    return std::string("/srv/") + (byte & 8U ? "a/" : "") + std::to_string(byte >> 4U) +
           endings[byte & 3U];
}

}    // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    code::ExpectedCode expected;
    code::FoundFiles found;
    code::FoundFiles same;
    expected.ignore = {"/srv/a/1*"};
    for (std::size_t at = 0; at + 2 < size; at += 3) {
        const std::string path = path_of(data[at]);
        const std::string id(40, static_cast<char>('a' + data[at + 1] % 4));
        const unsigned flags = data[at + 2];
        const bool executable = (flags & 1U) != 0;
        const bool symlink = (flags & 2U) != 0;
        if ((flags & 4U) != 0) {
            expected.files[path] = {id, path.substr(1), executable, symlink, (flags & 8U) != 0};
            same[path].object_id = id;
            same[path].executable = executable;
            same[path].symlink = symlink;
        } else {
            found[path].object_id = id;
            found[path].executable = executable;
            found[path].symlink = symlink;
        }
    }
    const auto compared = code::compare(expected, found, nullptr);
    const auto& state = compared.state;
    if (state.difference_count < state.differences.size() || state.differences.size() > 20)
        std::abort();
    if (compared.apart.difference_count > state.difference_count) std::abort();
    auto known = code::compare(expected, found, &compared.of_build);
    if (known.state != compared.apart) std::abort();
    const bool stale = state.status == CodeStatus::stale;
    if (!expected.files.empty() && stale != (state.difference_count > 0)) std::abort();
    const auto equal = code::compare(expected, same, nullptr).state;
    if (equal.difference_count != 0 ||
        (equal.status == CodeStatus::fresh) == expected.files.empty())
        std::abort();
    return 0;
}
