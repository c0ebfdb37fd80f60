// SPDX-License-Identifier: Apache-2.0
// A program that is run to its end: text in, text out, ended at a deadline.
#pragma once

#include <string>
#include <vector>

#include "controller/base/task.hpp"

namespace trueup::source {

struct ChildOutput {
    std::string text;       // its standard output
    bool killed = false;    // at the deadline
    int status = 0;         // exit code, or 128 + the signal that ended it
};

// Runs `program` with one argument and `input` (at most 32 KiB) on its standard input. It sees the
// given environment ("NAME=value") only, no open files but the three standard ones, default signal
// handling, and a process group of its own. When this task is cancelled or its deadline passes the
// program is killed; it never outlives the task. Errors: unavailable (cannot be started; more than
// 1 MiB of output), cancelled. Needs Linux 5.3 (pidfd).
Task<ChildOutput> run_child(std::string program, std::string argument,
                            std::vector<std::string> environment, std::string input,
                            base::Milliseconds deadline);

}    // namespace trueup::source
