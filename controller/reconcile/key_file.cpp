// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "controller/base/file.hpp"
#include "controller/base/log.hpp"
#include "controller/engine/seat_key.hpp"
#include "controller/reconcile/hand.hpp"

namespace trueup::reconcile {
namespace {

Error failure(const std::string& path) {
    return Error(Errc::unavailable,
                 fmt::format("cannot write the owner key {}: {}", path, std::strerror(errno)));
}

bool write_all(int descriptor, const std::string& text) {
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t size = ::write(descriptor, text.data() + written, text.size() - written);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return false;
        written += static_cast<std::size_t>(size);
    }
    return ::fsync(descriptor) == 0;
}

}    // namespace

Result<std::string> read_key_file(const std::string& path) {
    auto key = base::read_secret(path);
    if (!key && key.error().code() == Errc::not_found) return std::string();
    if (!key) return key.error().in("the owner key");
    if (engine::is_owner_key(*key)) return key;
    log::warning("the file of the owner key holds none", {{"file", path}});
    return std::string();
}

Result<void> write_key_file(const std::string& path, const std::string& key) {
    const std::string part = path + ".part";
    ::unlink(part.c_str());
    const int descriptor = ::open(part.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0) return failure(path);
    const bool written = write_all(descriptor, key + "\n");
    const Error error = failure(path);
    ::close(descriptor);
    if (written && std::rename(part.c_str(), path.c_str()) == 0) return Result<void>();
    const Error last = written ? failure(path) : error;
    ::unlink(part.c_str());
    return last;
}

}    // namespace trueup::reconcile
