// SPDX-License-Identifier: Apache-2.0
// One file laid over another, parted by a line "===". Never throws or hangs; nothing over a file leaves it as
// it is, a file over itself adds no member, and what is unique already stays so.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "controller/base/yaml.hpp"
#include "controller/compose/merge.hpp"
#include "controller/compose/resets.hpp"

namespace {

using namespace trueup;
using base::yaml::Entry;
using base::yaml::Kind;
using base::yaml::Node;

constexpr std::string_view mark = "\n===\n";

Node parsed(std::string_view text) {
    auto documents = base::yaml::parse(text, "compose.yaml");
    if (!documents || documents->empty() || !documents->front().is_mapping()) {
        Node empty;
        empty.kind = Kind::mapping;
        return empty;
    }
    return std::move(documents->front());
}

Node unique(Node node) {
    compose::enforce_unicity(node, compose::Object::file);
    return node;
}

// Lists may be appended to, and short forms written out; whatever is a mapping before and after has the same
// members.
bool has_same_members(const Node& before, const Node& after) {
    if (!before.is_mapping() || !after.is_mapping()) return true;
    std::set<std::string> keys;
    for (const Entry& entry : before.entries) keys.insert(entry.key);
    for (const Entry& entry : after.entries) {
        const Node* own = before.find(entry.key);
        if (own == nullptr || !has_same_members(*own, entry.value)) return false;
        keys.erase(entry.key);
    }
    return keys.empty();
}

}    // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t at = text.find(mark);
    const Node base = parsed(text.substr(0, at));
    Node over = parsed(at == text.npos ? std::string_view() : text.substr(at + mark.size()));

    Node nothing;
    nothing.kind = Kind::mapping;
    Problems problems;
    const Node alone = unique(base);
    if (unique(alone) != alone) std::abort();
    if (unique(compose::merge(base, nothing, compose::Object::file, problems)) != alone)
        std::abort();
    const Node twice = unique(compose::merge(base, base, compose::Object::file, problems));
    if (problems.empty() && !has_same_members(base, twice)) std::abort();

    Node target = base;
    const auto resets = compose::Resets::take(over, problems);
    resets.apply(target);
    const Node merged =
        unique(compose::merge(std::move(target), std::move(over), compose::Object::file, problems));
    if (unique(merged) != merged) std::abort();
    for (const Problem& problem : problems) {
        if (problem.message.empty()) std::abort();
    }
    return 0;
}
