// SPDX-License-Identifier: Apache-2.0
// This controller's hand on one engine: takes the engine's seat (engine/seat.hpp), keeps it, and
// says whether anything may be changed there now. It also knows the owner key, whose copy in the
// state directory it keeps like the engine's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/offload.hpp"
#include "controller/engine/cache.hpp"
#include "controller/engine/seat.hpp"

namespace trueup::reconcile {

class Hand;

struct HandOptions {
    std::string engine_name = "default";
    std::string engine_place;    // where the configuration has it: "config.yaml:4:30"; "" = nowhere
    // All of this controller, each from its making to its end, so that two on one engine find each
    // other; nullptr: there is no other.
    std::vector<Hand*>* hands = nullptr;
    std::string key_file;                // of this engine's owner key; made with mode 0600
    std::string state_directory;         // where files are that containers are to see
    model::Strings own_container_ids;    // this process may be in one of these containers
    engine::SeatOptions seat;            // but for wait, known_key, container and on_wait
};

class Hand {
public:
    // All references outlive it.
    Hand(engine::Engine& engine, engine::Cache& cache, Pool& pool, const Clock& clock,
         HandOptions options);
    ~Hand();

    // Until cancelled or released: takes the seat, keeps it, and waits for it again once it is lost.
    boost::asio::awaitable<void> run();
    // Once: waits up to `wait`, told on the way what for. keep() must run from then on.
    Task<void> take(Milliseconds wait, std::function<void(const Error& why)> on_wait);
    boost::asio::awaitable<void> keep();
    // Without the seat: learns the owner key that seals are to be compared with. When there is none,
    // any other one is as good: nothing here can carry a seal of it.
    Task<void> learn_key();
    // Gives the seat back, so that the next one need not wait.
    Task<void> release();

    // Whether this controller may change things on the engine now. conflict: another one may, the
    // message names it; the rest as of Seat::acquire() and Seat::check().
    Result<void> check() const;
    // Two entries of the configuration name this engine: check() says which, and stays invalid until
    // one of them is another engine.
    // Neither taken nor refused yet: on_change() tells which, soon.
    bool is_undecided() const { return !seat_ && !problem_ && !twin_ && !released_; }
    bool is_twin() const { return twin_.has_value(); }
    // Of seals; "" before it is known.
    std::string owner_key() const;
    // This process is in that container of the engine; "" = in none.
    std::string own_container_id() const { return own_ ? own_->id : std::string(); }
    // Why the engine does not see the files of the state directory; "" = it does, as far as that
    // can be told.
    std::string why_files_are_unseen() const;
    // Called when what check() says may have changed.
    void on_change(std::function<void()> callback);

private:
    Task<void> find_self();
    Task<void> acquire(Milliseconds wait, std::function<void(const Error& why)> on_wait);
    boost::asio::awaitable<void> save_key();
    std::optional<Error> refuse_twin(const engine::SeatHolder& holder);
    void set_twin(const Hand& other, const Error& why);
    void forget_twin();
    std::string describe_engine() const;
    void set_problem(Error problem);
    void tell() const;

    engine::Engine& engine_;
    Pool& pool_;
    const Clock& clock_;
    HandOptions options_;
    std::unique_ptr<engine::Seat> seat_;
    std::string learned_key_;
    std::optional<model::ObservedContainer> own_;
    std::optional<Error> problem_;    // why there is no seat
    std::optional<Error> twin_;       // likewise, or why it must not be used
    const Hand* twin_of_ = nullptr;
    bool released_ = false;
    std::vector<std::function<void()>> on_change_;
};

// A key's file: "" when there is none, or what is in it is no key. Blocking.
Result<std::string> read_key_file(const std::string& path);
// Whole or not at all, readable by its owner only. Blocking.
Result<void> write_key_file(const std::string& path, const std::string& key);

}    // namespace trueup::reconcile
