// SPDX-License-Identifier: Apache-2.0
// sit() is the one way into the seat: make the container by its name, then read the key that its
// image holds. Only who sits gives the key's image its name, so that two who make a key at the same
// time cannot mix theirs. acquire() repeats: look, sit down where nobody does, remove whoever is
// dead. run() repeats: a sign of life, and sit down again where the container is gone.
#include "controller/engine/seat.hpp"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json.hpp>
#include <algorithm>
#include <utility>

#include "controller/base/log.hpp"
#include "controller/engine/seat_holder.hpp"
#include "controller/engine/seat_key.hpp"

namespace trueup::engine {
namespace {

// Well before anybody else may take the seat: what was begun meanwhile has time to end.
constexpr Seconds confirmed_for{30};
// Until the engine tells who was faster: a name is taken before it can be looked at.
constexpr Milliseconds soon{50};

Error held_by(const SeatHolder& holder) {
    return Error(Errc::conflict, "the engine is held by " + holder.describe());
}

Error not_a_seat(const std::string& name) {
    return Error(Errc::conflict, fmt::format("container {} is no seat of a controller and has its "
                                             "name: rename or remove it",
                                             name));
}

}    // namespace

struct Seat::State {
    State(const Executor& executor, Engine& the_engine, const Clock& the_clock, SeatOptions chosen)
        : engine(the_engine), clock(the_clock), options(std::move(chosen)), timer(executor) {}

    Engine& engine;
    const Clock& clock;
    SeatOptions options;
    boost::asio::steady_timer timer;    // of run(); cancelled when there is something to do
    SeatHolder self;
    std::string name;    // of the container
    std::string id;      // likewise; "" = it is gone, or not there yet
    std::string key;
    bool key_is_new = false;
    bool imported = false;           // the image that we sit on has no name but ours yet
    SystemTime wall;                 // of the last sign of life that the engine confirmed
    SteadyTime steady;               // likewise
    int beat = 0;                    // that sign
    std::optional<Error> problem;    // of the one after it
    std::optional<Error> lost;
    bool released = false;
    std::function<void(const Error&)> on_lost;
    std::optional<Error> told;    // to on_wait

    // What a contender knows of who sits there.
    std::string seen_id;
    int seen_beat = 0;
    SteadyTime seen_since;

