// SPDX-License-Identifier: Apache-2.0
// The table of attributes itself: what its readers rely on.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "controller/compose/attributes.hpp"
#include "controller/compose/print_order.hpp"

namespace trueup::compose {
namespace {

constexpr int last = static_cast<int>(Object::external);

TEST(AttributeTable, EveryObjectHasItsRowsInOrder) {
    for (int index = 0; index <= last; ++index) {
        const ObjectRules& rules = rules_of(static_cast<Object>(index));
        ASSERT_EQ(static_cast<int>(rules.object), index);
        const bool sorted = std::is_sorted(
            rules.attributes.begin(), rules.attributes.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
        EXPECT_TRUE(sorted) << rules.what;
        EXPECT_EQ(rules.attributes.empty(), index == 0) << rules.what;
    }
}

TEST(AttributeTable, EveryObjectIsReachedFromAFile) {
    std::set<Object> reached{Object::none, Object::file};
    for (std::size_t before = 0; before != reached.size();) {
        before = reached.size();
        for (const Object object : std::set<Object>(reached)) {
            for (const Attribute& attribute : rules_of(object).attributes)
                reached.insert(attribute.extras.inner);
        }
    }
    EXPECT_EQ(reached.size(), static_cast<std::size_t>(last + 1));
}

TEST(AttributeTable, TheSpecificationsAttributesAreAllThere) {
    EXPECT_EQ(rules_of(Object::service).attributes.size(), 94U);    // and x-trueup
    EXPECT_EQ(rules_of(Object::build).attributes.size(), 25U);
    EXPECT_EQ(rules_of(Object::file).attributes.size(), 9U);
}

TEST(AttributeTable, WhatIsRefusedSaysWhy) {
    for (int index = 0; index <= last; ++index) {
        const ObjectRules& rules = rules_of(static_cast<Object>(index));
        for (const Attribute& attribute : rules.attributes) {
            const bool inner = rules.what == "provider" || rules.what == "develop.watch" ||
                               rules.what == "develop";
            if (attribute.support == Support::refused && !inner) {
                EXPECT_FALSE(attribute.note.empty()) << rules.what << " " << attribute.name;
            }
        }
    }
}

TEST(AttributeTable, TheOrderOfPrintingHasEveryAttributeOnce) {
    for (int index = 0; index <= last; ++index) {
        const auto object = static_cast<Object>(index);
        const auto& order = in_print_order(object);
        EXPECT_EQ(order.size(), rules_of(object).attributes.size());
        EXPECT_EQ(std::set<const Attribute*>(order.begin(), order.end()).size(), order.size());
    }
}

}    // namespace
}    // namespace trueup::compose
