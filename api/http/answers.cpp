// SPDX-License-Identifier: Apache-2.0
#include "api/http/answers.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "api/http/discovery.hpp"
#include "controller/base/text.hpp"

namespace trueup::http {
namespace {

namespace json = boost::json;

std::string_view reason_of(unsigned code) {
    switch (code) {
        case 400: return "BadRequest";
        case 403: return "Forbidden";
        case 404: return "NotFound";
        case 405: return "MethodNotAllowed";
        case 408:
        case 504: return "Timeout";
        case 409: return "Conflict";
        case 413: return "RequestEntityTooLarge";
        case 414: return "RequestURITooLong";
        case 415: return "UnsupportedMediaType";
        case 422: return "Invalid";
        case 429: return "TooManyRequests";
        case 431: return "RequestHeaderFieldsTooLarge";
        case 503: return "ServiceUnavailable";
        default: return "InternalError";
    }
}

unsigned code_of(Errc code) {
    switch (code) {
        case Errc::invalid: return 422;
        case Errc::not_found: return 404;
        case Errc::conflict: return 409;
        case Errc::unavailable:
        case Errc::cancelled: return 503;
        case Errc::timeout: return 504;
        case Errc::denied: return 403;
        case Errc::unhealthy:
        case Errc::internal: return 500;
    }
    return 500;
}

// File names of a container may be any bytes; JSON that is no UTF-8 would be unreadable as a whole.
std::string make_utf8(std::string text) {
    std::string_view rest = text;
    std::string clean;
    while (const auto invalid = base::find_invalid_utf8(rest)) {
        clean += rest.substr(0, *invalid);
        clean += "\xEF\xBF\xBD";
        rest.remove_prefix(*invalid + 1);
    }
    if (clean.empty()) return text;
    clean += rest;
    return clean;
}

json::object status_object(std::string_view status, std::string_view message, unsigned code) {
    json::object object;
    object["kind"] = "Status";
    object["apiVersion"] = "v1";
    object["metadata"] = json::object();
    object["status"] = status;
    object["message"] = message;
    object["code"] = code;
    return object;
}

}    // namespace

Response to_response(const json::object& object, unsigned code) {
    Response response;
    response.status = code;
    response.content_type = "application/json";
    response.body = make_utf8(json::serialize(object));
    response.body += '\n';
    return response;
}

Response to_status(unsigned code, std::string message) {
    json::object object = status_object("Failure", message, code);
    object["reason"] = reason_of(code);
    return to_response(object, code);
}

Response to_status(const Error& error) { return to_status(code_of(error.code()), error.message()); }

Response to_success(std::string message, json::object details) {
    json::object object = status_object("Success", message, 200);
    if (!details.empty()) object["details"] = std::move(details);
    return to_response(object);
}

Response not_found(std::string_view resource, std::string_view name) {
    return to_status(404, fmt::format("{}.{} \"{}\" not found", resource, api_group, name));
}

Response to_plain(unsigned code, std::string line) {
    Response response;
    response.status = code;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(line);
    response.body += '\n';
    return response;
}

}    // namespace trueup::http
