// SPDX-License-Identifier: Apache-2.0
// What happens to the fake engine without a call of ours.
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <utility>

#include "tests/support/fake_call.hpp"

namespace trueup::test {

using model::ContainerState;

namespace {

SystemTime as_time(std::int64_t nanoseconds) {
    return SystemTime(
        std::chrono::duration_cast<SystemTime::duration>(std::chrono::nanoseconds(nanoseconds)));
}

}    // namespace

Task<engine::EngineInfo> FakeEngine::info() {
    return call<engine::EngineInfo>("info", [this]() -> Result<engine::EngineInfo> {
        engine::EngineInfo info{id_, "20.10.24", "1.41", "linux", "amd64", {}, {}};
        info.time = as_time(next_time_);
        info.started = as_time(began_);
        return info;
    });
}

void FakeEngine::set_time(SystemTime now) {
    next_time_ =
        std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
}

void FakeEngine::pass(Milliseconds time) { next_time_ += time.count() * 1'000'000; }

void FakeEngine::kill(const std::string& id_or_name, int exit_code) {
    FakeContainer* found = find(id_or_name);
    if (found != nullptr && found->state == ContainerState::running) stop(*found, exit_code);
}

void FakeEngine::crash(const std::string& id_or_name, int exit_code) {
    FakeContainer* found = find(id_or_name);
    if (found == nullptr || found->state != ContainerState::running) return;
    stop(*found, exit_code);
    restart_by_policy(*found);
}

void FakeEngine::run_out_of_memory(const std::string& id_or_name) {
    FakeContainer* found = find(id_or_name);
    if (found == nullptr || found->state != ContainerState::running) return;
    emit(*found, "oom");
    stop(*found, 137);
    found->oom_killed = true;
    restart_by_policy(*found);
}

void FakeEngine::restart_by_policy(FakeContainer& container) {
    const std::string& policy = container.restart.name;
    const bool again = policy == "always" || policy == "unless-stopped" ||
                       (policy == "on-failure" && container.exit_code != 0);
    if (!again) return;
    const int restarts = container.restarts + 1;
    if (do_start(container)) container.restarts = restarts;
}

void FakeEngine::person(const std::string& verb, const std::string& id_or_name) {
    FakeContainer* found = find(id_or_name);
    if (found == nullptr) throw std::runtime_error("no such container: " + id_or_name);
    const bool runs =
        found->state == ContainerState::running || found->state == ContainerState::paused;
    if (verb == "stop" || verb == "restart") {
        if (runs) {
            emit(*found, "kill", {{"signal", "15"}});
            if (found->state == ContainerState::paused) emit(*found, "unpause");
            stop(*found, 143);
            emit(*found, "stop");
        }
        if (verb == "stop") return;
        if (do_start(*found)) emit(*found, "restart");
    } else if (verb == "start") {
        if (!do_start(*found)) throw std::runtime_error("cannot start " + id_or_name);
    } else if (verb == "kill -s TERM") {    // which it does not heed
        emit(*found, "kill", {{"signal", "15"}});
    } else if (verb == "kill") {
        emit(*found, "kill", {{"signal", "9"}});
        stop(*found, 137);
    } else if (verb == "pause" || verb == "unpause") {
        found->state = verb == "pause" ? ContainerState::paused : ContainerState::running;
        emit(*found, verb);
    } else {
        throw std::runtime_error("nobody knows how to " + verb);
    }
}

void FakeEngine::shut_down() {
    for (auto& [id, container] : containers) {
        if (container.state != ContainerState::running) continue;
        const std::string& policy = container.restart.name;
        if (policy == "always" || policy == "unless-stopped") revived_.insert(id);
        emit(container, "kill", {{"signal", "15"}});
        stop(container, 143);
        emit(container, "stop");
    }
    boost::asio::post(executor_, [this] {    // once the streams have told it
        disconnect();
        ring_.clear();
    });
    down_ = true;
}

void FakeEngine::revive() {
    gone_ = false;
    streams_broken_ = false;
    armed_ = false;
    if (!std::exchange(down_, false)) return;
    began_ = ++next_time_;
    for (const std::string& id : std::exchange(revived_, {})) {
        FakeContainer* container = find(id);
        if (container != nullptr) static_cast<void>(do_start(*container));
    }
}

}    // namespace trueup::test
