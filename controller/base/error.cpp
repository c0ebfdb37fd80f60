// SPDX-License-Identifier: Apache-2.0
#include "controller/base/error.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "controller/base/result.hpp"

namespace trueup::base {

std::string_view to_string(Errc code) {
    switch (code) {
        case Errc::invalid: return "invalid";
        case Errc::not_found: return "not found";
        case Errc::conflict: return "conflict";
        case Errc::unavailable: return "unavailable";
        case Errc::timeout: return "timeout";
        case Errc::denied: return "denied";
        case Errc::unhealthy: return "unhealthy";
        case Errc::cancelled: return "cancelled";
        case Errc::internal: return "internal";
    }
    return "internal";
}

std::string to_string(const Position& position) {
    if (position.line == 0) return position.file;
    return fmt::format("{}:{}:{}", position.file, position.line, position.column);
}

std::string to_string(const Problem& problem) {
    std::string text = to_string(problem.position);
    if (!text.empty()) text += ": ";
    text += problem.message;
    if (!problem.advice.empty()) text += " (" + problem.advice + ")";
    return text;
}

Error::Error(Problems problems) : code_(Errc::invalid), problems_(std::move(problems)) {
    for (const Problem& problem : problems_) {
        if (!message_.empty()) message_ += '\n';
        message_ += to_string(problem);
    }
}

Error Error::in(std::string_view context) const {
    Error wrapped = *this;
    wrapped.message_ = fmt::format("{}: {}", context, message_);
    return wrapped;
}

bool is_terminal(Errc code) {
    switch (code) {
        case Errc::invalid: return true;
        case Errc::denied:
        case Errc::not_found:
        case Errc::conflict:
        case Errc::unavailable:
        case Errc::timeout:
        case Errc::unhealthy:
        case Errc::cancelled:
        case Errc::internal: return false;
    }
    return false;
}

bool needs_somebody(const Error& error) {
    return is_terminal(error) || error.code() == Errc::denied;
}

void throw_exception_from_error(const Error& error, const boost::source_location& location) {
    throw std::logic_error(fmt::format("{}:{}: value of a failed result: {}", location.file_name(),
                                       location.line(), error.message()));
}

}    // namespace trueup::base
