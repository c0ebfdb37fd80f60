// SPDX-License-Identifier: Apache-2.0
// What the service says comes from the other files, and its hash is the ConfigHash. container_body()
// adds what varies by revision, replica and host: image id, labels, names, the folder of binds.
#include "controller/render/render.hpp"

#include <fmt/format.h>

#include <utility>

#include "controller/base/digest.hpp"
#include "controller/model/labels.hpp"
#include "controller/render/content.hpp"
#include "controller/render/json.hpp"
#include "controller/render/parts.hpp"
#include "controller/render/seal.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;
namespace labels = model::labels;

std::string depends_on_label(const model::Service& service) {
    std::string text;
    for (const auto& [name, dependency] : service.depends_on) {
        const std::string_view condition =
            dependency.condition == model::DependencyCondition::healthy ? "service_healthy"
            : dependency.condition == model::DependencyCondition::completed_successfully
                ? "service_completed_successfully"
                : "service_started";
        text +=
            fmt::format("{}{}:{}:{}", text.empty() ? "" : ",", name, condition, dependency.restart);
    }
    return text;
}

json::object container_labels(const model::Project& project, const model::Service& service,
                              int number, const StackIdentity& identity,
                              const std::string& image_id) {
    json::object all = to_object(service.labels);
    const std::string hash = config_hash(project, service);
    all[labels::owner] = identity.controller;
    all[labels::stack] = identity.stack;
    all[labels::environment] = identity.environment;
    all[labels::revision] = identity.revision;
    all[labels::config_hash] = hash;
    all[labels::compose_project] = project.name;
    all[labels::compose_service] = service.name;
    all[labels::compose_number] = std::to_string(number);
    all[labels::compose_oneoff] = "False";
    // Compose goes on with a container whose hash is its own.
    all[labels::compose_config_hash] = service.compose_hash.empty() ? hash : service.compose_hash;
    all[labels::compose_working_dir] = identity.working_dir;
    all[labels::compose_config_files] = fmt::format("{}", fmt::join(project.config_files, ","));
    all[labels::compose_version] = "2.26.1";
    all[labels::compose_image] = image_id;
    all[labels::compose_depends_on] = depends_on_label(service);
    SealedContainer sealed;
    sealed.project = project.name;
    sealed.service = service.name;
    sealed.number = number;
    sealed.image_id = image_id;
    sealed.config_hash = hash;
    sealed.revision = identity.revision;
    sealed.name = container_name(project.name, service, number);
    if (!identity.key.empty()) all[labels::name] = sealed.name;
    set(all, labels::seal, seal(identity, sealed));
    set(all, labels::content, content_label(project, service, identity.key));
    return all;
}

json::object resource_labels(const model::StringMap& own, const StackIdentity& identity,
                             const SealedResource& sealed) {
    json::object all = to_object(own);
    all[labels::owner] = identity.controller;
    all[labels::stack] = identity.stack;
    all[labels::environment] = identity.environment;
    all[labels::config_hash] = sealed.config_hash;
    all[labels::compose_project] = sealed.project;
    all[sealed.kind == "network" ? labels::compose_network : labels::compose_volume] = sealed.key;
    all[labels::compose_version] = "2.26.1";
    set(all, labels::seal, seal(identity, sealed));
    return all;
}

}    // namespace

std::string container_name(const std::string& project_name, const model::Service& service,
                           int number) {
    if (!service.container_name.empty()) return service.container_name;
    return fmt::format("{}-{}-{}", project_name, service.name, number);
}

std::string image_reference(const std::string& project_name, const model::Service& service) {
    return service.image.empty() ? fmt::format("{}-{}", project_name, service.name) : service.image;
}

namespace {

Surroundings surroundings(const StackIdentity& identity, const Creation& creation, int number) {
    Surroundings around;
    around.capability = creation.capability;
    around.bind_root = identity.bind_root;
    around.containers = creation.containers;
    around.inherited = creation.inherited;
    around.number = number;
    return around;
}

}    // namespace

json::object container_body(const model::Project& project, const model::Service& service,
                            int number, const StackIdentity& identity, const Creation& creation) {
    const Surroundings around = surroundings(identity, creation, number);
    json::object body = config(service, around);
    body["Image"] = creation.image_id;
    set(body, "Platform", service.platform);
    body["Labels"] = container_labels(project, service, number, identity, creation.image_id);
    body["HostConfig"] = host_config(project, service, around);
    const auto networks = ordered_networks(service);
    if (networks.empty()) return body;
    json::object endpoints;
    for (const NetworkEntry* entry : networks) {
        endpoints[project.networks.at(entry->first).name] =
            endpoint(project, service, *entry, around);
        if (!around.capability.takes_all_networks()) break;
    }
    json::object networking;
    networking["EndpointsConfig"] = std::move(endpoints);
    body["NetworkingConfig"] = std::move(networking);
    body["HostConfig"].as_object()["NetworkMode"] =
        project.networks.at(networks.front()->first).name;
    return body;
}

std::vector<NetworkAttachment> further_networks(const model::Project& project,
                                                const model::Service& service, int number,
                                                Capability capability) {
    std::vector<NetworkAttachment> attachments;
    if (capability.takes_all_networks()) return attachments;
    Surroundings around;
    around.capability = capability;
    around.number = number;
    const auto networks = ordered_networks(service);
    for (std::size_t index = 1; index < networks.size(); ++index) {
        NetworkAttachment attachment;
        attachment.network_name = project.networks.at(networks[index]->first).name;
        attachment.endpoint_config = endpoint(project, service, *networks[index], around);
        attachments.push_back(std::move(attachment));
    }
    return attachments;
}

json::object network_body(const model::Project& project, const model::Network& network,
                          const StackIdentity& identity) {
    json::object body = network_settings(network);
    body["Name"] = network.name;
    const SealedResource sealed{"network", project.name, network.key, network.name,
                                keyed_hash(identity.key, network_hash(network))};
    body["Labels"] = resource_labels(network.labels, identity, sealed);
    return body;
}

json::object volume_body(const model::Project& project, const model::Volume& volume,
                         const StackIdentity& identity) {
    json::object body = volume_settings(volume);
    body["Name"] = volume.name;
    const SealedResource sealed{"volume", project.name, volume.key, volume.name,
                                keyed_hash(identity.key, volume_hash(volume))};
    body["Labels"] = resource_labels(volume.labels, identity, sealed);
    return body;
}

}    // namespace trueup::render
