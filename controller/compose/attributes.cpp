// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/attributes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "controller/compose/attribute_rows.hpp"

namespace trueup::compose {
namespace {

constexpr auto object_count = static_cast<std::size_t>(Object::external) + 1;

std::array<const ObjectRules*, object_count> index_of_rules() {
    std::array<const ObjectRules*, object_count> index{};
    for (const auto part : {file_rules(), service_rules(), build_rules(), deploy_rules()}) {
        for (const ObjectRules& rules : part)
            index[static_cast<std::size_t>(rules.object)] = &rules;
    }
    return index;
}

}    // namespace

const ObjectRules& rules_of(Object object) {
    static const auto index = index_of_rules();
    return *index[static_cast<std::size_t>(object)];
}

const Attribute* find_attribute(Object object, std::string_view name) {
    const auto attributes = rules_of(object).attributes;
    const auto found =
        std::lower_bound(attributes.begin(), attributes.end(), name,
                         [](const Attribute& it, std::string_view key) { return it.name < key; });
    return found == attributes.end() || found->name != name ? nullptr : &*found;
}

}    // namespace trueup::compose
