// SPDX-License-Identifier: Apache-2.0
#include "controller/build/build.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "controller/engine/world.hpp"
#include "controller/model/labels.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/memory_tree.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::build {
namespace {

namespace labels = model::labels;
using Calls = std::vector<std::string>;

model::Service service_named(const std::string& name, const std::string& context = "") {
    model::Service service;
    service.name = name;
    service.position = {"compose.yaml", 3, 5};
    service.build.emplace();
    service.build->context = context;
    return service;
}

model::Project project_of(const std::vector<model::Service>& services) {
    model::Project project;
    project.name = "shop";
    for (const model::Service& service : services) project.services.emplace(service.name, service);
    return project;
}

model::Build identified(const test::MemoryTree& tree,
                        const model::Service& service = service_named("api")) {
    const auto project = identify(project_of({service}), tree);
    EXPECT_TRUE(project) << project.error().message();
    return project ? *project->services.at(service.name).build : model::Build();
}

test::MemoryTree commit() {
    return {{"Dockerfile", "FROM python:3.12\nWORKDIR /srv\nCOPY app .\n"},
            {"app/main.py", "print(1)\n"},
            {"docs/index.md", "x"},
            {".dockerignore", "docs\n"}};
}

TEST(Identify, TheSameContextHasTheSameIds) {
    const model::Build build = identified(commit());
    EXPECT_EQ(build.context_id.size(), 64U);
    EXPECT_EQ(build.recipe_id.size(), 64U);
    EXPECT_EQ(identified(commit()), build);
    test::MemoryTree ignored = commit();
    ignored.add("docs/index.md", "changed");
    ignored.add("docs/new.md", "added");
    ignored.add("app/main.pyc", "byte code");
    EXPECT_EQ(identified(ignored), build);
}

TEST(Identify, EveryChangeOfTheContextChangesBothIds) {
    const model::Build build = identified(commit());
    std::vector<test::MemoryTree> changed(5, commit());
    changed[0].add("app/main.py", "print(2)\n");
    changed[1].add("app/new.py", "");
    changed[2].add("app/main.py", "print(1)\n", model::EntryKind::executable);
    changed[3].add("app/main.py", "print(1)\n", model::EntryKind::symlink);
    changed[4].add(".dockerignore", "docs\n#\n");
    for (const test::MemoryTree& tree : changed) {
        EXPECT_NE(identified(tree).context_id, build.context_id);
        EXPECT_NE(identified(tree).recipe_id, build.recipe_id);
    }
}

TEST(Identify, ArgumentsTargetAndDockerfileChangeTheRecipeAlone) {
    const model::Build build = identified(commit());
    std::vector<model::Service> changed(4, service_named("api"));
    changed[0].build->args["A"] = "1";
    changed[1].build->args["A"] = "2";
    changed[2].build->target = "A";
    changed[3].build->dockerfile_inline = "FROM other\n";
    std::vector<std::string> recipes{build.recipe_id};
    for (const model::Service& service : changed) {
        const model::Build other = identified(commit(), service);
        EXPECT_EQ(other.context_id, build.context_id);
        recipes.push_back(other.recipe_id);
    }
    std::sort(recipes.begin(), recipes.end());
    EXPECT_EQ(std::adjacent_find(recipes.begin(), recipes.end()), recipes.end());
}

TEST(Identify, WhatAnImageIsMadeWithChangesTheRecipeAndHowItIsMadeDoesNot) {
    const model::Build build = identified(commit());
    std::vector<model::Service> changed(8, service_named("api"));
    changed[0].build->labels["A"] = "1";
    changed[1].build->tags = {"A"};
    changed[2].build->extra_hosts = {"A=1.1.1.1"};
    changed[3].build->network = "none";
    changed[4].build->shm_size = 1;
    changed[5].build->ulimits["nofile"] = {1, 2};
    changed[6].build->platforms = {"linux/arm64"};
    changed[7].platform = "linux/amd64";
    std::vector<std::string> recipes{build.recipe_id};
    for (const model::Service& service : changed)
        recipes.push_back(identified(commit(), service).recipe_id);
    std::sort(recipes.begin(), recipes.end());
    EXPECT_EQ(std::adjacent_find(recipes.begin(), recipes.end()), recipes.end());

    model::Service otherwise = service_named("api");
    otherwise.build->no_cache = true;
    otherwise.build->pull = true;
    otherwise.build->cache_from = {"x"};
    otherwise.build->network = "default";
    otherwise.build->platforms = {"linux/amd64", "linux/arm64"};
    EXPECT_EQ(identified(commit(), otherwise).recipe_id, build.recipe_id);
}

TEST(Identify, ArgumentsDoNotRunIntoOneAnother) {
    model::Service first = service_named("api");
    first.build->args = {{"A", "1B"}, {"C", "2"}};
    model::Service second = service_named("api");
    second.build->args = {{"A", "1"}, {"BC", "2"}};
    EXPECT_NE(identified(commit(), first).recipe_id, identified(commit(), second).recipe_id);
}

TEST(Identify, ServicesWithoutABuildStayAsTheyAre) {
    model::Service service;
    service.name = "db";
    service.image = "postgres:16";
    const auto project = identify(project_of({service}), test::MemoryTree());
    ASSERT_TRUE(project);
    EXPECT_EQ(*project, project_of({service}));
}

TEST(Identify, TheProblemsOfAllServicesAreToldAtOnce) {
    const test::MemoryTree tree{{"one/Dockerfile", "FROM a\nCOPPY b c\n"}, {"two/x", "1"}};
    const auto project = identify(project_of({service_named("a", "one"), service_named("b", "two"),
                                              service_named("c", "three")}),
                                  tree);
    ASSERT_FALSE(project);
    const Error error = project.error();
    EXPECT_EQ(error.code(), Errc::invalid);
    std::vector<std::string> texts;
    for (const Problem& problem : error.problems()) texts.push_back(to_string(problem.position));
    EXPECT_EQ(texts, (std::vector<std::string>{"one/Dockerfile:2:1", "compose.yaml:3:5",
                                               "compose.yaml:3:5"}));
}

// A commit whose objects are damaged: it lists a file and cannot give it.
class DamagedTree final : public model::Tree {
public:
    DamagedTree(test::MemoryTree whole, std::string damaged)
        : whole_(std::move(whole)), damaged_(std::move(damaged)) {}
    Result<model::TreeEntry> stat(std::string_view path) const override {
        return whole_.stat(path);
    }
    Result<std::vector<model::TreeEntry>> list(std::string_view path) const override {
        return whole_.list(path);
    }
    Result<std::string> read(std::string_view path, std::size_t limit) const override {
        if (path == damaged_) return Error(Errc::denied, "object of " + damaged_ + " is damaged");
        return whole_.read(path, limit);
    }

private:
    test::MemoryTree whole_;
    std::string damaged_;
};

class BuildImage : public testing::Test {
protected:
    BuildImage() { engine.add_to_registry("python:3.12", base_image("1")); }

