// SPDX-License-Identifier: Apache-2.0
#include "api/http/body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <vector>

#include "controller/base/text.hpp"

namespace trueup::http {
namespace {

namespace json = boost::json;

constexpr std::size_t deepest = 4;
constexpr Seconds year{31'536'000};

Error invalid(std::string message) { return Error(Errc::invalid, std::move(message)); }

bool is_one_line(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char each) {
        return static_cast<unsigned char>(each) < 0x20 || each == 0x7F;
    });
}

}    // namespace

Result<Body> Body::parse(std::string_view text, std::initializer_list<std::string_view> fields) {
    Body body;
    if (base::trim(text).empty()) return body;
    json::parse_options options;
    options.max_depth = deepest;
    json::error_code code;
    json::value value = json::parse(json::string_view(text.data(), text.size()), code, {}, options);
    if (code) return invalid("the body is not valid JSON: " + code.message());
    if (!value.is_object()) return invalid("the body is not a JSON object");
    body.object_ = std::move(value.get_object());
    const std::vector<std::string_view> known(fields);
    for (const auto& [key, ignored] : body.object_) {
        const std::string_view field(key.data(), key.size());
        if (std::find(known.begin(), known.end(), field) != known.end()) continue;
        const std::string advice = base::suggest(field, known);
        return invalid(fmt::format("strict decoding error: unknown field \"{}\"{}", field,
                                   advice.empty() ? "" : " (" + advice + ")"));
    }
    return body;
}

Result<std::optional<std::string>> Body::text(std::string_view field, std::size_t longest) const {
    const json::value* value = object_.if_contains(field);
    if (value == nullptr || value->is_null()) return std::optional<std::string>();
    if (!value->is_string()) return invalid(fmt::format("{}: this is not a string", field));
    const std::string text(value->get_string());
    if (text.size() > longest)
        return invalid(fmt::format("{}: longer than {} bytes", field, longest));
    if (!is_one_line(text)) return invalid(fmt::format("{}: write it in one line", field));
    return std::optional<std::string>(text);
}

Result<std::optional<Seconds>> Body::duration(std::string_view field) const {
    const auto text = this->text(field, 64);
    if (!text) return text.error();
    if (!*text) return std::optional<Seconds>();
    const auto seconds = parse_seconds(field, **text, year);
    if (!seconds) return seconds.error();
    return std::optional<Seconds>(*seconds);
}

Result<Seconds> parse_seconds(std::string_view field, std::string_view text, Seconds longest) {
    const auto parsed = base::parse_duration(text);
    const auto seconds = parsed ? std::chrono::duration_cast<Seconds>(*parsed) : Seconds(0);
    if (seconds >= Seconds(1) && seconds <= longest) return seconds;
    return invalid(fmt::format("{}: not a duration from 1s to {}, for example 30s or 1h30m", field,
                               base::format_duration(longest)));
}

}    // namespace trueup::http
