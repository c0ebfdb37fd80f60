// SPDX-License-Identifier: Apache-2.0
// Networks and volumes of the fake engine.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <algorithm>
#include <utility>

#include "tests/support/fake_call.hpp"

namespace trueup::test {

namespace json = boost::json;
using model::ContainerState;

namespace {

template <class Resource>
void read_labels(const model::StringMap& labels, const char* key, Resource& resource) {
    resource.key = label(labels, key);
    resource.owned = labels.contains("dev.trueup.owner");
    resource.seal = label(labels, "dev.trueup.seal");
    resource.stack = label(labels, "dev.trueup.stack");
    resource.config_hash = label(labels, "dev.trueup.config-hash");
    resource.project = label(labels, "com.docker.compose.project");
}

}    // namespace

Task<std::vector<model::ObservedNetwork>> FakeEngine::list_networks() {
    return call<std::vector<model::ObservedNetwork>>(
        "list networks", [this]() -> Result<std::vector<model::ObservedNetwork>> {
            std::vector<model::ObservedNetwork> list;
            for (const auto& [id, network] : networks) list.push_back(network);
            return list;
        });
}

Task<std::string> FakeEngine::create_network(json::object body) {
    const std::string name = text(body, "Name");
    return call<std::string>("create network " + name, [this, name, body]() -> Result<std::string> {
        for (const auto& [id, network] : networks) {
            if (network.name == name)
                return Error(Errc::conflict, "network with name " + name + " already exists");
        }
        model::ObservedNetwork made;
        made.id = new_id("network");
        made.name = name;
        read_labels(string_map(body, "Labels"), "com.docker.compose.network", made);
        networks[made.id] = made;
        emit("network", "create", made.id);
        return made.id;
    });
}

Task<void> FakeEngine::connect_network(std::string id, json::object body) {
    return call<void>("connect " + id, [this, id, body]() -> Result<void> {
        const auto network = std::find_if(
            networks.begin(), networks.end(),
            [&id](const auto& entry) { return entry.second.name == id || entry.first == id; });
        if (network == networks.end())
            return Error(Errc::not_found, "network " + id + " not found");
        const auto found = container(text(body, "Container"));
        if (!found) return found.error();
        if ((*found)->networks.contains(network->second.name))
            return Error(Errc::denied, "endpoint already exists in network " + id);
        (*found)->networks[network->second.name] = network->first;
        emit("network", "connect", network->first, {{"container", (*found)->id}});
        return {};
    });
}

Task<void> FakeEngine::remove_network(std::string id) {
    return call<void>("remove network " + id, [this, id]() -> Result<void> {
        const auto network = std::find_if(
            networks.begin(), networks.end(),
            [&id](const auto& entry) { return entry.second.name == id || entry.first == id; });
        if (network == networks.end())
            return Error(Errc::not_found, "network " + id + " not found");
        for (const auto& [container_id, container] : containers) {
            if (container.state == ContainerState::running &&
                container.networks.contains(network->second.name))
                return Error(Errc::denied, "network " + id + " has active endpoints");
        }
        emit("network", "destroy", network->first);
        networks.erase(network);
        return {};
    });
}

Task<std::vector<model::ObservedVolume>> FakeEngine::list_volumes() {
    return call<std::vector<model::ObservedVolume>>(
        "list volumes", [this]() -> Result<std::vector<model::ObservedVolume>> {
            std::vector<model::ObservedVolume> list;
            for (const auto& [name, volume] : volumes) list.push_back(volume);
            return list;
        });
}

Task<void> FakeEngine::create_volume(json::object body) {
    const std::string name = text(body, "Name");
    return call<void>("create volume " + name, [this, name, body]() -> Result<void> {
        model::ObservedVolume made;
        made.name = name;
        read_labels(string_map(body, "Labels"), "com.docker.compose.volume", made);
        // An existing one of the same driver is what the caller wanted.
        if (volumes.try_emplace(name, made).second) emit("volume", "create", name);
        return {};
    });
}

}    // namespace trueup::test