    static test::FakeImage base_image(const std::string& content) {
        test::FakeImage image;
        image.files["/bin/python"] = content;
        return image;
    }

    BuildInputs inputs(const test::MemoryTree& tree = commit()) const {
        BuildInputs inputs;
        inputs.project_name = "shop";
        inputs.service = service_named("api");
        inputs.service.build = identified(tree);
        inputs.tree = std::make_shared<test::MemoryTree>(tree);
        inputs.revision = std::string(40, 'c');
        inputs.commit_time = SystemTime(Seconds(1'700'000'000));
        return inputs;
    }

    Result<BuildOutcome> build(BuildInputs with) {
        lines.clear();
        return test::run(io,
                         build_image(engine, pool, std::move(with),
                                     [this](const std::string& line) { lines.push_back(line); }));
    }

    const test::FakeImage& image_of(const Result<BuildOutcome>& outcome) {
        return engine.images.at(outcome->image_id);
    }

    boost::asio::io_context io;
    base::Pool pool{1};
    test::FakeEngine engine{io.get_executor()};
    Calls lines;
};

TEST_F(BuildImage, TheCommitsFilesAreInTheImageUnderTheServicesReference) {
    const auto outcome = build(inputs());
    ASSERT_TRUE(outcome) << outcome.error().message();
    const test::FakeImage& image = image_of(outcome);
    EXPECT_EQ(image.files, (std::map<std::string, std::string>{{"/bin/python", "1"},
                                                               {"/srv/main.py", "print(1)\n"}}));
    ASSERT_EQ(image.references.size(), 1U);
    EXPECT_EQ(image.references[0], engine::normal_reference("shop-api"));
}

TEST_F(BuildImage, AMissingBaseIsPulledBeforeTheBuildAndAPresentOneIsNot) {
    ASSERT_TRUE(build(inputs()));
    EXPECT_EQ(engine.calls, (Calls{"inspect image python:3.12", "pull python:3.12",
                                   "inspect image python:3.12", "info", "build shop-api"}));
    EXPECT_EQ(lines.front(), "pulling python:3.12");
    engine.calls.clear();
    ASSERT_TRUE(build(inputs()));
    EXPECT_EQ(engine.calls, (Calls{"inspect image python:3.12", "info", "build shop-api"}));
}

TEST_F(BuildImage, BasesArePulledAgainWhereTheBuildSaysSo) {
    ASSERT_TRUE(build(inputs()));
    engine.calls.clear();
    BuildInputs with = inputs();
    with.service.build->pull = true;
    ASSERT_TRUE(build(with));
    EXPECT_EQ(engine.calls, (Calls{"inspect image python:3.12", "pull python:3.12",
                                   "inspect image python:3.12", "info", "build shop-api"}));
}

TEST_F(BuildImage, ImagesOfTheCacheArePulledAndOneThatIsNotThereIsOnlyTold) {
    engine.add_to_registry("old:1", base_image("2"));
    BuildInputs with = inputs();
    with.service.build->cache_from = {"old:1", "none:1"};
    ASSERT_TRUE(build(with));
    const auto pulled = [&](const char* call) {
        return std::count(engine.calls.begin(), engine.calls.end(), call);
    };
    EXPECT_EQ(pulled("pull old:1"), 1);
    EXPECT_EQ(pulled("pull none:1"), 1);
    const bool told = std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
        return line.starts_with("cache_from none:1: ");
    });
    EXPECT_TRUE(told);
}

TEST_F(BuildImage, LabelsOfTheServiceAreAmongOurs) {
    BuildInputs with = inputs();
    with.service.build->labels = {{"team", "shop"},
                                  {std::string(labels::image_revision), "theirs"}};
    const auto outcome = build(with);
    ASSERT_TRUE(outcome) << outcome.error().message();
    EXPECT_EQ(image_of(outcome).labels.at("team"), "shop");
    EXPECT_EQ(image_of(outcome).labels.at(std::string(labels::image_revision)),
              std::string(40, 'c'));
}

TEST_F(BuildImage, TheSyntaxImageAndTheBasesOfAllStagesArePulled) {
    engine.add_to_registry("docker/dockerfile:1", base_image("2"));
    engine.add_to_registry("golang:1.22", base_image("3"));
    test::MemoryTree tree = commit();
    tree.add(
        "Dockerfile",
        "# syntax=docker/dockerfile:1\nFROM golang:1.22 AS make\nFROM python:3.12\nFROM make\n");
    engine.calls.clear();
    (void)build(inputs(tree));
    Calls pulls;
    for (const std::string& call : engine.calls) {
        if (call.starts_with("pull")) pulls.push_back(call);
    }
    EXPECT_EQ(pulls, (Calls{"pull docker/dockerfile:1", "pull golang:1.22", "pull python:3.12"}));
}

TEST_F(BuildImage, ABaseThatCannotBePulledIsToldAtItsLineAndNothingIsBuilt) {
    test::MemoryTree tree = commit();
    tree.add("Dockerfile", "ARG X\nFROM python:0.0\n");
    const auto outcome = build(inputs(tree));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code(), Errc::not_found);
    EXPECT_TRUE(outcome.error().message().starts_with("Dockerfile:2:1: "))
        << outcome.error().message();
    EXPECT_EQ(std::count(engine.calls.begin(), engine.calls.end(), "build shop-api"), 0);
}

