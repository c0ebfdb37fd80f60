// SPDX-License-Identifier: Apache-2.0
// How the Engine API spells things outside JSON bodies: queries, references, log frames. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/engine/engine.hpp"
#include "controller/model/project.hpp"

namespace trueup::engine::wire {

// "1.41" -> 41; nothing for anything that is not 1.N.
std::optional<int> minor_of(const std::string& version);

// {"label":["a","b=c"]}, percent-encoded for a query; keys without values are left out.
std::string filters(const std::vector<std::pair<std::string, std::vector<std::string>>>& wanted);
std::string json_map(const model::StringMap& map);

// "/build?version=2&…".
std::string build_target(const BuildRequest& build);

// The text of a log answer. stdout and stderr come in frames (1 byte stream, 3 zero, 4 length,
// big-endian), unless the container has a terminal: then plain.
std::string without_frames(const std::string& bytes);

// "registry:5000/name:tag@digest" -> what /images/create takes apart: name, and tag or digest.
std::pair<std::string, std::string> split_reference(const std::string& reference);

// base64url (RFC 4648, 5) with padding, as the engine's decoder wants it.
std::string base64_url(std::string_view bytes);
// base64 (RFC 4648, 4) with padding, at most 4 MiB of it; nothing for anything else.
std::optional<std::string> decode_base64(std::string_view text);

// The value of X-Registry-Auth.
std::string registry_auth(const RegistryCredentials& credentials);

}    // namespace trueup::engine::wire
