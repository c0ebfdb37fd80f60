// SPDX-License-Identifier: Apache-2.0
// Containers of the fake engine.
#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <algorithm>
#include <utility>

#include "tests/support/fake_call.hpp"
#include "tests/support/fake_image.hpp"

namespace trueup::test {

namespace json = boost::json;
using model::ContainerState;
using model::Health;

namespace {

bool has_health_check(const FakeContainer& container) {
    const json::value* test = object(container.body, "Healthcheck").if_contains("Test");
    return test != nullptr && test->is_array() && !test->as_array().empty() &&
           test->as_array().front() != "NONE";
}

}    // namespace

FakeContainer* FakeEngine::find(const std::string& id_or_name) {
    const auto found = containers.find(id_or_name);
    if (found != containers.end()) return &found->second;
    for (auto& [id, container] : containers) {
        if (container.name == id_or_name) return &container;
    }
    return nullptr;
}

Result<FakeContainer*> FakeEngine::container(const std::string& id) {
    FakeContainer* found = find(id);
    if (found == nullptr) return Error(Errc::not_found, "No such container: " + id);
    return found;
}

Task<std::vector<model::ObservedContainer>> FakeEngine::list_containers(
    engine::ContainerFilter filter) {
    return call<std::vector<model::ObservedContainer>>(
        "list containers", [this, filter]() -> Result<std::vector<model::ObservedContainer>> {
            std::vector<model::ObservedContainer> list;
            for (const auto& [id, container] : containers) {
                if (!filter.all && container.state != ContainerState::running) continue;
                const auto matches = [&container = container](const std::string& wanted) {
                    const auto equal = wanted.find('=');
                    const auto found = container.labels.find(wanted.substr(0, equal));
                    if (found == container.labels.end()) return false;
                    return equal == std::string::npos || found->second == wanted.substr(equal + 1);
                };
                if (std::all_of(filter.labels.begin(), filter.labels.end(), matches))
                    list.push_back(observed(container));
            }
            return list;
        });
}

Task<std::string> FakeEngine::create_container(std::string name, json::object body) {
    return call<std::string>("create " + name, [this, name, body]() -> Result<std::string> {
        return do_create(name, body);
    });
}

Result<std::string> FakeEngine::do_create(const std::string& name, json::object body) {
    const auto from = image(text(body, "Image"));
    if (!from) return from.error();
    FakeContainer made;
    made.id = new_id("container");
    made.name = name.empty() ? "fake_" + made.id.substr(0, 12) : name;
    for (const auto& [id, other] : containers) {
        if (other.name == made.name)
            return Error(Errc::conflict, fmt::format("Conflict. The container name \"/{}\" is "
                                                     "already in use by container \"{}\"",
                                                     made.name, id));
    }
    const json::object& host = object(body, "HostConfig");
    const std::string mode = text(host, "NetworkMode");
    if (!mode.empty() && mode != "none" && mode != "host" && mode != "default") {
        const auto network =
            std::find_if(networks.begin(), networks.end(), [&mode](const auto& entry) {
                return entry.second.name == mode || entry.first == mode;
            });
        // The real engine accepts the name and fails at the start; so does this one.
        made.networks[mode] = network == networks.end() ? "" : network->first;
    }
    made.labels = (*from)->labels;
    for (auto& [key, value] : string_map(body, "Labels")) made.labels[key] = value;
    made.image_id = (*from)->id;
    made.files = (*from)->files;
    made.restart.name = text(object(host, "RestartPolicy"), "Name");
    if (made.restart.name.empty()) made.restart.name = "no";
    const json::value* retries = object(host, "RestartPolicy").if_contains("MaximumRetryCount");
    if (retries != nullptr) made.restart.max_retries = static_cast<int>(retries->as_int64());
    made.mounts = fake_mounts(body);
    for (const auto& [destination, mount] : made.mounts) {
        if (mount.kind != model::MountedKind::volume || volumes.contains(mount.source)) continue;
        volumes[mount.source].name = mount.source;
        emit("volume", "create", mount.source);
    }
    made.body = std::move(body);
    const std::string id = made.id;
    const auto [stored, fresh] = containers.emplace(id, std::move(made));
    emit(stored->second, "create");
    return id;
}

Task<void> FakeEngine::start_container(std::string id) {
    return call<void>("start " + id, [this, id]() -> Result<void> {
        const auto found = container(id);
        if (!found) return found.error();
        return do_start(**found);
    });
}

Result<void> FakeEngine::do_start(FakeContainer& container) {
    if (container.state == ContainerState::running) return {};
    if (container.state == ContainerState::paused)
        return Error(Errc::invalid, "cannot start a paused container, try unpause instead");
    for (auto& [name, network_id] : container.networks) {
        const auto& wanted = name;
        const auto found =
            std::find_if(networks.begin(), networks.end(), [&wanted](const auto& entry) {
                return entry.second.name == wanted || entry.first == wanted;
            });
        if (found == networks.end())
            return Error(Errc::not_found, "network " + wanted + " not found");
        network_id = found->first;
    }
    container.error = images.at(container.image_id).behaviour.start_error;
    if (!container.error.empty()) {
        container.exit_code = 127;
        return Error(Errc::invalid, container.error);
    }
    container.state = ContainerState::running;
    container.exit_code = 0;
    container.oom_killed = false;
    container.started_at = time();
    container.restarts = 0;
    ++container.starts;
    container.health = has_health_check(container) ? Health::starting : Health::none;
    emit(container, "start");
    const std::string id = container.id;
    const int start = container.starts;
    boost::asio::post(executor_, [this, id, start] { live(id, start); });
    return {};
}

// What the process and its health check do once it runs.
void FakeEngine::live(const std::string& id, int start) {
    FakeContainer* container = find(id);
    if (container == nullptr || container->starts != start ||
        container->state != ContainerState::running)
        return;
    const Behaviour& behaviour = images.at(container->image_id).behaviour;
    if (behaviour.out_of_memory) {
        run_out_of_memory(id);
        return;
    }
    if (behaviour.exits) {
        stop(*container, *behaviour.exits);
        return;
    }
    if (container->health != Health::starting) return;
    container->health = behaviour.stays_unhealthy ? Health::unhealthy : Health::healthy;
    emit(*container, "health_status: " + std::string(model::to_string(container->health)));
}

void FakeEngine::stop(FakeContainer& container, int exit_code) {
    container.state = ContainerState::exited;
    container.exit_code = exit_code;
    container.finished_at = time();
    if (container.health != Health::none) container.health = Health::unhealthy;
    emit(container, "die", {{"exitCode", std::to_string(exit_code)}});
}

Task<void> FakeEngine::stop_container(std::string id, std::optional<Seconds> /*timeout*/) {
    return call<void>("stop " + id, [this, id]() -> Result<void> {
        const auto found = container(id);
        if (!found) return found.error();
        const bool runs =
            (*found)->state == ContainerState::running || (*found)->state == ContainerState::paused;
        if (!runs) return {};
        emit(**found, "kill", {{"signal", "15"}});
        stop(**found, 137);
        emit(**found, "stop");
        return {};
    });
}

Task<void> FakeEngine::restart_container(std::string id, std::optional<Seconds> /*timeout*/) {
    return call<void>("restart " + id, [this, id]() -> Result<void> {
        const auto found = container(id);
        if (!found) return found.error();
        FakeContainer& restarted = **found;
        if (restarted.state == ContainerState::running ||
            restarted.state == ContainerState::paused) {
            emit(restarted, "kill", {{"signal", "15"}});
            stop(restarted, 137);
            emit(restarted, "stop");
        }
        const auto started = do_start(restarted);
        if (started) emit(restarted, "restart");
        return started;
    });
}

Task<void> FakeEngine::kill_container(std::string id, std::string signal) {
    return call<void>("kill " + id + " " + signal, [this, id]() -> Result<void> {
        const auto found = container(id);
        if (!found) return found.error();
        if ((*found)->state != ContainerState::running)
            return Error(Errc::conflict, "Container " + id + " is not running");
        emit(**found, "kill", {{"signal", "9"}});
        stop(**found, 137);
        return {};
    });
}

Task<void> FakeEngine::unpause_container(std::string id) {
    return call<void>("unpause " + id, [this, id]() -> Result<void> {
        const auto found = container(id);
        if (!found) return found.error();
        if ((*found)->state != ContainerState::paused)
            return Error(Errc::unavailable, "Container " + id + " is not paused");
        (*found)->state = ContainerState::running;
        emit(**found, "unpause");
        return {};
    });
}

Task<void> FakeEngine::rename_container(std::string id, std::string name) {
    return call<void>(fmt::format("rename {} to {}", id, name), [this, id, name]() -> Result<void> {
        const auto found = container(id);
        if (!found) return found.error();
        if ((*found)->name == name)
            return Error(Errc::invalid,
                         "Renaming a container with the same name as its current name");
        if (find(name) != nullptr)
            return Error(Errc::conflict, "Conflict. The container name " + name + " is in use");
        (*found)->name = name;
        emit(**found, "rename");
        return {};
    });
}

Task<void> FakeEngine::update_restart_policy(std::string id, model::RestartPolicy policy) {
    return call<void>("restart policy " + id + " " + policy.name,
                      [this, id, policy]() -> Result<void> {
                          const auto found = container(id);
                          if (!found) return found.error();
                          (*found)->restart = policy;
                          emit(**found, "update");
                          return {};
                      });
}

Task<void> FakeEngine::remove_container(std::string id, bool force, bool /*volumes*/) {
    return call<void>("remove " + id, [this, id, force] { return do_remove(id, force); });
}

Result<void> FakeEngine::do_remove(const std::string& id, bool force) {
    const auto found = container(id);
    if (!found) return found.error();
    FakeContainer& removed = **found;
    const bool runs =
        removed.state == ContainerState::running || removed.state == ContainerState::paused;
    if (runs && !force) return Error(Errc::conflict, "You cannot remove a running container " + id);
    if (runs) {
        emit(removed, "kill", {{"signal", "9"}});
        stop(removed, 137);
    }
    emit(removed, "destroy");
    containers.erase(removed.id);
    return {};
}

Task<std::string> FakeEngine::container_logs(std::string id, int /*lines*/) {
    return call<std::string>("logs " + id, [this, id]() -> Result<std::string> {
        const auto found = container(id);
        if (!found) return found.error();
        return (*found)->starts > 0 ? images.at((*found)->image_id).behaviour.output : "";
    });
}

Task<void> FakeEngine::read_archive(std::string id, std::string path, engine::ByteSink& sink) {
    const auto entered = co_await enter("archive " + id + " " + path);
    if (!entered) co_return entered.error();
    const auto found = container(id);
    if (!found) co_return found.error();
    auto tar = write_fake_tar((*found)->files, path);
    if (!tar) co_return tar.error();
    const auto written = co_await sink.write(std::move(*tar));
    if (loses_answer()) co_return Error(Errc::unavailable, "the connection was lost");
    co_return written;
}

Task<void> FakeEngine::write_archive(std::string id, std::string path, std::string tar) {
    return call<void>("write " + id, [this, id, path, tar]() -> Result<void> {
        const auto found = container(id);
        if (!found) return found.error();
        const boost::json::value* host = (*found)->body.if_contains("HostConfig");
        const boost::json::value* fixed =
            host != nullptr ? host->as_object().if_contains("ReadonlyRootfs") : nullptr;
        if (fixed != nullptr && fixed->as_bool())
            return Error(Errc::denied, "container rootfs is marked read-only");
        const auto files = read_fake_tar(tar);
        if (!files) return files.error();
        for (const auto& [name, content] : *files)
            (*found)->files[path.ends_with('/') ? path + name : path + "/" + name] = content;
        return {};
    });
}

Task<int> FakeEngine::run_in_container(std::string id, engine::ExecRequest request) {
    const std::string last = request.command.empty() ? "" : request.command.back();
    return call<int>("run in " + id + ": " + last, [this, id, last]() -> Result<int> {
        const auto found = container(id);
        if (!found) return found.error();
        if ((*found)->state != ContainerState::running)
            return Error(Errc::conflict, "Container " + id + " is not running");
        constexpr std::string_view ending = "exit ";
        return last.starts_with(ending) ? std::stoi(last.substr(ending.size())) : 0;
    });
}

Task<engine::ExecResult> FakeEngine::read_from_container(std::string id,
                                                         engine::ExecRequest request,
                                                         std::size_t limit) {
    const std::string first = request.command.empty() ? "" : request.command.front();
    return call<engine::ExecResult>(
        "read from " + id + ": " + first,
        [this, id, request = std::move(request), limit]() -> Result<engine::ExecResult> {
            const auto found = container(id);
            if (!found) return found.error();
            if ((*found)->state != ContainerState::running)
                return Error(Errc::conflict, "Container " + id + " is not running");
            if (program) return program(**found, request);
            engine::ExecResult result;
            const std::string last = request.command.empty() ? "" : request.command.back();
            constexpr std::string_view ending = "exit ";
            constexpr std::string_view echo = "echo ";
            if (last.starts_with(ending))
                result.exit_code = std::stoi(last.substr(ending.size()));
            else if (last.starts_with(echo))
                result.output = last.substr(echo.size()) + "\n";
            else
                result.exit_code = 127;
            if (result.output.size() > limit) return Error(Errc::invalid, "it printed too much");
            return result;
        });
}

Task<std::vector<engine::ChangedPath>> FakeEngine::container_changes(std::string id) {
    return call<std::vector<engine::ChangedPath>>(
        "changes " + id, [this, id]() -> Result<std::vector<engine::ChangedPath>> {
            const auto found = container(id);
            if (!found) return found.error();
            const FakeFiles& before = images.at((*found)->image_id).files;
            const FakeFiles& now = (*found)->files;
            std::vector<engine::ChangedPath> changes;
            for (const auto& [path, content] : now) {
                const auto old = before.find(path);
                if (old == before.end())
                    changes.push_back({path, engine::PathChange::added});
                else if (old->second != content)
                    changes.push_back({path, engine::PathChange::modified});
            }
            for (const auto& [path, content] : before) {
                if (!now.contains(path)) changes.push_back({path, engine::PathChange::removed});
            }
            return changes;
        });
}

}    // namespace trueup::test
