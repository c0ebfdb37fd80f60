// SPDX-License-Identifier: Apache-2.0
// What an engine does not know it would leave out silently: so it is refused.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "controller/render/capability.hpp"

namespace trueup::render::test {
namespace {

TEST(Capability, IsReadFromTheVersion) {
    EXPECT_EQ(capability_of("1.45").api_minor, 45);
    for (const char* unknown : {"", "2.0", "1.", "1.x", "1.44beta", "1.99999999999999"})
        EXPECT_EQ(capability_of(unknown), Capability()) << unknown;
}

struct Need {
    int api_minor;
    const char* what;
    std::function<void(model::Service&, model::Network&)> ask;
};

model::Mount mount_with(const std::function<void(model::Mount&)>& change) {
    model::Mount mount;
    mount.target = "/x";
    change(mount);
    return mount;
}

using S = model::Service;
using N = model::Network;
using M = model::Mount;

const Need needs[] = {
    {42, "build.shm_size",
     [](S& it, N&) {
         it.build = model::Build();
         it.build->shm_size = 1;
     }},
    {42, "build.ulimits",
     [](S& it, N&) {
         it.build = model::Build();
         it.build->ulimits["nofile"] = {1, 2};
     }},
    {43, "annotations", [](S& it, N&) { it.annotations = {{"a", "b"}}; }},
    {44, "healthcheck.start_interval",
     [](S& it, N&) {
         it.healthcheck = model::Healthcheck();
         it.healthcheck->start_interval = std::chrono::seconds(1);
     }},
    {44, "a device by its CDI name", [](S& it, N&) { it.devices = {{"a.b/c=d", "a.b/c=d", ""}}; }},
    {44, "mac_address of more than one network",
     [](S& it, N&) {
         it.networks["a"].mac_address = "02:42:ac:11:00:02";
         it.networks["b"].mac_address = "02:42:ac:11:00:03";
     }},
    {44, "bind.recursive: readonly",
     [](S& it, N&) { it.mounts = {mount_with([](M& its) { its.recursive = "readonly"; })}; }},
    {45, "volume.subpath",
     [](S& it, N&) { it.mounts = {mount_with([](M& its) { its.subpath = "x"; })}; }},
    {48, "a volume of type image",
     [](S& it, N&) {
         it.mounts = {mount_with([](M& its) { its.kind = model::MountKind::image; })};
     }},
    {48, "gw_priority", [](S& it, N&) { it.networks["a"].gateway_priority = 1; }},
    {49, "interface_name", [](S& it, N&) { it.networks["a"].interface_name = "eth9"; }},
    {48, "enable_ipv4: false", [](S&, N& network) { network.enable_ipv4 = false; }},
};

TEST(Capability, WhatAnEngineWouldLeaveOutIsRefused) {
    for (const Need& need : needs) {
        model::Project project;
        model::Service& api = project.services["api"];
        api.name = "api";
        api.position = Position{"compose.yaml", 2, 3};
        need.ask(api, project.networks["n"]);
        Capability capability;
        capability.api_minor = need.api_minor;
        EXPECT_TRUE(beyond(project, capability).empty()) << need.what;
        --capability.api_minor;
        const Problems problems = beyond(project, capability);
        ASSERT_EQ(problems.size(), 1U) << need.what;
        EXPECT_NE(problems[0].message.find(need.what), std::string::npos) << problems[0].message;
        EXPECT_NE(problems[0].message.find("1." + std::to_string(need.api_minor)),
                  std::string::npos);
    }
}

TEST(Capability, TheProblemSaysWhereAndWhatToDo) {
    model::Project project;
    model::Service& api = project.services["api"];
    api.name = "api";
    api.position = Position{"compose.yaml", 2, 3};
    api.annotations = {{"a", "b"}};
    const Problems problems = beyond(project, Capability());
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(to_string(problems[0]),
              "compose.yaml:2:3: service api: annotations came with version 1.43 of the engine's "
              "API, and with this engine trueup speaks 1.41 (remove it, or take a newer engine)");
}

TEST(Capability, WhatEveryEngineKnowsNeedsNone) {
    model::Project project;
    model::Service& api = project.services["api"];
    api.mounts = {mount_with([](M& it) { it.recursive = "disabled"; })};
    api.networks["a"].mac_address = "02:42:ac:11:00:02";
    project.networks["n"].enable_ipv4 = true;
    EXPECT_TRUE(beyond(project, Capability()).empty());
}

}    // namespace
}    // namespace trueup::render::test
