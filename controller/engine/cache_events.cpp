// SPDX-License-Identifier: Apache-2.0
// An event only ever says whom to inspect. Each inspect takes a ticket before it asks, and an answer
// with an older ticket than the one applied last is dropped, so that answers cannot overtake each other.
#include <algorithm>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/engine/cache_state.hpp"

namespace trueup::engine {

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
    if (world.put(std::move(*container))) tell(project, event);
    co_return Result<void>();
}

void Cache::State::received(Event event) {
    if (listing) {
        waiting_events.push_back(std::move(event));
        return;
    }
    look_at(event);
}

void Cache::State::look_at(const Event& event) {
    if (event.type == "container") {
        look_at_container(event);
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