    Task<void> sit();
    Task<std::string> ensure_image();
    Task<void> publish_image(std::string image_id);
    Task<bool> try_to_sit();
    Task<void> give_sign();
    Task<void> sit_again();
    Task<void> pause(Milliseconds time);
    Task<bool> is_abandoned(Seating found);
    Task<bool> container_ended(SeatHolder holder);
    void tell_wait(const Error& why);
    int next_beat() const;
    std::string own_reference() const {
        return "trueup.seat/" + options.controller_name + ":" + self.instance;
    }
};

// Never the same twice in a row, also where a clock was set back.
int Seat::State::next_beat() const {
    const int now = beat_at(clock.now());
    return now == beat ? now + 1 : now;
}

// The image that carries the key's name; else one of our own, which gets it once we sit.
Task<std::string> Seat::State::ensure_image() {
    imported = false;
    const auto found = co_await engine.inspect_image(key_reference(options.controller_name));
    if (found) co_return found->id;
    if (found.error().code() != Errc::not_found) co_return found.error();
    const std::string known = key.empty() ? options.known_key : key;
    auto wanted = known.empty() ? make_owner_key() : Result<std::string>(known);
    if (!wanted) co_return wanted.error();
    auto tar = pack_key(*wanted);
    if (!tar) co_return tar.error();
    auto image = co_await engine.import_image(own_reference(), std::move(*tar));
    if (!image) co_return image.error();
    key_is_new = known.empty();
    imported = true;
    co_return image;
}

Task<void> Seat::State::publish_image(std::string image_id) {
    const auto named = co_await engine.tag_image(image_id, key_reference(options.controller_name));
    if (!named) co_return named.error();
    const auto removed = co_await engine.remove_image(own_reference());
    if (!removed && removed.error().code() != Errc::not_found) co_return removed.error();
    co_return Result<void>();
}

Task<void> Seat::State::sit() {
    const SystemTime began = clock.now();
    const SteadyTime began_steady = clock.steady();
    const int sign = next_beat();
    auto image = co_await ensure_image();
    if (!image) co_return image.error();
    boost::json::object body = seat_body(self, *image, sign);
    auto made = co_await engine.create_container(name, std::move(body));
    if (!made) {
        // Somebody was faster: nobody needs this key.
        const bool unused = imported && made.error().code() == Errc::conflict;
        if (unused) co_await engine.remove_image(own_reference());
        co_return made.error();
    }
    auto read = co_await read_owner_key(engine, *made);
    if (!read) {
        co_await engine.remove_container(*made, false, true);
        co_return read.error().in(fmt::format("image {}", key_reference(options.controller_name)));
    }
    if (imported) {
        const auto published = co_await publish_image(*image);
        if (!published) {
            co_await engine.remove_container(*made, false, true);
            co_return published.error();
        }
    }
    id = std::move(*made);
    key = std::move(*read);
    beat = sign;
    wall = began;
    steady = began_steady;
    problem.reset();
    co_return Result<void>();
}

void Seat::State::tell_wait(const Error& why) {
    if (told == why) return;
    told = why;
    if (options.on_wait) options.on_wait(why);
}

// The container of the holder has ended, or was started anew since: what it runs now is another one.
Task<bool> Seat::State::container_ended(SeatHolder holder) {
    if (holder.container.empty()) co_return false;
    const auto found = co_await engine.inspect_container(holder.container);
    if (!found && found.error().code() == Errc::not_found) co_return true;
    if (!found) co_return found.error();
    const bool ended = found->state == model::ContainerState::exited ||
                       found->state == model::ContainerState::dead;
    const auto started = base::parse_rfc3339(found->started_at);
    const auto since = base::parse_rfc3339(holder.since);    // cut to whole seconds
    co_return ended || (started && since && *started >= *since + Seconds(1));
}

Task<bool> Seat::State::is_abandoned(Seating found) {
    if (found.id != seen_id || found.beat != seen_beat) {
        seen_id = found.id;
        seen_beat = found.beat;
        seen_since = clock.steady();
    }
    if (is_gone(*found.holder, self) || clock.steady() - seen_since >= options.stale)
        co_return true;
    co_return co_await container_ended(*found.holder);
}

// One look. True: we sit. Errc::conflict: somebody else does, and lives.
Task<bool> Seat::State::try_to_sit() {
    const auto inspected = co_await engine.inspect_container_raw(name);
    if (!inspected && inspected.error().code() != Errc::not_found) co_return inspected.error();
    if (inspected) {
        const Seating found = read_seating(*inspected, clock.now());
        if (!found.holder) co_return not_a_seat(name);
        // The answer to our own creation was lost: it is made anew, to know all of it.
        const bool ours = found.holder->instance == self.instance;
        if (!ours) {
            const auto refused = options.refuse ? options.refuse(*found.holder) : std::nullopt;
            if (refused) co_return *refused;
            const auto abandoned = co_await is_abandoned(found);
            if (!abandoned) co_return abandoned.error();
            if (!*abandoned) co_return held_by(*found.holder);
        }
        if (!ours)
            log::warning("an abandoned seat is taken over", {{"holder", found.holder->describe()}});
        const auto removed = co_await engine.remove_container(found.id, false, true);
        if (!removed && removed.error().code() != Errc::not_found) co_return removed.error();
    }
    const auto seated = co_await sit();
    if (seated) co_return true;
    if (seated.error().code() == Errc::conflict) co_return false;    // look who was faster
    co_return seated.error();
}

Task<void> Seat::State::pause(Milliseconds time) {
    if (options.sleep) co_return co_await options.sleep(time);
    co_return co_await base::sleep_for(time);
}

Seat::Seat(std::unique_ptr<State> state) : state_(std::move(state)) {}
Seat::~Seat() = default;

Task<std::unique_ptr<Seat>> Seat::acquire(Engine& engine, const Clock& clock, SeatOptions options) {
    const auto executor = co_await boost::asio::this_coro::executor;
    auto state = std::make_unique<State>(executor, engine, clock, std::move(options));
    auto instance = random_hex(8);
    if (!instance) co_return instance.error();
    state->self = this_process(state->options, std::move(*instance), clock.now());
    state->name = seat_name(state->options.controller_name);
    const SteadyTime until = clock.steady() + state->options.wait;
    for (;;) {
        auto seated = co_await state->try_to_sit();
        if (seated && *seated) break;
        const bool may_pass =
            seated || seated.error().code() == Errc::conflict || !needs_somebody(seated.error());
        if (!may_pass || (!seated && clock.steady() >= until)) co_return seated.error();
        if (!seated) state->tell_wait(seated.error());
        const auto slept = co_await state->pause(seated ? soon : state->options.poll);
        if (!slept) co_return slept.error();
    }
    co_return std::unique_ptr<Seat>(new Seat(std::move(state)));
}

// Gone while we held it. Whoever sits there now was faster, and has it.
Task<void> Seat::State::sit_again() {
    const auto seated = co_await sit();
    if (seated) {
        log::warning("the seat on the engine was removed and is taken again", {{"seat", name}});
        co_return Result<void>();
    }
    if (seated.error().code() != Errc::conflict) co_return seated.error();
    const auto inspected = co_await engine.inspect_container_raw(name);
    if (!inspected) co_return inspected.error();
    const Seating found = read_seating(*inspected, clock.now());
    if (found.holder && found.holder->instance == self.instance) {
        // The answer to our own creation was lost.
        co_await engine.remove_container(found.id, false, true);
        co_return Error(Errc::unavailable, "the seat on the engine is taken again");
    }
    lost = found.holder ? held_by(*found.holder) : not_a_seat(name);
    co_return *lost;
}

Task<void> Seat::State::give_sign() {
    if (id.empty()) co_return co_await sit_again();
    const SystemTime began = clock.now();
    const SteadyTime began_steady = clock.steady();
    const int sign = next_beat();
    model::RestartPolicy policy;
    policy.name = "on-failure";
    policy.max_retries = sign;
    const std::string seat = id;
    const auto given = co_await engine.update_restart_policy(seat, std::move(policy));
    if (released) co_return Result<void>();
    const bool gone = !given && given.error().code() == Errc::not_found;
    if (gone || id.empty()) {
        id.clear();
        co_return co_await sit_again();
    }
    if (!given) co_return given.error();
    beat = sign;
    wall = began;
    steady = began_steady;
    co_return Result<void>();
}

boost::asio::awaitable<void> Seat::run() {
    State& state = *state_;
    for (;;) {
        const Milliseconds delay = state.problem ? state.options.poll : state.options.beat;
        const bool waits = !state.id.empty() || state.problem;
        if (waits && state.options.sleep) {
            const auto slept = co_await state.options.sleep(delay);
            if (!slept) co_return;
        } else if (waits) {
            state.timer.expires_after(delay);
            co_await state.timer.async_wait(base::use_task);
        }
        const bool stopped = co_await base::is_cancelled();
        if (stopped || state.released) co_return;
        const auto given = co_await state.give_sign();
        if (state.released) co_return;
        state.problem.reset();
        if (!given) state.problem = given.error();
        if (!state.lost) continue;
        if (state.on_lost) state.on_lost(*state.lost);
        co_return;
    }
}

bool Seat::held() const { return check().has_value(); }

Result<void> Seat::check() const {
    const State& state = *state_;
    if (state.lost) return *state.lost;
    if (state.released) return Error(Errc::conflict, "the engine was given back");
    if (state.id.empty())
        return Error(Errc::unavailable, "the seat on the engine was removed, and is taken again");
    const bool confirmed = state.clock.now() - state.wall < confirmed_for &&
                           state.clock.steady() - state.steady < confirmed_for;
    if (confirmed) return Result<void>();
    return Error(
        Errc::unavailable,
        fmt::format("the seat on the engine was not confirmed for {} s{}", confirmed_for.count(),
                    state.problem ? ": " + state.problem->message() : std::string()));
}

void Seat::on_lost(std::function<void(const Error&)> callback) {
    state_->on_lost = std::move(callback);
}

void Seat::container_removed(const std::string& id) {
    if (!id.empty() && id == state_->id) engine_replaced();
}

void Seat::engine_replaced() {
    if (state_->released || state_->lost) return;
    state_->id.clear();
    state_->problem.reset();
    state_->timer.cancel();
}

Task<void> Seat::release() {
    state_->released = true;
    state_->timer.cancel();
    const std::string seat = std::exchange(state_->id, {});
    if (seat.empty()) co_return Result<void>();
    const auto removed = co_await state_->engine.remove_container(seat, false, true);
    if (!removed && removed.error().code() != Errc::not_found) co_return removed.error();
    co_return Result<void>();
}

const std::string& Seat::key() const { return state_->key; }
bool Seat::key_is_new() const { return state_->key_is_new; }
const std::string& Seat::instance() const { return state_->self.instance; }

Task<std::optional<SeatHolder>> find_seat_holder(Engine& engine, const Clock& clock,
                                                 std::string controller_name) {
    const auto inspected = co_await engine.inspect_container_raw(seat_name(controller_name));
    if (!inspected && inspected.error().code() == Errc::not_found)
        co_return std::optional<SeatHolder>();
    if (!inspected) co_return inspected.error();
    Seating found = read_seating(*inspected, clock.now());
    co_return std::move(found.holder);
}

}    // namespace trueup::engine
