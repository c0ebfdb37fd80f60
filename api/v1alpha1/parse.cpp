// SPDX-License-Identifier: Apache-2.0
// Documents -> Stacks. Everything is read even when something before it was wrong, so that one run
// names all problems of a file.
#include <fmt/format.h>

#include <map>

#include "api/v1alpha1/codec.hpp"
#include "api/v1alpha1/document.hpp"
#include "api/v1alpha1/parse_spec.hpp"
#include "api/v1alpha1/reader.hpp"
#include "api/v1alpha1/rules.hpp"
#include "controller/base/digest.hpp"
#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

std::map<std::string, std::string> read_texts(Reader& reader, std::string_view name) {
    std::map<std::string, std::string> values;
    for (auto& [key, value] : reader.text_map(name)) values.emplace(key, std::move(value.value));
    return values;
}

// A version 5-shaped UUID of the name: the same Stack has the same uid after every restart.
std::string uid_of(const std::string& name) {
    std::string hex = base::sha1_hex("trueup.dev/stacks/" + name);
    constexpr std::string_view variants = "89ab";
    hex[12] = '5';
    hex[16] = variants[static_cast<std::size_t>(hex[16]) % variants.size()];
    return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                       hex.substr(16, 4), hex.substr(20, 12));
}

Position read_metadata(Reader metadata, Metadata& result) {
    metadata.require("name", "for example name: shop-production");
    if (metadata.has("namespace")) {
        metadata.add(metadata.find("namespace")->position(),
                     "metadata.namespace: Stacks have no namespace", "remove it");
    }
    result.labels = read_texts(metadata, "labels");
    result.annotations = read_texts(metadata, "annotations");
    const auto name = metadata.text("name");
    if (!name) return metadata.position();
    if (!is_label(name->value)) {
        metadata.add(name->position,
                     fmt::format("metadata.name: {} is not a valid name", in_quotes(name->value)),
                     "lower-case letters, digits and inner '-', at most 63");
    }
    result.name = name->value;
    result.uid = uid_of(name->value);
    return name->position;
}

Position place_of_engine(const Reader& document) {
    const yaml::Node* spec = document.find("spec");
    const bool mapping = spec != nullptr && spec->is_mapping();
    const yaml::Node* engine = mapping ? spec->find("engine") : nullptr;
    return engine == nullptr ? Position() : engine->position();
}

Stack read_stack(const yaml::Node& node, Problems& problems,
                 std::map<std::string, Position>& names) {
    Stack stack;
    stack.position = node.position();
    refuse_tags(node, problems);
    Reader document(node, "", {"apiVersion", "kind", "metadata", "spec", "status"}, problems);
    if (!node.is_mapping()) return stack;
    check_type(document, stack_kind);
    document.require("metadata", "add metadata: {name: …}");
    document.require("spec", "add spec: {environment: …, source: …}");
    const Position name_position = read_metadata(
        document.section("metadata", {"name", "labels", "annotations", "namespace", "uid",
                                      "resourceVersion", "generation", "creationTimestamp"}),
        stack.metadata);
    stack.spec = parse_spec(document);
    stack.engine_position = place_of_engine(document);
    if (stack.metadata.name.empty()) return stack;
    const auto [first, fresh] = names.emplace(stack.metadata.name, name_position);
    if (!fresh) {
        problems.push_back(Problem{
            name_position, fmt::format("a second Stack named {}", in_quotes(stack.metadata.name)),
            fmt::format("the first is at {}; rename one", to_string(first->second))});
    }
    return stack;
}

}    // namespace

Result<std::vector<Stack>> parse_stacks(std::string_view text, const std::string& file) {
    const auto documents = yaml::parse(text, file);
    if (!documents) return documents.error();
    Problems problems;
    std::map<std::string, Position> names;
    std::vector<Stack> stacks;
    for (const yaml::Node& document : *documents) {
        if (!document.is_null()) stacks.push_back(read_stack(document, problems, names));
    }
    if (!problems.empty()) return to_error(std::move(problems));
    return stacks;
}

}    // namespace trueup::v1alpha1
