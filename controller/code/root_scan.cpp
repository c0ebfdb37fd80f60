// SPDX-License-Identifier: Apache-2.0
#include "controller/code/root_scan.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "controller/base/digest.hpp"
#include "controller/base/file.hpp"

namespace trueup::code {
namespace {

using base::Descriptor;

constexpr std::size_t block = 128U << 10U;
constexpr std::size_t link_limit = 4096;
constexpr int depth_limit = 128;
// A change leaves its time with the precision of the kernel's tick, at most 10 ms.
constexpr std::chrono::milliseconds settled{100};
constexpr int attempts = 3;

std::int64_t nanoseconds(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Error failure(const std::string& path) {
    return Error(Errc::unavailable,
                 fmt::format("reading {} in the container: {}", path, std::strerror(errno)));
}

bool is_gone() { return errno == ENOENT || errno == ENOTDIR || errno == ESRCH || errno == ELOOP; }

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

class RootScan {
public:
    RootScan(SystemTime now, KnownFiles& known, const OnDirectory& on_directory, FoundFiles& found)
        : settled_before_(std::chrono::duration_cast<std::chrono::nanoseconds>(
                              (now - settled).time_since_epoch())
                              .count()),
          known_(known),
          on_directory_(on_directory),
          found_(found),
          buffer_(block) {}

    // What `descriptor` (O_PATH) is, at `path`.
    Result<void> start(const Descriptor& descriptor, const std::string& path) {
        struct stat status{};
        if (::fstat(descriptor.get(), &status) != 0) return failure(path);
        if (S_ISLNK(status.st_mode)) return link(descriptor.get(), "", path);
        if (S_ISDIR(status.st_mode)) return directory(descriptor.get(), ".", path, 0);
        if (!S_ISREG(status.st_mode)) return Result<void>();
        // Reopened by its descriptor: the file that was looked at, not what has its name by now.
        return regular(AT_FDCWD, fmt::format("/proc/self/fd/{}", descriptor.get()), path, status,
                       true);
    }

private:
    Result<void> directory(int parent, const char* name, const std::string& path, int depth) {
        Descriptor opened(::openat(
            parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
        if (!opened) return is_gone() ? Result<void>() : failure(path);
        if (depth > depth_limit)
            return Error(Errc::invalid,
                         fmt::format("{}: directories deeper than {}", path, depth_limit));
        if (on_directory_) on_directory_(opened.get(), path);
        const int descriptor = ::fcntl(opened.get(), F_DUPFD_CLOEXEC, 0);
        const std::unique_ptr<DIR, CloseDirectory> reader(descriptor < 0 ? nullptr
                                                                         : ::fdopendir(descriptor));
        if (!reader) return failure(path);
        for (;;) {
            errno = 0;
            const dirent* entry = ::readdir(reader.get());
            if (entry == nullptr) return errno == 0 ? Result<void>() : failure(path);
            const std::string_view child(entry->d_name);
            if (child == "." || child == "..") continue;
            const auto taken = entry_of(opened.get(), entry->d_name, path, depth);
            if (!taken) return taken;
        }
    }

    Result<void> entry_of(int parent, const char* name, const std::string& above, int depth) {
        if (++entries_ > entry_limit)
            return Error(Errc::invalid,
                         fmt::format("more than {} files in a code directory", entry_limit));
        const std::string path = above == "/" ? above + name : fmt::format("{}/{}", above, name);
        if (path.size() > path_limit) return Result<void>();
        struct stat status{};
        if (::fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            return is_gone() ? Result<void>() : failure(path);
        if (S_ISDIR(status.st_mode)) return directory(parent, name, path, depth + 1);
        if (S_ISLNK(status.st_mode)) return link(parent, name, path);
        if (S_ISREG(status.st_mode)) return regular(parent, name, path, status, false);
        return Result<void>();    // pipes, sockets and devices are no code
    }

    Result<void> link(int parent, const char* name, const std::string& path) {
        std::array<char, link_limit> target{};
        const ssize_t size = ::readlinkat(parent, name, target.data(), target.size());
        if (size < 0) return is_gone() ? Result<void>() : failure(path);
        FoundFile file;
        file.object_id =
            base::git_blob_id(std::string_view(target.data(), static_cast<std::size_t>(size)));
        file.symlink = true;
        found_.insert_or_assign(path, std::move(file));
        return Result<void>();
    }

    Result<void> regular(int parent, const std::string& name, const std::string& path,
                         const struct stat& status, bool follow) {
        const Look look = look_of(status);
        if (const FoundFile* file = known_.find(path, look)) {
            found_.insert_or_assign(path, FoundFile(*file));
            return Result<void>();
        }
        for (int attempt = 0; attempt < attempts; ++attempt) {
            const auto read = read_once(parent, name, path, follow);
            if (!read) return read.error();
            if (*read) return Result<void>();
        }
        return Error(Errc::unavailable,
                     fmt::format("{} changes while it is read in the container", path));
    }

    // False when it changed meanwhile; true when it was read, or is gone.
    Result<bool> read_once(int parent, const std::string& name, const std::string& path,
                           bool follow) {
        constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
        const int links = follow ? 0 : O_NOFOLLOW;
        Descriptor file(::openat(parent, name.c_str(), flags | links | O_NOATIME));
        // Only the owner may leave the access time alone.
        if (!file && errno == EPERM)
            file = Descriptor(::openat(parent, name.c_str(), flags | links));
        if (!file) {
            if (is_gone()) return true;
            return failure(path);
        }
        struct stat before{};
        if (::fstat(file.get(), &before) != 0) return failure(path);
        if (!S_ISREG(before.st_mode)) return true;
        FoundFile found;
        const auto id = hash(file.get(), before.st_size, path, found.head);
        if (!id) return id.error();
        struct stat after{};
        if (::fstat(file.get(), &after) != 0) return failure(path);
        const Look look = look_of(after);
        if (id->empty() || look != look_of(before)) return false;
        found.object_id = *id;
        found.executable = (after.st_mode & S_IXUSR) != 0;
        found.mtime = after.st_mtim.tv_sec;
        found.size = look.size;
        known_.count_read();
        if (look.changed < settled_before_) known_.keep(path, look, found);
        found_.insert_or_assign(path, std::move(found));
        return true;
    }

    // "" when the file is not as long as it was.
    Result<std::string> hash(int descriptor, off_t size, const std::string& path,
                             std::string& head) {
        const bool keeps_head = path.ends_with(".pyc");
        head.clear();
        base::Hasher hasher(base::HashKind::sha1);
        hasher.update(fmt::format("blob {}", size));
        hasher.update(std::string_view("\0", 1));
        off_t left = size;
        while (left > 0) {
            const ssize_t got = ::read(descriptor, buffer_.data(), buffer_.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return failure(path);
            if (got == 0 || got > left) return std::string();
            const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got));
            hasher.update(bytes);
            if (keeps_head && head.size() < kept_head)
                head += bytes.substr(0, kept_head - head.size());
            left -= got;
        }
        return hasher.hex();
    }

    std::int64_t settled_before_;
    KnownFiles& known_;
    const OnDirectory& on_directory_;
    FoundFiles& found_;
    std::vector<char> buffer_;
    std::size_t entries_ = 0;
};

// The line of a control group that Docker made ends in the container's id, with or without
// "docker-" and ".scope" around it, whichever driver and version.
bool is_of_container(int process, const std::string& container_id) {
    if (container_id.empty()) return false;
    const Descriptor file(::openat(process, "cgroup", O_RDONLY | O_CLOEXEC));
    if (!file) return false;
    const auto text = base::read_descriptor(file.get(), "cgroup");
    return text && text->find(container_id) != std::string::npos;
}

// Nothing once the process has ended, also while nobody has waited for it.
Descriptor root_of(const Descriptor& process) {
    return Descriptor(::openat(process.get(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

// The number behind "PPid:"; 0 = none that can be seen from here.
std::int64_t parent_of(int process) {
    constexpr std::string_view name = "\nPPid:\t";
    const Descriptor file(::openat(process, "status", O_RDONLY | O_CLOEXEC));
    if (!file) return 0;
    const auto text = base::read_descriptor(file.get(), "status");
    const std::size_t at = text ? text->find(name) : std::string::npos;
    return at == std::string::npos ? 0
                                   : std::strtoll(text->c_str() + at + name.size(), nullptr, 10);
}

// A container's root is a mount. A process that changed its root (chroot) sees other paths than the
// engine's.
bool is_mount(const Descriptor& root) {
    struct statx status{};
    return ::statx(root.get(), "", AT_EMPTY_PATH, 0, &status) == 0 &&
           (status.stx_attributes & status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
}

}    // namespace

std::optional<ProcessRoot> ProcessRoot::open(std::int64_t pid, const std::string& container_id) {
    if (pid <= 0) return std::nullopt;
    base::Descriptor process(
        ::open(fmt::format("/proc/{}", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!process || !is_of_container(process.get(), container_id)) return std::nullopt;
    base::Descriptor root = root_of(process);
    if (!root || !is_mount(root)) return std::nullopt;
    return ProcessRoot(std::move(process), std::move(root));
}

std::optional<ProcessRoot> ProcessRoot::open_host(std::int64_t pid,
                                                  const std::string& container_id) {
    const auto container = open(pid, container_id);
    if (!container) return std::nullopt;
    const std::int64_t parent = parent_of(container->process_.get());
    if (parent <= 0) return std::nullopt;
    base::Descriptor process(
        ::open(fmt::format("/proc/{}", parent).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!process) return std::nullopt;
    base::Descriptor root = root_of(process);
    // While the container's process is alive, so is the one that watches over it.
    if (!root || !container->is_alive()) return std::nullopt;
    return ProcessRoot(std::move(process), std::move(root));
}

base::Descriptor ProcessRoot::find(const std::string& path, bool follow) const {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return base::Descriptor(
        static_cast<int>(::syscall(SYS_openat2, root_.get(), path.c_str(), &how, sizeof how)));
}

Look look_of(const struct stat& status) {
    Look look;
    look.device = status.st_dev;
    look.inode = status.st_ino;
    look.size = static_cast<std::uint64_t>(status.st_size);
    look.modified = nanoseconds(status.st_mtim);
    look.changed = nanoseconds(status.st_ctim);
    return look;
}

std::optional<ProcessRoot> ProcessRoot::of_directory(const std::string& path) {
    base::Descriptor process(::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC));
    base::Descriptor root(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!process || !root) return std::nullopt;
    return ProcessRoot(std::move(process), std::move(root));
}

bool ProcessRoot::is_alive() const { return static_cast<bool>(root_of(process_)); }

const FoundFile* KnownFiles::find(const std::string& path, const Look& look) {
    const auto known = files_.find(path);
    if (known == files_.end() || known->second.look != look) return nullptr;
    known->second.scan = scan_;
    return &known->second.file;
}

void KnownFiles::keep(const std::string& path, const Look& look, const FoundFile& file) {
    files_.insert_or_assign(path, Known{look, file, scan_});
}

void KnownFiles::begin() {
    ++scan_;
    read_ = 0;
}

void KnownFiles::finish() {
    std::erase_if(files_, [this](const auto& entry) { return entry.second.scan != scan_; });
}

Result<void> scan_directory(const ProcessRoot& root, const std::string& directory, bool follow,
                            SystemTime now, KnownFiles& known, const OnDirectory& on_directory,
                            FoundFiles& found) {
    const base::Descriptor there = root.find(directory, follow);
    if (!there) {
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return Result<void>();
        return failure(directory);
    }
    return RootScan(now, known, on_directory, found).start(there, directory);
}

}    // namespace trueup::code
