// SPDX-License-Identifier: Apache-2.0
// Tars out of containers, which a process in the container can shape: every path found lies below
// the place that was asked for, and carries an object id.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "controller/code/scan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::size_t at = 0;
    const auto read = [&](char* buffer, std::size_t space) {
        const std::size_t count = std::min(space, size - at);
        if (count > 0) std::memcpy(buffer, data + at, count);
        at += count;
        return static_cast<long>(count);
    };
    trueup::code::FoundFiles found;
    const auto scanned = trueup::code::scan_tar("/srv/app", read, found);
    if (!scanned && scanned.error().message().empty()) std::abort();
    for (const auto& [path, file] : found) {
        if (!path.starts_with("/srv/") || file.object_id.size() != 40) std::abort();
        if (path.find("/../") != std::string::npos || path.ends_with("/..")) std::abort();
    }
    return 0;
}
