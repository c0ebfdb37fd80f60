// SPDX-License-Identifier: Apache-2.0
#include "api/cli/doubt.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "api/http/source_json.hpp"
#include "api/v1alpha1/codec.hpp"
#include "tests/support/manual_clock.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

const SystemTime now = support::ManualClock().now();

reconcile::SourceStatus readable() {
    reconcile::SourceStatus source;
    source.name = "/etc/stacks";
    source.readable = true;
    source.last_read = now;
    return source;
}

json::value answer(const reconcile::SourceStatus& source) {
    return http::source_list_to_json(source, 0, 7);
}

TEST(Doubt, AllInForceIsNoDoubt) {
    EXPECT_EQ(doubt_of_sources(answer(readable())), "");
    EXPECT_TRUE(all_readable(answer(readable())));
    EXPECT_EQ(doubt_of_sources(json::parse(R"({"kind":"Status"})")), "");
}

TEST(Doubt, AnUnreadableSourceIsTold) {
    reconcile::SourceStatus source = readable();
    source.readable = false;
    source.error = Error(Errc::denied, "cannot read /etc/stacks: Permission denied\nand more");
    EXPECT_EQ(doubt_of_sources(answer(source)),
              "the desired state /etc/stacks cannot be read: cannot read /etc/stacks: Permission "
              "denied (`trueup get sources` tells more)\n");
    EXPECT_FALSE(all_readable(answer(source)));
    source.error.reset();
    EXPECT_EQ(doubt_of_sources(answer(source)),
              "the desired state /etc/stacks was not read yet (`trueup get sources` tells more)\n");
    EXPECT_FALSE(all_readable(answer(source)));
}

TEST(Doubt, InvalidFilesAreNamed) {
    reconcile::SourceStatus source = readable();
    source.invalid_files.push_back({"/etc/stacks/a.yaml", Error(Errc::invalid, "a tab"), now});
    EXPECT_EQ(doubt_of_sources(answer(source)),
              "a file of the desired state is invalid, what was in force before stays: "
              "/etc/stacks/a.yaml (`trueup get sources` tells more)\n");
    EXPECT_TRUE(all_readable(answer(source)));
    for (const char* name : {"b", "c", "d"})
        source.invalid_files.push_back({name, Error(Errc::invalid, "a tab"), now});
    EXPECT_EQ(doubt_of_sources(answer(source)),
              "4 files of the desired state are invalid, what was in force before stays: "
              "/etc/stacks/a.yaml, b, c, … (`trueup get sources` tells more)\n");
}

TEST(Doubt, NamesOfStacks) {
    v1alpha1::Stack stack;
    stack.metadata.name = "shop-test";
    EXPECT_EQ(stack_names(v1alpha1::list_to_json({stack}, 7)),
              (std::vector<std::string>{"shop-test"}));
    EXPECT_EQ(stack_names(v1alpha1::list_to_json({}, 7)), std::vector<std::string>());
    EXPECT_EQ(stack_names(json::parse("[]")), std::vector<std::string>());
}

TEST(Doubt, NearNamesOfAStack) {
    const std::vector<std::string> names{"blog", "shop-production", "shop-test"};
    EXPECT_EQ(suggest_stack("shop-test", names), "");
    EXPECT_EQ(suggest_stack("shop-tset", names),
              "; did you mean 'shop-test'? `trueup get` lists all");
    EXPECT_EQ(suggest_stack("shop", names),
              "; did you mean 'shop-production', or 'shop-test'? `trueup get` lists all");
    EXPECT_EQ(suggest_stack("wiki", names), "; `trueup get` lists all");
    EXPECT_EQ(suggest_stack("wiki", {}), "; there is no stack at all");
}

}    // namespace
}    // namespace trueup::cli
