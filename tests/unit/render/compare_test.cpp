// SPDX-License-Identifier: Apache-2.0
// What docker compose 2.26.1 made on engine 20.10, as its inspect answers told it, against what trueup
// would make of the same compose file.
#include "controller/render/compare.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <functional>

namespace trueup::render::test {
namespace {

namespace json = boost::json;
using Names = std::vector<std::string>;

json::object image() {
    return json::parse(R"({
        "Env": ["PATH=/usr/bin:/bin", "FROM_IMAGE=1"], "Cmd": ["sleep", "100"], "WorkingDir": "/srv",
        "Entrypoint": null, "ExposedPorts": {"8000/tcp": {}}, "Volumes": {"/vol": {}},
        "Labels": {"com.docker.compose.service": "api", "of-image": "yes"}, "ArgsEscaped": true})")
        .as_object();
}

json::object inspect() {
    return json::parse(R"({
      "Id": "dc4d3f95645a1f2b0f8a4d9e5c7b6a3210fedcba98765432100123456789abcd",
      "Name": "/shop-api-1",
      "Config": {
        "Hostname": "dc4d3f95645a", "Domainname": "", "User": "", "AttachStdout": true, "Tty": false,
        "ExposedPorts": {"8000/tcp": {}, "9000/tcp": {}, "5432": {}},
        "Env": ["B", "A=1", "PATH=/usr/bin:/bin", "FROM_IMAGE=1"], "Cmd": ["sleep", "100"],
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 1000000000},
        "Image": "shop-api", "Volumes": {"/vol": {}}, "WorkingDir": "/srv", "Entrypoint": null,
        "Labels": {"com.docker.compose.project": "shop", "com.docker.compose.config-hash": "abc",
                   "of-image": "yes", "team": "a"},
        "StopTimeout": 1},
      "HostConfig": {
        "Binds": ["/srv/conf:/conf:ro"], "LogConfig": {"Type": "json-file", "Config": {}},
        "NetworkMode": "shop_back",
        "PortBindings": {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18080"}],
                         "9000/tcp": [{"HostIp": "", "HostPort": ""}]},
        "RestartPolicy": {"Name": "", "MaximumRetryCount": 0}, "AutoRemove": false, "CapAdd": null,
        "CgroupnsMode": "host", "Dns": null, "ExtraHosts": [], "IpcMode": "private", "OomScoreAdj": 0,
        "Privileged": false, "SecurityOpt": null, "ShmSize": 67108864, "Runtime": "runc",
        "ConsoleSize": [0, 0], "Memory": 0, "NanoCpus": 0, "MemorySwap": 0, "MemorySwappiness": null,
        "OomKillDisable": false, "PidsLimit": null, "Ulimits": null,
        "Mounts": [{"Type": "volume", "Source": "shop_data", "Target": "/data", "VolumeOptions": {}},
                   {"Type": "volume", "Target": "/anon", "VolumeOptions": {}}],
        "MaskedPaths": ["/proc/asound"], "ReadonlyPaths": ["/proc/bus"]},
      "Mounts": [
        {"Type": "bind", "Source": "/srv/conf", "Destination": "/conf", "Mode": "ro", "RW": false},
        {"Type": "volume", "Name": "shop_data", "Source": "/v/shop_data/_data", "Destination": "/data",
         "Driver": "local", "Mode": "z", "RW": true},
        {"Type": "volume", "Name": "96a94836f9ec4fe4ad893a66d3084eecf7bdf816a1e859b1efbce7f7d526487e",
         "Destination": "/anon", "RW": true},
        {"Type": "volume", "Name": "b3dd78120722058a00cab3e52e12b085c62383d40bc319df74c5a2e55e0d9a8a",
         "Destination": "/vol", "RW": true}],
      "NetworkSettings": {"Networks": {
        "shop_back": {"IPAMConfig": {}, "Aliases": ["shop-api-1", "api", "other", "dc4d3f95645a"],
                      "IPAddress": "172.18.0.3", "DriverOpts": null},
        "shop_default": {"IPAMConfig": null, "Aliases": ["shop-api-1", "api", "dc4d3f95645a"]}}}})")
        .as_object();
}

model::Mount mount(model::MountKind kind, const std::string& source, const std::string& target,
                   bool read_only = false) {
    model::Mount made;
    made.kind = kind;
    made.source = source;
    made.target = target;
    made.read_only = read_only;
    return made;
}

