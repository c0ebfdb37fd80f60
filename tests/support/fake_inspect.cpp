// SPDX-License-Identifier: Apache-2.0
// What the fake engine answers to an inspect: the JSON that the real one would write, read by the
// codec that reads the real one's.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "controller/engine/codec.hpp"
#include "tests/support/fake_call.hpp"

namespace trueup::test {

namespace json = boost::json;
using model::ContainerState;
using model::Health;
using model::MountedKind;

namespace {

json::object json_map(const model::StringMap& map) {
    json::object object;
    for (const auto& [key, value] : map) object[key] = value;
    return object;
}

json::object state_of(const FakeContainer& container) {
    constexpr const char* never = "0001-01-01T00:00:00Z";
    const bool runs =
        container.state == ContainerState::running || container.state == ContainerState::paused;
    json::object state;
    state["Status"] = std::string(model::to_string(container.state));
    state["Running"] = runs;
    state["Paused"] = container.state == ContainerState::paused;
    state["OOMKilled"] = container.oom_killed;
    state["Pid"] = runs ? 4'000 + container.starts : 0;
    state["ExitCode"] = container.exit_code;
    state["Error"] = container.error;
    state["StartedAt"] = container.started_at.empty() ? never : container.started_at;
    state["FinishedAt"] = container.finished_at.empty() ? never : container.finished_at;
    if (container.health != Health::none)
        state["Health"] = {{"Status", std::string(model::to_string(container.health))}};
    return state;
}

json::array mounts_of(const FakeContainer& container) {
    json::array mounts;
    for (const auto& [destination, mount] : container.mounts) {
        const bool volume = mount.kind == MountedKind::volume;
        json::object entry;
        entry["Type"] = volume ? "volume" : mount.kind == MountedKind::bind ? "bind" : "tmpfs";
        if (volume) entry["Name"] = mount.source;
        entry["Source"] = volume ? "/fake/volumes/" + mount.source : mount.source;
        entry["Destination"] = destination;
        entry["RW"] = mount.writable;
        mounts.push_back(std::move(entry));
    }
    return mounts;
}

void read_bind(const std::string& bind, std::map<std::string, model::ObservedMount>& mounts) {
    const std::size_t first = bind.find(':');
    const std::size_t second = bind.find(':', first + 1);
    model::ObservedMount mount;
    mount.source = bind.substr(0, first);
    mount.kind = mount.source.starts_with('/') ? MountedKind::bind : MountedKind::volume;
    const std::string mode = second == bind.npos ? "" : bind.substr(second + 1);
    mount.writable = mode != "ro" && !mode.starts_with("ro,") && !mode.ends_with(",ro");
    mounts[bind.substr(first + 1, second - first - 1)] = std::move(mount);
}

}    // namespace

std::map<std::string, model::ObservedMount> fake_mounts(const json::object& body) {
    const json::object& host = object(body, "HostConfig");
    std::map<std::string, model::ObservedMount> mounts;
    if (const json::value* binds = host.if_contains("Binds"); binds != nullptr) {
        for (const json::value& bind : binds->as_array())
            read_bind(std::string(bind.as_string()), mounts);
    }
    if (const json::value* list = host.if_contains("Mounts"); list != nullptr) {
        for (const json::value& entry : list->as_array()) {
            const json::object& wanted = entry.as_object();
            const std::string kind = text(wanted, "Type");
            const json::value* read_only = wanted.if_contains("ReadOnly");
            model::ObservedMount mount;
            mount.kind = kind == "bind"     ? MountedKind::bind
                         : kind == "volume" ? MountedKind::volume
                                            : MountedKind::tmpfs;
            mount.source = text(wanted, "Source");
            mount.writable = read_only == nullptr || !read_only->as_bool();
            mounts[text(wanted, "Target")] = std::move(mount);
        }
    }
    return mounts;
}

json::object FakeEngine::raw(const FakeContainer& container) const {
    json::object config = container.body;
    config.erase("HostConfig");
    config.erase("NetworkingConfig");
    config["Labels"] = json_map(container.labels);
    json::object host = object(container.body, "HostConfig");
    host["RestartPolicy"] = {{"Name", container.restart.name},
                             {"MaximumRetryCount", container.restart.max_retries}};
    json::object networks;
    for (const auto& [name, id] : container.networks) networks[name] = {{"NetworkID", id}};
    json::object answer;
    answer["Id"] = container.id;
    answer["Name"] = "/" + container.name;
    answer["Image"] = container.image_id;
    answer["RestartCount"] = container.restarts;
    answer["State"] = state_of(container);
    answer["Config"] = std::move(config);
    answer["HostConfig"] = std::move(host);
    answer["Mounts"] = mounts_of(container);
    answer["NetworkSettings"] = {{"Networks", std::move(networks)}};
    return answer;
}

model::ObservedContainer FakeEngine::observed(const FakeContainer& container) const {
    return *engine::codec::container(json::serialize(raw(container)));
}

Task<model::ObservedContainer> FakeEngine::inspect_container(std::string id) {
    return call<model::ObservedContainer>("inspect " + id,
                                          [this, id]() -> Result<model::ObservedContainer> {
                                              const auto found = container(id);
                                              if (!found) return found.error();
                                              return observed(**found);
                                          });
}

Task<json::object> FakeEngine::inspect_container_raw(std::string id) {
    return call<json::object>("inspect " + id, [this, id]() -> Result<json::object> {
        const auto found = container(id);
        if (!found) return found.error();
        return raw(**found);
    });
}

Task<json::object> FakeEngine::inspect_image_raw(std::string reference) {
    return call<json::object>("inspect image " + reference,
                              [this, reference]() -> Result<json::object> {
                                  const auto found = image(reference);
                                  if (!found) return found.error();
                                  json::array tags;
                                  for (const std::string& tag : (*found)->references)
                                      tags.emplace_back(tag);
                                  json::object config;
                                  config["Labels"] = json_map((*found)->labels);
                                  json::array triggers;
                                  for (const std::string& trigger : (*found)->on_build)
                                      triggers.emplace_back(trigger);
                                  config["OnBuild"] = std::move(triggers);
                                  json::object answer;
                                  answer["Id"] = (*found)->id;
                                  answer["RepoTags"] = std::move(tags);
                                  answer["Config"] = std::move(config);
                                  return answer;
                              });
}

}    // namespace trueup::test
