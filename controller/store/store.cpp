// SPDX-License-Identifier: Apache-2.0
// The loop's side: the values in memory, and jobs for the one thread that has the database.
#include "controller/store/store.hpp"

#include <fmt/format.h>

#include <utility>

#include "controller/base/log.hpp"
#include "controller/base/offload.hpp"
#include "controller/store/disk.hpp"
#include "controller/store/rows.hpp"

namespace trueup::store {
namespace {

class SqliteStore final : public Store {
public:
    SqliteStore(const Clock& clock, StoreOptions options)
        : clock_(clock), options_(std::move(options)), disk_(options_) {}
    ~SqliteStore() override { worker_.join(); }

    Result<void> start() {
        auto started = disk_.start(clock_.now());
        if (!started) return started.error();
        memory_ = std::move(started->memory);
        if (started->problem) note_failure(*started->problem);
        return Result<void>();
    }

    Task<void> write(Changes changes) override;
    Task<std::vector<Event>> events(EventQuery query) override;
    Task<std::vector<Revision>> revisions(std::string stack) override;
    Task<std::vector<std::string>> retained_images() override;
    Task<bool> refresh() override;

    const Suspension* suspension(const std::string& stack, SystemTime now) const override;
    const std::map<std::string, Suspension>& suspensions() const override {
        return memory_.suspensions;
    }
    const Confirmation* confirmation(const std::string& stack,
                                     const std::string& token) const override {
        const auto found = memory_.confirmations.find({stack, token});
        return found == memory_.confirmations.end() ? nullptr : &found->second;
    }
    std::set<std::string> confirmed(const std::string& stack) const override {
        std::set<std::string> tokens;
        for (auto found = memory_.confirmations.lower_bound({stack, ""});
             found != memory_.confirmations.end() && found->first.first == stack; ++found)
            tokens.insert(found->first.second);
        return tokens;
    }
    const std::map<std::string, KnownStack>& known_stacks() const override { return memory_.known; }
    const std::map<std::string, AdoptedContainer>& adopted() const override {
        return memory_.adopted;
    }
    const std::vector<Correction>& corrections(const std::string& stack) const override {
        static const std::vector<Correction> none;
        const auto found = memory_.corrections.find(stack);
        return found == memory_.corrections.end() ? none : found->second;
    }
    const std::map<std::string, Pulled>& pulls(const std::string& stack) const override {
        static const std::map<std::string, Pulled> none;
        const auto found = memory_.pulls.find(stack);
        return found == memory_.pulls.end() ? none : found->second;
    }
    const std::map<std::pair<std::string, int>, Completed>& completed(
        const std::string& stack) const override {
        static const std::map<std::pair<std::string, int>, Completed> none;
        const auto found = memory_.completed.find(stack);
        return found == memory_.completed.end() ? none : found->second;
    }
    const ProvenImage* proven(const std::string& stack, const std::string& service) const override {
        const auto of_stack = memory_.proven.find(stack);
        if (of_stack == memory_.proven.end()) return nullptr;
        const auto found = of_stack->second.find(service);
        return found == of_stack->second.end() ? nullptr : &found->second;
    }
    const Applied* applied(const std::string& stack) const override {
        const auto found = memory_.applied.find(stack);
        return found == memory_.applied.end() ? nullptr : &found->second;
    }
    const std::string& handled_request(const std::string& stack) const override {
        static const std::string none;
        const auto found = memory_.requests.find(stack);
        return found == memory_.requests.end() ? none : found->second;
    }
    std::optional<Error> problem() const override { return problem_; }

private:
    template <class T>
    Task<T> read(std::function<Result<T>(Database&)> work);
    void note_failure(const Error& error);
    void note_success();

    const Clock& clock_;
    const StoreOptions options_;
    Disk disk_;    // the worker's, once it has started
    Memory memory_;
    std::uint64_t writes_ = 0;    // begun
    bool behind_ = false;         // the database was read, and could not be taken over
    std::optional<Error> problem_;
    Pool worker_{1};
};

const Suspension* SqliteStore::suspension(const std::string& stack, SystemTime now) const {
    for (const std::string& name : {stack, std::string(every_stack)}) {
        const auto found = memory_.suspensions.find(name);
        if (found == memory_.suspensions.end()) continue;
        if (!found->second.until || *found->second.until > now) return &found->second;
    }
    return nullptr;
}

void SqliteStore::note_failure(const Error& error) {
    if (options_.on_error) options_.on_error();
    if (!problem_ || problem_->message() != error.message()) {
        log::error("what trueup remembers cannot be written; it is kept in memory and tried again",
                   {{"error", error.message()}});
    }
    problem_ = error;
}

void SqliteStore::note_success() {
    if (problem_) log::info("what trueup remembers can be written again");
    problem_.reset();
}

Task<void> SqliteStore::write(Changes changes) {
    if (changes.empty()) co_return Result<void>();
    const SystemTime now = clock_.now();
    for (Change& change : changes) {
        if (auto* event = std::get_if<Event>(&change)) {
            if (event->first_time == SystemTime()) event->first_time = now;
            event->last_time = std::max(event->first_time, event->last_time);
        }
        memory_.apply(change);
    }
    ++writes_;
    std::function<Result<void>()> work = [this, &changes] {
        return disk_.write(std::move(changes));
    };
    const auto done = co_await base::offload_result(worker_, std::move(work));
    if (done) {
        note_success();
        co_return done;
    }
    note_failure(done.error());
    co_return done;
}

template <class T>
Task<T> SqliteStore::read(std::function<Result<T>(Database&)> work) {
    std::function<Result<T>()> job = [this, &work]() -> Result<T> {
        const auto database = disk_.database();
        if (!database) return database.error();
        return work(**database);
    };
    auto done = co_await base::offload_result(worker_, std::move(job));
    if (!done && options_.on_error) options_.on_error();
    co_return done;
}

Task<std::vector<Event>> SqliteStore::events(EventQuery query) {
    std::function<Result<std::vector<Event>>(Database&)> work = [&query](Database& database) {
        return read_events(database, query);
    };
    co_return co_await read(std::move(work));
}

Task<std::vector<Revision>> SqliteStore::revisions(std::string stack) {
    std::function<Result<std::vector<Revision>>(Database&)> work = [&stack](Database& database) {
        return read_revisions(database, stack);
    };
    co_return co_await read(std::move(work));
}

Task<std::vector<std::string>> SqliteStore::retained_images() {
    std::function<Result<std::vector<std::string>>(Database&)> work = read_retained_images;
    co_return co_await read(std::move(work));
}

// What was written here while the database was read may be missing in what was read.
Task<bool> SqliteStore::refresh() {
    const std::uint64_t writes = writes_;
    const SystemTime now = clock_.now();
    const bool anew = behind_;
    std::function<Result<std::optional<Memory>>()> work = [this, now, anew] {
        return disk_.refresh(now, anew);
    };
    auto read = co_await base::offload_result(worker_, std::move(work));
    if (!read) {
        note_failure(read.error());
        co_return read.error();
    }
    note_success();
    if (!*read) co_return false;
    behind_ = writes != writes_;
    if (behind_) co_return false;
    memory_ = std::move(**read);
    co_return true;
}

}    // namespace

Result<std::unique_ptr<Store>> Store::open(const Clock& clock, StoreOptions options) {
    auto store = std::make_unique<SqliteStore>(clock, std::move(options));
    const auto started = store->start();
    if (!started) return started.error();
    return std::unique_ptr<Store>(std::move(store));
}

}    // namespace trueup::store