struct Shop {
    Shop() {
        project.name = "shop";
        for (const char* key : {"back", "default"}) {
            model::Network network;
            network.key = key;
            network.name = std::string("shop_") + key;
            project.networks[key] = network;
        }
        model::Volume volume;
        volume.key = "data";
        volume.name = "shop_data";
        project.volumes["data"] = volume;
        model::Service api;
        api.name = "api";
        api.environment = {{"A", "1"}, {"B", std::nullopt}};
        api.ports = {{"127.0.0.1", "18080", 8000, "tcp", "", "", ""},
                     {"", "", 9000, "tcp", "", "", ""}};
        api.expose = {"5432"};
        api.healthcheck.emplace();
        api.healthcheck->test = {"CMD", "true"};
        api.healthcheck->interval = std::chrono::seconds(1);
        api.labels = {{"team", "a"}};
        api.stop_grace_period = std::chrono::milliseconds(1'500);
        api.mounts = {mount(model::MountKind::volume, "data", "/data"),
                      mount(model::MountKind::volume, "", "/anon"),
                      mount(model::MountKind::bind, "/srv/conf", "/conf", true)};
        api.networks["default"] = {};
        api.networks["back"].aliases = {"other"};
        project.services["api"] = api;
    }

    model::Service& api() { return project.services.at("api"); }

    Names differences(const json::object& found) {
        WantedContainer wanted;
        Creation creation;
        creation.image_id = "sha256:abc";
        wanted.body = container_body(project, api(), 1, {}, creation);
        wanted.further = further_networks(project, api(), 1, creation.capability);
        wanted.name = "shop-api-1";
        return render::differences(wanted, found, image());
    }

    model::Project project;
};

TEST(RenderCompare, what_compose_made_of_the_same_file_differs_in_nothing) {
    EXPECT_EQ(Shop().differences(inspect()), Names());
}

// One change of the compose file a line, and the name that tells it.
struct Change {
    const char* name;
    std::function<void(model::Service&)> make;
    Names told;
};

void PrintTo(const Change& change, std::ostream* out) { *out << change.name; }

class RenderCompareFile : public ::testing::TestWithParam<Change> {};

TEST_P(RenderCompareFile, tells) {
    Shop shop;
    GetParam().make(shop.api());
    EXPECT_EQ(shop.differences(inspect()), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    A, RenderCompareFile,
    ::testing::Values(
        Change{"value", [](auto& api) { api.environment["A"] = "2"; }, {"environment A"}},
        Change{"new_variable", [](auto& api) { api.environment["C"] = ""; }, {"environment C"}},
        Change{"variable_gone", [](auto& api) { api.environment.erase("A"); }, {"environment A"}},
        Change{"variable_of_the_image",
               [](auto& api) { api.environment["FROM_IMAGE"] = "2"; },
               {"environment FROM_IMAGE"}},
        Change{"label", [](auto& api) { api.labels["team"] = "b"; }, {"label team"}},
        Change{"label_gone", [](auto& api) { api.labels.clear(); }, {"label team"}},
        Change{"command", [](auto& api) { api.command = {"sleep", "1"}; }, {"command"}},
        Change{"no_command", [](auto& api) { api.command = model::Strings(); }, {}},
        Change{"entrypoint",
               [](auto& api) { api.entrypoint = {"/entry"}; },
               {"command", "entrypoint"}},
        Change{"user", [](auto& api) { api.user = "app"; }, {"user"}},
        Change{"working_dir", [](auto& api) { api.working_dir = "/"; }, {"working_dir"}},
        Change{"hostname", [](auto& api) { api.hostname = "api"; }, {"hostname"}},
        Change{"stop_signal", [](auto& api) { api.stop_signal = "SIGINT"; }, {"stop_signal"}},
        Change{"grace",
               [](auto& api) { api.stop_grace_period = std::chrono::seconds(4); },
               {"stop_grace_period"}},
        Change{"no_grace", [](auto& api) { api.stop_grace_period.reset(); }, {"stop_grace_period"}},
        Change{"health", [](auto& api) { api.healthcheck->retries = 2; }, {"healthcheck"}},
        Change{"no_health", [](auto& api) { api.healthcheck.reset(); }, {"healthcheck"}},
        Change{"port", [](auto& api) { api.ports[0].published = "18081"; }, {"ports"}},
        Change{"address", [](auto& api) { api.ports[0].host_ip.clear(); }, {"ports"}},
        Change{"port_gone", [](auto& api) { api.ports.pop_back(); }, {"expose", "ports"}},
        Change{"expose", [](auto& api) { api.expose.clear(); }, {"expose"}},
        Change{"restart", [](auto& api) { api.restart.name = "always"; }, {"restart"}},
        Change{"init", [](auto& api) { api.init = true; }, {"init"}},
        Change{"volume_elsewhere",
               [](auto& api) { api.mounts[0].target = "/other"; },
               {"volume /data", "volume /other"}},
        Change{"volume_without_name",
               [](auto& api) { api.mounts[0].source.clear(); },
               {"volume /data"}},
        Change{"read_only", [](auto& api) { api.mounts[0].read_only = true; }, {"volume /data"}},
        Change{"bind", [](auto& api) { api.mounts[2].source = "/srv/other"; }, {"volume /conf"}},
        Change{"alias",
               [](auto& api) { api.networks["back"].aliases = {"x"}; },
               {"network shop_back"}},
        Change{"address_on_network",
               [](auto& api) { api.networks["default"].ipv4_address = "172.19.0.9"; },
               {"network shop_default"}},
        Change{"network_gone",
               [](auto& api) { api.networks.erase("default"); },
               {"network shop_default"}}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(RenderCompare, what_only_the_container_has_is_told) {
    const std::pair<const char*, Names> cases[] = {
        {R"({"HostConfig": {"Memory": 1048576, "MemorySwap": 2097152}})", {"mem_limit"}},
        {R"({"HostConfig": {"MemorySwap": 1048576}})", {"memswap_limit"}},
        {R"({"HostConfig": {"Privileged": true, "SecurityOpt": ["label=disable"]}})",
         {"privileged"}},
        {R"({"HostConfig": {"CapAdd": ["NET_ADMIN"]}})", {"cap_add"}},
        {R"({"HostConfig": {"AutoRemove": true}})", {"automatic removal"}},
        {R"({"HostConfig": {"PidMode": "host"}})", {"pid"}},
        {R"({"HostConfig": {"ShmSize": 1024}})", {"shm_size"}},
        {R"({"HostConfig": {"SomethingNew": 7}})", {"something_new"}},
        {R"({"HostConfig": {"Tmpfs": {"/run": ""}}})", {"tmpfs"}},
        {R"({"Config": {"Tty": true}})", {"tty"}},
        {R"({"Config": {"User": "root"}})", {"user"}},
        {R"({"Config": {"Hostname": "web"}})", {"hostname"}},
        {R"({"NetworkSettings": {"Networks": {"shop_back": null, "bridge": {}}}})",
         {"network bridge", "network shop_back"}},
    };
    for (const auto& [text, told] : cases) {
        json::object found = inspect();
        const json::object changes = json::parse(text).as_object();
        for (const auto& part : changes) {
            json::object* into = &found[part.key()].as_object();
            const json::object* from = &part.value().as_object();
            if (part.key() == "NetworkSettings") {
                into = &(*into)["Networks"].as_object();
                from = &from->at("Networks").as_object();
            }
            for (const auto& each : *from) (*into)[each.key()] = each.value();
        }
        EXPECT_EQ(Shop().differences(found), told) << text;
    }
}

TEST(RenderCompare, what_the_engine_is_configured_to_is_no_difference) {
    json::object found = inspect();
    json::object& host = found["HostConfig"].as_object();
    host["LogConfig"] = {{"Type", "journald"}, {"Config", {{"tag", "x"}}}};
    host["Runtime"] = "crun";
    host["CgroupnsMode"] = "private";
    host["IpcMode"] = "shareable";
    host["PidsLimit"] = 0;
    host["RestartPolicy"] = {{"Name", "no"}, {"MaximumRetryCount", 0}};
    EXPECT_EQ(Shop().differences(found), Names());
}

TEST(RenderCompare, what_the_engine_adds_to_security_options_is_no_difference) {
    Shop shop;
    shop.api().privileged = true;
    shop.api().security_opt = {"no-new-privileges:true"};
    json::object found = inspect();
    json::object& host = found["HostConfig"].as_object();
    host["Privileged"] = true;
    host["SecurityOpt"] = {"no-new-privileges:true", "label=disable"};
    EXPECT_EQ(shop.differences(found), Names());
    host["SecurityOpt"] = {"label=disable"};
    EXPECT_EQ(shop.differences(found), Names{"security_opt"});
    host["SecurityOpt"] = {"no-new-privileges:true", "seccomp=unconfined", "label=disable"};
    EXPECT_EQ(shop.differences(found), Names{"security_opt"});
}

TEST(RenderCompare, a_command_belongs_to_its_entrypoint) {
    Shop shop;
    shop.api().entrypoint = {"/entry"};
    json::object found = inspect();
    json::object& config = found["Config"].as_object();
    config["Entrypoint"] = {"/entry"};
    // With an entrypoint of its own the image's command does not count.
    EXPECT_EQ(shop.differences(found), Names{"command"});
    config["Cmd"] = nullptr;
    EXPECT_EQ(shop.differences(found), Names());
}

TEST(RenderCompare, no_value_is_ever_told) {
    Shop shop;
    shop.api().environment["A"] = "hunter2-secret";
    shop.api().labels["team"] = "hunter2-secret";
    for (const std::string& name : shop.differences(inspect()))
        EXPECT_EQ(name.find("hunter2"), std::string::npos);
}

TEST(RenderCompare, an_answer_that_is_none_differs_and_breaks_nothing) {
    for (const char* text :
         {"{}", R"({"Config": 7, "HostConfig": [], "Mounts": {}, "NetworkSettings": null})",
          R"({"Mounts": [1, {"Destination": 2}], "HostConfig": {"PortBindings": {"1/tcp": 3}}})"}) {
        EXPECT_FALSE(Shop().differences(json::parse(text).as_object()).empty()) << text;
    }
}

}    // namespace
}    // namespace trueup::render::test
