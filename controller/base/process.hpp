// SPDX-License-Identifier: Apache-2.0
// Starting programs. posix_spawn, so that the copy of a process with threads never runs code of ours;
// no signal handler and no reaping of other people's children: the end of a process is a readable
// pidfd (Linux 5.3).
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/descriptor.hpp"
#include "controller/base/result.hpp"

namespace trueup::base {

struct Pipe {
    Descriptor read;
    Descriptor write;
};
Result<Pipe> make_pipe();

// A process that was started, killed and reaped by its owner at the latest.
class Process {
public:
    Process(pid_t id, Descriptor handle) : id_(id), handle_(std::move(handle)) {}
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    int handle() const { return handle_.get(); }    // readable once it has ended
    void kill() const;
    // Waits; its exit code, or 128 + the signal that ended it.
    int reap();

private:
    pid_t id_;
    Descriptor handle_;
    bool reaped_ = false;
};

struct Program {
    std::vector<std::string> command;        // a path, or a name to be found in $PATH; arguments
    std::vector<std::string> environment;    // "NAME=value", and nothing else
    int input = 0;                           // descriptors that become its three
    int output = 1;
    int log = 2;
};

// It sees no other open files than the three, default signal handling, and is in a process group of
// its own. Errors: unavailable (it cannot be started).
Result<std::shared_ptr<Process>> start(Program program);

}    // namespace trueup::base
