// SPDX-License-Identifier: Apache-2.0
#include "controller/base/inotify.hpp"

#include <unistd.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

#include "controller/base/log.hpp"

namespace trueup::base {

namespace asio = boost::asio;

Inotify::Inotify(Executor executor) : executor_(std::move(executor)) {
    const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor >= 0) {
        stream_ = std::make_shared<asio::posix::stream_descriptor>(executor_, descriptor);
        return;
    }
    log::warning(
        "no inotify instance to be had, changes are found by looking again from time to time",
        {{"what", std::generic_category().message(errno)},
         {"advice", "raise fs.inotify.max_user_instances"}});
}

int Inotify::descriptor() const { return stream_ ? stream_->native_handle() : -1; }

asio::awaitable<bool> Inotify::wait(Milliseconds timeout) {
    const auto stream = stream_;
    const auto waiting = std::make_shared<bool>(true);
    asio::steady_timer timer(executor_, timeout);
    timer.async_wait([stream, waiting](const boost::system::error_code& code) {
        if (!code && *waiting) stream->cancel();
    });
    const auto waited =
        co_await stream->async_wait(asio::posix::stream_descriptor::wait_read, use_task);
    *waiting = false;
    const boost::system::error_code code = std::get<0>(waited);
    co_return !code;
}

void Inotify::drain(const std::function<void(const inotify_event& event)>& take) {
    alignas(inotify_event) std::array<char, 16'384> buffer{};
    for (;;) {
        const ssize_t count = ::read(stream_->native_handle(), buffer.data(), buffer.size());
        if (count <= 0) return;
        for (const char* at = buffer.data(); at < buffer.data() + count;) {
            const auto* event = reinterpret_cast<const inotify_event*>(at);
            at += sizeof(inotify_event) + event->len;
            if ((event->mask & IN_IGNORED) == 0) take(*event);
        }
    }
}

}    // namespace trueup::base
