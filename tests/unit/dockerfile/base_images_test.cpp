// SPDX-License-Identifier: Apache-2.0
// What must be on the engine before a build.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "controller/dockerfile/parse.hpp"

namespace trueup::dockerfile {
namespace {

std::string images(std::string_view text) {
    const auto dockerfile = parse(text, "Dockerfile", {});
    EXPECT_TRUE(dockerfile) << dockerfile.error().message();
    std::string result;
    if (!dockerfile) return result;
    for (const BaseImage& image : base_images(*dockerfile, "Dockerfile"))
        result += fmt::format("{} {}\n", to_string(image.position), image.reference);
    return result;
}

TEST(BaseImages, OfEveryStageAndTheSyntaxOnce) {
    EXPECT_EQ(
        images("# escape=\\\n# syntax=docker/dockerfile:1\nFROM golang:1 AS Build\n"
               "FROM golang:1\nFROM debian\n"),
        "Dockerfile:2:1 docker/dockerfile:1\nDockerfile:3:1 golang:1\nDockerfile:5:1 debian\n");
}

TEST(BaseImages, StagesAndScratchAreNone) {
    EXPECT_EQ(images("FROM a AS Build\nFROM build AS next\nFROM scratch\n"
                     "COPY --from=BUILD /a /a\nCOPY --from=0 /a /a\nCOPY --from=next /a /a\n"),
              "Dockerfile:1:1 a\n");
}

TEST(BaseImages, AStageMayBeCalledLikeItsImage) {
    EXPECT_EQ(images("FROM golang AS golang\nFROM golang\n"), "Dockerfile:1:1 golang\n");
}

TEST(BaseImages, CopyAndMountsMayNameImages) {
    EXPECT_EQ(images("FROM a\nCOPY --from=nginx:1 /x /x\n"
                     "RUN --mount=type=bind,from=tools,target=/t --mount=type=cache,target=/c x\n"),
              "Dockerfile:1:1 a\nDockerfile:2:1 nginx:1\nDockerfile:3:1 tools\n");
}

}    // namespace
}    // namespace trueup::dockerfile
