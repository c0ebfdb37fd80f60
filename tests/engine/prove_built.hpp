// SPDX-License-Identifier: Apache-2.0
// What a real builder makes of a commit, against that commit: for tests of the proof.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "controller/build/build.hpp"
#include "controller/code/bytecode.hpp"
#include "controller/code/code.hpp"
#include "tests/support/memory_tree.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::test {

using code::Comparison;
using code::ExpectedCode;

// "BUSYBOX" or "PYTHON".
inline std::string base_image(const std::string& name) {
    const char* base = std::getenv(("TRUEUP_TEST_BASE_" + name).c_str());
    if (base == nullptr)
        throw std::runtime_error("run it with tests/support/with-engine --base python");
    return base;
}

class ProveBuilt : public testing::Test {
protected:
    ProveBuilt() {
        engine::EngineOptions options;
        options.url = engine::default_engine_url();
        engine = *engine::make_docker_engine(io.get_executor(), std::move(options));
        tree.add("app/main.py", "print(1)\n");
        tree.add("app/lib/util.py", "2");
        tree.add("app/gr\u00fc\u00dfe.py", "3");
        tree.add("app/" + std::string(150, 'l') + ".py", "4");
        tree.add("app/run.sh", "exec\n", model::EntryKind::executable);
        tree.add("app/current", "lib", model::EntryKind::symlink);
    }
    ~ProveBuilt() override {
        for (const std::string& id : containers_)
            (void)run(io, engine->remove_container(id, true, true));
    }

    // Builds an image from `dockerfile` behind FROM, and says what the commit wants in it.
    void build(const std::string& dockerfile) {
        tree.add("Dockerfile", "FROM " + base_image(base) + "\n" + dockerfile);
        model::Project project;
        project.name = "trueup-code-test";
        model::Service service;
        service.name = "api";
        service.build.emplace();
        project.services.emplace("api", service);
        project = *build::identify(std::move(project), tree);
        const auto found = code::find_code(project, tree, {});
        ASSERT_TRUE(found) << found.error().message();
        expected = found->at("api").expected;
        ASSERT_TRUE(expected) << "no code found";
        build::BuildInputs inputs;
        inputs.project_name = project.name;
        inputs.service = project.services.at("api");
        inputs.tree = std::make_shared<MemoryTree>(tree);
        inputs.revision = std::string(40, 'c');
        inputs.commit_time = SystemTime(Seconds(1'700'000'000));
        const auto outcome = run(io, build::build_image(*engine, pool, std::move(inputs), nullptr));
        ASSERT_TRUE(outcome) << outcome.error().message();
        image_id = outcome->image_id;
    }

    Comparison image() {
        const auto compared = run(io, code::compare_image(*engine, pool, image_id, expected,
                                                          "code-test", verdicts, SystemTime()));
        EXPECT_TRUE(compared) << compared.error().message();
        return compared ? *compared : Comparison();
    }

    // Of a container in which a person ran `script`, against the image's manifest.
    Comparison container_after(const std::string& script, const code::Manifest& manifest) {
        const auto known = std::make_shared<const code::Manifest>(manifest);
        boost::json::array command;
        for (const std::string& word : {std::string("sh"), std::string("-c"), script})
            command.emplace_back(word);
        boost::json::object body;
        body["Image"] = image_id;
        body["Cmd"] = std::move(command);
        const auto created = run(io, engine->create_container("", std::move(body)));
        EXPECT_TRUE(created) << created.error().message();
        if (!created) return {};
        containers_.push_back(*created);
        EXPECT_TRUE(run(io, engine->start_container(*created)));
        EXPECT_TRUE(eventually(
            [&] {
                const auto seen = run(io, engine->inspect_container(*created));
                return seen && seen->state == model::ContainerState::exited;
            },
            std::chrono::seconds(20)));
        const auto compared = run(io, code::compare_container(*engine, pool, *created, expected,
                                                              known, verdicts, SystemTime()));
        EXPECT_TRUE(compared) << compared.error().message();
        return compared ? *compared : Comparison();
    }

    // Removed at the end.
    void keep(const std::string& container_id) { containers_.push_back(container_id); }

    void expect_fresh(const Comparison& comparison, std::size_t files) {
        EXPECT_EQ(comparison.state.status, model::CodeStatus::fresh);
        EXPECT_EQ(comparison.state.files, files);
        for (const model::FileDifference& difference : comparison.state.differences)
            ADD_FAILURE() << difference.path << " is " << to_string(difference.change);
    }

    std::string base = "BUSYBOX";
    boost::asio::io_context io;
    Pool pool{1};
    code::Verdicts verdicts;
    MemoryTree tree;
    std::shared_ptr<const ExpectedCode> expected;
    std::string image_id;

    std::unique_ptr<engine::Engine> engine;

private:
    std::vector<std::string> containers_;
};

}    // namespace trueup::test
