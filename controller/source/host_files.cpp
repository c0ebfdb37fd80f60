// SPDX-License-Identifier: Apache-2.0
// A file is opened first and judged by what was opened: the kernel says where the descriptor is, so a
// link that is changed in between leads nowhere else.
#include "controller/source/host_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "controller/base/descriptor.hpp"
#include "controller/base/file.hpp"
#include "controller/base/text.hpp"

namespace trueup::source {
namespace {

namespace fs = std::filesystem;

bool lies_below(const std::string& path, const std::string& root) {
    return path.size() > root.size() && path.starts_with(root) && path[root.size()] == '/';
}

// "" when it cannot be told.
std::string real_path(int descriptor) {
    std::error_code code;
    const fs::path link = fs::read_symlink(fmt::format("/proc/self/fd/{}", descriptor), code);
    return code ? std::string() : link.string();
}

}    // namespace

HostFiles::HostFiles(std::vector<std::string> roots) : roots_(std::move(roots)) {}

bool HostFiles::is_below_root(const std::string& path) const {
    const auto normal =
        path.starts_with('/') ? base::normal_path(std::string_view(path).substr(1)) : std::nullopt;
    if (!normal || "/" + *normal != path) return false;
    return std::any_of(roots_.begin(), roots_.end(), [&](const std::string& root) {
        return path == root || lies_below(path, root);
    });
}

bool HostFiles::is_really_below_root(const std::string& path) const {
    return std::any_of(roots_.begin(), roots_.end(), [&](const std::string& root) {
        std::error_code code;
        const std::string real = fs::canonical(root, code).string();
        return !code && (path == real || lies_below(path, real));
    });
}

Error HostFiles::outside(const std::string& path) const {
    if (roots_.empty()) {
        return Error(Errc::invalid,
                     fmt::format("{} is a path of the host, and the controller's configuration "
                                 "allows none (add its folder to hostRoots)",
                                 path));
    }
    return Error(
        Errc::invalid,
        fmt::format("{} does not lie below one of the configuration's hostRoots, also after "
                    "links were followed: {}",
                    path, fmt::join(roots_, ", ")));
}

Result<std::string> HostFiles::read(const std::string& path) const {
    if (!is_below_root(path)) return outside(path);
    const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file) {
        return Error(Errc::unavailable,
                     fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    }
    if (!is_really_below_root(real_path(file.get()))) return outside(path);
    auto content = base::read_descriptor(file.get(), path);
    if (content) return content;
    return Error(Errc::unavailable, content.error().message());
}

Result<void> HostFiles::check(const std::string& path, bool here) const {
    if (!is_below_root(path)) return outside(path);
    if (!here) return Result<void>();
    // The part that exists decides; the engine makes the rest, or refuses.
    std::error_code code;
    const std::string real = fs::weakly_canonical(path, code).string();
    if (code) {
        return Error(Errc::unavailable, fmt::format("cannot look at {}: {}", path, code.message()));
    }
    const bool root_is_here = std::any_of(roots_.begin(), roots_.end(), [&](const auto& root) {
        std::error_code ignored;
        return (path == root || lies_below(path, root)) && fs::exists(root, ignored);
    });
    // A controller in a container need not see the folder: the engine does.
    if (!root_is_here || is_really_below_root(real)) return Result<void>();
    return outside(path);
}

std::string HostFiles::fingerprint(const std::vector<std::string>& paths) {
    std::string text;
    for (const std::string& path : paths) {
        struct ::stat status{};
        if (::stat(path.c_str(), &status) != 0) {
            text += fmt::format("{};", errno);
            continue;
        }
        text += fmt::format("{}:{}:{}:{}.{}:{}.{}:{};", status.st_dev, status.st_ino,
                            status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                            status.st_ctim.tv_sec, status.st_ctim.tv_nsec, status.st_mode);
    }
    return text;
}

}    // namespace trueup::source
