// SPDX-License-Identifier: Apache-2.0
// What a real builder makes of a commit, and whether its code is proven: the ways of a Dockerfile that
// make the container's paths, kinds and modes other than the commit's.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "controller/build/build.hpp"
#include "controller/code/code.hpp"
#include "tests/support/memory_tree.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::code {
namespace {

using model::CodeStatus;
using model::FileChange;
using Differences = std::vector<model::FileDifference>;

std::string base_image() {
    const char* base = std::getenv("TRUEUP_TEST_BASE_BUSYBOX");
    if (base == nullptr) throw std::runtime_error("run it with tests/support/with-engine");
    return base;
}

class ProveBuilt : public testing::Test {
protected:
    ProveBuilt() {
        engine::EngineOptions options;
        options.url = engine::default_engine_url();
        engine_ = *engine::make_docker_engine(io.get_executor(), std::move(options));
        tree.add("app/main.py", "print(1)\n");
        tree.add("app/lib/util.py", "2");
        tree.add("app/gr\u00fc\u00dfe.py", "3");
        tree.add("app/" + std::string(150, 'l') + ".py", "4");
        tree.add("app/run.sh", "exec\n", model::EntryKind::executable);
        tree.add("app/current", "lib", model::EntryKind::symlink);
    }
    ~ProveBuilt() override {
        for (const std::string& id : containers_)
            (void)test::run(io, engine_->remove_container(id, true, true));
    }

