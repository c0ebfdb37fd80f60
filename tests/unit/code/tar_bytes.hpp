// SPDX-License-Identifier: Apache-2.0
// Tar archives byte by byte, in the dialects that engines write (POSIX.1-1988 ustar, pax of
// POSIX.1-2001 as Go's archive/tar writes it, GNU long names), so that a reader is not tested with
// the library it is made of.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace trueup::test {

class TarBytes {
public:
    TarBytes& directory(const std::string& name) { return entry('5', name, "", 0755, ""); }
    TarBytes& file(const std::string& name, std::string_view content, unsigned mode = 0644) {
        return entry('0', name, "", mode, content);
    }
    // The mtime of the entries that follow, in unix seconds.
    TarBytes& at(std::uint64_t mtime) {
        mtime_ = mtime;
        return *this;
    }
    TarBytes& symlink(const std::string& name, const std::string& target) {
        return entry('2', name, target, 0777, "");
    }
    TarBytes& hard_link(const std::string& name, const std::string& target) {
        return entry('1', name, target, 0644, "");
    }
    TarBytes& fifo(const std::string& name) { return entry('6', name, "", 0644, ""); }

    // Applies to the next entry: "path", "linkpath", …
    TarBytes& pax(const std::string& key, const std::string& value) {
        const std::string rest = " " + key + "=" + value + "\n";
        // The length counts its own digits.
        std::size_t length = rest.size() + 1;
        while (std::to_string(length).size() + rest.size() != length) ++length;
        return entry('x', "PaxHeaders.0/next", "", 0644, std::to_string(length) + rest);
    }
    TarBytes& gnu_long_name(const std::string& name) {
        return entry('L', "././@LongLink", "", 0, name + std::string(1, '\0'));
    }
    TarBytes& gnu_long_link(const std::string& target) {
        return entry('K', "././@LongLink", "", 0, target + std::string(1, '\0'));
    }

    // Without the end marks, for archives that break off.
    const std::string& open_bytes() const { return bytes_; }
    std::string bytes() const { return bytes_ + std::string(1024, '\0'); }

private:
    TarBytes& entry(char type, const std::string& name, const std::string& link, unsigned mode,
                    std::string_view content) {
        std::string header(512, '\0');
        const auto put = [&](std::size_t at, std::string_view text) {
            header.replace(at, text.size(), text);
        };
        put(0, name.substr(0, 100));
        put(100, fmt::format("{:07o}", mode));
        put(108, "0000000");
        put(116, "0000000");
        put(124, fmt::format("{:011o}", content.size()));
        put(136, fmt::format("{:011o}", mtime_));
        put(148, "        ");
        put(156, std::string(1, type));
        put(157, link.substr(0, 100));
        put(257, std::string("ustar\0", 6) + "00");
        unsigned sum = 0;
        for (const char byte : header) sum += static_cast<unsigned char>(byte);
        put(148, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
        bytes_ += header;
        bytes_ += content;
        bytes_.resize((bytes_.size() + 511) / 512 * 512, '\0');
        return *this;
    }

    std::string bytes_;
    std::uint64_t mtime_ = 0;
};

}    // namespace trueup::test
