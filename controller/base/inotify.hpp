// SPDX-License-Identifier: Apache-2.0
// One inotify instance of the loop (inotify(7)); its users set the watches.
#pragma once

#include <sys/inotify.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>

#include "controller/base/clock.hpp"
#include "controller/base/task.hpp"

namespace trueup::base {

class Inotify {
public:
    // Where no instance is to be had (fs.inotify.max_user_instances) that is logged, and there is none.
    explicit Inotify(Executor executor);

    explicit operator bool() const { return stream_ != nullptr; }
    // For inotify_add_watch and inotify_rm_watch, from any thread; -1 without an instance.
    int descriptor() const;
    // False when the time is over or the task was cancelled. Only with an instance.
    boost::asio::awaitable<bool> wait(Milliseconds timeout);
    // All events that there are, without those that tell the end of a watch that was removed.
    void drain(const std::function<void(const inotify_event& event)>& take);

private:
    Executor executor_;
    std::shared_ptr<boost::asio::posix::stream_descriptor> stream_;
};

}    // namespace trueup::base
