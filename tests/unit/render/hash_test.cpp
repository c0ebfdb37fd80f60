// SPDX-License-Identifier: Apache-2.0
// ConfigHash decides whether a container is replaced: it must change with every rendered attribute,
// and with nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "tests/unit/render/rich_project.hpp"

namespace trueup::render::test {
namespace {

std::string hash_of(const model::Project& project) {
    return config_hash(project, project.services.at("api"));
}

std::string hash_after(const std::function<void(model::Service&, model::Project&)>& change) {
    model::Project project = rich_project();
    change(project.services.at("api"), project);
    return hash_of(project);
}

struct Change {
    const char* what;
    std::function<void(model::Service&, model::Project&)> make;
};

using S = model::Service;
using P = model::Project;

const Change rendered[] = {
    {"image", [](S& it, P&) { it.image = "other"; }},
    {"command", [](S& it, P&) { it.command->push_back("x"); }},
    {"command order", [](S& it, P&) { std::swap(it.command->at(0), it.command->at(1)); }},
    {"command cleared", [](S& it, P&) { it.command = model::Strings(); }},
    {"command of the image", [](S& it, P&) { it.command.reset(); }},
    {"entrypoint", [](S& it, P&) { it.entrypoint->at(0) = "x"; }},
    {"entrypoint of the image", [](S& it, P&) { it.entrypoint.reset(); }},
    {"environment value", [](S& it, P&) { it.environment["MODE"] = "test"; }},
    {"environment name", [](S& it, P&) { it.environment["MORE"] = ""; }},
    {"environment unset", [](S& it, P&) { it.environment["MODE"].reset(); }},
    {"environment empty", [](S& it, P&) { it.environment["UNSET"] = ""; }},
    {"port", [](S& it, P&) { it.ports.push_back({"", "1", 1, "tcp"}); }},
    {"port published", [](S& it, P&) { it.ports[0].published = "8002"; }},
    {"port address", [](S& it, P&) { it.ports[0].host_ip = "::1"; }},
    {"port target", [](S& it, P&) { it.ports[0].target = 81; }},
    {"port protocol", [](S& it, P&) { it.ports[0].protocol = "sctp"; }},
    {"expose", [](S& it, P&) { it.expose.push_back("1"); }},
    {"mount", [](S& it, P&) { it.mounts.pop_back(); }},
    {"mount target", [](S& it, P&) { it.mounts[0].target = "/other"; }},
    {"mount read-only", [](S& it, P&) { it.mounts[0].read_only = true; }},
    {"content of a bound file", [](S& it, P&) { it.mounts[1].content_id = "0"; }},
    {"anonymous volume", [](S& it, P&) { it.mounts[2].target = "/other"; }},
    {"volume name", [](S&, P& project) { project.volumes.at("data").name = "fixed"; }},
    {"network", [](S& it, P&) { it.networks.erase("back"); }},
    {"network name", [](S&, P& project) { project.networks.at("back").name = "fixed"; }},
    {"network alias", [](S& it, P&) { it.networks["back"].aliases = {"a"}; }},
    {"network address", [](S& it, P&) { it.networks["front"].ipv4_address = "10.0.0.8"; }},
    {"network address 6", [](S& it, P&) { it.networks["front"].ipv6_address = "fd00::8"; }},
    {"first network", [](S& it, P&) { it.networks["back"].priority = 20; }},
    {"healthcheck", [](S& it, P&) { it.healthcheck.reset(); }},
    {"healthcheck test", [](S& it, P&) { it.healthcheck->test = {"NONE"}; }},
    {"healthcheck interval", [](S& it, P&) { it.healthcheck->interval.reset(); }},
    {"healthcheck timeout", [](S& it, P&) { it.healthcheck->timeout.reset(); }},
    {"healthcheck start_period", [](S& it, P&) { it.healthcheck->start_period.reset(); }},
    {"healthcheck start_interval", [](S& it, P&) { it.healthcheck->start_interval.reset(); }},
    {"healthcheck retries", [](S& it, P&) { it.healthcheck->retries = 6; }},
    {"restart", [](S& it, P&) { it.restart.name = "always"; }},
    {"restart retries", [](S& it, P&) { it.restart.max_retries = 4; }},
    {"label", [](S& it, P&) { it.labels["team"] = "x"; }},
    {"working_dir", [](S& it, P&) { it.working_dir = "/"; }},
    {"user", [](S& it, P&) { it.user = "root"; }},
    {"container_name", [](S& it, P&) { it.container_name = "x"; }},
    {"hostname", [](S& it, P&) { it.hostname = "x"; }},
    {"stop_signal", [](S& it, P&) { it.stop_signal = "SIGTERM"; }},
    {"stop_grace_period", [](S& it, P&) { it.stop_grace_period.reset(); }},
    {"init", [](S& it, P&) { it.init = false; }},
    {"build instead of image", [](S& it, P&) { it.build = model::Build(); }},
};

TEST(ConfigHash, ChangesWithEveryRenderedAttribute) {
    std::set<std::string> seen{hash_of(rich_project())};
    for (const Change& change : rendered)
        EXPECT_TRUE(seen.insert(hash_after(change.make)).second) << change.what;
}

const Change not_rendered[] = {
    {"replicas", [](S& it, P&) { it.replicas = 5; }},
    {"dependencies", [](S& it, P&) { it.depends_on.clear(); }},
    {"place in the file", [](S& it, P&) { it.position = Position{"x.yaml", 9, 9}; }},
    {"order of ports", [](S& it, P&) { std::swap(it.ports[0], it.ports[2]); }},
    {"order of addresses", [](S& it, P&) { std::swap(it.ports[0], it.ports[1]); }},
    {"order of expose", [](S& it, P&) { std::swap(it.expose[0], it.expose[1]); }},
    {"order of mounts", [](S& it, P&) { std::reverse(it.mounts.begin(), it.mounts.end()); }},
    {"order of aliases",
     [](S& it, P&) {
         std::swap(it.networks["front"].aliases[0], it.networks["front"].aliases[1]);
     }},
    {"path of a bound file", [](S& it, P&) { it.mounts[1].source = "moved/app.ini"; }},
    {"another service", [](S& it, P& project) { project.services["db"] = it; }},
    {"options of a network", [](S&, P& project) { project.networks.at("back").internal = true; }},
    {"compose files", [](S&, P& project) { project.config_files = {"x.yaml"}; }},
};

TEST(ConfigHash, StaysWhenNothingOfTheContainerChanges) {
    const std::string before = hash_of(rich_project());
    for (const Change& change : not_rendered)
        EXPECT_EQ(hash_after(change.make), before) << change.what;
}

TEST(ConfigHash, OfABuiltServiceDoesNotKnowTheImage) {
    const auto built = [](const char* context, const char* image) {
        return hash_after([&](S& it, P&) {
            it.image = image;
            it.build = model::Build();
            it.build->context = context;
        });
    };
    EXPECT_EQ(built("a", "x:1"), built("b", "x:2"));
}

TEST(ConfigHash, IsThatOfTheLabelsWhateverTheReplicaAndRevision) {
    const model::Project project = rich_project();
    StackIdentity other = identity();
    other.revision = "other";
    other.bind_root = "/elsewhere";
    other.working_dir = "/x";
    const auto label = [&](int number, const StackIdentity& stack, const char* image) {
        const auto body = container_body(project, project.services.at("api"), number, stack, image);
        return std::string(body.at("Labels").at("dev.trueup.config-hash").as_string());
    };
    EXPECT_EQ(label(1, identity(), "a"), hash_of(project));
    EXPECT_EQ(label(2, other, "b"), hash_of(project));
}

TEST(ConfigHash, OnceFilledIsReturned) {
    EXPECT_EQ(hash_after([](S& it, P&) { it.config_hash = "known"; }), "known");
    EXPECT_EQ(hash_of(rich_project()).size(), 64U);
}

TEST(ResourceHash, ChangesWithWhatTheEngineIsTold) {
    model::Network base = network("n");
    std::set<std::string> seen{network_hash(base)};
    const auto changed = [&](auto change) {
        model::Network it = base;
        change(it);
        return seen.insert(network_hash(it)).second;
    };
    EXPECT_TRUE(changed([](model::Network& it) { it.driver = "bridge"; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.driver_options["a"] = "b"; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.internal = true; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.attachable = true; }));
    EXPECT_TRUE(changed([](model::Network& it) { it.labels["a"] = "b"; }));
    EXPECT_FALSE(changed([](model::Network& it) { it.key = "other"; }));

    model::Volume volume;
    const std::string before = volume_hash(volume);
    volume.driver = "local";
    EXPECT_NE(volume_hash(volume), before);
}

}    // namespace
}    // namespace trueup::render::test
