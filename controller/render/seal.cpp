// SPDX-License-Identifier: Apache-2.0
#include "controller/render/seal.hpp"

#include <fmt/format.h>

#include <initializer_list>

#include "controller/base/digest.hpp"

namespace trueup::render {
namespace {

// Each part with its length before it: no two lists of parts give one text.
std::string seal_of(const StackIdentity& identity, std::initializer_list<std::string_view> parts) {
    if (identity.key.empty()) return {};
    std::string text;
    for (const std::string_view part : parts)
        fmt::format_to(std::back_inserter(text), "{}:{}", part.size(), part);
    return base::hmac_sha256_hex(identity.key, text);
}

}    // namespace

std::string seal(const StackIdentity& identity, const SealedContainer& container) {
    return seal_of(identity, {"container", identity.controller, identity.stack, container.project,
                              container.service, std::to_string(container.number),
                              container.image_id, container.config_hash, container.revision});
}

std::string seal(const StackIdentity& identity, const SealedResource& resource) {
    return seal_of(identity, {resource.kind, identity.controller, identity.stack, resource.project,
                              resource.key, resource.name, resource.config_hash});
}

}    // namespace trueup::render
