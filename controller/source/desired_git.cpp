// SPDX-License-Identifier: Apache-2.0
// A git source asks for its branch at every read; what changed() waits for is only the time.
#include <fmt/format.h>

#include <random>

#include "controller/base/offload.hpp"
#include "controller/source/desired_sources.hpp"
#include "controller/source/file_walk.hpp"

namespace trueup::source {
namespace {

using model::EntryKind;

class TreeReader {
public:
    TreeReader(const model::Tree& tree, std::string prefix)
        : tree_(tree), prefix_(std::move(prefix)) {}

    Result<DesiredSnapshot> run(const std::string& path) {
        const auto entry = tree_.stat(path);
        if (!entry) return entry.error();
        const auto read =
            entry->kind == EntryKind::directory ? directory(path, 0) : file(path, *entry);
        if (!read) return read.error();
        return std::move(snapshot_);
    }

private:
    void refuse(const std::string& path, std::string message, std::string advice) {
        snapshot_.unreadable.push_back(
            Problem{Position{name_of(path), 0, 0}, std::move(message), std::move(advice)});
    }
    std::string name_of(const std::string& path) const { return prefix_ + path; }

    Result<void> directory(const std::string& path, std::size_t depth) {
        if (depth > deepest_directory)
            return Error(Errc::invalid,
                         fmt::format("'{}' is nested more than {} deep", path, deepest_directory));
        const auto entries = tree_.list(path);
        if (!entries) return entries.error();
        for (const model::TreeEntry& entry : *entries) {
            if (entry.name.starts_with('.')) continue;
            const std::string child =
                path.empty() ? entry.name : fmt::format("{}/{}", path, entry.name);
            const bool folder = entry.kind == EntryKind::directory;
            if (!folder && entry.kind != EntryKind::submodule && !is_stack_file_name(entry.name))
                continue;
            const auto read = folder ? directory(child, depth + 1) : file(child, entry);
            if (!read) return read.error();
        }
        return Result<void>();
    }

    Result<void> file(const std::string& path, const model::TreeEntry& entry) {
        if (entry.kind == EntryKind::submodule) {
            refuse(path, "a submodule, and submodules are not fetched",
                   "put the Stack files into the repository itself");
            return Result<void>();
        }
        if (entry.kind == EntryKind::symlink) {
            refuse(path, "a symlink, which is not followed in a git source",
                   "replace it with the file");
            return Result<void>();
        }
        auto content = tree_.read(path, largest_desired_file);
        if (!content && content.error().code() != Errc::invalid) return content.error();
        if (!content) {
            refuse(path, fmt::format("longer than {} bytes", largest_desired_file),
                   "split it into several files");
            return Result<void>();
        }
        total_ += content->size();
        snapshot_.files.push_back(DesiredFile{name_of(path), "", std::move(*content)});
        if (total_ <= most_desired_bytes && snapshot_.files.size() <= most_desired_files)
            return Result<void>();
        return Error(Errc::invalid,
                     fmt::format("more than {} files or {} bytes; is it the right directory?",
                                 most_desired_files, most_desired_bytes));
    }

    const model::Tree& tree_;
    std::string prefix_;
    DesiredSnapshot snapshot_;
    std::size_t total_ = 0;
};

class GitDesiredSource final : public DesiredSource {
public:
    GitDesiredSource(std::string name, DesiredSpec spec, GitRepositories& repositories,
                     DesiredOptions options)
        : name_(std::move(name)),
          spec_(std::move(spec)),
          repositories_(repositories),
          options_(std::move(options)) {}

    const std::string& name() const override { return name_; }

    Task<DesiredSnapshot> read() override {
        auto credential = co_await read_credential();
        if (!credential) co_return credential.error();
        const auto commit =
            co_await repositories_.fetch(spec_.url, spec_.revision, std::move(*credential));
        if (!commit) co_return commit.error();
        auto snapshot = co_await read_commit(*commit);
        if (!snapshot) co_return snapshot.error();
        snapshot->revision = commit->id;
        co_return snapshot;
    }

    Task<void> changed() override {
        // Many controllers must not ask one server in step.
        std::uniform_real_distribution<double> factor(0.9, 1.1);
        const double milliseconds =
            static_cast<double>(options_.poll_interval.count()) * factor(random_);
        return base::sleep_for(base::Milliseconds(static_cast<std::int64_t>(milliseconds)));
    }

private:
    Task<GitCredential> read_credential() {
        if (!options_.credential) co_return GitCredential();
        std::function<Result<GitCredential>()> work = options_.credential;
        co_return co_await base::offload_result<GitCredential>(repositories_.pool(),
                                                               std::move(work));
    }

    Task<DesiredSnapshot> read_commit(Commit commit) {
        std::function<Result<DesiredSnapshot>()> work =
            [commit = std::move(commit), path = spec_.path,
             prefix = fmt::format("git+{}//", spec_.url)]() {
                return TreeReader(*commit.tree, prefix).run(path);
            };
        return base::offload_result<DesiredSnapshot>(repositories_.pool(), std::move(work));
    }

    std::string name_;
    DesiredSpec spec_;
    GitRepositories& repositories_;
    DesiredOptions options_;
    std::mt19937 random_{std::random_device{}()};
};

}    // namespace

std::unique_ptr<DesiredSource> make_git_source(std::string name, DesiredSpec spec,
                                               GitRepositories& repositories,
                                               DesiredOptions options) {
    return std::make_unique<GitDesiredSource>(std::move(name), std::move(spec), repositories,
                                              std::move(options));
}

}    // namespace trueup::source
