// SPDX-License-Identifier: Apache-2.0
#include "controller/base/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "controller/base/descriptor.hpp"

namespace trueup::base {
namespace {

Error failed(const std::string& name, int code) {
    Errc category = Errc::unavailable;
    if (code == EACCES || code == EPERM || code == ELOOP) category = Errc::denied;
    if (code == ENOENT || code == ENOTDIR) category = Errc::not_found;
    return Error(category, fmt::format("cannot read {}: {}", name, std::strerror(code)));
}

Result<std::string> read_all(int descriptor, const std::string& name, std::size_t limit) {
    std::string text;
    std::string chunk(std::size_t{64} << 10U, '\0');
    for (;;) {
        const ssize_t count = ::read(descriptor, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed(name, errno);
        if (count == 0) return text;
        text.append(chunk, 0, static_cast<std::size_t>(count));
        if (text.size() > limit)
            return Error(Errc::invalid, fmt::format("cannot read {}: it is longer than {} KiB",
                                                    name, limit >> 10U));
    }
}

}    // namespace

Result<std::string> read_descriptor(int descriptor, const std::string& name, std::size_t limit) {
    struct ::stat status{};
    if (::fstat(descriptor, &status) != 0) return failed(name, errno);
    if (S_ISDIR(status.st_mode))
        return Error(Errc::invalid, fmt::format("cannot read {}: it is a folder", name));
    // /dev/null is a convenient empty file; other devices, pipes and sockets may never end.
    struct ::stat null_status{};
    const bool is_null = S_ISCHR(status.st_mode) && ::stat("/dev/null", &null_status) == 0 &&
                         status.st_rdev == null_status.st_rdev;
    if (!S_ISREG(status.st_mode) && !is_null)
        return Error(Errc::invalid, fmt::format("cannot read {}: it is not a regular file", name));
    return read_all(descriptor, name, limit);
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return failed(path, errno);
    auto text = read_descriptor(descriptor, path, limit);
    ::close(descriptor);
    return text;
}

Result<std::string> read_secret(const std::string& path) {
    constexpr std::size_t limit = std::size_t{64} << 10U;
    auto text = read_file(path, limit);
    if (!text) return text;
    if (text->ends_with('\n')) text->pop_back();
    if (text->ends_with('\r')) text->pop_back();
    if (text->empty()) return Error(Errc::invalid, fmt::format("the file {} is empty", path));
    return text;
}

std::error_code create_file(const std::string& path, std::string_view content, bool synced) {
    constexpr ::mode_t own = 0600;
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, own));
    if (!file) return {errno, std::generic_category()};
    while (!content.empty()) {
        const ssize_t count = ::write(file.get(), content.data(), content.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) break;
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    const bool whole = content.empty() && (!synced || ::fsync(file.get()) == 0);
    const std::error_code failed(whole ? 0 : errno, std::generic_category());
    if (!whole) ::unlink(path.c_str());
    return failed;
}

}    // namespace trueup::base
