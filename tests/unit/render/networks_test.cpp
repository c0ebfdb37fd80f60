// SPDX-License-Identifier: Apache-2.0
// Networks, addresses, links and shared namespaces in the words of the engine.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/render/small_project.hpp"

namespace trueup::render::test {
namespace {

TEST(RenderNamespaces, OfTheHostAndOfOtherContainers) {
    model::Project project = small_project();
    model::Service& api = project.services.at("api");
    api.networks.clear();
    api.namespaces = {"service:db", "service:db", "container:x", "host", "host", "private"};
    api.cgroup_parent = "m-executor";
    api.mac_address = "02:42:ac:11:00:02";
    Creation creation = on_version(44);
    creation.containers = {{"db", "d0"}};
    EXPECT_EQ(host_of(project, creation), R"({
  "NetworkMode": "container:d0",
  "IpcMode": "container:d0",
  "PidMode": "container:x",
  "UTSMode": "host",
  "UsernsMode": "host",
  "CgroupnsMode": "private",
  "CgroupParent": "m-executor"
})");
    const json::object body = body_of(project, creation);
    EXPECT_FALSE(body.contains("NetworkingConfig"));
    EXPECT_EQ(body.at("MacAddress"), "02:42:ac:11:00:02");
}

TEST(RenderNamespaces, WhoseContainersMustBeThereFirst) {
    model::Service api;
    api.namespaces = {"service:a", "host", "service:b", "service:x", "", ""};
    api.volumes_from = {"c:ro", "container:other", "a"};
    EXPECT_EQ(shared_services(api), (std::set<std::string>{"a", "b", "c"}));
}

TEST(RenderNamespaces, WithoutANetwork) {
    model::Project project = small_project();
    model::Service& api = project.services.at("api");
    api.networks.clear();
    EXPECT_EQ(host_of(project), "{\n  \"NetworkMode\": \"none\"\n}");
    api.namespaces.network = "disabled";
    EXPECT_EQ(body_of(project).at("NetworkDisabled"), true);
}

model::Project networked_project() {
    model::Project project = small_project();
    project.networks = {{"back", network("back")}, {"front", network("front")}};
    model::ServiceNetwork front;
    front.ipv4_address = "10.0.0.9";
    front.ipv6_address = "fd00::9";
    front.link_local_ips = {"169.254.1.1"};
    front.priority = 10;
    front.mac_address = "02:42:ac:11:00:02";
    front.driver_options = {{"a", "b"}};
    front.gateway_priority = 5;
    front.interface_name = "eth7";
    project.services.at("api").networks = {{"back", model::ServiceNetwork()}, {"front", front}};
    return project;
}

TEST(RenderNetworks, NewerEnginesTakeAllOfThemAtOnce) {
    const model::Project project = networked_project();
    const json::object body = body_of(project, on_version(44));
    EXPECT_FALSE(body.contains("MacAddress"));
    EXPECT_EQ(pretty(body.at("NetworkingConfig")), R"({
  "EndpointsConfig": {
    "shop_front": {
      "Aliases": ["shop-api-1","api"],
      "IPAMConfig": {
        "IPv4Address": "10.0.0.9",
        "IPv6Address": "fd00::9",
        "LinkLocalIPs": ["169.254.1.1"]
      },
      "MacAddress": "02:42:ac:11:00:02",
      "DriverOpts": {
        "a": "b",
        "com.docker.network.endpoint.ifname": "eth7"
      },
      "GwPriority": 5
    },
    "shop_back": {
      "Aliases": ["shop-api-1","api"]
    }
  }
})");
    const model::Service& api = project.services.at("api");
    EXPECT_TRUE(further_networks(project, api, 1, on_version(44).capability).empty());
}

TEST(RenderNetworks, OlderOnesTakeOneAndTheAddressBesideIt) {
    const model::Project project = networked_project();
    const json::object body = body_of(project, on_version(43));
    EXPECT_EQ(body.at("MacAddress"), "02:42:ac:11:00:02");
    const json::object& endpoints = body.at("NetworkingConfig").at("EndpointsConfig").as_object();
    ASSERT_EQ(endpoints.size(), 1U);
    EXPECT_FALSE(endpoints.at("shop_front").as_object().contains("MacAddress"));
    const auto further =
        further_networks(project, project.services.at("api"), 1, on_version(43).capability);
    ASSERT_EQ(further.size(), 1U);
    EXPECT_EQ(further[0].network_name, "shop_back");
}

TEST(RenderNetworks, LinksNameEveryContainerOfTheService) {
    model::Project project = small_project();
    model::Service db;
    db.name = "db";
    db.replicas = 2;
    project.services["db"] = db;
    model::Service& api = project.services.at("api");
    api.links = {"db:database", "gone"};
    api.external_links = {"other", "old:legacy"};
    const json::object body = body_of(project);
    const json::value& endpoint =
        body.at("NetworkingConfig").at("EndpointsConfig").at("shop_default");
    EXPECT_EQ(json::serialize(endpoint.at("Links")),
              R"(["old:legacy","other:other",)"
              R"("shop-db-1:database","shop-db-1:db-1","shop-db-1:shop-db-1",)"
              R"("shop-db-2:database","shop-db-2:db-2","shop-db-2:shop-db-2"])");
    EXPECT_EQ(body.at("HostConfig").at("Links"), endpoint.at("Links"));
}

TEST(RenderResources, ANetworkWithAddresses) {
    model::Network it = network("n");
    it.attachable = true;
    it.enable_ipv4 = false;
    it.enable_ipv6 = true;
    it.ipam.driver = "default";
    it.ipam.config = {{"10.1.0.0/16", "10.1.2.0/24", "10.1.0.1", {{"host", "10.1.0.2"}}},
                      {"fd00::/64", "", "", {}}};
    it.ipam.options = {{"a", "b"}};
    EXPECT_EQ(pretty(network_settings(it)), R"({
  "Attachable": true,
  "EnableIPv4": false,
  "EnableIPv6": true,
  "IPAM": {
    "Driver": "default",
    "Config": [{"Subnet":"10.1.0.0/16","IPRange":"10.1.2.0/24","Gateway":"10.1.0.1","AuxiliaryAddresses":{"host":"10.1.0.2"}},{"Subnet":"fd00::/64"}],
    "Options": {
      "a": "b"
    }
  }
})");
}

}    // namespace
}    // namespace trueup::render::test
