// SPDX-License-Identifier: Apache-2.0
// Answers as the API gives them: JSON objects, and Kubernetes' Status for success without an object
// and for every failure. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "api/http/message.hpp"
#include "controller/base/error.hpp"

namespace trueup::http {

// Always valid UTF-8: bytes of a file name that are not become U+FFFD.
Response to_response(const boost::json::object& object, unsigned code = 200);

// A failure of the API as a Kubernetes Status.
Response to_status(unsigned code, std::string message);
// The same for an error of what was asked for: not_found is 404, invalid 422, conflict 409,
// unavailable 503, timeout 504, denied 403.
Response to_status(const Error& error);
// Status Success, with `details` of what was done.
Response to_success(std::string message, boost::json::object details);
Response not_found(std::string_view resource, std::string_view name);

// A line of text, for the metrics listener.
Response to_plain(unsigned code, std::string line);

}    // namespace trueup::http
