// SPDX-License-Identifier: Apache-2.0
// One fetch at a time for a test, and eyes for what it leaves behind.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "controller/source/desired.hpp"
#include "controller/source/git.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::source {

// "" for what is gone, as a process's files may be at any moment.
inline std::string read_if_there(const std::string& path) {
    try {
        return support::read_file(path);
    } catch (const std::ios_base::failure&) {
        return {};
    }
}

// What may be read of the processes below this one: their command lines and environments.
inline std::string descendants() {
    namespace fs = std::filesystem;
    std::map<int, int> parents;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const int id = std::atoi(entry.path().filename().c_str());
        const std::string stat = id > 0 ? read_if_there(entry.path() / "stat") : "";
        const std::size_t name_end = stat.rfind(") ");
        if (name_end != stat.npos) parents[id] = std::atoi(stat.c_str() + name_end + 4);
    }
    std::string seen;
    for (const auto& [id, parent] : parents) {
        int ancestor = parent;
        while (ancestor > 1 && ancestor != ::getpid() && parents.contains(ancestor))
            ancestor = parents[ancestor];
        const std::string folder = "/proc/" + std::to_string(id);
        if (ancestor != ::getpid()) continue;
        // The servers of a test are its children too.
        const std::string command = read_if_there(folder + "/cmdline");
        if (command.find("sshd") != command.npos || command.find("lighttpd") != command.npos ||
            command.find("sleep") != command.npos || command.empty()) {
            continue;
        }
        seen += command + '\n' + read_if_there(folder + "/environ") + '\n';
    }
    return seen;
}

// The names of files below `folder` in whose path or content `text` stands.
inline std::string files_with(const std::string& folder, const std::string& text) {
    std::string found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const bool inside = entry.is_regular_file() &&
                            support::read_file(entry.path()).find(text) != std::string::npos;
        if (inside || entry.path().string().find(text) != std::string::npos)
            found += (found.empty() ? "" : " ") + entry.path().filename().string();
    }
    return found;
}

class Fetcher {
public:
    explicit Fetcher(std::string cache_directory) : cache_directory_(std::move(cache_directory)) {}

    base::Milliseconds deadline{20'000};

    Result<Commit> fetch(std::string url, Revision revision, GitCredential credential = {}) {
        boost::asio::io_context io;
        return test::run(io, fetch_with(pool_, options(), std::move(url), std::move(revision),
                                        std::move(credential)));
    }
    Result<DesiredSnapshot> read_desired(std::string spec, GitCredential credential) {
        boost::asio::io_context io;
        return test::run(io, read_with(pool_, options(), std::move(spec), std::move(credential)));
    }
    int fetches() const { return fetches_; }

    // All that descendants() has shown while `work` ran.
    static std::string watch_processes(const std::function<void()>& work) {
        std::atomic<bool> done = false;
        std::string seen;
        std::thread watcher([&] {
            while (!done) {
                const std::string now = descendants();
                if (seen.find(now) == seen.npos) seen += now;
            }
        });
        work();
        done = true;
        watcher.join();
        return seen;
    }

private:
    GitOptions options() {
        GitOptions options;
        options.cache_directory = cache_directory_;
        options.deadline = deadline;
        options.observe = [this](std::string_view, bool, double) { ++fetches_; };
        return options;
    }
    static Task<Commit> fetch_with(base::Pool& pool, GitOptions options, std::string url,
                                   Revision revision, GitCredential credential) {
        const auto executor = co_await boost::asio::this_coro::executor;
        GitRepositories repositories(executor, pool, std::move(options));
        co_return co_await repositories.fetch(std::move(url), std::move(revision),
                                              std::move(credential));
    }
    static Task<DesiredSnapshot> read_with(base::Pool& pool, GitOptions options, std::string spec,
                                           GitCredential credential) {
        const auto executor = co_await boost::asio::this_coro::executor;
        GitRepositories repositories(executor, pool, std::move(options));
        DesiredOptions desired;
        desired.credential = [credential = std::move(credential)]() -> Result<GitCredential> {
            return credential;
        };
        const auto source =
            make_desired_source(executor, std::move(spec), repositories, std::move(desired));
        if (!source) co_return source.error();
        co_return co_await (*source)->read();
    }

    std::string cache_directory_;
    base::Pool pool_{1};
    int fetches_ = 0;
};

}    // namespace trueup::source
