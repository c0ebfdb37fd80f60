// SPDX-License-Identifier: Apache-2.0
// A waiting key stands in waiting_ and in exactly one of two ordered sets: delayed_ by time until
// it is due, then ready_ by priority and arrival. Every call that knows the time first promotes
// what is due, so that arrival order is the order of becoming ready.
#include "controller/reconcile/work_queue.hpp"

#include <algorithm>
#include <cmath>

namespace trueup::reconcile {

WorkQueue::WorkQueue(BackoffOptions options)
    : options_(options), random_(options.seed != 0 ? options.seed : std::random_device{}()) {}

void WorkQueue::add(const std::string& key, Priority priority, SteadyTime now) {
    put(key, priority, now, now);
}

void WorkQueue::add_noticed(const std::string& key, SteadyTime now) {
    if (in_work_.contains(key)) {
        noticed_.insert(key);
    } else if (failures(key) == 0 || !waiting_.contains(key)) {
        put(key, Priority::normal, now, now);
    }
}

void WorkQueue::add_at(const std::string& key, Priority priority, SteadyTime when, SteadyTime now) {
    put(key, priority, std::max(when, now), now);
}

Milliseconds WorkQueue::add_rate_limited(const std::string& key, SteadyTime now) {
    constexpr int most_doublings = 60;    // beyond any cap, within a double
    const int failures = failures_[key]++;
    const double grown =
        static_cast<double>(options_.base.count()) * std::exp2(std::min(failures, most_doublings));
    // The jitter stays whole at the cap: keys that failed together do not come back together.
    const double middle =
        std::min(grown, static_cast<double>(options_.cap.count()) / (1 + options_.jitter));
    std::uniform_real_distribution<double> share(1 - options_.jitter, 1 + options_.jitter);
    const Milliseconds delay(static_cast<std::int64_t>(middle * share(random_)));
    const auto working = in_work_.find(key);
    put(key, working == in_work_.end() ? Priority::normal : working->second.priority, now + delay,
        now);
    return delay;
}

void WorkQueue::forget(const std::string& key) { failures_.erase(key); }

int WorkQueue::failures(const std::string& key) const {
    const auto found = failures_.find(key);
    return found == failures_.end() ? 0 : found->second;
}

void WorkQueue::remove(const std::string& key) {
    erase(key);
    again_.erase(key);
    noticed_.erase(key);
    failures_.erase(key);
}

std::optional<WorkQueue::Taken> WorkQueue::take(SteadyTime now) {
    promote(now);
    if (ready_.empty()) return std::nullopt;
    Taken taken;
    taken.key = std::get<std::string>(*ready_.begin());
    const Waiting& waiting = waiting_.at(taken.key);
    taken.waited = now - waiting.ready;
    taken.priority = waiting.priority;
    erase(taken.key);
    in_work_[taken.key] = InWork{now, taken.priority};
    return taken;
}

void WorkQueue::done(const std::string& key, SteadyTime now) {
    in_work_.erase(key);
    const bool noticed = noticed_.erase(key) > 0;
    if (noticed && failures(key) == 0) again_.insert_or_assign(key, Waiting{now});
    const auto again = again_.extract(key);
    if (again.empty()) return;
    promote(now);
    insert(key, again.mapped(), now);
}

std::optional<SteadyTime> WorkQueue::next_ready() const {
    if (!ready_.empty()) return waiting_.at(std::get<std::string>(*ready_.begin())).ready;
    if (!delayed_.empty()) return std::get<SteadyTime>(*delayed_.begin());
    return std::nullopt;
}

std::optional<SteadyTime> WorkQueue::ready_at(const std::string& key) const {
    const auto found = waiting_.find(key);
    return found == waiting_.end() ? std::nullopt : std::optional(found->second.ready);
}

std::size_t WorkQueue::depth(Priority priority, SteadyTime now) const {
    return static_cast<std::size_t>(
        std::count_if(waiting_.begin(), waiting_.end(), [&](const auto& entry) {
            return entry.second.priority == priority && entry.second.ready <= now;
        }));
}

std::vector<std::pair<std::string, SteadyTime>> WorkQueue::in_work() const {
    std::vector<std::pair<std::string, SteadyTime>> keys;
    for (const auto& [key, work] : in_work_) keys.emplace_back(key, work.since);
    return keys;
}

void WorkQueue::put(const std::string& key, Priority priority, SteadyTime ready, SteadyTime now) {
    promote(now);
    if (in_work_.contains(key)) {
        const auto [again, fresh] = again_.try_emplace(key, Waiting{ready, priority});
        if (fresh) return;
        again->second.ready = std::min(again->second.ready, ready);
        again->second.priority = std::max(again->second.priority, priority);
        return;
    }
    Waiting merged{ready, priority};
    const auto found = waiting_.find(key);
    if (found != waiting_.end()) {
        const Waiting& before = found->second;
        merged.ready = std::min(before.ready, ready);
        merged.priority = std::max(before.priority, priority);
        if (merged.ready == before.ready && merged.priority == before.priority) return;
        erase(key);
    }
    insert(key, merged, now);
}

void WorkQueue::insert(const std::string& key, Waiting waiting, SteadyTime now) {
    waiting.order = next_order_++;
    waiting.is_ready = waiting.ready <= now;
    if (waiting.is_ready) {
        ready_.emplace(-static_cast<int>(waiting.priority), waiting.order, key);
    } else {
        delayed_.emplace(waiting.ready, waiting.order, key);
    }
    waiting_.insert_or_assign(key, waiting);
}

void WorkQueue::erase(const std::string& key) {
    const auto found = waiting_.find(key);
    if (found == waiting_.end()) return;
    const Waiting& waiting = found->second;
    if (waiting.is_ready) {
        ready_.erase(ReadyOrder(-static_cast<int>(waiting.priority), waiting.order, key));
    } else {
        delayed_.erase(DelayOrder(waiting.ready, waiting.order, key));
    }
    waiting_.erase(found);
}

void WorkQueue::promote(SteadyTime now) {
    while (!delayed_.empty() && std::get<SteadyTime>(*delayed_.begin()) <= now) {
        const std::string key = std::get<std::string>(*delayed_.begin());
        Waiting waiting = waiting_.at(key);
        erase(key);
        insert(key, waiting, now);
    }
}

}    // namespace trueup::reconcile
