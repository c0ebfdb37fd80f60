// SPDX-License-Identifier: Apache-2.0
// Reads a tar header by header (ustar fields and GNU long names), not with the library that wrote it.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace trueup::test {

struct TarEntry {
    std::string name;
    char type = '0';    // 0 file, 2 symlink, 5 directory
    unsigned mode = 0;
    long modified = 0;
    long user = 0;
    long group = 0;
    std::string user_name;
    std::string magic;    // "ustar  " is GNU's
    std::string link;
    std::string content;
};

inline std::string tar_text(std::string_view field) {
    return std::string(field.substr(0, field.find('\0')));
}

inline long tar_number(std::string_view field) {
    return std::strtol(tar_text(field).c_str(), nullptr, 8);
}

inline std::vector<TarEntry> read_tar(const std::string& bytes) {
    std::vector<TarEntry> entries;
    std::string long_name;
    std::string long_link;
    std::size_t at = 0;
    while (at + 512 <= bytes.size()) {
        const std::string_view header(bytes.data() + at, 512);
        if (header.find_first_not_of('\0') == std::string_view::npos) break;
        at += 512;
        const auto size = static_cast<std::size_t>(tar_number(header.substr(124, 12)));
        if (at + size > bytes.size()) throw std::runtime_error("the tar breaks off");
        std::string content = bytes.substr(at, size);
        at += (size + 511) / 512 * 512;
        const char type = header[156];
        if (type == 'L' || type == 'K') {
            (type == 'L' ? long_name : long_link) = tar_text(content);
            continue;
        }
        TarEntry entry;
        entry.name = long_name.empty() ? tar_text(header.substr(0, 100)) : long_name;
        entry.type = type;
        entry.mode = static_cast<unsigned>(tar_number(header.substr(100, 8)));
        entry.user = tar_number(header.substr(108, 8));
        entry.group = tar_number(header.substr(116, 8));
        entry.modified = tar_number(header.substr(136, 12));
        entry.magic = tar_text(header.substr(257, 8));
        entry.user_name = tar_text(header.substr(265, 32));
        entry.link = long_link.empty() ? tar_text(header.substr(157, 100)) : long_link;
        entry.content = std::move(content);
        entries.push_back(std::move(entry));
        long_name.clear();
        long_link.clear();
    }
    return entries;
}

}    // namespace trueup::test
