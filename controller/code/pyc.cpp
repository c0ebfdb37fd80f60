// SPDX-License-Identifier: Apache-2.0
#include "controller/code/pyc.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace trueup::code {
namespace {

constexpr std::size_t header_size = 16;
constexpr std::string_view cache_folder = "__pycache__";
constexpr std::string_view ending = ".pyc";

constexpr std::array<std::pair<std::uint16_t, std::string_view>, 6> releases{
    {{3413, "cpython-38"},
     {3425, "cpython-39"},
     {3439, "cpython-310"},
     {3495, "cpython-311"},
     {3531, "cpython-312"},
     {3571, "cpython-313"}}};

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t number = 0;
    for (std::size_t at = bytes.size(); at > 0; --at)
        number = (number << 8U) | static_cast<unsigned char>(bytes[at - 1]);
    return number;
}

// Cuts the last part, with its dot, from `name`; nothing where there is no dot behind its first
// letter.
std::optional<std::string> cut_last_part(std::string_view& name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return std::nullopt;
    std::string part(name.substr(dot + 1));
    name = name.substr(0, dot);
    return part;
}

}    // namespace

PycHeader read_pyc_header(std::string_view head) {
    PycHeader header;
    if (head.size() < 4) return header;
    header.form = PycForm::no_magic;
    if (head.substr(2, 2) != "\r\n") return header;
    header.magic = static_cast<std::uint16_t>(little_endian(head.substr(0, 2)));
    header.form = PycForm::truncated;
    if (head.size() < header_size) return header;
    const std::uint64_t flags = little_endian(head.substr(4, 4));
    header.form = PycForm::unknown_flags;
    if ((flags & ~std::uint64_t(3)) != 0) return header;
    if ((flags & 1U) != 0) {
        header.form = (flags & 2U) != 0 ? PycForm::checked_hash : PycForm::unchecked_hash;
        header.source_hash = little_endian(head.substr(8, 8));
        return header;
    }
    header.form = PycForm::timestamp;
    header.mtime = static_cast<std::uint32_t>(little_endian(head.substr(8, 4)));
    header.size = static_cast<std::uint32_t>(little_endian(head.substr(12, 4)));
    return header;
}

std::string_view tag_of_magic(std::uint16_t magic) {
    for (const auto& [number, tag] : releases) {
        if (number == magic) return tag;
    }
    return {};
}

std::optional<PycName> read_pyc_name(std::string_view path) {
    if (!path.ends_with(ending)) return std::nullopt;
    path.remove_suffix(ending.size());
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos || slash + 1 == path.size()) return std::nullopt;
    std::string_view folder = path.substr(0, slash);
    std::string_view name = path.substr(slash + 1);
    PycName found;
    found.cached = folder.ends_with(fmt::format("/{}", cache_folder));
    if (found.cached) {
        folder.remove_suffix(cache_folder.size() + 1);
        constexpr std::string_view mark = "opt-";
        auto part = cut_last_part(name);
        if (part && part->starts_with(mark)) {
            found.optimization = part->substr(mark.size());
            part = cut_last_part(name);
        }
        if (!part || part->empty()) return std::nullopt;
        found.tag = std::move(*part);
    }
    found.source = fmt::format("{}/{}.py", folder, name);
    return found;
}

}    // namespace trueup::code
