// SPDX-License-Identifier: Apache-2.0
// Byte code in the way of the commit's code, over the whole loop: what is deployed, told and counted.
#include "controller/reconcile/status.hpp"
#include "tests/unit/code/pyc_bytes.hpp"
#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;

const std::string pyc_path = "/srv/app/__pycache__/main.cpython-311.pyc";

// Of app/main.py as `size` bytes long; the files of the fake engine are all of the epoch.
std::string byte_code(const std::string& of, std::size_t size) {
    return trueup::test::pyc_head(3495, 0, 0, static_cast<std::uint32_t>(size)) + of;
}

class BytecodeLoop : public testing::Test {
protected:
    BytecodeLoop() {
        world.engine.program =
            [this](const trueup::test::FakeContainer& container,
                   const engine::ExecRequest& request) -> Result<engine::ExecResult> {
            return judge(container, request);
        };
    }

    // The interpreter: byte code is good where it says what the source says.
    engine::ExecResult judge(const trueup::test::FakeContainer& container,
                             const engine::ExecRequest& request) {
        engine::ExecResult result;
        if (request.command.front() != "python3.11") {
            result.exit_code = 127;
            return result;
        }
        result.output = "cpython-311 30b07f0\n";
        const auto source = container.files.find("/srv/app/main.py");
        const auto code = container.files.find(pyc_path);
        for (std::size_t at = 8; at < request.command.size(); at += 5) {
            const bool same = source != container.files.end() && code != container.files.end() &&
                              code->second.substr(16) == source->second;
            result.output += same ? "trusted\n" : "differs\n";
        }
        return result;
    }

    // Every image that is built brings this along, as a cache mount of its Dockerfile would.
    void builds_bring(const std::string& code) {
        for (auto& [id, image] : world.engine.images) {
            if (image.files.contains("/bin/sh")) image.files[pyc_path] = code;
        }
    }

    trueup::test::FakeContainer& api() { return *world.engine.find("shop-api-1"); }

    std::size_t builds() {
        std::size_t count = 0;
        for (const std::string& call : world.engine.calls)
            count += call.starts_with("build") ? 1 : 0;
        return count;
    }

    LoopWorld world;
    const std::string code = "release = 2\n";
};

TEST_F(BytecodeLoop, AnImageWithOtherByteCodeIsDeployedWithoutIt) {
    builds_bring(byte_code("release = 1\n", code.size()));
    auto process = world.start();
    const std::string commit = world.commit(code);
    const Findings findings = process->reconcile(world.entry(commit));
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_TRUE(findings.remaining.in_sync());
    EXPECT_FALSE(api().files.contains(pyc_path));
    EXPECT_EQ(api().files.at("/srv/app/main.py"), code);
    std::string remark;
    for (const rollout::ActionResult& each : findings.done) {
        for (const rollout::Remark& said : each.remarks) remark += said.reason + ": " + said.text;
    }
    EXPECT_EQ(remark,
              "BytecodePurged: purged 1 bytecode file that is not the commit's: "
              "app/__pycache__/main.cpython-311.pyc is not what app/main.py of " +
                  commit.substr(0, 7) + " compiles to");
    EXPECT_NE(process->metrics().text().find(
                  "trueup_bytecode_purged_total{environment=\"test\",stack=\"shop\"} 1"),
              std::string::npos)
        << process->metrics().text();
    const Findings again = process->reconcile(world.entry(commit));
    EXPECT_TRUE(again.plan.empty()) << plan::to_text(again.plan);
}

TEST_F(BytecodeLoop, APurgedImageIsFoundAgainByTheNextController) {
    builds_bring(byte_code("release = 1\n", code.size()));
    const std::string commit = world.commit(code);
    ASSERT_FALSE(world.start()->reconcile(world.entry(commit)).error);
    const std::size_t before = builds();
    const Findings findings = world.start()->reconcile(world.entry(commit));
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_TRUE(findings.plan.empty()) << plan::to_text(findings.plan);
    EXPECT_EQ(builds(), before);
}

