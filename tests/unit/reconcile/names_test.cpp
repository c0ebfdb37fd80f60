// SPDX-License-Identifier: Apache-2.0
// Names that change, and things of others in the way: a container under the name that is wanted, and
// containers on a network that goes.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "tests/unit/reconcile/loop_world.hpp"

namespace trueup::reconcile {
namespace {

using test::LoopWorld;

const std::string anonymous(64, 'a');

class NamesTest : public testing::Test {
protected:
    // One service with a volume without a name.
    std::string commit(const std::string& name, const std::string& more = "") {
        return world.repository.commit_files(
            {{"compose.yaml",
              fmt::format("services:\n  db:\n    image: db:1\n    container_name: {}\n"
                          "    volumes: [/cache]\n{}",
                          name, more)}},
            "change");
    }
    Findings deploy(const std::string& id) {
        if (!process) process = world.start();
        return process->reconcile(world.entry(id));
    }
    // As the engine names such a volume.
    void name_volume(const std::string& container) {
        world.engine.find(container)->mounts["/cache"] = {model::MountedKind::volume, anonymous,
                                                          true};
    }
    void add_foreign(const std::string& name, model::ContainerState state) {
        trueup::test::FakeContainer foreign;
        foreign.id = "of-" + name;
        foreign.name = name;
        foreign.state = state;
        foreign.image_id = world.engine.images.begin()->first;
        foreign.mounts["/cache"] = {model::MountedKind::volume, std::string(64, 'f'), true};
        world.engine.containers[foreign.id] = foreign;
    }
    std::string binds_of(const std::string& container) {
        const auto* found = world.engine.find(container);
        if (found == nullptr) return "no such container";
        const auto* binds = found->body.at("HostConfig").as_object().if_contains("Binds");
        return binds == nullptr ? "" : boost::json::serialize(*binds);
    }
    bool was_called(const std::string& call) const {
        const auto& calls = world.engine.calls;
        return std::any_of(calls.begin(), calls.end(),
                           [&](const std::string& each) { return each.starts_with(call); });
    }

    LoopWorld world;
    std::unique_ptr<test::Process> process;
};

TEST_F(NamesTest, DataWithoutANameGoesOnUnderAnotherContainerName) {
    ASSERT_FALSE(deploy(commit("first")).error);
    name_volume("first");
    const Findings second = deploy(commit("second"));
    ASSERT_FALSE(second.error) << second.error->message();
    EXPECT_EQ(world.containers(), "second running\n");
    EXPECT_EQ(binds_of("second"), "[\"" + anonymous + ":/cache:rw\"]");
}

TEST_F(NamesTest, ANameThatSomebodyElseHasStopsNothing) {
    ASSERT_FALSE(deploy(commit("first")).error);
    name_volume("first");
    add_foreign("second", model::ContainerState::exited);
    const std::string wanted = commit("second");
    const Findings second = deploy(wanted);
    ASSERT_TRUE(second.error);
    EXPECT_NE(
        second.error->message().find(
            "the name second is taken by container of-second, which is of no compose project, "
            "which trueup does not touch: rename that one, or choose another name in the compose "
            "file"),
        std::string::npos)
        << second.error->message();
    EXPECT_EQ(world.containers(), "first running\nsecond exited\n");
    EXPECT_EQ(world.engine.find("first")->starts, 1);
    world.engine.containers.erase("of-second");
    const Findings free = deploy(wanted);
    ASSERT_FALSE(free.error) << free.error->message();
    EXPECT_EQ(world.containers(), "second running\n");
    EXPECT_EQ(binds_of("second"), "[\"" + anonymous + ":/cache:rw\"]") << "not the other's";
}

// Nothing of the stack is there yet: what a foreign container keeps is not the stack's.
TEST_F(NamesTest, AForeignContainersVolumesAreNotTakenOver) {
    add_foreign("first", model::ContainerState::running);
    const Findings findings = deploy(commit("first"));
    ASSERT_TRUE(findings.error);
    EXPECT_NE(findings.error->message().find("the name first is taken by container of-first"),
              std::string::npos)
        << findings.error->message();
    EXPECT_EQ(world.containers(), "first running\n");
    EXPECT_EQ(world.engine.find("first")->id, "of-first");
}

// The container is called otherwise, and the call of that number fails (0: none). The calls made.
std::size_t rename_while_failing(std::size_t call) {
    LoopWorld world;
    const auto commit_as = [&](const std::string& name) {
        return world.repository.commit_files(
            {{"compose.yaml",
              fmt::format("services:\n  db: {{image: 'db:1', container_name: {}}}\n", name)}},
            "change");
    };
    auto process = world.start();
    EXPECT_FALSE(process->reconcile(world.entry(commit_as("first"))).error);
    const Entry wanted = world.entry(commit_as("second"));
    world.engine.arm(call, false, 0);
    const Findings disturbed = process->reconcile(wanted);
    const std::size_t calls = world.engine.armed_calls();
    world.engine.revive();
    if (disturbed.error) {
        const bool runs = world.containers().find(" running") != std::string::npos;
        EXPECT_TRUE(runs) << world.containers();
    }
    Findings findings = process->reconcile(wanted);
    if (!findings.error && !findings.remaining.empty()) findings = process->reconcile(wanted);
    EXPECT_FALSE(findings.error) << findings.error->message();
    EXPECT_EQ(world.containers(), "second running\n");
    return calls;
}

TEST_F(NamesTest, AnyCallMayFailWhileTheNameChanges) {
    const std::size_t calls = rename_while_failing(0);
    ASSERT_GT(calls, 8U);
    for (std::size_t call = 1; call <= calls; ++call) {
        SCOPED_TRACE(fmt::format("call {} of {}", call, calls));
        rename_while_failing(call);
        if (HasFailure()) return;
    }
}

class NetworkTest : public NamesTest {
protected:
    static constexpr const char* with_network =
        "    networks: [default, back]\nnetworks: {back: {}}\n";

    bool has_network(const std::string& name) const {
        const auto& all = world.engine.networks;
        return std::any_of(all.begin(), all.end(),
                           [&](const auto& each) { return each.second.name == name; });
    }
};

TEST_F(NetworkTest, ANetworkThatOthersAreOnIsKeptAndTold) {
    ASSERT_FALSE(deploy(commit("first", with_network)).error);
    add_foreign("metrics", model::ContainerState::exited);
    world.engine.find("metrics")->networks["shop_back"] = "";
    const std::string without = commit("first");
    for (int look = 0; look < 2; ++look) {
        const Findings findings = deploy(without);
        ASSERT_FALSE(findings.error) << findings.error->message();
        EXPECT_EQ(
            plan::to_text(findings.remaining),
            "held: network shop_back: remove, orphan: no service of commit " +
                without.substr(0, 7) +
                " uses it: (metrics is not of this stack and would no longer start without it: "
                "`docker network disconnect shop_back CONTAINER` takes one off it)\n");
        EXPECT_EQ(plan::to_text(process->reconciler().known("shop")->remaining),
                  plan::to_text(findings.remaining))
            << "told without another look";
    }
    EXPECT_TRUE(has_network("shop_back"));
    EXPECT_FALSE(was_called("remove network"));
    world.engine.find("metrics")->networks.clear();
    const Findings findings = deploy(without);
    ASSERT_FALSE(findings.error) << findings.error->message();
    EXPECT_FALSE(has_network("shop_back"));
    EXPECT_TRUE(findings.remaining.in_sync());
}

}    // namespace
}    // namespace trueup::reconcile
