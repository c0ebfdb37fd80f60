// SPDX-License-Identifier: Apache-2.0
#include "api/http/target.hpp"

#include "controller/base/text.hpp"

namespace trueup::http {
namespace {

int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

std::optional<std::string> decode(std::string_view text) {
    std::string decoded;
    for (std::size_t index = 0; index < text.size(); ++index) {
        char byte = text[index];
        if (byte == '%') {
            const int high = index + 2 < text.size() ? hex_digit(text[index + 1]) : -1;
            const int low = index + 2 < text.size() ? hex_digit(text[index + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            byte = static_cast<char>(high * 16 + low);
            index += 2;
        }
        if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F) return std::nullopt;
        decoded += byte;
    }
    if (base::find_invalid_utf8(decoded)) return std::nullopt;
    return decoded;
}

}    // namespace

const std::string* Target::find(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? nullptr : &found->second;
}

std::string Target::value(const std::string& name) const {
    const std::string* found = find(name);
    return found == nullptr ? std::string() : *found;
}

std::optional<Target> parse_target(std::string_view text) {
    if (!text.starts_with('/')) return std::nullopt;
    Target target;
    const std::size_t mark = text.find('?');
    std::string_view path = text.substr(1, mark == std::string_view::npos ? mark : mark - 1);
    if (path.ends_with('/')) path.remove_suffix(1);
    if (!path.empty()) {
        for (const std::string_view segment : base::split(path, '/')) {
            auto decoded = decode(segment);
            if (!decoded) return std::nullopt;
            target.path.push_back(std::move(*decoded));
        }
    }
    if (mark == std::string_view::npos) return target;
    for (const std::string_view pair : base::split(text.substr(mark + 1), '&')) {
        const std::size_t equals = pair.find('=');
        auto name = decode(pair.substr(0, equals));
        auto value =
            decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
        if (!name || !value) return std::nullopt;
        target.query[*name] = std::move(*value);
    }
    return target;
}

}    // namespace trueup::http
