// SPDX-License-Identifier: Apache-2.0
#include "controller/base/task.hpp"

#include <fmt/format.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace trueup::base {

boost::asio::awaitable<bool> is_cancelled() {
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    co_return state.cancelled() != boost::asio::cancellation_type::none;
}

Task<void> sleep_for(Milliseconds duration) {
    if (co_await is_cancelled()) co_return Error(Errc::cancelled, "cancelled while waiting");
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, duration);
    const auto waited = co_await timer.async_wait(use_task);
    const boost::system::error_code code = std::get<0>(waited);
    if (code) co_return Error(Errc::cancelled, "cancelled while waiting");
    co_return Result<void>();
}

Error to_error(const boost::system::error_code& code, std::string_view doing) {
    namespace error = boost::asio::error;
    Errc category = Errc::unavailable;
    if (code == error::operation_aborted) category = Errc::cancelled;
    if (code == error::timed_out) category = Errc::timeout;
    if (code == error::access_denied || code == error::no_permission) category = Errc::denied;
    return Error(category, fmt::format("{}: {}", doing, code.message()));
}

}    // namespace trueup::base
