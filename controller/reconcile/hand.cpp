// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/hand.hpp"

#include <fmt/format.h>

#include <utility>

#include "controller/base/log.hpp"
#include "controller/engine/own_container.hpp"
#include "controller/engine/seat_key.hpp"

namespace trueup::reconcile {
namespace {

// The daemon waits as long as it takes.
constexpr std::chrono::hours for_ever{24 * 365};
constexpr Milliseconds pause_after_failure{5'000};

}    // namespace

Hand::Hand(engine::Engine& engine, engine::Cache& cache, Pool& pool, const Clock& clock,
           HandOptions options)
    : engine_(engine), pool_(pool), clock_(clock), options_(std::move(options)) {
    if (options_.hands != nullptr) options_.hands->push_back(this);
    cache.on_removed([this](const std::string& id) {
        if (seat_) seat_->container_removed(id);
    });
    cache.on_engine_changed([this](const engine::EngineInfo&, const engine::EngineInfo&) {
        if (seat_) seat_->engine_replaced();
    });
}
Hand::~Hand() {
    if (options_.hands == nullptr) return;
    std::erase(*options_.hands, this);
    for (Hand* other : *options_.hands) {
        if (other->twin_of_ != this) continue;
        other->twin_of_ = nullptr;
        other->twin_.reset();
    }
}

void Hand::on_change(std::function<void()> callback) { on_change_.push_back(std::move(callback)); }

void Hand::tell() const {
    for (const auto& callback : on_change_) callback();
}

void Hand::set_problem(Error problem) {
    if (problem_ == problem) return;
    log::warning("the engine is not this controller's now",
                 {{"engine", options_.engine_name}, {"why", problem.message()}});
    problem_ = std::move(problem);
    tell();
}

std::string Hand::describe_engine() const {
    const std::string& place = options_.engine_place;
    return fmt::format("'{}'{}", options_.engine_name, place.empty() ? "" : " (" + place + ")");
}

// An engine says by its seat which one it is: ids are the same where machines were copied.
std::optional<Error> Hand::refuse_twin(const engine::SeatHolder& holder) {
    if (options_.hands == nullptr) return std::nullopt;
    for (Hand* other : *options_.hands) {
        if (other == this || !other->seat_ || other->seat_->instance() != holder.instance) continue;
        const Error why(
            Errc::invalid,
            fmt::format("engines {} and {} of the configuration are one and the same; nothing is "
                        "changed there until one of them is removed: let its stacks name the other",
                        other->describe_engine(), describe_engine()));
        set_twin(*other, why);
        other->set_twin(*this, why);
        return why;
    }
    return std::nullopt;
}

void Hand::set_twin(const Hand& other, const Error& why) {
    const bool known = twin_ == why;
    twin_of_ = &other;
    twin_ = why;
    if (!known) tell();
}

// This one has an engine of its own now, so the other one has too.
void Hand::forget_twin() {
    twin_.reset();
    if (options_.hands == nullptr) return;
    for (Hand* other : *options_.hands) {
        if (other == this || other->twin_of_ != this) continue;
        other->twin_of_ = nullptr;
        other->twin_.reset();
        other->tell();
    }
}

Task<void> Hand::find_self() {
    const std::string unseen_before = why_files_are_unseen();
    auto found = co_await engine::find_own_container(engine_, options_.own_container_ids);
    if (!found) co_return found.error();
    own_ = std::move(*found);
    const std::string unseen = why_files_are_unseen();
    if (!unseen.empty() && unseen != unseen_before)
        log::error("files of commits cannot be bound into containers",
                   {{"engine", options_.engine_name}, {"why", unseen}});
    co_return Result<void>();
}

std::string Hand::why_files_are_unseen() const {
    if (!own_) return {};
    const std::string& path = options_.state_directory;
    const auto on_host = engine::path_on_host(*own_, path);
    if (on_host == path) return {};
    return fmt::format(
        "the state directory {} of container {} is {} on the engine's host: mount it "
        "there at the same path (-v {}:{})",
        path, own_->name, on_host ? "at " + *on_host : "at no path of its own", path, path);
}

Task<void> Hand::acquire(Milliseconds wait, std::function<void(const Error& why)> on_wait) {
    std::function<Result<std::string>()> work = [this] { return read_key_file(options_.key_file); };
    auto read = co_await base::offload_result(pool_, std::move(work));
    // A key that is there and cannot be read must not be replaced by a new one.
    if (!read) co_return read.error();
    const auto found = co_await find_self();
    if (!found) co_return found.error();
    engine::SeatOptions chosen = options_.seat;
    chosen.container = own_container_id();
    chosen.known_key = std::move(*read);
    chosen.wait = wait;
    chosen.on_wait = std::move(on_wait);
    chosen.refuse = [this](const engine::SeatHolder& holder) { return refuse_twin(holder); };
    auto seat = co_await engine::Seat::acquire(engine_, clock_, std::move(chosen));
    if (!seat) co_return seat.error();
    seat_ = std::move(*seat);
    problem_.reset();
    forget_twin();
    log::info("the engine is this controller's", {{"engine", options_.engine_name}});
    co_await save_key();
    tell();
    co_return Result<void>();
}

// The engine has it anyway: a disk that does not take it is told, and no reason to stop.
boost::asio::awaitable<void> Hand::save_key() {
    std::function<Result<void>()> work = [path = options_.key_file,
                                          key = seat_->key()]() -> Result<void> {
        const auto there = read_key_file(path);
        if (there && *there == key) return Result<void>();
        return write_key_file(path, key);
    };
    const auto saved = co_await base::offload_result(pool_, std::move(work));
    if (!saved) {
        log::warning("the owner key is on the engine only",
                     {{"engine", options_.engine_name}, {"why", saved.error().message()}});
    }
    if (seat_->key_is_new()) log::info("an owner key was made", {{"engine", options_.engine_name}});
}

boost::asio::awaitable<void> Hand::run() {
    for (;;) {
        const bool stopped = co_await base::is_cancelled();
        if (stopped || released_) co_return;
        std::function<void(const Error&)> on_wait = [this](const Error& why) { set_problem(why); };
        const auto acquired = co_await acquire(for_ever, std::move(on_wait));
        if (acquired) {
            co_await keep();
            continue;
        }
        if (acquired.error().code() == Errc::cancelled) co_return;
        set_problem(acquired.error());
        const auto slept = co_await base::sleep_for(pause_after_failure);
        if (!slept) co_return;
    }
}

Task<void> Hand::take(Milliseconds wait, std::function<void(const Error& why)> on_wait) {
    const auto acquired = co_await acquire(wait, std::move(on_wait));
    if (!acquired) problem_ = acquired.error();
    co_return acquired;
}

boost::asio::awaitable<void> Hand::keep() {
    if (!seat_) co_return;
    seat_->on_lost([this](const Error& why) { set_problem(why); });
    co_await seat_->run();
}

Task<void> Hand::learn_key() {
    const auto found = co_await find_self();
    if (!found) co_return found.error();
    std::function<Result<std::string>()> work = [this] { return read_key_file(options_.key_file); };
    auto read = co_await base::offload_result(pool_, std::move(work));
    const std::string known = read ? *read : std::string();
    auto on_engine = co_await engine::find_owner_key(engine_, options_.seat.controller_name, known);
    if (!on_engine) co_return on_engine.error().in("the owner key");
    learned_key_ = std::move(*on_engine);
    if (!learned_key_.empty()) co_return Result<void>();
    if (!read) co_return read.error();
    auto key = read->empty() ? engine::make_owner_key() : std::move(read);
    if (!key) co_return key.error();
    learned_key_ = std::move(*key);
    co_return Result<void>();
}

Task<void> Hand::release() {
    released_ = true;
    if (!seat_) co_return Result<void>();
    co_return co_await seat_->release();
}

Result<void> Hand::check() const {
    if (twin_) return *twin_;
    if (problem_) return *problem_;
    if (!seat_) return Error(Errc::unavailable, "the seat on the engine is not taken yet");
    return seat_->check();
}

std::string Hand::owner_key() const { return seat_ ? seat_->key() : learned_key_; }

}    // namespace trueup::reconcile
