// SPDX-License-Identifier: Apache-2.0
// A project that says everything a service can say.
#pragma once

#include <string>

#include "controller/render/render.hpp"

namespace trueup::render::test {

inline model::Mount mount(model::MountKind kind, std::string source, std::string target,
                          bool read_only = false) {
    model::Mount result;
    result.kind = kind;
    result.source = std::move(source);
    result.target = std::move(target);
    result.read_only = read_only;
    return result;
}

inline model::Network network(const std::string& key) {
    model::Network result;
    result.key = key;
    result.name = "shop_" + key;
    return result;
}

inline model::Mount bind_of_commit() {
    model::Mount result = mount(model::MountKind::bind, "deploy/app.ini", "/etc/app.ini", true);
    result.in_commit = true;
    result.content_id = "257cc5642cb1a054f08cc83f2d943e56fd3ebe99";
    return result;
}

inline model::Healthcheck healthcheck() {
    using namespace std::chrono_literals;
    model::Healthcheck check;
    check.test = {"CMD", "curl", "-f", "http://localhost/"};
    check.interval = 30s;
    check.timeout = 1500ms;
    check.start_period = 90s;
    check.start_interval = 2s;
    check.retries = 5;
    return check;
}

inline model::Service rich_service() {
    using namespace std::chrono_literals;
    model::Service api;
    api.name = "api";
    api.image = "registry.example.com/api:1.2";
    api.command = model::Strings{"serve", "--port", "80"};
    api.entrypoint = model::Strings{"/entry"};
    api.environment = {{"MODE", "prod"}, {"PASSWORD", "hunter2"}, {"UNSET", std::nullopt}};
    api.ports = {{"", "8000", 80, "tcp"}, {"127.0.0.1", "8001", 80, "tcp"}, {"", "", 53, "udp"}};
    api.expose = {"9000", "9100-9101/udp"};
    api.mounts = {mount(model::MountKind::volume, "data", "/data"), bind_of_commit(),
                  mount(model::MountKind::volume, "", "/cache")};
    model::ServiceNetwork front;
    front.aliases = {"www", "api.local"};
    front.ipv4_address = "10.0.0.9";
    front.priority = 10;
    api.networks = {{"back", model::ServiceNetwork()}, {"front", front}};
    api.depends_on = {{"db", {model::DependencyCondition::healthy, true, true}},
                      {"job", {model::DependencyCondition::completed_successfully, false, true}},
                      {"log", model::Dependency()}};
    api.healthcheck = healthcheck();
    api.restart = {"on-failure", 3};
    api.labels = {{"team", "shop"}};
    api.working_dir = "/srv";
    api.user = "app";
    api.hostname = "api-host";
    api.stop_signal = "SIGINT";
    api.stop_grace_period = 20500ms;
    api.init = true;
    return api;
}

inline model::Project rich_project() {
    model::Project project;
    project.name = "shop";
    project.config_files = {"compose.yaml", "compose.production.yaml"};
    project.networks = {{"front", network("front")}, {"back", network("back")}};
    model::Volume data;
    data.key = "data";
    data.name = "shop_data";
    project.volumes = {{"data", data}};
    project.services = {{"api", rich_service()}};
    return project;
}

inline StackIdentity identity() {
    StackIdentity result;
    result.controller = "trueup-a";
    result.stack = "shop-production";
    result.environment = "production";
    result.revision = "9f3c1e2d00000000000000000000000000000000";
    result.bind_root = "/var/lib/trueup/binds";
    result.working_dir = "/deploy";
    return result;
}

inline Creation created_from(const std::string& image_id) {
    Creation creation;
    creation.image_id = image_id;
    return creation;
}

}    // namespace trueup::render::test
