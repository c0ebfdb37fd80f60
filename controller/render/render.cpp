// SPDX-License-Identifier: Apache-2.0
// What the service says comes from parts.cpp, and its hash is the ConfigHash. container_body() adds
// what varies by revision, replica and host: image id, labels, names, the folder of binds.
#include "controller/render/render.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/model/labels.hpp"
#include "controller/render/parts.hpp"
#include "controller/render/seal.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;
namespace labels = model::labels;

json::object to_object(const model::StringMap& map) {
    json::object object;
    for (const auto& [key, value] : map) object[key] = value;
    return object;
}

void set(json::object& object, std::string_view key, const std::string& text) {
    if (!text.empty()) object[key] = text;
}

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
    all[labels::compose_config_hash] = hash;
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
    set(all, labels::seal, seal(identity, sealed));
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

std::string config_hash(const model::Project& project, const model::Service& service) {
    if (!service.config_hash.empty()) return service.config_hash;
    json::object body = rendered_config(service);
    body["HostConfig"] = host_config(project, service, "");
    body["Labels"] = to_object(service.labels);
    // What is built is told apart by its recipe; what is pulled only by its name.
    if (!service.build) body["Image"] = service.image;
    json::object networks;
    for (const NetworkEntry* entry : ordered_networks(service)) {
        networks[project.networks.at(entry->first).name] =
            endpoint(entry->second, service, service.container_name);
    }
    body["Networks"] = std::move(networks);
    return base::sha256_hex(json::serialize(body));
}

std::string network_hash(const model::Network& network) {
    json::object body;
    body["Driver"] = network.driver;
    body["Options"] = to_object(network.driver_options);
    body["Internal"] = network.internal;
    body["Attachable"] = network.attachable;
    body["Labels"] = to_object(network.labels);
    return base::sha256_hex(json::serialize(body));
}

std::string volume_hash(const model::Volume& volume) {
    json::object body;
    body["Driver"] = volume.driver;
    body["Options"] = to_object(volume.driver_options);
    body["Labels"] = to_object(volume.labels);
    return base::sha256_hex(json::serialize(body));
}

json::object container_body(const model::Project& project, const model::Service& service,
                            int number, const StackIdentity& identity,
                            const std::string& image_id) {
    json::object body = rendered_config(service);
    body["Image"] = image_id;
    body["Labels"] = container_labels(project, service, number, identity, image_id);
    body["HostConfig"] = host_config(project, service, identity.bind_root);
    const auto networks = ordered_networks(service);
    if (networks.empty()) return body;
    const std::string& first = project.networks.at(networks.front()->first).name;
    json::object endpoints;
    endpoints[first] =
        endpoint(networks.front()->second, service, container_name(project.name, service, number));
    json::object networking;
    networking["EndpointsConfig"] = std::move(endpoints);
    body["NetworkingConfig"] = std::move(networking);
    body["HostConfig"].as_object()["NetworkMode"] = first;
    return body;
}

std::vector<NetworkAttachment> further_networks(const model::Project& project,
                                                const model::Service& service, int number) {
    std::vector<NetworkAttachment> attachments;
    const auto networks = ordered_networks(service);
    for (std::size_t index = 1; index < networks.size(); ++index) {
        NetworkAttachment attachment;
        attachment.network_name = project.networks.at(networks[index]->first).name;
        attachment.endpoint_config = endpoint(networks[index]->second, service,
                                              container_name(project.name, service, number));
        attachments.push_back(std::move(attachment));
    }
    return attachments;
}

json::object network_body(const model::Project& project, const model::Network& network,
                          const StackIdentity& identity) {
    json::object body;
    body["Name"] = network.name;
    set(body, "Driver", network.driver);
    body["Options"] = to_object(network.driver_options);
    body["Internal"] = network.internal;
    body["Attachable"] = network.attachable;
    const SealedResource sealed{"network", project.name, network.key, network.name,
                                network_hash(network)};
    body["Labels"] = resource_labels(network.labels, identity, sealed);
    return body;
}

json::object volume_body(const model::Project& project, const model::Volume& volume,
                         const StackIdentity& identity) {
    json::object body;
    body["Name"] = volume.name;
    set(body, "Driver", volume.driver);
    body["DriverOpts"] = to_object(volume.driver_options);
    const SealedResource sealed{"volume", project.name, volume.key, volume.name,
                                volume_hash(volume)};
    body["Labels"] = resource_labels(volume.labels, identity, sealed);
    return body;
}

}    // namespace trueup::render
