// SPDX-License-Identifier: Apache-2.0
#include "api/http/selector.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.hpp"

namespace trueup::http {
namespace {

bool is_word(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char each) {
        return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
               (each >= '0' && each <= '9') || each == '-' || each == '_' || each == '.' ||
               each == '/';
    });
}

}    // namespace

Result<Labels> parse_selector(std::string_view text) {
    Labels selector;
    for (const std::string_view part : base::split(text, ',')) {
        const std::string_view term = base::trim(part);
        const std::size_t equals = term.find('=');
        const std::string_view key = base::trim(term.substr(0, equals));
        std::string_view value =
            equals == std::string_view::npos ? std::string_view() : term.substr(equals + 1);
        if (value.starts_with('=')) value.remove_prefix(1);
        value = base::trim(value);
        if (equals == std::string_view::npos || key.empty() || !is_word(key) || !is_word(value)) {
            return Error(Errc::invalid,
                         fmt::format("the label selector '{}' is not KEY=VALUE[,KEY=VALUE…]; other "
                                     "forms are not supported",
                                     text));
        }
        const auto [other, added] = selector.emplace(key, value);
        if (!added && other->second != value) {
            return Error(Errc::invalid, fmt::format("the label selector asks for two values of "
                                                    "'{}', which nothing has",
                                                    key));
        }
    }
    return selector;
}

}    // namespace trueup::http