TEST_F(BuildImage, LabelsSayWhatTheImageWasMadeFrom) {
    const BuildInputs with = inputs();
    const auto outcome = build(with);
    ASSERT_TRUE(outcome) << outcome.error().message();
    const model::StringMap expected{{std::string(labels::recipe), with.service.build->recipe_id},
                                    {std::string(labels::context), with.service.build->context_id},
                                    {std::string(labels::build), outcome->build_id},
                                    {std::string(labels::uncached), "false"},
                                    {std::string(labels::image_revision), std::string(40, 'c')}};
    EXPECT_EQ(image_of(outcome).labels, expected);
}

TEST_F(BuildImage, ALabelSaysThatNoLayerCameOutOfACache) {
    BuildInputs fresh = inputs();
    fresh.no_cache = true;
    BuildInputs asked = inputs();
    asked.service.build->no_cache = true;
    for (const BuildInputs& each : {fresh, asked}) {
        const auto outcome = build(each);
        ASSERT_TRUE(outcome) << outcome.error().message();
        EXPECT_EQ(image_of(outcome).labels.at(std::string(labels::uncached)), "true");
    }
}

// An image has the labels of its base: one that was built without cache says nothing of what lies on it.
TEST_F(BuildImage, AnImageIsNotUncachedBecauseItsBaseIs) {
    test::FakeImage base = base_image("fresh");
    base.references = {"python:3.12"};
    base.labels[std::string(labels::uncached)] = "true";
    engine.add_image(std::move(base));
    const auto outcome = build(inputs());
    ASSERT_TRUE(outcome) << outcome.error().message();
    EXPECT_EQ(image_of(outcome).labels.at(std::string(labels::uncached)), "false");
}

