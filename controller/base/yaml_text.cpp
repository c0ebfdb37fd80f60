// SPDX-License-Identifier: Apache-2.0
#include "controller/base/yaml_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.hpp"

namespace trueup::base::yaml {
namespace {

Position position_at(std::string_view text, std::size_t offset, const std::string& file) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t line_start = before.rfind('\n');
    Position position;
    position.file = file;
    position.line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1);
    position.column = static_cast<std::uint32_t>(
        offset - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1);
    return position;
}

std::optional<std::size_t> find_control_character(std::string_view text) {
    for (std::size_t index = 0; index < text.size(); ++index) {
        const auto byte = static_cast<unsigned char>(text[index]);
        if ((byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F)
            return index;
    }
    return std::nullopt;
}

}    // namespace

std::optional<Problem> check_text(std::string_view text, const std::string& file,
                                  const Limits& limits) {
    if (text.size() > limits.bytes) {
        return Problem{Position{file, 0, 0},
                       fmt::format("{} bytes long, the limit is {}", text.size(), limits.bytes),
                       "is this the right file?"};
    }
    if (const auto invalid = find_invalid_utf8(text)) {
        return Problem{position_at(text, *invalid, file), "this is not valid UTF-8",
                       "save the file as UTF-8 text"};
    }
    if (const auto control = find_control_character(text)) {
        return Problem{position_at(text, *control, file),
                       "a control character: this is not a text file", "is this the right file?"};
    }
    return std::nullopt;
}

std::optional<Position> find_tab(std::string_view text, std::uint32_t number,
                                 const std::string& file) {
    const auto lines = split(text, '\n');
    for (std::uint32_t candidate = number; candidate > 0 && candidate + 1 >= number; --candidate) {
        if (candidate > lines.size()) continue;
        const std::string_view line = lines[candidate - 1];
        const std::size_t first = line.find_first_not_of(' ');
        if (first != std::string_view::npos && line[first] == '\t') {
            return Position{file, candidate, static_cast<std::uint32_t>(first + 1)};
        }
    }
    return std::nullopt;
}

}    // namespace trueup::base::yaml
