// SPDX-License-Identifier: Apache-2.0
// Images that the history needs keep a tag, whatever becomes of their own.
#include "controller/reconcile/kept_images.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;

store::Revision revision(int number, std::vector<std::string> images) {
    store::Revision made;
    made.number = number;
    made.images = std::move(images);
    return made;
}

TEST(KeptImages, WhatOneNeedsIsAllOnlyOnceItsHistoryForgets) {
    const std::vector<store::Revision> two = {revision(2, {"c"}), revision(1, {"b"}),
                                              revision(0, {"a"})};
    EXPECT_EQ(needed_images(two, 10).images, (std::set<std::string>{"a", "b", "c"}));
    EXPECT_FALSE(needed_images(two, 10).is_all);
    EXPECT_FALSE(needed_images(two, 3).is_all) << "what was found does not count";
    EXPECT_TRUE(needed_images(two, 2).is_all);
    EXPECT_FALSE(needed_images({}, 0).is_all);
}

TEST(KeptImages, TheReferenceIsOneThatTheEngineTakes) {
    EXPECT_EQ(keep_reference("shop-production", "sha256:0123456789abcdef"),
              "trueup.keep/shop-production:0123456789ab");
}

class KeptImagesTest : public testing::Test {
protected:
    std::string deploy(int release, int history_limit) {
        if (!process) process = world.start();
        Entry entry = world.entry(world.commit("release = " + std::to_string(release) + "\n"));
        entry.stack.spec.history_limit = history_limit;
        const Findings findings = process->reconcile(entry);
        EXPECT_FALSE(findings.error) << findings.error->message();
        return world.engine.find("shop-api-1")->image_id;
    }
    bool is_kept(const std::string& image_id) const {
        const auto image = world.engine.images.find(image_id);
        if (image == world.engine.images.end()) return false;
        const auto& all = image->second.references;
        return std::find(all.begin(), all.end(), keep_reference("shop", image_id)) != all.end();
    }

    LoopWorld world;
    std::unique_ptr<test::Process> process;
};

TEST_F(KeptImagesTest, AnImageKeepsATagWhileARevisionNeedsIt) {
    const std::string one = deploy(1, 2);
    EXPECT_FALSE(is_kept(one)) << "it has its own tag";
    const std::string two = deploy(2, 2);
    EXPECT_TRUE(is_kept(one)) << "the tag that it was built with is another image's now";
    EXPECT_FALSE(is_kept(two));
    const std::string three = deploy(3, 2);
    EXPECT_TRUE(is_kept(one)) << "revisions 1 and 2 were remembered when 3 began";
    deploy(4, 2);
    EXPECT_FALSE(is_kept(one));
    EXPECT_TRUE(is_kept(two));
    EXPECT_TRUE(is_kept(three));
}

TEST_F(KeptImagesTest, AShortHistoryTakesNoTagAway) {
    const std::string one = deploy(1, 10);
    deploy(2, 10);
    ASSERT_TRUE(is_kept(one));
    process.reset();
    std::filesystem::remove_all(world.directory / "state");
    deploy(3, 10);
    deploy(4, 10);
    EXPECT_TRUE(is_kept(one));
}

}    // namespace
}    // namespace trueup::reconcile
