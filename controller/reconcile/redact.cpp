// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/redact.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace trueup::reconcile {

std::string redact(std::string text, std::vector<std::string> values) {
    constexpr std::size_t shortest = 4;
    constexpr std::string_view mark = "…";
    // A value that holds another one goes first.
    std::sort(values.begin(), values.end(), [](const std::string& left, const std::string& right) {
        return left.size() > right.size();
    });
    for (const std::string& value : values) {
        if (value.size() < shortest) break;
        for (std::size_t at = text.find(value); at != std::string::npos;
             at = text.find(value, at + mark.size()))
            text.replace(at, value.size(), mark);
    }
    return text;
}

Error redact(const Error& error, const std::vector<std::string>& values) {
    if (error.problems().empty()) return Error(error.code(), redact(error.message(), values));
    Problems problems = error.problems();
    for (Problem& problem : problems) {
        problem.message = redact(std::move(problem.message), values);
        problem.advice = redact(std::move(problem.advice), values);
    }
    return Error(std::move(problems));
}

}    // namespace trueup::reconcile
