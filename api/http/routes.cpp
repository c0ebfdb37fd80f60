// SPDX-License-Identifier: Apache-2.0
// Checks in the order in which a stranger could do harm: the name it called us by, the size, the
// method, then the path and the query.
#include "api/http/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "api/http/discovery.hpp"
#include "api/http/endpoint.hpp"
#include "api/http/source_json.hpp"
#include "api/v1alpha1/codec.hpp"
#include "controller/base/text.hpp"

namespace trueup::http {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_target = 2048;
constexpr std::string_view allowed_methods = "GET, HEAD";

struct Failure {
    unsigned code = 0;
    std::string message;
};

struct Target {
    std::vector<std::string> path;               // segments, decoded
    std::map<std::string, std::string> query;    // decoded; of a repeated name the last
};

int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

// RFC 3986 percent-encoding; nothing for a broken escape, control characters and invalid UTF-8.
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

std::string_view reason_of(unsigned code) {
    switch (code) {
        case 400: return "BadRequest";
        case 403: return "Forbidden";
        case 404: return "NotFound";
        case 405: return "MethodNotAllowed";
        case 408: return "Timeout";
        case 413: return "RequestEntityTooLarge";
        case 414: return "RequestURITooLong";
        case 431: return "RequestHeaderFieldsTooLarge";
        case 503: return "ServiceUnavailable";
        default: return "InternalError";
    }
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

Response to_response(const json::object& object) {
    Response response;
    response.content_type = "application/json";
    response.body = make_utf8(json::serialize(object));
    response.body += '\n';
    return response;
}

std::optional<Failure> check(const Request& request) {
    if (request.host.empty() && request.version >= 11)
        return Failure{400, "the Host header is missing"};
    if (!request.host.empty() && !is_loopback_host(request.host)) {
        return Failure{403,
                       "this listener answers to localhost, 127.0.0.1 and [::1] only; the Host "
                       "header names another"};
    }
    if (request.target.size() > longest_target) {
        return Failure{414,
                       fmt::format("the path and query are longer than {} bytes", longest_target)};
    }
    if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
    return Failure{
        405, "only GET and HEAD are allowed: stacks are changed through their desired-state files"};
}

std::optional<Failure> check_query(const Target& target) {
    const auto value = [&target](const std::string& name) {
        const auto found = target.query.find(name);
        return found == target.query.end() ? std::string() : found->second;
    };
    const std::string watch = value("watch");
    if (!watch.empty() && watch != "0" && watch != "false")
        return Failure{405, "watch is not supported yet; list again instead"};
    for (const std::string name : {"labelSelector", "fieldSelector", "continue"}) {
        if (!value(name).empty()) return Failure{400, fmt::format("{} is not supported yet", name)};
    }
    return std::nullopt;
}

Response not_found(std::string_view what, std::string_view name) {
    return to_status(404, fmt::format("{}.{} \"{}\" not found", what, api_group, name));
}

// Below /apis/trueup.dev/v1alpha1.
Response route_resource(const Target& target, const reconcile::Registry& registry) {
    const std::string& resource = target.path[3];
    const bool one = target.path.size() == 5;
    if (const auto failure = check_query(target); failure)
        return to_status(failure->code, failure->message);
    if (resource == "stacks") {
        if (!one)
            return to_response(
                v1alpha1::list_to_json(registry.stacks(), registry.resource_version()));
        const reconcile::Entry* entry = registry.find(target.path[4]);
        return entry == nullptr ? not_found(resource, target.path[4])
                                : to_response(v1alpha1::to_json(entry->stack));
    }
    const std::size_t stacks = registry.names().size();
    if (!one)
        return to_response(
            source_list_to_json(registry.source(), stacks, registry.resource_version()));
    if (target.path[4] != source_name) return not_found(resource, target.path[4]);
    return to_response(source_to_json(registry.source(), stacks));
}

Response route_path(const Target& target, const reconcile::Registry& registry) {
    constexpr std::array<std::string_view, 3> prefix{"apis", api_group, "v1alpha1"};
    const std::size_t depth = target.path.size();
    const std::size_t common = std::min(depth, prefix.size());
    const bool ours =
        depth > 0 &&
        std::equal(target.path.begin(), target.path.begin() + static_cast<std::ptrdiff_t>(common),
                   prefix.begin());
    if (ours && depth == 1) return to_response(api_group_list());
    if (ours && depth == 2) return to_response(api_group_object());
    if (ours && depth == 3) return to_response(api_resource_list());
    if (ours && depth <= 5 && (target.path[3] == "stacks" || target.path[3] == "sources")) {
        return route_resource(target, registry);
    }
    return to_status(
        404, "the server could not find the requested resource; see /apis/trueup.dev/v1alpha1");
}

Response to_health(const Result<void>& healthy) {
    return healthy ? to_plain(200, "ok") : to_plain(503, healthy.error().message());
}

}    // namespace

Response to_status(unsigned code, std::string message) {
    json::object object;
    object["kind"] = "Status";
    object["apiVersion"] = "v1";
    object["metadata"] = json::object();
    object["status"] = "Failure";
    object["message"] = message;
    object["reason"] = reason_of(code);
    object["code"] = code;
    Response response = to_response(object);
    response.status = code;
    if (code == 405) response.headers.emplace_back("Allow", allowed_methods);
    return response;
}

Response to_plain(unsigned code, std::string line) {
    Response response;
    response.status = code;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(line);
    response.body += '\n';
    if (code == 405) response.headers.emplace_back("Allow", allowed_methods);
    return response;
}

Response route_api(const Request& request, const reconcile::Registry& registry) {
    if (const auto failure = check(request); failure)
        return to_status(failure->code, failure->message);
    const auto target = parse_target(request.target);
    if (!target) return to_status(400, "the path or query is not valid");
    return route_path(*target, registry);
}

Response route_metrics(const Request& request, const Health& health) {
    if (const auto failure = check(request); failure)
        return to_plain(failure->code, failure->message);
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (path == "/metrics") {
        Response response;
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        return response;
    }
    if (path == "/healthz") return to_health(health.live());
    if (path == "/readyz") return to_health(health.ready());
    return to_plain(404, "not found: /metrics, /healthz and /readyz are here");
}

bool wants_metrics_text(const Request& request, const Response& response) {
    return response.status == 200 &&
           request.target.substr(0, request.target.find('?')) == "/metrics";
}

}    // namespace trueup::http
