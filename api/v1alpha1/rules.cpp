// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/rules.hpp"

#include <algorithm>

#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

constexpr std::size_t longest_name = 63;

bool is_lower(char byte) { return byte >= 'a' && byte <= 'z'; }
bool is_upper(char byte) { return byte >= 'A' && byte <= 'Z'; }
bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
bool is_hex_digit(char byte) {
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
    return std::all_of(text.begin(), text.end(), predicate);
}

bool is_ref_part(std::string_view part) {
    return !part.empty() && !part.starts_with('.') && !part.ends_with(".lock");
}

}    // namespace

bool is_label(std::string_view text) {
    const auto inner = [](char byte) { return is_lower(byte) || is_digit(byte) || byte == '-'; };
    return !text.empty() && text.size() <= longest_name && all(text, inner) &&
           text.front() != '-' && text.back() != '-';
}

bool is_project_name(std::string_view text) {
    const auto inner = [](char byte) {
        return is_lower(byte) || is_digit(byte) || byte == '-' || byte == '_';
    };
    return !text.empty() && text.size() <= longest_name && all(text, inner) &&
           text.front() != '-' && text.front() != '_';
}

bool is_profile_name(std::string_view text) {
    const auto first = [](char byte) { return is_lower(byte) || is_upper(byte) || is_digit(byte); };
    const auto inner = [&](char byte) {
        return first(byte) || byte == '_' || byte == '.' || byte == '-';
    };
    return text.size() >= 2 && first(text.front()) && all(text, inner);
}

bool is_variable_name(std::string_view text) {
    const auto inner = [](char byte) {
        return is_lower(byte) || is_upper(byte) || is_digit(byte) || byte == '_';
    };
    return !text.empty() && !is_digit(text.front()) && all(text, inner);
}

bool is_commit_id(std::string_view text) { return text.size() == 40 && all(text, is_hex_digit); }

bool is_hex(std::string_view text) { return text.size() >= 4 && all(text, is_hex_digit); }

bool is_branch_name(std::string_view text) {
    if (text.empty() || text.size() > 255 || text == "@" || text.starts_with('-') ||
        text.ends_with('.'))
        return false;
    if (text.find("..") != text.npos || text.find("@{") != text.npos) return false;
    constexpr std::string_view forbidden = " ~^:?*[\\";
    const auto allowed = [&](char byte) {
        return static_cast<unsigned char>(byte) > 0x20 && byte != 0x7F &&
               forbidden.find(byte) == forbidden.npos;
    };
    if (!all(text, allowed)) return false;
    const auto parts = base::split(text, '/');
    return std::all_of(parts.begin(), parts.end(), is_ref_part);
}

}    // namespace trueup::v1alpha1