TEST_F(BuildImage, TheBuildIdFollowsTheRecipeAndTheBases) {
    const auto first = build(inputs());
    ASSERT_TRUE(first);
    const auto again = build(inputs());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->build_id, first->build_id);
    test::MemoryTree changed = commit();
    changed.add("app/main.py", "print(2)\n");
    const auto other_code = build(inputs(changed));
    ASSERT_TRUE(other_code);
    EXPECT_NE(other_code->build_id, first->build_id);
    test::FakeImage newer = base_image("newer");
    newer.references = {"python:3.12"};
    engine.add_image(newer);
    const auto other_base = build(inputs());
    ASSERT_TRUE(other_base);
    EXPECT_NE(other_base->build_id, first->build_id);
}

TEST_F(BuildImage, AFailedStepIsInvalidAndSaysWhich) {
    test::MemoryTree tree = commit();
    tree.add("Dockerfile", "FROM python:3.12\nRUN false\n");
    const auto outcome = build(inputs(tree));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code(), Errc::invalid);
    EXPECT_NE(outcome.error().message().find("RUN false"), std::string::npos);
}

TEST_F(BuildImage, AnEngineThatIsGoneMayBeTriedAgain) {
    engine.disconnect();
    const auto outcome = build(inputs());
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code(), Errc::unavailable);
}

TEST_F(BuildImage, ACommitThatCannotBeReadIsTheCauseThatIsTold) {
    BuildInputs with = inputs();
    with.tree = std::make_shared<DamagedTree>(commit(), "app/main.py");
    const auto outcome = build(with);
    ASSERT_FALSE(outcome) << "an image without the file was taken for a build";
    EXPECT_EQ(outcome.error().code(), Errc::denied);
    EXPECT_NE(outcome.error().message().find("app/main.py is damaged"), std::string::npos);
    EXPECT_EQ(engine.images.size(), 1U) << "an image beside the base";
}

TEST_F(BuildImage, LargeContextsAreStreamed) {
    test::MemoryTree tree = commit();
    std::string large(7'000'000, 'x');
    large.back() = 'y';
    tree.add("app/large.bin", large);
    const auto outcome = build(inputs(tree));
    ASSERT_TRUE(outcome) << outcome.error().message();
    EXPECT_TRUE(image_of(outcome).files.at("/srv/large.bin") == large);
}

}    // namespace
}    // namespace trueup::build
