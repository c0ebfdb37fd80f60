// SPDX-License-Identifier: Apache-2.0
// An event only ever says whom to inspect. Each inspect takes a ticket before it asks, and an answer
// with an older ticket than the one applied last is dropped, so that answers cannot overtake each other.
#include <algorithm>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/engine/cache_state.hpp"
#include "controller/model/labels.hpp"

namespace trueup::engine {
namespace {

// An event this long before the list began has had its effect by then.
constexpr std::int64_t overlap = 2'000'000'000;

// A container's events carry its labels.
bool of_compose(const Event& event) {
    return event.attributes.contains(std::string(model::labels::compose_project));
}

}    // namespace

Task<void> Cache::State::inspect(std::string id, const Event* event) {
    const std::uint64_t ticket = next_ticket++;
    auto container = co_await engine.inspect_container(id);
    if (!container && container.error().code() != Errc::not_found) co_return container.error();
    std::uint64_t& last = applied[id];
    if (last > ticket) co_return Result<void>();
    last = ticket;
    if (!container) {
        applied.erase(id);
        const model::ObservedContainer* known = world.find(id);
        if (known == nullptr) co_return Result<void>();
        const std::string project = known->project;
        world.remove_container(id);
        tell(project, event);
        co_return Result<void>();
    }
    if (container->project.empty())
        co_return Result<void>();    // not a compose container: not our matter
    const std::string project = container->project;
    causes.apply(*container, clock.now());
    if (world.put(std::move(*container))) tell(project, event);
    co_return Result<void>();
}

void Cache::State::received(Event event) {
    if (listing) {
        waiting_events.push_back(std::move(event));
        return;
    }
    // Else it was heard already, and is replayed late.
    if (event.time_nano > last_before) hear(event, unexpected_actor(event));
    look_at(event);
}

// Whose doing it was where nobody announced it. What the engine replays may come after the list.
model::Actor Cache::State::unexpected_actor(const Event& event) const {
    if (event.time_nano < revived_until) return model::Actor::engine;
    return event.time_nano < listening_since ? model::Actor::unknown : model::Actor::person;
}

void Cache::State::hear(const Event& event, model::Actor unexpected) {
    last_event = std::max(last_event, event.time_nano);
    if (event.type == "container" && of_compose(event))
        causes.hear(event, unexpected, clock.steady());
    if (event.type != "container" || event.action != "destroy") return;
    for (const auto& callback : on_removed) callback(event.id);
}

// What came while everything was listed: a replay of what happened before, whose objects the list has
// told, and what happened meanwhile, whose objects are looked at. The engine was restarted where its
// ring has lost the event that we heard last and no container runs on.
void Cache::State::catch_up() {
    const std::vector<Event> waited = std::exchange(waiting_events, {});
    const auto runs_now = world.running();
    const bool runs_on =
        std::any_of(ran_before.begin(), ran_before.end(), [&runs_now](const auto& entry) {
            const auto found = runs_now.find(entry.first);
            return found != runs_now.end() && found->second == entry.second;
        });
    const bool restarted = !remembers && !runs_on;
    if (restarted) {
        const std::chrono::nanoseconds since(last_before);
        causes.engine_restarted(
            SystemTime(std::chrono::duration_cast<SystemTime::duration>(since)));
    }
    const std::int64_t listed = nanoseconds(info.time.value_or(clock.now()));
    revived_until = restarted ? listed : 0;
    for (const Event& event : waited) {
        if (event.time_nano <= last_before) continue;    // heard already
        const bool replayed = event.time_nano < listed - overlap;
        hear(event, unexpected_actor(event));
        if (!replayed) look_at(event);
    }
    if (!waited.empty() || restarted) apply_causes();
}

void Cache::State::apply_causes() {
    for (model::ObservedContainer& container : world.containers()) {
        causes.apply(container, clock.now());
        const std::string project = container.project;
        if (world.put(std::move(container))) tell(project, nullptr);
    }
}

void Cache::State::look_at(const Event& event) {
    if (event.type == "container") {
        // These change nothing by themselves; what comes of them has an event of its own.
        const bool silent = event.action == "kill" || event.action == "oom";
        if (of_compose(event) && !silent) look_at_container(event);
    } else if (event.type == "network") {
        const auto container = event.attributes.find("container");
        if (container != event.attributes.end()) {
            Event of_container = event;
            of_container.type = "container";
            of_container.id = container->second;
            look_at_container(of_container);
        } else {
            schedule(List::networks);
        }
    } else if (event.type == "volume") {
        schedule(List::volumes);
    } else if (event.type == "image") {
        schedule(List::images);
    }
}

void Cache::State::look_at_container(const Event& event) {
    if (inspecting.contains(event.id)) {
        again.insert_or_assign(event.id, event);
        return;
    }
    inspecting.insert_or_assign(event.id, event);
    tasks->spawn("inspect after event", inspect_for_event(event));
}

// A request that fails is repeated while the subscription lasts: after it, the list repairs all.
boost::asio::awaitable<void> Cache::State::inspect_for_event(Event event) {
    const std::uint64_t of_connection = connection;
    Milliseconds backoff = first_backoff;
    for (;;) {
        const auto done = co_await inspect(event.id, &event);
        if (done || done.error().code() == Errc::cancelled || of_connection != connection) break;
        log::debug("inspect failed", {{"container", event.id}, {"error", done.error().message()}});
        const auto slept = co_await base::sleep_for(backoff);
        if (!slept) break;
        backoff = std::min(backoff * 2, longest_backoff);
    }
    inspecting.erase(event.id);
    const auto more = again.find(event.id);
    if (more == again.end()) co_return;
    const Event next = more->second;
    again.erase(more);
    look_at_container(next);
}

void Cache::State::schedule(List list) {
    if (reading.contains(list)) {
        read_again.insert(list);
        return;
    }
    reading.insert(list);
    tasks->spawn("engine reread", reread(list));
}

// Events come in bursts (a build tags and untags): a short wait makes one list of them.
boost::asio::awaitable<void> Cache::State::reread(List list) {
    const std::uint64_t of_connection = connection;
    Milliseconds wait{20};
    do {
        read_again.erase(list);
        const auto slept = co_await base::sleep_for(wait);
        if (!slept) break;
        const auto changed = co_await read(list);
        if (!changed && changed.error().code() == Errc::cancelled) break;
        if (changed && *changed) tell("", nullptr);
        wait = changed ? Milliseconds(20) : std::min(wait * 2, longest_backoff);
        if (!changed && of_connection == connection) read_again.insert(list);
    } while (read_again.contains(list));
    reading.erase(list);
}

Task<bool> Cache::State::read(List list) {
    if (list == List::networks) {
        auto networks = co_await engine.list_networks();
        if (!networks) co_return networks.error();
        co_return world.set_networks(std::move(*networks));
    }
    if (list == List::volumes) {
        auto volumes = co_await engine.list_volumes();
        if (!volumes) co_return volumes.error();
        co_return world.set_volumes(std::move(*volumes));
    }
    auto images = co_await engine.list_images();
    if (!images) co_return images.error();
    co_return world.set_images(std::move(*images));
}

}    // namespace trueup::engine
