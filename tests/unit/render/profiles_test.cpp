// SPDX-License-Identifier: Apache-2.0
#include "controller/render/profiles.hpp"

#include <gtest/gtest.h>

#include "tests/support/memory_tree.hpp"

namespace trueup::render::test {
namespace {

model::Project with_option(const std::string& option) {
    model::Project project;
    model::Service& api = project.services["api"];
    api.name = "api";
    api.position = Position{"compose.yaml", 2, 3};
    api.security_opt = {"no-new-privileges", option};
    api.security_positions = {{"compose.yaml", 3, 20}, {"compose.yaml", 3, 39}};
    return project;
}

const trueup::test::MemoryTree tree{{"deploy/strict.json", "{ \"defaultAction\" :\n \"a b\" }"},
                                    {"deploy/broken.json", "{"},
                                    {"deploy/list.json", "[]"},
                                    {"top.json", "{}"}};

std::string inlined(const std::string& option) {
    model::Project project = with_option(option);
    const auto done = inline_profiles(project, tree, "deploy");
    return done ? project.services.at("api").security_opt.at(1) : done.error().message();
}

TEST(SeccompProfile, OfAFileBecomesItsText) {
    EXPECT_EQ(inlined("seccomp=strict.json"), R"(seccomp={"defaultAction":"a b"})");
    EXPECT_EQ(inlined("seccomp:./strict.json"), R"(seccomp={"defaultAction":"a b"})");
    EXPECT_EQ(inlined("seccomp=../top.json"), "seccomp={}");
}

TEST(SeccompProfile, WordsAndOtherOptionsStay) {
    for (const char* option :
         {"seccomp=unconfined", "seccomp:unconfined", "seccomp=builtin", "seccomp", "apparmor=x",
          "seccompx=strict.json", "seccomp={\"defaultAction\":\"x\"}"})
        EXPECT_EQ(inlined(option), option);
}

TEST(SeccompProfile, MayHaveOneMebibyte) {
    const auto told = [](std::size_t size) -> std::string {
        model::Project project = with_option("seccomp=large.json");
        const trueup::test::MemoryTree large{{"large.json", "{}" + std::string(size - 2, ' ')}};
        const auto done = inline_profiles(project, large, "");
        return done ? project.services.at("api").security_opt.at(1) : done.error().message();
    };
    constexpr std::size_t limit = 1'048'576;
    EXPECT_EQ(told(limit), "seccomp={}");
    EXPECT_EQ(
        told(limit + 1),
        "compose.yaml:3:39: services.api.security_opt[1]: the seccomp profile 'large.json' "
        "cannot be used: large.json is longer than 1048576 bytes (commit the profile, and name "
        "it relative to the project directory)");
}

TEST(SeccompProfile, ThatCannotBeReadIsAProblemAtItsPlace) {
    for (const char* file :
         {"gone.json", "broken.json", "list.json", "/etc/x.json", "../../x.json", ".", ""}) {
        model::Project project = with_option(std::string("seccomp=") + file);
        const auto done = inline_profiles(project, tree, "deploy");
        ASSERT_FALSE(done) << file;
        ASSERT_EQ(done.error().problems().size(), 1U) << file;
        const Problem problem = done.error().problems().at(0);
        EXPECT_EQ(problem.position, (Position{"compose.yaml", 3, 39}));
        EXPECT_TRUE(problem.message.starts_with(fmt::format(
            "services.api.security_opt[1]: the seccomp profile '{}' cannot be used", file)));
    }
}

}    // namespace
}    // namespace trueup::render::test
