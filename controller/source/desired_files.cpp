// SPDX-License-Identifier: Apache-2.0
// read: walk, watch what the walk saw, read, walk again. Two equal walks with the watches armed
// before the reading mean that the snapshot is one state of the files, and that whatever changes
// afterwards wakes changed(). A file that was written a moment ago may be half of itself: wait.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "controller/base/offload.hpp"
#include "controller/source/desired_sources.hpp"
#include "controller/source/file_walk.hpp"
#include "controller/source/file_watch.hpp"

namespace trueup::source {
namespace {

constexpr int most_attempts = 25;

struct Attempt {
    Result<DesiredSnapshot> outcome = DesiredSnapshot();
    WatchTable table;
    bool same = false;       // nothing changed while it was read
    bool settled = false;    // and nothing had just before
};

bool is_settled(const FileWalk& walk, base::Milliseconds settle) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::all_of(walk.files.begin(), walk.files.end(), [&](const FileStamp& stamp) {
        // A time in the future is a clock of somebody else's, and tells nothing.
        const auto age = now - std::chrono::nanoseconds(stamp.changed);
        return age < std::chrono::nanoseconds(0) || age >= settle;
    });
}

class FileSource final : public DesiredSource {
public:
    FileSource(Executor executor, std::string path, Pool& pool, DesiredOptions options)
        : name_(std::move(path)),
          pool_(pool),
          options_(options),
          watch_(std::make_shared<FileWatch>(std::move(executor))) {}

    const std::string& name() const override { return name_; }
    Task<DesiredSnapshot> read() override;
    Task<void> changed() override {
        return watch_->wait(options_.settle, options_.rescan_interval);
    }

private:
    Task<Attempt> attempt();

    std::string name_;
    Pool& pool_;
    DesiredOptions options_;
    std::shared_ptr<FileWatch> watch_;
};

Task<Attempt> FileSource::attempt() {
    std::function<Result<Attempt>()> work = [watch = watch_, root = name_, before = watch_->table(),
                                             settle = options_.settle]() -> Result<Attempt> {
        // The watches stay whatever comes of it: they tell when to try again.
        const FileWalk walk = walk_files(root);
        Attempt attempt;
        attempt.table = watch->arm(root, walk, before);
        attempt.outcome = read_files(walk);
        attempt.same = walk_files(root) == walk;
        attempt.settled = attempt.same && is_settled(walk, settle);
        return attempt;
    };
    return base::offload_result<Attempt>(pool_, std::move(work));
}

Task<DesiredSnapshot> FileSource::read() {
    for (int count = 1;; ++count) {
        if (co_await base::is_cancelled())
            co_return Error(Errc::cancelled, "cancelled while reading files");
        auto attempt = co_await this->attempt();
        if (!attempt) co_return attempt.error();
        watch_->use(std::move(attempt->table));
        const bool last = count == most_attempts;
        if (attempt->settled || (attempt->same && last)) co_return std::move(attempt->outcome);
        if (last) {
            co_return Error(Errc::unavailable,
                            fmt::format("{} changes faster than it can be read", name_));
        }
        const auto waited = co_await base::sleep_for(options_.settle);
        if (!waited) co_return waited.error();
    }
}

}    // namespace

std::unique_ptr<DesiredSource> make_file_source(Executor executor, std::string path, Pool& pool,
                                                DesiredOptions options) {
    return std::make_unique<FileSource>(std::move(executor), std::move(path), pool, options);
}

}    // namespace trueup::source