TEST_F(BytecodeLoop, RejectedByteCodeFailsTheBuildWithItsList) {
    auto process = world.start();
    ASSERT_FALSE(process->reconcile(world.entry(world.commit("release = 1\n"))).error);
    const std::string before = api().id;
    builds_bring(byte_code("release = 1\n", code.size()));
    Entry entry = world.entry(world.commit(code));
    entry.stack.spec.bytecode = v1alpha1::BytecodePolicy::reject;
    const Findings findings = process->reconcile(entry);
    ASSERT_TRUE(findings.error);
    EXPECT_NE(findings.error->message().find("spec.build.bytecode is reject: app/__pycache__/"),
              std::string::npos)
        << findings.error->message();
    EXPECT_EQ(api().id, before);
}

TEST_F(BytecodeLoop, IgnoredByteCodeIsNotLookedAt) {
    builds_bring(byte_code("release = 1\n", code.size()));
    auto process = world.start();
    Entry entry = world.entry(world.commit(code));
    entry.stack.spec.bytecode = v1alpha1::BytecodePolicy::ignore;
    const Findings findings = process->reconcile(entry);
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_TRUE(api().files.contains(pyc_path));
}

TEST_F(BytecodeLoop, WhatTheApplicationCompilesItselfIsNoDrift) {
    auto process = world.start();
    const Entry entry = world.entry(world.commit(code));
    ASSERT_FALSE(process->reconcile(entry).error);
    api().files[pyc_path] = byte_code(code, code.size());
    ASSERT_TRUE(trueup::test::run(world.io, process->reconciler().sweep()));
    const Findings findings = process->reconcile(entry);
    EXPECT_TRUE(findings.plan.empty()) << plan::to_text(findings.plan);
}

TEST_F(BytecodeLoop, PlantedByteCodeIsNamedAndCuredInOneReconcile) {
    auto process = world.start();
    const std::string commit = world.commit(code);
    ASSERT_FALSE(process->reconcile(world.entry(commit)).error);
    const std::string before = api().id;
    const std::size_t built = builds();
    api().files[pyc_path] = byte_code("release = 1\n", code.size());
    const auto changed = trueup::test::run(world.io, process->reconciler().sweep());
    ASSERT_TRUE(changed) << changed.error().message();
    EXPECT_EQ(*changed, std::vector<std::string>{"shop"});
    const Findings findings = process->reconcile(world.entry(commit));
    ASSERT_FALSE(findings.error) << findings.error->message();
    ASSERT_FALSE(findings.plan.empty());
    EXPECT_EQ(findings.plan.actions.front().cause.drift, plan::Drift::bytecode);
    EXPECT_EQ(findings.plan.actions.front().cause.text,
              "app/__pycache__/main.cpython-311.pyc is not what app/main.py of " +
                  commit.substr(0, 7) + " compiles to");
    EXPECT_TRUE(findings.remaining.in_sync());
    EXPECT_NE(api().id, before);
    EXPECT_EQ(builds(), built) << "the image was clean";
}

TEST_F(BytecodeLoop, WhereNobodyCanTellTheCodeIsNotCalledFreshAndNothingIsDone) {
    auto process = world.start();
    const Entry entry = world.entry(world.commit(code));
    ASSERT_FALSE(process->reconcile(entry).error);
    world.engine.program = [](const trueup::test::FakeContainer&,
                              const engine::ExecRequest&) -> Result<engine::ExecResult> {
        return engine::ExecResult{127, ""};
    };
    for (const char* name : {"shop-api-1", "shop-api-2"})
        world.engine.find(name)->files[pyc_path] = byte_code(code, code.size());
    ASSERT_TRUE(trueup::test::run(world.io, process->reconciler().sweep()));
    const Findings findings = process->reconcile(entry);
    EXPECT_TRUE(findings.plan.empty()) << plan::to_text(findings.plan);
    const auto status = make_status(entry, findings, base::machine_clock().now());
    const auto* fresh = v1alpha1::find_condition(status, "Fresh");
    ASSERT_NE(fresh, nullptr);
    EXPECT_EQ(fresh->status, v1alpha1::ConditionStatus::unknown);
    EXPECT_EQ(fresh->message,
              "not compared: api (app/__pycache__/main.cpython-311.pyc could not be compared: the "
              "Python that would run it was not found or did not answer)");
}

}    // namespace
}    // namespace trueup::reconcile
