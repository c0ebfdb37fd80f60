// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/wire.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>

#include "controller/engine/transport.hpp"

namespace trueup::engine::wire {

namespace json = boost::json;

namespace {

constexpr std::size_t encoded_limit = 4U << 20U;

}    // namespace

std::optional<int> minor_of(const std::string& version) {
    if (!version.starts_with("1.") || version.size() < 3 || version.size() > 6) return std::nullopt;
    const std::string rest = version.substr(2);
    if (rest.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    return std::stoi(rest);
}

std::string filters(const std::vector<std::pair<std::string, std::vector<std::string>>>& wanted) {
    json::object object;
    for (const auto& [key, values] : wanted) {
        if (values.empty()) continue;
        json::array list;
        for (const std::string& value : values) list.emplace_back(value);
        object[key] = std::move(list);
    }
    return percent_encode(json::serialize(object));
}

std::string json_map(const model::StringMap& map) {
    json::object object;
    for (const auto& [key, value] : map) object[key] = value;
    return percent_encode(json::serialize(object));
}

namespace {

std::string json_list(const model::Strings& list) {
    return percent_encode(json::serialize(json::array(list.begin(), list.end())));
}

std::string json_limits(const std::map<std::string, model::Ulimit>& limits) {
    json::array list;
    for (const auto& [name, limit] : limits) {
        json::object object;
        object["Name"] = name;
        object["Soft"] = limit.soft;
        object["Hard"] = limit.hard;
        list.push_back(std::move(object));
    }
    return percent_encode(json::serialize(list));
}

// The engine wants the address after a colon.
std::string host_and_address(std::string host) {
    const std::size_t equals = host.find('=');
    if (equals != std::string::npos) host[equals] = ':';
    return percent_encode(host);
}

}    // namespace

std::string build_target(const BuildRequest& build) {
    std::string target = "/build?version=2&t=" + percent_encode(build.reference);
    for (const std::string& tag : build.further_references) target += "&t=" + percent_encode(tag);
    target += "&dockerfile=" + percent_encode(build.dockerfile);
    target += "&target=" + percent_encode(build.target);
    target += "&buildargs=" + json_map(build.args) + "&labels=" + json_map(build.labels);
    target += build.no_cache ? "&nocache=1" : "&nocache=0";
    if (!build.platform.empty()) target += "&platform=" + percent_encode(build.platform);
    if (!build.cache_from.empty()) target += "&cachefrom=" + json_list(build.cache_from);
    for (const std::string& host : build.extra_hosts)
        target += "&extrahosts=" + host_and_address(host);
    if (!build.network.empty()) target += "&networkmode=" + percent_encode(build.network);
    if (build.shm_size > 0) target += "&shmsize=" + std::to_string(build.shm_size);
    if (!build.ulimits.empty()) target += "&ulimits=" + json_limits(build.ulimits);
    return target;
}

std::string without_frames(const std::string& bytes) {
    std::string text;
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto byte = [&](std::size_t offset) {
            return static_cast<unsigned char>(bytes[at + offset]);
        };
        if (byte(0) > 2) return bytes;
        if (bytes.size() - at < 8) break;    // cut off within a frame's head
        if (byte(1) != 0 || byte(2) != 0 || byte(3) != 0) return bytes;
        const std::size_t size = (std::size_t{byte(4)} << 24U) | (std::size_t{byte(5)} << 16U) |
                                 (std::size_t{byte(6)} << 8U) | std::size_t{byte(7)};
        text += bytes.substr(at + 8, size);
        at += 8 + size;
    }
    return text;
}

std::pair<std::string, std::string> split_reference(const std::string& reference) {
    const std::size_t digest = reference.find('@');
    if (digest != std::string::npos)
        return {reference.substr(0, digest), reference.substr(digest + 1)};
    const std::size_t colon = reference.rfind(':');
    const std::size_t slash = reference.rfind('/');
    if (colon != std::string::npos && (slash == std::string::npos || colon > slash)) {
        return {reference.substr(0, colon), reference.substr(colon + 1)};
    }
    return {reference, "latest"};
}

std::string base64_url(std::string_view bytes) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const auto byte = [&](std::size_t offset) -> std::uint32_t {
            const std::size_t place = at + offset;
            return place < bytes.size() ? static_cast<unsigned char>(bytes[place]) : 0;
        };
        const std::uint32_t group = (byte(0) << 16U) | (byte(1) << 8U) | byte(2);
        const std::size_t count = std::min<std::size_t>(bytes.size() - at, 3);
        for (std::size_t index = 0; index < 4; ++index) {
            const std::uint32_t value = (group >> (18U - 6U * index)) & 63U;
            text += index <= count ? letters[value] : '=';
        }
    }
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0 || text.size() > encoded_limit) return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=')
        ++padding;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

std::string registry_auth(const RegistryCredentials& credentials) {
    json::object object;
    // The engine keeps Docker Hub's under the name of its first version.
    const bool hub = credentials.server.empty() || credentials.server == "docker.io";
    object["serveraddress"] = hub ? "https://index.docker.io/v1/" : credentials.server;
    if (credentials.identity_token.empty()) {
        object["username"] = credentials.username;
        object["password"] = credentials.password;
    } else {
        object["identitytoken"] = credentials.identity_token;
    }
    return base64_url(json::serialize(object));
}

}    // namespace trueup::engine::wire
