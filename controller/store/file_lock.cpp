// SPDX-License-Identifier: Apache-2.0
#include "controller/store/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace trueup::store {
namespace {

Error system_failure(const std::string& file) {
    return Error(Errc::unavailable,
                 fmt::format("cannot lock {}: {}", file, std::generic_category().message(errno)));
}

// "controller 4711"; "" while it is being written.
std::string read_holder(int descriptor) {
    std::array<char, 64> text{};
    const ssize_t size = ::pread(descriptor, text.data(), text.size() - 1, 0);
    return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string();
}

// For people only: on a full disk the lock holds without a name.
void write_holder(int descriptor, const std::string& holder) {
    const std::string text = fmt::format("{} {}", holder, ::getpid());
    if (::ftruncate(descriptor, 0) != 0) return;
    [[maybe_unused]] const ssize_t size = ::pwrite(descriptor, text.data(), text.size(), 0);
}

}    // namespace

Result<FileLock> FileLock::take(const std::string& file, const std::string& holder,
                                Milliseconds wait) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return system_failure(file);
    FileLock lock(descriptor);
    const SteadyTime until = base::machine_clock().steady() + wait;
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) return system_failure(file);
        const std::string other = read_holder(descriptor);
        // A controller stays; a command is through in a moment.
        if (other.starts_with("controller") || base::machine_clock().steady() >= until) {
            return Error(Errc::conflict, fmt::format("{} is held by {}", file,
                                                     other.empty() ? "another process" : other));
        }
        std::this_thread::sleep_for(Milliseconds(10));
    }
    write_holder(descriptor, holder);
    return lock;
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

}    // namespace trueup::store
