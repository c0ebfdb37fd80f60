// SPDX-License-Identifier: Apache-2.0
// A request and its answer, as the routes see them: no sockets, no HTTP library.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trueup::http {

struct Request {
    std::string method;          // "GET"
    std::string target;          // path and query as sent
    std::string host;            // the Host header; "" when there was none
    unsigned version = 11;       // 10 or 11
    std::string content_type;    // as sent; "" when there was none
    std::string origin;          // the Origin header: a page in a browser asks
    std::string actor;           // X-Trueup-Actor: who the client says that it asks for
    std::string body;
};

struct Response {
    unsigned status = 200;
    std::string content_type;
    std::string body;    // sent for HEAD as its length only
    std::vector<std::pair<std::string, std::string>> headers;

    bool operator==(const Response&) const = default;
};

}    // namespace trueup::http
