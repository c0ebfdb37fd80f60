// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "tests/unit/render/pretty.hpp"
#include "tests/unit/render/rich_project.hpp"

namespace trueup::render::test {
namespace {

namespace json = boost::json;

std::string body_of(const model::Project& project, int number = 1) {
    json::object body = container_body(project, project.services.at("api"), number, identity(),
                                       created_from("sha256:abc"));
    // The hash has its own tests.
    json::object& labels = body["Labels"].as_object();
    EXPECT_EQ(labels["dev.trueup.config-hash"], labels["com.docker.compose.config-hash"]);
    labels["dev.trueup.config-hash"] = labels["com.docker.compose.config-hash"] = "HASH";
    return pretty(body);
}

TEST(RenderContainer, EverythingAServiceCanSay) {
    EXPECT_EQ(body_of(rich_project(), 2), R"({
  "Hostname": "api-host",
  "User": "app",
  "AttachStdout": true,
  "AttachStderr": true,
  "ExposedPorts": {
    "53/udp": {},
    "80/tcp": {},
    "9000/tcp": {},
    "9100/udp": {},
    "9101/udp": {}
  },
  "Env": ["MODE=prod","PASSWORD=hunter2","UNSET"],
  "Cmd": ["serve","--port","80"],
  "Entrypoint": ["/entry"],
  "Healthcheck": {
    "Test": ["CMD","curl","-f","http://localhost/"],
    "Interval": 30000000000,
    "Timeout": 1500000000,
    "StartPeriod": 90000000000,
    "StartInterval": 2000000000,
    "Retries": 5
  },
  "WorkingDir": "/srv",
  "StopSignal": "SIGINT",
  "StopTimeout": 21,
  "Image": "sha256:abc",
  "Labels": {
    "team": "shop",
    "dev.trueup.owner": "trueup-a",
    "dev.trueup.stack": "shop-production",
    "dev.trueup.environment": "production",
    "dev.trueup.revision": "9f3c1e2d00000000000000000000000000000000",
    "dev.trueup.config-hash": "HASH",
    "com.docker.compose.project": "shop",
    "com.docker.compose.service": "api",
    "com.docker.compose.container-number": "2",
    "com.docker.compose.oneoff": "False",
    "com.docker.compose.config-hash": "HASH",
    "com.docker.compose.project.working_dir": "/deploy",
    "com.docker.compose.project.config_files": "compose.yaml,compose.production.yaml",
    "com.docker.compose.version": "2.26.1",
    "com.docker.compose.image": "sha256:abc",
    "com.docker.compose.depends_on": "db:service_healthy:true,job:service_completed_successfully:false,log:service_started:false",
    "dev.trueup.content": "35abedd95d9e41f4\ndf93f32860d8ba52 deploy/app.ini"
  },
  "HostConfig": {
    "Binds": ["shop_data:/data:rw"],
    "Mounts": [{"Type":"volume","Target":"/cache"},{"Type":"bind","Source":"/var/lib/trueup/binds/257cc5642cb1a054f08cc83f2d943e56fd3ebe99","Target":"/etc/app.ini","ReadOnly":true}],
    "PortBindings": {
      "53/udp": [{"HostIp":"","HostPort":""}],
      "80/tcp": [{"HostIp":"","HostPort":"8000"},{"HostIp":"127.0.0.1","HostPort":"8001"}]
    },
    "RestartPolicy": {
      "Name": "on-failure",
      "MaximumRetryCount": 3
    },
    "Init": true,
    "NetworkMode": "shop_front"
  },
  "NetworkingConfig": {
    "EndpointsConfig": {
      "shop_front": {
        "Aliases": ["shop-api-2","api","api.local","www"],
        "IPAMConfig": {
          "IPv4Address": "10.0.0.9"
        }
      }
    }
  }
})");
}

TEST(RenderContainer, TheSmallestServiceSaysNothingThatTheImageDecides) {
    model::Project project;
    project.name = "shop";
    project.networks = {{"default", network("default")}};
    model::Service api;
    api.name = "api";
    api.image = "x";
    api.networks = {{"default", model::ServiceNetwork()}};
    project.services = {{"api", api}};
    json::object body = container_body(project, api, 1, identity(), created_from("sha256:abc"));
    body.stable_erase(body.find("Labels"));
    EXPECT_EQ(pretty(body), R"({
  "AttachStdout": true,
  "AttachStderr": true,
  "Image": "sha256:abc",
  "HostConfig": {
    "RestartPolicy": {
      "Name": "no",
      "MaximumRetryCount": 0
    },
    "NetworkMode": "shop_default"
  },
  "NetworkingConfig": {
    "EndpointsConfig": {
      "shop_default": {
        "Aliases": ["shop-api-1","api"]
      }
    }
  }
})");
}

