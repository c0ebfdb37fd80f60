// SPDX-License-Identifier: Apache-2.0
// The queue of stack names: level-based (the key says what, never what happened). A key waits at
// most once; a key that is added while a worker has it runs again after that, never beside it.
// Fresh pushes go ahead of resyncs. Backoff per key: base * 2^failures with jitter, capped.
// Rules: client-go workqueue and controller-runtime priorityqueue. Pure: time is an argument.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "controller/base/clock.hpp"

namespace trueup::reconcile {

enum class Priority : std::int8_t { resync = -100, normal = 0 };

struct BackoffOptions {
    Milliseconds base{500};
    Milliseconds cap{300'000};
    double jitter = 0.2;       // +- this share
    std::uint64_t seed = 0;    // 0 = from the system
};

class WorkQueue {
public:
    explicit WorkQueue(BackoffOptions options = {});

    // Ready now. A key that waits already keeps the higher priority and the earlier time.
    void add(const std::string& key, Priority priority, SteadyTime now);
    // Its state in the world changed: ready now, but a key that failed waits for its backoff all
    // the same. What a failed attempt did itself would else start the next one at once.
    void add_noticed(const std::string& key, SteadyTime now);
    // Ready at `when`, unless it is ready earlier for another reason.
    void add_at(const std::string& key, Priority priority, SteadyTime when, SteadyTime now);
    // After a failure: ready after the key's backoff, with the priority it was taken with. Returns
    // the chosen delay, never more than the cap.
    Milliseconds add_rate_limited(const std::string& key, SteadyTime now);
    // After a success: the next failure starts from the base again.
    void forget(const std::string& key);
    int failures(const std::string& key) const;
    // The stack is gone: it waits no more and its failures are forgotten. One in work ends as
    // usual.
    void remove(const std::string& key);

    struct Taken {
        std::string key;
        std::chrono::nanoseconds waited{0};    // since it was ready
        Priority priority = Priority::normal;
    };
    // The next ready key, marked as in work; nothing when none is ready.
    std::optional<Taken> take(SteadyTime now);
    // The worker is through with it; re-adds it if it was added meanwhile.
    void done(const std::string& key, SteadyTime now);

    // When the next waiting key becomes ready; nothing when none waits.
    std::optional<SteadyTime> next_ready() const;
    // When that key becomes ready; nothing when it does not wait.
    std::optional<SteadyTime> ready_at(const std::string& key) const;
    bool is_in_work(const std::string& key) const { return in_work_.contains(key); }
    std::size_t depth(Priority priority, SteadyTime now) const;         // ready and not in work
    std::vector<std::pair<std::string, SteadyTime>> in_work() const;    // with the time of take()

private:
    struct Waiting {
        SteadyTime ready;
        Priority priority = Priority::normal;
        std::uint64_t order = 0;    // first come, first served inside a priority
        bool is_ready = false;      // in ready_, else in delayed_
    };
    struct InWork {
        SteadyTime since;
        Priority priority = Priority::normal;
    };
    using ReadyOrder = std::tuple<int, std::uint64_t, std::string>;    // -priority, order, key
    using DelayOrder = std::tuple<SteadyTime, std::uint64_t, std::string>;    // ready, order, key

    void put(const std::string& key, Priority priority, SteadyTime ready, SteadyTime now);
    void insert(const std::string& key, Waiting waiting, SteadyTime now);
    void erase(const std::string& key);
    void promote(SteadyTime now);

    BackoffOptions options_;
    std::mt19937_64 random_;
    std::map<std::string, Waiting> waiting_;
    std::set<ReadyOrder> ready_;
    std::set<DelayOrder> delayed_;
    std::map<std::string, InWork> in_work_;
    std::map<std::string, Waiting> again_;    // added while in work
    std::set<std::string> noticed_;           // likewise, by add_noticed()
    std::map<std::string, int> failures_;
    std::uint64_t next_order_ = 0;
};

}    // namespace trueup::reconcile