    // Builds an image from `dockerfile` behind FROM, and says what the commit wants in it.
    void build(const std::string& dockerfile) {
        tree.add("Dockerfile", "FROM " + base_image() + "\n" + dockerfile);
        model::Project project;
        project.name = "trueup-code-test";
        model::Service service;
        service.name = "api";
        service.build.emplace();
        project.services.emplace("api", service);
        project = *build::identify(std::move(project), tree);
        const auto mappings = find_code(project, tree, {});
        ASSERT_TRUE(mappings) << mappings.error().message();
        ASSERT_TRUE(mappings->contains("api")) << "no code found";
        build::BuildInputs inputs;
        inputs.project_name = project.name;
        inputs.service = project.services.at("api");
        inputs.tree = std::make_shared<test::MemoryTree>(tree);
        inputs.revision = std::string(40, 'c');
        inputs.commit_time = SystemTime(Seconds(1'700'000'000));
        auto code = expect(inputs.service, mappings->at("api"), tree);
        ASSERT_TRUE(code) << code.error().message();
        expected = std::make_shared<const ExpectedCode>(std::move(*code));
        const auto outcome =
            test::run(io, build::build_image(*engine_, pool, std::move(inputs), nullptr));
        ASSERT_TRUE(outcome) << outcome.error().message();
        image_id = outcome->image_id;
    }

    Comparison image() {
        const auto compared = test::run(
            io, compare_image(*engine_, pool, image_id, expected, "code-test", SystemTime()));
        EXPECT_TRUE(compared) << compared.error().message();
        return compared ? *compared : Comparison();
    }

    // Of a container in which a person ran `script`, against the image's baseline.
    Comparison container_after(const std::string& script,
                               const std::vector<std::string>& baseline) {
        boost::json::array command;
        for (const std::string& word : {std::string("sh"), std::string("-c"), script})
            command.emplace_back(word);
        boost::json::object body;
        body["Image"] = image_id;
        body["Cmd"] = std::move(command);
        const auto created = test::run(io, engine_->create_container("", std::move(body)));
        EXPECT_TRUE(created) << created.error().message();
        if (!created) return {};
        containers_.push_back(*created);
        EXPECT_TRUE(test::run(io, engine_->start_container(*created)));
        EXPECT_TRUE(test::eventually(
            [&] {
                const auto seen = test::run(io, engine_->inspect_container(*created));
                return seen && seen->state == model::ContainerState::exited;
            },
            std::chrono::seconds(20)));
        const auto compared = test::run(
            io, compare_container(*engine_, pool, *created, expected, baseline, SystemTime()));
        EXPECT_TRUE(compared) << compared.error().message();
        return compared ? *compared : Comparison();
    }

    void expect_fresh(const Comparison& comparison, std::size_t files) {
        EXPECT_EQ(comparison.state.status, CodeStatus::fresh);
        EXPECT_EQ(comparison.state.files, files);
        for (const model::FileDifference& difference : comparison.state.differences)
            ADD_FAILURE() << difference.path << " is " << to_string(difference.change);
    }

    boost::asio::io_context io;
    base::Pool pool{1};
    test::MemoryTree tree;
    std::shared_ptr<const ExpectedCode> expected;
    std::string image_id;

private:
    std::unique_ptr<engine::Engine> engine_;
    std::vector<std::string> containers_;
};

TEST_F(ProveBuilt, AFolderWithLinksModesAndNamesOfEveryKind) {
    ASSERT_NO_FATAL_FAILURE(build("WORKDIR /srv\nCOPY app .\n"));
    const Comparison built = image();
    expect_fresh(built, 6);
    expect_fresh(container_after("true", built.of_build), 6);
}

TEST_F(ProveBuilt, WhatAPersonDoesInAContainerIsFound) {
    ASSERT_NO_FATAL_FAILURE(build("COPY app /srv\n"));
    const Comparison changed = container_after(
        "cd /srv && echo 9 > main.py && rm lib/util.py && chmod -x run.sh && echo > new.py", {});
    EXPECT_EQ(changed.state.status, CodeStatus::stale);
    EXPECT_EQ(changed.state.differences, (Differences{{"app/lib/util.py", FileChange::missing},
                                                      {"app/main.py", FileChange::modified},
                                                      {"/srv/new.py", FileChange::extra},
                                                      {"app/run.sh", FileChange::mode}}));
}

TEST_F(ProveBuilt, AHardLinkIsTheFileItLinksTo) {
    ASSERT_NO_FATAL_FAILURE(build("COPY app /srv\n"));
    expect_fresh(container_after("cd /srv && ln main.py a", {}), 6);
}

TEST_F(ProveBuilt, ModesThatTheBuildSetAreItsOwn) {
    ASSERT_NO_FATAL_FAILURE(
        build("COPY app /srv\nRUN chmod +x /srv/main.py && echo 1 > /srv/generated.py\n"));
    const Comparison built = image();
    expect_fresh(built, 6);
    EXPECT_EQ(built.of_build, (std::vector<std::string>{"/srv/generated.py", "/srv/main.py"}));
    expect_fresh(container_after("true", built.of_build), 6);
}

TEST_F(ProveBuilt, AModeThatCopySetIsTheBuildsToo) {
    ASSERT_NO_FATAL_FAILURE(build("COPY --chmod=755 app/lib/util.py /usr/local/bin/util.py\n"));
    const Comparison built = image();
    expect_fresh(built, 1);
    expect_fresh(container_after("true", built.of_build), 1);
}

TEST_F(ProveBuilt, AFolderThatTheImageLinksElsewhereIsRead) {
    ASSERT_NO_FATAL_FAILURE(
        build("RUN mkdir -p /usr/real /opt && ln -s /usr/real /opt/link\nCOPY app /opt/link\n"));
    expect_fresh(image(), 6);
    const Comparison changed = container_after("echo 9 > /usr/real/main.py", {});
    EXPECT_EQ(changed.state.differences, (Differences{{"app/main.py", FileChange::modified}}));
}

TEST_F(ProveBuilt, WildcardsAndFilesLandWhereTheDockerfileIsFollowed) {
    tree.add("setup.py", "5");
    tree.add("link.py", "setup.py", model::EntryKind::symlink);
    tree.add(".dockerignore", "app/lib\n");
    ASSERT_NO_FATAL_FAILURE(build(
        "WORKDIR /srv/deep\nCOPY *.py ./\nCOPY app/*.py app/run.sh other/\nCOPY setup.py /srv\n"));
    expect_fresh(image(), 6);
}

TEST_F(ProveBuilt, AFolderCopiedToTheRoot) {
    tree.add("rootfs/init-here", "1");
    tree.add("rootfs/etc/shop/a.conf", "2");
    tree.add("rootfs/bin/tool.sh", "3", model::EntryKind::executable);
    ASSERT_NO_FATAL_FAILURE(build("COPY rootfs/ /\n"));
    expect_fresh(image(), 3);
}

}    // namespace
}    // namespace trueup::code