TEST(RenderContainer, AClearedCommandIsNotAnAbsentOne) {
    model::Project project = rich_project();
    model::Service& api = project.services.at("api");
    api.command = model::Strings();
    api.entrypoint.reset();
    const json::object body = container_body(project, api, 1, identity(), created_from("i"));
    EXPECT_EQ(body.at("Cmd"), json::array());
    EXPECT_FALSE(body.contains("Entrypoint"));
}

TEST(RenderContainer, ADisabledHealthcheckIsNone) {
    model::Project project = rich_project();
    model::Service& api = project.services.at("api");
    api.healthcheck = model::Healthcheck();
    api.healthcheck->disabled = true;
    api.healthcheck->test = {"NONE"};
    const json::object body = container_body(project, api, 1, identity(), created_from("i"));
    EXPECT_EQ(json::serialize(body.at("Healthcheck")), R"({"Test":["NONE"]})");
}

TEST(RenderContainer, LessThanASecondToStopIsASecond) {
    model::Project project = rich_project();
    model::Service& api = project.services.at("api");
    const auto timeout = [&](std::chrono::milliseconds period) {
        api.stop_grace_period = period;
        return container_body(project, api, 1, identity(), created_from("i"))
            .at("StopTimeout")
            .as_int64();
    };
    EXPECT_EQ(timeout(std::chrono::milliseconds(500)), 1);
    EXPECT_EQ(timeout(std::chrono::milliseconds(2000)), 2);
    EXPECT_EQ(timeout(std::chrono::milliseconds(0)), 0);
}

TEST(RenderContainer, LabelsHoldNoVariables) {
    const model::Project project = rich_project();
    const json::object body =
        container_body(project, project.services.at("api"), 1, identity(), created_from("i"));
    EXPECT_EQ(json::serialize(body.at("Labels")).find("hunter2"), std::string::npos);
}

TEST(RenderContainer, OwnLabelsCannotBeForged) {
    model::Project project = rich_project();
    model::Service& api = project.services.at("api");
    api.labels["dev.trueup.owner"] = "mallory";
    api.labels["com.docker.compose.project"] = "other";
    const json::object body = container_body(project, api, 1, identity(), created_from("i"));
    EXPECT_EQ(body.at("Labels").at("dev.trueup.owner"), "trueup-a");
    EXPECT_EQ(body.at("Labels").at("com.docker.compose.project"), "shop");
}

TEST(RenderNetworks, TheOthersAreConnectedByPriorityThenName) {
    model::Project project = rich_project();
    model::Service& api = project.services.at("api");
    project.networks["aaa"] = network("aaa");
    project.networks["zzz"] = network("zzz");
    api.networks["aaa"] = model::ServiceNetwork();
    api.networks["zzz"].priority = 5;
    const auto further = further_networks(project, api, 3, Capability());
    ASSERT_EQ(further.size(), 3U);
    EXPECT_EQ(further[0].network_name, "shop_zzz");
    EXPECT_EQ(further[1].network_name, "shop_aaa");
    EXPECT_EQ(further[2].network_name, "shop_back");
    EXPECT_EQ(json::serialize(further[2].endpoint_config), R"({"Aliases":["shop-api-3","api"]})");
}

