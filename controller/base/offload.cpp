// SPDX-License-Identifier: Apache-2.0
#include "controller/base/offload.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <memory>

namespace trueup::base {

boost::asio::awaitable<void> offload(Pool& pool, std::function<void()> work) {
    auto initiate = [&pool, work = std::move(work)](auto handler) mutable {
        auto executor = boost::asio::get_associated_executor(handler);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto guard = boost::asio::make_work_guard(executor);
        // The pool's thread must hold nothing of the loop once it has handed over: the loop may be
        // gone before this closure is.
        boost::asio::post(pool, [shared = std::move(shared), executor, guard = std::move(guard),
                                 work = std::move(work)]() mutable {
            work();
            work = nullptr;
            boost::asio::post(executor, [shared = std::move(shared), guard = std::move(guard)] {
                std::move (*shared)();
            });
        });
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
        std::move(initiate), boost::asio::use_awaitable);
}

}    // namespace trueup::base
