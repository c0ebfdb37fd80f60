// SPDX-License-Identifier: Apache-2.0
#include "controller/source/checkout.hpp"

#include <gtest/gtest.h>

#include "tests/support/git_repository.hpp"

namespace trueup::source {
namespace {

bool is_pushed(const support::GitRepository& repository) {
    const auto checkout = Checkout::find(repository.path());
    EXPECT_TRUE(checkout) << checkout.error().message();
    return checkout && checkout->is_pushed();
}

TEST(Checkout, KnowsWhetherTheRemoteHasItsCommit) {
    const support::TempDirectory directory;
    const support::GitRepository repository(directory / "work");
    repository.write("compose.yaml", "services: {}\n");
    repository.commit("one");
    EXPECT_FALSE(is_pushed(repository)) << "it has no remote";
    const support::GitRepository remote(directory / "remote");
    repository.git("remote add origin '" + remote.path() + "'");
    EXPECT_FALSE(is_pushed(repository)) << "nothing was pushed";
    repository.git("push -q origin main:refs/heads/feature/shop");
    EXPECT_TRUE(is_pushed(repository));
    repository.commit("two");
    EXPECT_FALSE(is_pushed(repository));
    repository.git("push -q origin main:refs/heads/feature/shop");
    EXPECT_TRUE(is_pushed(repository));
    repository.git("checkout -q HEAD~1");
    EXPECT_TRUE(is_pushed(repository)) << "an older commit of a branch is there too";
}

}    // namespace
}    // namespace trueup::source
