// SPDX-License-Identifier: Apache-2.0
#include "controller/render/seal.hpp"

#include <fmt/format.h>

#include <vector>

#include "controller/base/digest.hpp"

namespace trueup::render {
namespace {

// Each part with its length before it: no two lists of parts give one text.
std::string seal_of(const StackIdentity& identity, const std::vector<std::string_view>& parts) {
    if (identity.key.empty()) return {};
    std::string text;
    for (const std::string_view part : parts)
        fmt::format_to(std::back_inserter(text), "{}:{}", part.size(), part);
    return base::hmac_sha256_hex(identity.key, text);
}

}    // namespace

std::string seal(const StackIdentity& identity, const SealedContainer& container) {
    const std::string number = std::to_string(container.number);
    std::vector<std::string_view> parts{
        "container",        identity.controller,   identity.stack,
        container.project,  container.service,     number,
        container.image_id, container.config_hash, container.revision};
    if (!container.name.empty()) parts.emplace_back(container.name);
    return seal_of(identity, parts);
}

std::string seal(const StackIdentity& identity, const SealedResource& resource) {
    return seal_of(identity, {resource.kind, identity.controller, identity.stack, resource.project,
                              resource.key, resource.name, resource.config_hash});
}

}    // namespace trueup::render
