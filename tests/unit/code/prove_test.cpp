// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "controller/code/bytecode.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/run_task.hpp"
#include "tests/unit/code/service.hpp"

namespace trueup::code {
namespace {

using model::CodeStatus;
using model::FileChange;
using Differences = std::vector<model::FileDifference>;

const SystemTime now = SystemTime(Seconds(1'700'000'000));

class ProveCode : public testing::Test {
protected:
    // A container of an image with these files; not started.
    std::string container_with(std::map<std::string, std::string> files) {
        const std::string image = image_with(std::move(files));
        boost::json::object body;
        body["Image"] = image;
        const auto created = test::run(io, engine.create_container("shop-api-1", std::move(body)));
        EXPECT_TRUE(created) << created.error().message();
        engine.calls.clear();
        return *created;
    }

    std::string image_with(std::map<std::string, std::string> files) {
        test::FakeImage image;
        image.references = {"shop-api"};
        image.files = std::move(files);
        return engine.add_image(std::move(image));
    }

    std::shared_ptr<const ExpectedCode> expected(const std::vector<model::CodeMapping>& mappings = {
                                                     {"app", "/srv", {}}}) const {
        model::Service service;
        auto code = expect(service, mappings, tree);
        EXPECT_TRUE(code) << code.error().message();
        return std::make_shared<const ExpectedCode>(std::move(*code));
    }

    Result<Comparison> compare_with(const std::string& container,
                                    std::shared_ptr<const Manifest> manifest = nullptr) {
        return test::run(io, compare_container(engine, pool, container, expected(),
                                               std::move(manifest), verdicts, now));
    }

    Result<Comparison> compare_with_image(const std::string& image,
                                          Builder builder = Builder::trueup) {
        return test::run(
            io, compare_image(engine, pool, image, expected(), "owner-a", verdicts, now, builder));
    }

    boost::asio::io_context io;
    base::Pool pool{1};
    Verdicts verdicts;
    test::FakeEngine engine{io.get_executor()};
    test::MemoryTree tree{{"app/main.py", "1"}, {"app/lib/util.py", "2"}, {"conf/a.conf", "3"}};
    const std::map<std::string, std::string> same{{"/srv/main.py", "1"}, {"/srv/lib/util.py", "2"}};
};

TEST_F(ProveCode, AContainerWithTheCommitsFilesIsFreshAndSaysWhenItWasLookedAt) {
    const auto comparison = compare_with(container_with(same));
    ASSERT_TRUE(comparison) << comparison.error().message();
    EXPECT_EQ(comparison->state.status, CodeStatus::fresh);
    EXPECT_EQ(comparison->state.files, 2U);
    EXPECT_EQ(comparison->state.code_id, expected()->code_id);
    EXPECT_EQ(comparison->state.proven_at, now);
}

TEST_F(ProveCode, AFileChangedInTheContainerIsFound) {
    const std::string container = container_with(same);
    engine.find(container)->files["/srv/main.py"] = "hacked";
    engine.find(container)->files["/srv/evil.py"] = "x";
    engine.find(container)->files.erase("/srv/lib/util.py");
    engine.find(container)->files["/etc/passwd"] = "not of the code";
    const auto comparison = compare_with(container);
    ASSERT_TRUE(comparison) << comparison.error().message();
    EXPECT_EQ(comparison->state.status, CodeStatus::stale);
    EXPECT_EQ(comparison->state.differences, (Differences{{"app/lib/util.py", FileChange::missing},
                                                          {"app/main.py", FileChange::modified},
                                                          {"/srv/evil.py", FileChange::extra}}));
}

TEST_F(ProveCode, EveryRootIsReadOnce) {
    const auto code = expected({{"app", "/srv", {}}, {"conf/a.conf", "/etc/a.conf", {}}});
    std::map<std::string, std::string> files = same;
    files["/etc/a.conf"] = "3";
    files["/etc/shadow.sh"] = "beside the mapped file";
    const std::string container = container_with(files);
    const auto comparison =
        test::run(io, compare_container(engine, pool, container, code, {}, verdicts, now));
    ASSERT_TRUE(comparison) << comparison.error().message();
    EXPECT_EQ(comparison->state.status, CodeStatus::fresh);
    EXPECT_EQ(engine.calls, (std::vector<std::string>{"archive " + container + " /etc/a.conf",
                                                      "archive " + container + " /srv"}));
}

TEST_F(ProveCode, ADirectoryThatIsGoneIsAFindingAndNoFailure) {
    const auto comparison = compare_with(container_with({{"/bin/sh", "x"}}));
    ASSERT_TRUE(comparison) << comparison.error().message();
    EXPECT_EQ(comparison->state.status, CodeStatus::stale);
    EXPECT_EQ(comparison->state.differences, (Differences{{"app/lib/util.py", FileChange::missing},
                                                          {"app/main.py", FileChange::missing}}));
}

TEST_F(ProveCode, AContainerThatIsGoneIsAFailureAndNotStale) {
    const auto comparison = compare_with("gone");
    ASSERT_FALSE(comparison);
    EXPECT_EQ(comparison.error().code(), Errc::not_found);
}

TEST_F(ProveCode, AnEngineThatIsGoneIsAFailureAndNotStale) {
    const std::string container = container_with(same);
    engine.disconnect();
    const auto comparison = compare_with(container);
    ASSERT_FALSE(comparison);
    EXPECT_EQ(comparison.error().code(), Errc::unavailable);
}

TEST_F(ProveCode, LargeDirectoriesAreStreamed) {
    std::map<std::string, std::string> files = same;
    const std::string large(6'000'000, 'x');
    tree.add("app/large.bin", large);
    files["/srv/large.bin"] = large;
    const std::string container = container_with(files);
    const auto fresh = compare_with(container);
    ASSERT_TRUE(fresh) << fresh.error().message();
    EXPECT_EQ(fresh->state.status, CodeStatus::fresh);
    engine.find(container)->files["/srv/large.bin"].back() = 'y';
    const auto stale = compare_with(container);
    ASSERT_TRUE(stale) << stale.error().message();
    EXPECT_EQ(stale->state.differences, (Differences{{"app/large.bin", FileChange::modified}}));
}

TEST_F(ProveCode, AnImageIsReadThroughAContainerThatNeverRunsAndIsRemoved) {
    const auto comparison = compare_with_image(image_with(same));
    ASSERT_TRUE(comparison) << comparison.error().message();
    EXPECT_EQ(comparison->state.status, CodeStatus::fresh);
    ASSERT_EQ(engine.calls.size(), 3U);
    EXPECT_TRUE(engine.calls[0].starts_with("create"));
    EXPECT_TRUE(engine.calls[1].starts_with("archive"));
    EXPECT_TRUE(engine.calls[2].starts_with("remove"));
    EXPECT_TRUE(engine.containers.empty());
}

TEST_F(ProveCode, WhatTheImageBroughtAlongIsTheManifestOfItsContainers) {
    std::map<std::string, std::string> files = same;
    files["/srv/generated.py"] = "x";
    const auto image = compare_with_image(image_with(files));
    ASSERT_TRUE(image) << image.error().message();
    EXPECT_EQ(image->state.status, CodeStatus::fresh);
    EXPECT_EQ(image->state.difference_count, 0U);
    ASSERT_EQ(image->of_build.size(), 1U);
    EXPECT_EQ(image->of_build.begin()->first, "/srv/generated.py");
    const auto container =
        compare_with(container_with(files), std::make_shared<const Manifest>(image->of_build));
    ASSERT_TRUE(container) << container.error().message();
    EXPECT_EQ(container->state.status, CodeStatus::fresh);
}

// docker compose builds what lies there: a file that nobody committed as well.
TEST_F(ProveCode, WhatAStrangersImageBroughtAlongIsADifference) {
    std::map<std::string, std::string> files = same;
    files["/srv/override.py"] = "x";
    const auto image = compare_with_image(image_with(files), Builder::stranger);
    ASSERT_TRUE(image) << image.error().message();
    EXPECT_EQ(image->state.status, CodeStatus::stale);
    EXPECT_EQ(image->state.differences, (Differences{{"/srv/override.py", FileChange::extra}}));
    EXPECT_TRUE(image->of_build.empty());
    const auto container =
        compare_with(container_with(files), std::make_shared<const Manifest>(image->of_build));
    ASSERT_TRUE(container) << container.error().message();
    EXPECT_EQ(container->state.differences, image->state.differences);
    const auto clean = compare_with_image(image_with(same), Builder::stranger);
    ASSERT_TRUE(clean) << clean.error().message();
    EXPECT_EQ(clean->state.status, CodeStatus::fresh);
}

TEST_F(ProveCode, AnImageWithOtherCodeIsStaleByItsCommitsFilesAlone) {
    const auto comparison =
        compare_with_image(image_with({{"/srv/main.py", "old"}, {"/srv/generated.py", "x"}}));
    ASSERT_TRUE(comparison) << comparison.error().message();
    EXPECT_EQ(comparison->state.status, CodeStatus::stale);
    EXPECT_EQ(comparison->state.difference_count, 2U);
    EXPECT_EQ(comparison->state.differences, (Differences{{"app/lib/util.py", FileChange::missing},
                                                          {"app/main.py", FileChange::modified}}));
}

TEST_F(ProveCode, AFailureLeavesNoContainerBehind) {
    const std::string image = image_with(same);
    engine.arm(2, false, 0);    // create, archive
    const auto comparison = compare_with_image(image);
    ASSERT_FALSE(comparison);
    EXPECT_EQ(comparison.error().code(), Errc::unavailable);
    EXPECT_TRUE(engine.containers.empty());
}

TEST_F(ProveCode, AnImageThatIsGoneIsAFailure) {
    const auto comparison = compare_with_image("sha256:gone");
    ASSERT_FALSE(comparison);
    EXPECT_EQ(comparison.error().code(), Errc::not_found);
}

TEST_F(ProveCode, AThrowAwayContainerHasANameOfItsOwn) {
    ASSERT_TRUE(compare_with_image(image_with(same)));
    ASSERT_TRUE(compare_with_image(image_with(same)));
    std::vector<std::string> names;
    for (const std::string& call : engine.calls) {
        if (call.starts_with("create ")) names.push_back(call);
    }
    ASSERT_EQ(names.size(), 2U);
    EXPECT_TRUE(names.front().starts_with("create trueup-proof-")) << names.front();
    EXPECT_NE(names.front(), names.back());
}

// As a controller leaves them that was killed between create and remove.
TEST_F(ProveCode, LeftoversAreRemovedAndNothingElse) {
    const std::string image = image_with(same);
    const auto create = [&](const std::string& name, const std::string& owner) {
        boost::json::object labels;
        if (!owner.empty()) labels[proof_label] = owner;
        boost::json::object body;
        body["Image"] = image;
        body["Labels"] = std::move(labels);
        return *test::run(io, engine.create_container(name, std::move(body)));
    };
    create("trueup-proof-1", "owner-a");
    const std::string started = create("trueup-proof-2", "owner-a");
    ASSERT_TRUE(test::run(io, engine.start_container(started)));
    create("trueup-proof-3", "owner-b");
    create("trueup-proof-4", "");
    // With our label, by whatever way: nobody knows what is in its volumes.
    create("labelled", "owner-a");
    const auto removed = test::run(io, remove_leftovers(engine, "owner-a"));
    ASSERT_TRUE(removed) << removed.error().message();
    std::vector<std::string> left;
    for (const auto& [id, container] : engine.containers) left.push_back(container.name);
    std::sort(left.begin(), left.end());
    EXPECT_EQ(left, (std::vector<std::string>{"labelled", "trueup-proof-3", "trueup-proof-4"}));
}

}    // namespace
}    // namespace trueup::code
