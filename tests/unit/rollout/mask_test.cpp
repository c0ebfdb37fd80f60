// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/mask.hpp"

#include <gtest/gtest.h>

namespace trueup::rollout {
namespace {

model::Service with(std::map<std::string, std::optional<std::string>> environment) {
    model::Service service;
    service.environment = std::move(environment);
    return service;
}

TEST(Mask, values_of_the_environment_are_hidden) {
    const auto service =
        with({{"PASSWORD", "hunter2"}, {"USER", "shop"}, {"UNSET", std::nullopt}, {"EMPTY", ""}});
    EXPECT_EQ(mask("login of shop with hunter2 failed", service), "login of *** with *** failed");
}

TEST(Mask, a_value_inside_a_longer_one_leaves_nothing_behind) {
    const auto service = with({{"A", "secret"}, {"B", "secret-and-more"}});
    EXPECT_EQ(mask("secret-and-more, secret", service), "***, ***");
}

TEST(Mask, the_password_of_a_url_is_hidden_alone_too) {
    const auto service = with({{"DATABASE_URL", "postgres://shop:hunter2@db:5432/shop"}});
    EXPECT_EQ(mask("authentication failed: hunter2", service), "authentication failed: ***");
    EXPECT_EQ(mask("cannot reach postgres://shop:hunter2@db:5432/shop", service),
              "cannot reach ***");
}

TEST(Mask, short_values_are_hidden_as_whole_words_only) {
    const auto service = with({{"DEBUG", "1"}, {"PIN", "123"}});
    EXPECT_EQ(mask("pin 123, port 1234, level 1, v1.2", service),
              "pin ***, port 1234, level ***, v1.2");
}

TEST(Mask, each_line_of_a_value_is_hidden) {
    const auto service = with({{"KEY", "first-line\nsecond-line\n"}});
    EXPECT_EQ(mask("got second-line", service), "got ***");
}

TEST(Mask, stars_do_not_multiply) {
    EXPECT_EQ(mask("a hunter2 b", with({{"A", "*"}, {"B", "***"}, {"C", "hunter2"}})), "a *** b");
}

TEST(LastLines, keeps_the_last_ones_that_say_something) {
    EXPECT_EQ(last_lines("one\n\n  two\r\nthree\n\n", 2), "two | three");
    EXPECT_EQ(last_lines("", 5), "");
    EXPECT_EQ(last_lines(std::string(1000, 'x'), 5).size(), 300U);
}

}    // namespace
}    // namespace trueup::rollout
