// SPDX-License-Identifier: Apache-2.0
// The engine streams each code directory as a tar; the loop hands the bytes through a pipe to a
// worker of the pool, which hashes while they come.
#include "controller/code/archive_read.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <functional>
#include <utility>

#include "controller/base/task_group.hpp"
#include "controller/engine/pipe.hpp"

namespace trueup::code {
namespace {

long receive(int descriptor, char* buffer, std::size_t size) {
    for (;;) {
        const ssize_t got = ::recv(descriptor, buffer, size, 0);
        if (got >= 0 || errno != EINTR) return got;
    }
}

boost::asio::awaitable<void> scan_on_pool(Pool& pool, const std::string& root, engine::Pipe& pipe,
                                          FoundFiles& found, Result<void>& scanned) {
    std::function<void()> work = [&] {
        const int descriptor = pipe.worker_end();
        scanned = scan_tar(
            root,
            [descriptor](char* buffer, std::size_t size) {
                return receive(descriptor, buffer, size);
            },
            found);
        // What is left of the stream (padding after the end mark) must not block the engine.
        char rest[4096];
        while (scanned && receive(descriptor, rest, sizeof rest) > 0) {
        }
        pipe.close_worker_end();
    };
    co_await base::offload(pool, std::move(work));
}

// What lies at `path`, as files below `root`. A path that is not there has no files: that is a
// finding, not a failure.
Task<void> scan_path(engine::Engine& engine, Pool& pool, std::string container_id, std::string path,
                     std::string root, FoundFiles& found) {
    const auto executor = co_await boost::asio::this_coro::executor;
    auto pipe = engine::Pipe::make(executor);
    if (!pipe) co_return pipe.error();
    Result<void> scanned;
    TaskGroup worker(executor);
    worker.spawn("code scan", scan_on_pool(pool, root, **pipe, found, scanned));
    const auto streamed = co_await engine.read_archive(container_id, path, **pipe);
    (*pipe)->close();
    co_await worker.wait();
    worker.close();
    // Its limits: the stream broke off because of them.
    if (!scanned && scanned.error().code() == Errc::invalid) co_return scanned;
    if (!streamed) {
        const bool no_path = streamed.error().code() == Errc::not_found;
        if (!no_path) co_return streamed.error();
        const auto container = co_await engine.inspect_container(container_id);
        if (!container) co_return container.error();
        co_return Result<void>();
    }
    co_return scanned;
}

// Where the image has a link in place of a folder (/bin of Debian), a builder copies into what it
// leads to; the engine follows a link only when a slash is behind its name.
Task<void> scan_root(engine::Engine& engine, Pool& pool, std::string container_id, std::string root,
                     bool is_folder, FoundFiles& found) {
    const auto scanned = co_await scan_path(engine, pool, container_id, root, root, found);
    const auto self = found.find(root);
    const bool is_link = self != found.end() && self->second.symlink;
    if (!scanned || !is_folder || !is_link) co_return scanned;
    found.erase(self);
    const std::string behind = root + "/";
    co_return co_await scan_path(engine, pool, container_id, behind, root, found);
}

}    // namespace

Task<FoundFiles> read_archive(engine::Engine& engine, Pool& pool, std::string container_id,
                              std::shared_ptr<const ExpectedCode> expected) {
    FoundFiles found;
    for (const std::string& root : expected->directories) {
        const bool is_folder = !expected->files.contains(root);
        const auto scanned = co_await scan_root(engine, pool, container_id, root, is_folder, found);
        if (!scanned) co_return scanned.error().in("comparing the code");
    }
    co_return found;
}

}    // namespace trueup::code
