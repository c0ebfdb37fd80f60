// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/own_container.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/fake_engine.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::engine {
namespace {

const std::string one(64, '1');
const std::string two = std::string(63, '2') + "a";

TEST(OwnContainer, MountsOfTheEngineNameIt) {
    const std::string mounts =
        "700 600 0:50 / / rw,relatime - overlay overlay rw\n"
        "701 700 8:1 /var/lib/docker/containers/" +
        two +
        "/resolv.conf /etc/resolv.conf rw - ext4 /dev/sda1 rw\n"
        "702 700 8:1 /var/lib/docker/containers/" +
        two + "/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n";
    EXPECT_EQ(own_container_ids(mounts, "0::/\n", "web"), model::Strings{two});
}

TEST(OwnContainer, OutsideTheMountsOfContainersNameNone) {
    const std::string mounts = "90 25 0:45 / /var/lib/docker/containers/" + one +
                               "/mounts/shm rw shared:3 - tmpfs shm rw\n"
                               "91 25 8:1 /etc/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n";
    EXPECT_EQ(own_container_ids(mounts, "0::/user.slice/session-1.scope\n", "web1"),
              model::Strings());
}

TEST(OwnContainer, ControlGroupsOfBothVersionsNameIt) {
    EXPECT_EQ(
        own_container_ids("", "12:memory:/docker/" + one + "\n11:pids:/docker/" + one + "\n", ""),
        model::Strings{one});
    EXPECT_EQ(own_container_ids("", "0::/system.slice/docker-" + two + ".scope\n", ""),
              model::Strings{two});
    EXPECT_EQ(own_container_ids("", "4:cpu:/docker/" + one + "/docker/" + two + "\n", ""),
              model::Strings{two})
        << "the inner one";
}

TEST(OwnContainer, AHostNameMayBeTheBeginningOfItsId) {
    EXPECT_EQ(own_container_ids("", "", "0123456789ab"), model::Strings{"0123456789ab"});
    for (const char* name : {"", "web", "0123456789a", "0123456789abc", "0123456789aB"})
        EXPECT_TRUE(own_container_ids("", "", name).empty()) << name;
}

TEST(OwnContainer, NonsenseIsNoId) {
    EXPECT_TRUE(
        own_container_ids("a\n\n /etc/hostname\n1 2 3 " + std::string(65, 'a') + " /etc/hostname\n",
                          std::string(200, 'f') + "\n:::", "x")
            .empty());
}

TEST(OwnContainer, OnlyOneThatRunsOnTheEngineIsIt) {
    boost::asio::io_context io;
    test::FakeEngine engine(io.get_executor());
    engine.add_image({"", {"base:1"}, {}, {{"/bin/sh", "shell"}}, {}});
    const std::string id = *test::run(io, engine.create_container("c", {{"Image", "base:1"}}));
    EXPECT_FALSE(*test::run(io, find_own_container(engine, {one, id}))) << "it does not run";
    ASSERT_TRUE(test::run(io, engine.start_container(id)));
    const auto found = test::run(io, find_own_container(engine, {one, id}));
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->id, id);
    // A container that happens to have the host's name is not meant.
    EXPECT_FALSE(*test::run(io, find_own_container(engine, {"c"})));
}

TEST(OwnContainer, APathIsOnTheHostWhereItsLongestMountSays) {
    model::ObservedContainer container;
    const auto bind = [](const std::string& source) {
        model::ObservedMount mount;
        mount.kind = model::MountedKind::bind;
        mount.source = source;
        return mount;
    };
    container.mounts["/var/lib"] = bind("/other");
    container.mounts["/var/lib/trueup"] = bind("/var/lib/trueup");
    container.mounts["/data"] = bind("/srv/data");
    container.mounts["/volume"].kind = model::MountedKind::volume;
    EXPECT_EQ(path_on_host(container, "/var/lib/trueup"), "/var/lib/trueup");
    EXPECT_EQ(path_on_host(container, "/var/lib/trueup/x"), "/var/lib/trueup/x");
    EXPECT_EQ(path_on_host(container, "/var/lib/other"), "/other/other");
    EXPECT_EQ(path_on_host(container, "/data/state"), "/srv/data/state");
    EXPECT_FALSE(path_on_host(container, "/database"));
    EXPECT_FALSE(path_on_host(container, "/volume/state"));
}

}    // namespace
}    // namespace trueup::engine
