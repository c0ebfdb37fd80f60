// SPDX-License-Identifier: Apache-2.0
// One controller an engine: whoever acts on it holds its seat, a container `trueup.seat.<controller
// name>` that is created and never started. The engine allows each name once, so creating it is the
// lock; its labels name the holder. It survives a crash of its holder:
//
//   - the holder changes it every 10 s (its retry count is the time of the last sign of life);
//   - whoever finds it unchanged for 45 s of an own steady clock, or finds that its holder was a
//     process of this machine, or of a container here, that is no more, removes it by id and creates
//     another;
//   - a holder that finds it gone (`docker container prune`) creates it again at once, and when
//     somebody else was faster it has lost the seat and must stop acting.
//
// The image of that container holds the owner key, so that a lost state directory does not make
// strangers of our own containers: whoever may read it owns the engine anyway.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "controller/engine/engine.hpp"

namespace trueup::engine {

enum class SeatKind : std::uint8_t { daemon, one_shot };

struct SeatHolder {
    std::string controller;
    std::string instance;    // random, new for every acquire()
    std::string kind;        // "daemon" or "one-shot"
    std::string host;
    std::string pid;
    std::string since;                    // RFC 3339
    std::optional<SystemTime> seen_at;    // last sign of life, by the holder's own wall clock
    // Which process that pid means; "" where it could not be told.
    std::string boot_id;
    std::string pid_namespace;
    std::string process_start;    // in ticks since the boot
    std::string container;        // its id on this engine; "" = in none of it

    // "controller trueup (daemon) on host web1, pid 4711, since 2026-11-24T10:15:00Z"
    std::string describe() const;

    bool operator==(const SeatHolder&) const = default;
};

struct SeatOptions {
    std::string controller_name = "trueup";
    SeatKind kind = SeatKind::daemon;
    std::string known_key;    // what the state directory remembers of the owner key; "" = nothing
    std::string container;    // the own one on this engine; "" = in none of it
    Milliseconds wait{0};     // for a holder that lives; 0: one look
    Milliseconds beat{10'000};
    Milliseconds stale{45'000};
    Milliseconds poll{1'000};    // between two looks of one who waits
    // Asked about who holds it: an error of its own, and there is no waiting for that one.
    std::function<std::optional<Error>(const SeatHolder& holder)> refuse;
    // Told why it has to wait, once as long as that stays the same.
    std::function<void(const Error& why)> on_wait;
    // How time passes; the tests' own clock brings its own. Nothing = by timers.
    std::function<Task<void>(Milliseconds)> sleep;
};

class Seat {
public:
    // Errors: conflict (somebody holds it: the message names who), invalid (its image holds no key),
    // and those of the engine. All references outlive the seat.
    static Task<std::unique_ptr<Seat>> acquire(Engine& engine, const Clock& clock,
                                               SeatOptions options);
    ~Seat();

    // Keeps the seat until cancelled, released or lost. Run it as soon as it is acquired.
    boost::asio::awaitable<void> run();

    // Whether acting is allowed now: it was ours at the last sign of life, less than 30 s ago by
    // both clocks.
    bool held() const;
    // The same with a reason: who has it now (conflict), or that the engine cannot be reached.
    Result<void> check() const;
    // Called once, from run(), when somebody else has the seat for good.
    void on_lost(std::function<void(const Error&)> callback);
    // An event said that this container is gone: if it is the seat, run() takes it again at once.
    void container_removed(const std::string& id);
    // Another engine answers at the address: the seat is taken there, at once.
    void engine_replaced();
    // Gives it back; a seat that is not released is found abandoned sooner or later.
    Task<void> release();

    // Made once for this engine and controller name. The engine's copy is the one that counts, so
    // it may change when another engine answers at the same address.
    const std::string& key() const;
    // As SeatHolder::instance of who looks at it.
    const std::string& instance() const;
    // Whether the key was made just now: nothing on this engine can carry a seal of it.
    bool key_is_new() const;

private:
    struct State;
    explicit Seat(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Who holds it, without taking part: nothing when nobody does.
Task<std::optional<SeatHolder>> find_seat_holder(Engine& engine, const Clock& clock,
                                                 std::string controller_name);

}    // namespace trueup::engine