TEST(RenderNetworks, AnAliasIsSaidOnce) {
    model::Project project = rich_project();
    model::Service& api = project.services.at("api");
    api.networks = {{"front", model::ServiceNetwork()}};
    api.networks["front"].aliases = {"api", "b", "shop-api-1", "b", "a"};
    const json::object body = container_body(project, api, 1, identity(), created_from("i"));
    EXPECT_EQ(json::serialize(
                  body.at("NetworkingConfig").at("EndpointsConfig").at("shop_front").at("Aliases")),
              R"(["shop-api-1","api","a","b"])");
}

TEST(RenderNames, OfContainersAndImages) {
    model::Service api;
    api.name = "api";
    EXPECT_EQ(container_name("shop", api, 12), "shop-api-12");
    EXPECT_EQ(image_reference("shop", api), "shop-api");
    api.container_name = "front";
    api.image = "nginx:1";
    EXPECT_EQ(container_name("shop", api, 1), "front");
    EXPECT_EQ(image_reference("shop", api), "nginx:1");
}

TEST(RenderResources, ANetwork) {
    const model::Project project = rich_project();
    model::Network back = network("back");
    back.driver = "bridge";
    back.driver_options = {{"mtu", "1400"}};
    back.internal = true;
    back.labels = {{"team", "shop"}};
    json::object body = network_body(project, back, identity());
    EXPECT_EQ(body.at("Labels").at("dev.trueup.config-hash").as_string(), network_hash(back));
    body["Labels"].as_object()["dev.trueup.config-hash"] = "HASH";
    EXPECT_EQ(pretty(body), R"({
  "Driver": "bridge",
  "Options": {
    "mtu": "1400"
  },
  "Internal": true,
  "Name": "shop_back",
  "Labels": {
    "team": "shop",
    "dev.trueup.owner": "trueup-a",
    "dev.trueup.stack": "shop-production",
    "dev.trueup.environment": "production",
    "dev.trueup.config-hash": "HASH",
    "com.docker.compose.project": "shop",
    "com.docker.compose.network": "back",
    "com.docker.compose.version": "2.26.1"
  }
})");
}

TEST(RenderResources, WhatAHashTellsOfTheOptionsDependsOnTheKey) {
    const model::Project project = rich_project();
    StackIdentity keyed = identity();
    keyed.key = "of this engine";
    const auto hash_in = [](const json::object& body) {
        return body.at("Labels").at("dev.trueup.config-hash").as_string();
    };
    const model::Network& back = project.networks.begin()->second;
    EXPECT_EQ(hash_in(network_body(project, back, keyed)),
              keyed_hash("of this engine", network_hash(back)));
    const model::Volume& data = project.volumes.at("data");
    EXPECT_EQ(hash_in(volume_body(project, data, keyed)),
              keyed_hash("of this engine", volume_hash(data)));
}

TEST(RenderResources, AVolume) {
    const model::Project project = rich_project();
    model::Volume data = project.volumes.at("data");
    data.driver_options = {{"type", "nfs"}};
    json::object body = volume_body(project, data, identity());
    EXPECT_EQ(body.at("Labels").at("dev.trueup.config-hash").as_string(), volume_hash(data));
    body["Labels"].as_object()["dev.trueup.config-hash"] = "HASH";
    EXPECT_EQ(pretty(body), R"({
  "DriverOpts": {
    "type": "nfs"
  },
  "Name": "shop_data",
  "Labels": {
    "dev.trueup.owner": "trueup-a",
    "dev.trueup.stack": "shop-production",
    "dev.trueup.environment": "production",
    "dev.trueup.config-hash": "HASH",
    "com.docker.compose.project": "shop",
    "com.docker.compose.volume": "data",
    "com.docker.compose.version": "2.26.1"
  }
})");
}

}    // namespace
}    // namespace trueup::render::test
