// SPDX-License-Identifier: Apache-2.0
// Longest first, so that a value which contains another one leaves nothing of itself behind.
#include "controller/rollout/mask.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include "controller/base/text.hpp"

namespace trueup::rollout {
namespace {

constexpr std::string_view hidden = "***";
constexpr std::size_t shortest_anywhere = 4;
constexpr std::size_t longest_line = 300;

struct LongestFirst {
    bool operator()(const std::string& left, const std::string& right) const {
        return left.size() != right.size() ? left.size() > right.size() : left < right;
    }
};
using Secrets = std::set<std::string, LongestFirst>;

// "scheme://user:password@host": the password.
std::string_view password_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    const std::size_t at = url.find('@', scheme + 3);
    if (at == std::string_view::npos) return {};
    const std::string_view user_info = url.substr(scheme + 3, at - scheme - 3);
    const std::size_t colon = user_info.find(':');
    return colon == std::string_view::npos ? std::string_view() : user_info.substr(colon + 1);
}

Secrets secrets_of(const model::Service& service) {
    Secrets secrets;
    const auto add = [&](std::string_view value) {
        if (!base::trim(value).empty()) secrets.emplace(base::trim(value));
    };
    for (const auto& [key, value] : service.environment) {
        if (!value) continue;
        add(*value);
        add(password_of(*value));
        for (const std::string_view line : base::split(*value, '\n')) add(line);
    }
    return secrets;
}

bool is_word(const std::string& text, std::size_t position, std::size_t size) {
    const auto part = [&](std::size_t index) {
        return std::isalnum(static_cast<unsigned char>(text[index])) != 0;
    };
    if (position > 0 && part(position - 1)) return false;
    return position + size >= text.size() || !part(position + size);
}

void replace_all(std::string& text, const std::string& secret) {
    std::size_t position = text.find(secret);
    while (position != std::string::npos) {
        const bool applies =
            secret.size() >= shortest_anywhere || is_word(text, position, secret.size());
        if (applies) text.replace(position, secret.size(), hidden);
        position = text.find(secret, position + (applies ? hidden.size() : 1));
    }
}

}    // namespace

std::string mask(std::string text, const model::Service& service) {
    for (const std::string& secret : secrets_of(service)) {
        if (hidden.find(secret) == std::string_view::npos) replace_all(text, secret);
    }
    return text;
}

std::string last_lines(const std::string& text, std::size_t lines) {
    std::vector<std::string_view> kept;
    for (const std::string_view line : base::split(text, '\n')) {
        const std::string_view trimmed = base::trim(line);
        if (!trimmed.empty()) kept.push_back(trimmed.substr(0, longest_line));
    }
    std::string joined;
    const std::size_t first = kept.size() > lines ? kept.size() - lines : 0;
    for (std::size_t index = first; index < kept.size(); ++index) {
        if (!joined.empty()) joined += " | ";
        joined += kept[index];
    }
    return joined;
}

}    // namespace trueup::rollout
