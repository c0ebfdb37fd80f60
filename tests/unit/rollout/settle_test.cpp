// SPDX-License-Identifier: Apache-2.0
// How long a rollout waits for a one-shot that others wait for, to the millisecond.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "controller/rollout/rollout.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/run_task.hpp"
#include "tests/unit/rollout/memory_tree.hpp"

namespace trueup::rollout::test {
namespace {

using namespace std::chrono_literals;

// Tells the time by the calls that the engine had: the first of `times` before any, then the next one
// after each, the last one for good.
class TimeOfCalls final : public Clock {
public:
    TimeOfCalls(const std::vector<std::string>& calls, std::vector<Milliseconds> times)
        : calls_(calls), times_(std::move(times)) {}

    SystemTime now() const override { return SystemTime(); }
    SteadyTime steady() const override {
        return SteadyTime(times_[std::min(calls_.size(), times_.size() - 1)]);
    }

private:
    const std::vector<std::string>& calls_;
    std::vector<Milliseconds> times_;
};

// A project without code.
class NoImageWork final : public ImageWork {
public:
    Task<std::string> build(std::string /*service*/, std::string /*distrust*/) override {
        co_return Error(Errc::internal, "nothing is built here");
    }
    void give_up(const std::string& /*service*/, Error /*why*/) override {}
    Task<model::CodeState> prove(std::string /*service*/, std::string /*image_id*/) override {
        co_return model::CodeState();
    }
    Task<model::CodeState> prove_container(std::string /*service*/,
                                           std::string /*container_id*/) override {
        co_return model::CodeState();
    }
    Task<PurgedImage> purge(std::string /*service*/, std::string /*image_id*/) override {
        co_return Error(Errc::internal, "nothing is purged here");
    }
    bool has_code(const std::string& /*service*/, const std::string& /*path*/) const override {
        return false;
    }
};

class OneShotTime : public testing::Test {
protected:
    OneShotTime() {
        engine.add_image({"", {"tool:1"}, {}, {{"/bin/tool", "tool"}}, {}});
        boost::json::object body{{"Image", "tool:1"}};
        id = *trueup::test::run(io, engine.create_container("shop-job-1", std::move(body)));
        EXPECT_TRUE(trueup::test::run(io, engine.start_container(id)));
        engine.calls.clear();
        project.name = "shop";
        project.services["job"].name = "job";
        plan::SettleContainer step;
        step.service = "job";
        step.number = 1;
        step.name = "shop-job-1";
        step.id = id;
        step.completes = true;
        plan::Action action;
        action.number = 1;
        action.target = "service job";
        action.service = "job";
        action.step = step;
        plan.actions.push_back(std::move(action));
    }
    ~OneShotTime() override { pool.join(); }

    Outcome settle(std::vector<Milliseconds> times) {
        const TimeOfCalls clock(engine.calls, std::move(times));
        const Context context{.engine = engine,
                              .cache = cache,
                              .pool = pool,
                              .clock = clock,
                              .project = project,
                              .identity = identity,
                              .tree = tree,
                              .images = images};
        return trueup::test::run(io, apply(plan, context));
    }

    boost::asio::io_context io;
    trueup::test::FakeEngine engine{io.get_executor()};
    engine::Cache cache{io.get_executor(), engine, base::machine_clock()};
    Pool pool{1};
    model::Project project;
    render::StackIdentity identity;
    MemoryTree tree;
    NoImageWork images;
    plan::Plan plan;
    std::string id;
};

TEST_F(OneShotTime, IsOverAfterAnHourAndNotBefore) {
    const Outcome outcome = settle({0ms, 1h - 1ms, 1h});
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->code(), Errc::unhealthy);
    EXPECT_EQ(outcome.error->message(),
              "service job: container shop-job-1 has not ended and its time is over");
    EXPECT_EQ(engine.calls,
              (std::vector<std::string>{"inspect " + id, "inspect " + id, "logs " + id}))
        << "a millisecond before, it was given another look";
}

TEST_F(OneShotTime, MayBeUsedUpToItsLastMillisecond) {
    boost::asio::steady_timer ends(io, 10ms);
    ends.async_wait([&](const boost::system::error_code&) { engine.kill(id, 0); });
    const Outcome outcome = settle({0ms, 1h - 1ms});
    EXPECT_FALSE(outcome.error) << outcome.error->message();
    ASSERT_EQ(outcome.actions.size(), 1U);
}

}    // namespace
}    // namespace trueup::rollout::test
