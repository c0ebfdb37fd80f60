// SPDX-License-Identifier: Apache-2.0
// YAML: never throws or hangs, stays within its limits, and a problem says where it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/base/yaml.hpp"

namespace {

// Nodes of the tree; every one has its place.
std::size_t count(const trueup::yaml::Node& node) {
    if (node.position().line == 0) std::abort();
    std::size_t all = 1;
    for (const auto& item : node.items) all += count(item);
    for (const auto& entry : node.entries) all += count(entry.value);
    return all;
}

}    // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    trueup::yaml::Limits limits;
    limits.nodes = 2'000;
    const auto documents = trueup::yaml::parse(text, "x.yaml", limits);
    if (!documents) {
        if (documents.error().problems().empty()) std::abort();
        return 0;
    }
    std::size_t nodes = 0;
    for (const auto& document : *documents) nodes += count(document);
    if (nodes > 2 * limits.nodes + documents->size()) std::abort();
    return 0;
}
