// SPDX-License-Identifier: Apache-2.0
#include "controller/source/desired_spec.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace trueup::source {
namespace {

DesiredSpec git(std::string url, std::string path, Revision revision) {
    DesiredSpec spec;
    spec.git = true;
    spec.url = std::move(url);
    spec.path = std::move(path);
    spec.revision = std::move(revision);
    return spec;
}

TEST(DesiredSpec, PathsStayAsTheyAre) {
    for (const char* path : {"/etc/trueup/stacks", "stack.yaml", "./a//b", "a?b", "git", "-x"}) {
        const auto spec = parse_desired_spec(path);
        ASSERT_TRUE(spec) << spec.error().message();
        EXPECT_FALSE(spec->git);
        EXPECT_EQ(spec->path, path);
    }
}

TEST(DesiredSpec, GitForms) {
    const Revision main{"", "main"};
    const std::string id(40, 'a');
    EXPECT_EQ(*parse_desired_spec("git+https://host/repo.git"),
              git("https://host/repo.git", "", main));
    EXPECT_EQ(*parse_desired_spec("git+https://host/repo.git//stacks/prod?ref=release/1"),
              git("https://host/repo.git", "stacks/prod", Revision{"", "release/1"}));
    EXPECT_EQ(*parse_desired_spec("git+https://host/repo.git?ref=refs/heads/x"),
              git("https://host/repo.git", "", Revision{"", "x"}));
    EXPECT_EQ(*parse_desired_spec("git+https://host/repo.git//?ref=" + id),
              git("https://host/repo.git", "", Revision{id, ""}));
    EXPECT_EQ(*parse_desired_spec("git+ssh://git@host:2222/repo.git//stacks?ref=x"),
              git("ssh://git@host:2222/repo.git", "stacks", Revision{"", "x"}));
    EXPECT_EQ(*parse_desired_spec("git+git@host:team/repo.git//stacks"),
              git("git@host:team/repo.git", "stacks", main));
    EXPECT_EQ(*parse_desired_spec("git+file:///srv/git/x.git//stacks"),
              git("file:///srv/git/x.git", "stacks", main));
    EXPECT_EQ(*parse_desired_spec("git+/srv/git/x.git//./stacks/"),
              git("/srv/git/x.git", "stacks", main));
    EXPECT_EQ(*parse_desired_spec("git+x.git"),
              git((std::filesystem::current_path() / "x.git").string(), "", main));
}

TEST(DesiredSpec, RefusesTheRest) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "empty"},
        {"https://host/repo.git", "write git+https://"},
        {"git+ssh://u:hunter2@host/repo.git", "carries a password"},
        {"git+host:repo.git", "write user@host:path"},
        {"git+https://u:hunter2@host/repo.git", "user name or a password"},
        {"https://u:hunter2@host/repo.git", "neither a directory"},
        {"git+https://host/repo.git//../x", "leaves the repository"},
        {"git+https://host/repo.git?rev=hunter2", "did you mean 'ref'?"},
        {"git+https://host/repo.git?ref=", "neither a branch name nor"},
        {"git+https://host/repo.git?ref=a&ref=b", "two refs"},
        {"git+https://host", "no repository"},
        {"git+", "empty"},
        {std::string("a\0b", 3), "zero byte"},
    };
    for (const auto& [text, expected] : cases) {
        const auto spec = parse_desired_spec(text);
        ASSERT_FALSE(spec) << text;
        EXPECT_EQ(spec.error().code(), Errc::invalid);
        EXPECT_NE(spec.error().message().find(expected), std::string::npos)
            << spec.error().message();
        EXPECT_EQ(spec.error().message().find("hunter2"), std::string::npos)
            << spec.error().message();
    }
}

}    // namespace
}    // namespace trueup::source
