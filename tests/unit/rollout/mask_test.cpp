// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/mask.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trueup::rollout {
namespace {

std::string hidden(const std::string& text, const std::vector<std::string>& values) {
    Mask mask;
    mask.add(values);
    return mask.hide(text);
}

TEST(Mask, values_are_hidden) {
    EXPECT_EQ(hidden("login of shop with hunter2 failed", {"hunter2", "shop", "", " "}),
              "login of *** with *** failed");
    Mask mask;
    mask.add("hunter2");
    EXPECT_EQ(mask.hide(Error(Errc::timeout, "no hunter2")), Error(Errc::timeout, "no ***"));
}

TEST(Mask, a_value_inside_a_longer_one_leaves_nothing_behind) {
    EXPECT_EQ(hidden("secret-and-more, secret", {"secret", "secret-and-more"}), "***, ***");
}

TEST(Mask, the_password_of_a_url_is_hidden_alone_too) {
    const std::string url = "postgres://shop:hunter2@db:5432/shop";
    EXPECT_EQ(hidden("authentication failed: hunter2", {url}), "authentication failed: ***");
    EXPECT_EQ(hidden("cannot reach " + url, {url}), "cannot reach ***");
    EXPECT_EQ(hidden("not hunter2", {"pool: 3\ndsn: " + url + "\n"}), "not ***");
}

TEST(Mask, short_values_are_hidden_as_whole_words_only) {
    EXPECT_EQ(hidden("pin 123, port 1234, level 1, v1.2", {"1", "123"}),
              "pin ***, port 1234, level ***, v1.2");
}

TEST(Mask, each_line_of_a_value_is_hidden) {
    EXPECT_EQ(hidden("got second-line", {"first-line\nsecond-line\n"}), "got ***");
    EXPECT_EQ(hidden("}, {", {"{\n  \"key\": 1\n}\n"}), "}, {") << "it would tear every text";
}

TEST(Mask, stars_do_not_multiply) {
    EXPECT_EQ(hidden("a hunter2 b", {"*", "***", "hunter2"}), "a *** b");
}

TEST(Mask, a_container_tells_nothing_of_what_it_was_given) {
    model::Project project;
    model::Service& service = project.services["api"];
    service.environment = {{"PASSWORD", "of-environment"}, {"UNSET", std::nullopt}};
    model::Hook hook;
    hook.environment = {{"A", "of-hook"}, {"UNSET", std::nullopt}};
    service.post_start = {hook};
    project.secrets["token"].content = "of-secret";
    project.configs["settings"].content = "of-config";
    model::FileReference reference;
    reference.source = "token";
    service.secrets = {reference};
    reference.source = "settings";
    service.configs = {reference};
    const Mask mask = mask_of_container(project, service, {"of-host"});
    for (const char* value : {"of-environment", "of-hook", "of-secret", "of-config", "of-host"})
        EXPECT_EQ(mask.hide(value), "***") << value;
    EXPECT_EQ(mask.hide("of-nobody"), "of-nobody");
}

TEST(Mask, a_build_tells_nothing_of_what_it_was_given) {
    model::Service service;
    EXPECT_EQ(mask_of_build(service, {"of-host"}).hide("of-host of-argument"), "*** of-argument");
    service.build.emplace().args = {{"TOKEN", "of-argument"}};
    EXPECT_EQ(mask_of_build(service, {}).hide("of-host of-argument"), "of-host ***");
}

TEST(LastLines, keeps_the_last_ones_that_say_something) {
    EXPECT_EQ(last_lines("one\n\n  two\r\nthree\n\n", 2), "two | three");
    EXPECT_EQ(last_lines("", 5), "");
    EXPECT_EQ(last_lines(std::string(1000, 'x'), 5).size(), 300U);
}

}    // namespace
}    // namespace trueup::rollout
