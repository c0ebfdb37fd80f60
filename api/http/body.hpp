// SPDX-License-Identifier: Apache-2.0
// The JSON body of an action, read strictly: an unknown field, a wrong type or a broken document is
// refused and nothing is done. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/clock.hpp"
#include "controller/base/result.hpp"

namespace trueup::http {

inline constexpr std::size_t longest_body = 16U << 10U;

class Body {
public:
    // An empty body is an empty object. Errc::invalid: no JSON object, nested deeper than an action
    // needs, or with a field that is not among `fields`.
    static Result<Body> parse(std::string_view text,
                              std::initializer_list<std::string_view> fields);

    // One line of at most `longest` bytes; nothing when it is not there or null.
    Result<std::optional<std::string>> text(std::string_view field, std::size_t longest) const;
    // "90s", "1h30m": whole seconds, from one second to a year.
    Result<std::optional<Seconds>> duration(std::string_view field) const;

private:
    boost::json::object object_;
};

// "90s", "1h30m" of a body or a query. Errc::invalid names `field`.
Result<Seconds> parse_seconds(std::string_view field, std::string_view text, Seconds longest);

}    // namespace trueup::http
