// SPDX-License-Identifier: Apache-2.0
// What a Stack says about its compose files reaches the load.
#include "controller/reconcile/desired.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/memory_tree.hpp"

namespace trueup::reconcile {
namespace {

LoadInputs inputs_of(const std::string& compose_file) {
    LoadInputs inputs;
    inputs.spec.path = ".";
    inputs.spec.environment = "production";
    inputs.stack_name = "shop";
    inputs.project_name = "shop";
    inputs.commit.id = std::string(40, 'a');
    inputs.commit.tree = std::make_shared<const test::MemoryTree>(
        test::MemoryTree{{"compose.yaml", compose_file}, {"nginx.conf", "events {}\n"}});
    return inputs;
}

const char* const with_data =
    "services: {web: {image: nginx, volumes: ['./data:/data', './nginx.conf:/etc/nginx.conf']}}\n";

TEST(LoadDesired, BindsWhatIsNotInTheCommitBelowTheHostDirectory) {
    LoadInputs inputs = inputs_of(with_data);
    inputs.spec.compose.host_directory = "/srv/trueup-no-such-root/shop";
    inputs.host_files = source::HostFiles({"/srv/trueup-no-such-root"});
    inputs.remote_engine = "elsewhere";
    inputs.commit.tree = std::make_shared<const test::MemoryTree>(test::MemoryTree{
        {"compose.yaml", "services: {web: {image: nginx, volumes: ['./data:/data']}}\n"}});
    const auto desired = load_desired(inputs);
    ASSERT_TRUE(desired) << desired.error().message();
    const auto& mounts = (*desired)->project.services.at("web").mounts;
    ASSERT_EQ(mounts.size(), 1U);
    EXPECT_EQ(mounts[0].source, "/srv/trueup-no-such-root/shop/data");
    EXPECT_FALSE(mounts[0].in_commit);
}

TEST(LoadDesired, RefusesAHostDirectoryThatTheConfigurationDoesNotAllow) {
    LoadInputs inputs = inputs_of(with_data);
    inputs.spec.compose.host_directory = "/srv/shop";
    const auto desired = load_desired(inputs);
    ASSERT_FALSE(desired);
    EXPECT_EQ(desired.error().code(), Errc::invalid);
    EXPECT_NE(desired.error().message().find("spec.compose.hostDirectory"), std::string::npos)
        << desired.error().message();
}

TEST(LoadDesired, RefusesAnImageThatWouldHoldAPointerInPlaceOfALargeFile) {
    LoadInputs inputs = inputs_of("");
    test::MemoryTree tree{
        {"compose.yaml", "services: {web: {build: .}}\n"},
        {"Dockerfile", "FROM base:1\nCOPY app /srv/app\n"},
        {".gitattributes", "*.bin filter=lfs\n"},
        {"app/model.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"},
        {"docs/picture.bin",
         "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"}};
    inputs.commit.tree = std::make_shared<const test::MemoryTree>(tree);
    const auto desired = load_desired(inputs);
    ASSERT_FALSE(desired);
    EXPECT_TRUE(is_terminal(desired.error().code()));
    EXPECT_TRUE(desired.error().message().starts_with("app/model.bin: this is a Git LFS pointer"))
        << desired.error().message();
    EXPECT_EQ(desired.error().problems().size(), 1U) << "nothing copies the other one";
}

TEST(LoadDesired, RefusesARelativeBindWithoutAHostDirectory) {
    const auto desired = load_desired(inputs_of(with_data));
    ASSERT_FALSE(desired);
    EXPECT_NE(desired.error().message().find("'data' is not in the commit"), std::string::npos)
        << desired.error().message();
}

}    // namespace
}    // namespace trueup::reconcile
