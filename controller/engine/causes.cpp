// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/causes.hpp"

#include <charconv>

namespace trueup::engine {
namespace {

using model::Actor;
using model::EndCause;

constexpr std::chrono::minutes expectation{2};
// A process may take its time to obey, and a `docker stop` may have a long timeout.
constexpr std::chrono::minutes obeys{10};
// Between the engine's event of a start or an end and the time that an inspect tells for it.
constexpr Seconds same_moment{5};
// How long before the engine is lost it may have begun to stop containers: its shutdown timeout is
// 15 s, and longer only for containers with a longer stop timeout.
constexpr std::chrono::minutes shutdown{2};

SystemTime time_of(const Event& event) {
    return SystemTime(std::chrono::duration_cast<SystemTime::duration>(
        std::chrono::nanoseconds(event.time_nano)));
}

int number(const Event& event, const char* attribute) {
    const auto found = event.attributes.find(attribute);
    int value = -1;
    if (found == event.attributes.end()) return value;
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    return value;
}

constexpr int sigkill = 9;

// SIGHUP, SIGUSR1 and their like ask for a reload: the process ended by such a signal only where its
// exit code says so.
bool is_lethal(int signal) {
    return signal == 2 || signal == 3 || signal == 6 || signal == 9 || signal == 15;
}

bool ends_with(int signal, int exit_code) { return is_lethal(signal) || exit_code == 128 + signal; }

bool expected(const std::optional<SteadyTime>& since, SteadyTime now) {
    return since && now - *since < expectation;
}

bool near(SystemTime left, SystemTime right) {
    return left - right < same_moment && right - left < same_moment;
}

}    // namespace

void Causes::expect_stop(const std::string& id, SteadyTime now) {
    records_[id].stop_expected = now;
}

void Causes::expect_start(const std::string& id, SteadyTime now) {
    records_[id].start_expected = now;
}

void Causes::hear(const Event& event, Actor unexpected, SteadyTime now) {
    if (event.action == "destroy") {
        records_.erase(event.id);
        return;
    }
    Record& record = records_[event.id];
    const SystemTime at = time_of(event);
    const Actor stopper = expected(record.stop_expected, now) ? Actor::trueup : unexpected;
    if (event.action == "kill") {
        const int signal = number(event, "signal");
        // The second signal of a stop, after its timeout, is still the same call.
        const bool insists = signal == sigkill && record.signal && record.signal->asks &&
                             at - record.signal->at < obeys;
        if (insists) {
            record.signal->number = signal;
        } else {
            record.signal = Signal{signal, signal != sigkill && is_lethal(signal), at, stopper};
        }
        record.stop_expected.reset();
    } else if (event.action == "oom") {
        record.out_of_memory = at;
    } else if (event.action == "die") {
        died(record, event, at);
    } else if (event.action == "stop") {
        record.stopped = true;
        record.paused_at.reset();
        record.ending = {EndCause::stopped, record.signal ? record.signal->by : stopper, at};
        record.stop_expected.reset();
    } else if (event.action == "pause") {
        record.paused_at = at;
    } else if (event.action == "unpause") {
        record.paused_at.reset();
    } else if (event.action == "start") {
        const bool ours = expected(record.start_expected, now);
        record.started_at = at;
        record.started_by = ours ? Actor::trueup : unexpected;
        record.signal.reset();
        record.out_of_memory.reset();
        record.paused_at.reset();
        record.start_expected.reset();
        record.stopped = false;
    }
}

void Causes::died(Record& record, const Event& event, SystemTime at) {
    record.paused_at.reset();
    if (record.stopped) {    // 26.1 tells the stop first
        record.ending.at = at;
        return;
    }
    const bool killed = record.signal && at - record.signal->at < obeys &&
                        ends_with(record.signal->number, number(event, "exitCode"));
    if (killed) {
        // 20.10 tells the stop last: until then its signal says as much.
        const EndCause cause = record.signal->asks ? EndCause::stopped : EndCause::killed;
        record.ending = {cause, record.signal->by, at};
    } else if (record.out_of_memory) {
        record.ending = {EndCause::oom, Actor::unknown, at};
    } else {
        record.ending = {EndCause::crash, Actor::unknown, at};
    }
}

void Causes::engine_restarted(SystemTime lost) {
    for (auto& [id, record] : records_) {
        model::Ending& ending = record.ending;
        const bool just_before = ending.at && *ending.at > lost - shutdown;
        if (just_before && ending.by == Actor::person) ending.by = Actor::engine;
        if (record.signal && record.signal->by == Actor::person) record.signal->by = Actor::engine;
    }
}

void Causes::apply(model::ObservedContainer& container, SystemTime now) {
    const bool paused = container.state == model::ContainerState::paused;
    const auto finished = base::parse_rfc3339(container.finished_at);
    const auto started = base::parse_rfc3339(container.started_at);
    container.ended = {};
    if (finished) {
        container.ended.at = *finished;
        if (container.oom_killed) container.ended.cause = EndCause::oom;
        container.ended.before_engine =
            !container.oom_killed && engine_started_ && *finished < *engine_started_;
    }
    // Any start through the API makes it 0.
    container.last_start_by = container.restart_count > 0 ? Actor::engine : Actor::unknown;
    container.paused_at.reset();
    const auto found = records_.find(container.id);
    if (found == records_.end() && !paused) return;
    Record& record = found == records_.end() ? records_[container.id] : found->second;
    const bool known = record.ending.at && record.ending.cause != EndCause::none;
    if (known && (!finished || *record.ending.at > *finished - same_moment))
        container.ended = record.ending;
    const bool same_start = record.started_at && started && near(*record.started_at, *started);
    if (container.restart_count == 0 && same_start) container.last_start_by = record.started_by;
    if (!paused) record.paused_at.reset();
    if (paused && !record.paused_at) record.paused_at = now;
    container.paused_at = record.paused_at;
}

void Causes::keep_only(const std::set<std::string>& ids) {
    std::erase_if(records_, [&](const auto& entry) {
        return !ids.contains(entry.first) && !entry.second.start_expected;
    });
}

void Causes::clear() { records_.clear(); }

}    // namespace trueup::engine
