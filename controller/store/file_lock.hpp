// SPDX-License-Identifier: Apache-2.0
// A lock file of a directory: held while the object lives, released by the kernel when the process
// ends in whatever way. It says who holds it. Inside store/ only.
#pragma once

#include <string>

#include "controller/base/clock.hpp"
#include "controller/base/result.hpp"

namespace trueup::store {

class FileLock {
public:
    // `holder` is written into the file ("controller", "command"). Waits for a holder that is a
    // command, up to `wait`. Errc::conflict: somebody has it, the message names the pid;
    // unavailable: the file cannot be made or locked.
    static Result<FileLock> take(const std::string& file, const std::string& holder,
                                 Milliseconds wait);
    ~FileLock();
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;

private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}    // namespace trueup::store
