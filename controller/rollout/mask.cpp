// SPDX-License-Identifier: Apache-2.0
// Longest first, so that a value which contains another one leaves nothing of itself behind.
#include "controller/rollout/mask.hpp"

#include <cctype>
#include <utility>
#include <vector>

#include "controller/base/text.hpp"
#include "controller/render/render.hpp"

namespace trueup::rollout {
namespace {

constexpr std::string_view hidden = "***";
constexpr std::size_t shortest_anywhere = 4;
constexpr std::size_t longest_line = 300;

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

void add_environment(const model::Environment& environment, Mask& mask) {
    for (const auto& [name, value] : environment) {
        if (value) mask.add(*value);
    }
}

}    // namespace

bool Mask::LongestFirst::operator()(const std::string& left, const std::string& right) const {
    return left.size() != right.size() ? left.size() > right.size() : left < right;
}

void Mask::add_whole(std::string_view value) {
    const std::string_view trimmed = base::trim(value);
    if (!trimmed.empty()) values_.emplace(trimmed);
}

void Mask::add(std::string_view value) {
    add_whole(value);
    const auto lines = base::split(base::trim(value), '\n');
    for (const std::string_view line : lines) {
        // A bracket on a line of its own would tear every text.
        if (base::trim(line).size() >= shortest_anywhere) add_whole(line);
        add_whole(password_of(line));
    }
}

void Mask::add(const model::Strings& values) {
    for (const std::string& value : values) add(value);
}

std::string Mask::hide(std::string text) const {
    for (const std::string& value : values_) {
        if (hidden.find(value) == std::string_view::npos) replace_all(text, value);
    }
    return text;
}

Error Mask::hide(const Error& error) const { return {error.code(), hide(error.message())}; }

Mask mask_of_container(const model::Project& project, const model::Service& service,
                       const model::Strings& of_host) {
    Mask mask;
    mask.add(of_host);
    add_environment(service.environment, mask);
    for (const render::WrittenFile& file : render::written_files(project, service))
        mask.add(file.content);
    for (const auto* hooks : {&service.pre_start, &service.post_start, &service.pre_stop}) {
        for (const model::Hook& hook : *hooks) add_environment(hook.environment, mask);
    }
    return mask;
}

Mask mask_of_build(const model::Service& service, const model::Strings& of_host) {
    Mask mask;
    mask.add(of_host);
    if (!service.build) return mask;
    for (const auto& [name, value] : service.build->args) mask.add(value);
    return mask;
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
