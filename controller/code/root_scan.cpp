// SPDX-License-Identifier: Apache-2.0
#include "controller/code/root_scan.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "controller/base/digest.hpp"

namespace trueup::code {
namespace {

using base::Descriptor;

constexpr std::size_t block = 128U << 10U;
constexpr std::size_t link_limit = 4096;
constexpr int depth_limit = 128;
// A change leaves its time with the precision of the kernel's tick, at most 10 ms.
constexpr std::chrono::milliseconds settled{100};
constexpr int attempts = 3;
constexpr off_t longest_file = off_t(4) << 30U;    // of what is not expected

// Packages and repositories: nothing in them counts that is not the commit's.
constexpr std::array<std::string_view, 3> foreign_folders{"/node_modules/", "/.git/",
                                                          "/site-packages/"};

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
    RootScan(SystemTime now, KnownFiles& known, const OnDirectory& on_directory, FoundFiles& found,
             const ScanBounds& bounds)
        : settled_before_(std::chrono::duration_cast<std::chrono::nanoseconds>(
                              (now - settled).time_since_epoch())
                              .count()),
          known_(known),
          on_directory_(on_directory),
          found_(found),
          bounds_(bounds),
          buffer_(block),
          hasher_(base::HashKind::sha1) {}

    // What `descriptor` (O_PATH) is, at `path`.
    Result<void> start(const Descriptor& descriptor, const std::string& path) {
        struct stat status{};
        if (::fstat(descriptor.get(), &status) != 0) return failure(path);
        if (S_ISLNK(status.st_mode)) return link(descriptor.get(), "", path);
        if (S_ISDIR(status.st_mode)) return directory(descriptor.get(), ".", path, 0);
        if (!S_ISREG(status.st_mode)) return Result<void>();
        // Mounted over the directory's, it is another one than the directory tells of.
        if (on_directory_) on_directory_(descriptor.get(), path);
        // Reopened by its descriptor: the file that was looked at, not what has its name by now.
        if (known_.find(path, look_of(status), found_)) return Result<void>();
        const std::string reopened = fmt::format("/proc/self/fd/{}", descriptor.get());
        return regular(AT_FDCWD, reopened.c_str(), path, true);
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
            const auto taken = entry_of(opened.get(), *entry, path, depth);
            if (!taken) return taken;
        }
    }

    Result<void> entry_of(int parent, const dirent& entry, const std::string& above, int depth) {
        const char* const name = entry.d_name;
        if (++entries_ > entry_limit)
            return Error(Errc::invalid,
                         fmt::format("more than {} files in a code directory", entry_limit));
        std::string path = above;
        if (path != "/") path += '/';
        path += name;
        if (path.size() > path_limit) return Result<void>();
        const auto more = may_go_on(path);
        if (!more) return more;
        // A file that is read anyway is looked at then.
        if (entry.d_type == DT_REG && !known_.has(path)) return regular(parent, name, path, false);
        struct stat status{};
        if (::fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            return is_gone() ? Result<void>() : failure(path);
        if (S_ISDIR(status.st_mode))
            return is_left_out(path) ? Result<void>() : directory(parent, name, path, depth + 1);
        if (S_ISLNK(status.st_mode)) return link(parent, name, path);
        if (S_ISREG(status.st_mode)) {
            if (known_.find(path, look_of(status), found_)) return Result<void>();
            return regular(parent, name, path, false);
        }
        return Result<void>();    // pipes, sockets and devices are no code
    }

    Result<void> may_go_on(const std::string& path) const {
        if (bounds_.stop != nullptr && bounds_.stop->load())
            return Error(Errc::cancelled, "cancelled while code was read");
        if (std::chrono::steady_clock::now() < bounds_.until) return Result<void>();
        return Error(
            Errc::unavailable,
            fmt::format("reading the container's code takes too long: not done at {}", path));
    }

    // Byte code beside an expected file counts there too.
    bool is_left_out(const std::string& path) const {
        if (bounds_.expected == nullptr || path.ends_with("/__pycache__")) return false;
        const std::string inside = path + "/";
        const bool foreign = std::any_of(
            foreign_folders.begin(), foreign_folders.end(),
            [&](std::string_view folder) { return inside.find(folder) != std::string::npos; });
        if (!foreign) return false;
        const auto first = bounds_.expected->files.lower_bound(inside);
        return first == bounds_.expected->files.end() || !first->first.starts_with(inside);
    }

    bool is_expected(const std::string& path) const {
        return bounds_.expected == nullptr || bounds_.expected->files.contains(path);
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

    Result<void> regular(int parent, const char* name, const std::string& path, bool follow) {
        if (bounds_.expected != nullptr && !can_count(*bounds_.expected, path))
            return Result<void>();
        for (int attempt = 1; attempt <= attempts; ++attempt) {
            const auto read = read_once(parent, name, path, follow, attempt == attempts);
            if (!read) return read.error();
            if (*read) break;
        }
        return Result<void>();
    }

    // False when it changed meanwhile and this is not the last time; true when it was read, or is gone.
    Result<bool> read_once(int parent, const char* name, const std::string& path, bool follow,
                           bool is_last) {
        constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
        const int links = follow ? 0 : O_NOFOLLOW;
        Descriptor file(::openat(parent, name, flags | links | O_NOATIME));
        // Only the owner may leave the access time alone.
        if (!file && errno == EPERM) file = Descriptor(::openat(parent, name, flags | links));
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
        const bool is_settled = !id->empty() && look == look_of(before);
        if (!is_settled && !is_last) return false;
        found.object_id = *id;
        found.executable = (after.st_mode & S_IXUSR) != 0;
        found.mtime = after.st_mtim.tv_sec;
        found.size = look.size;
        known_.count_read();
        if (is_settled && look.changed < settled_before_) known_.keep(path, look, found);
        found_.insert_or_assign(path, std::move(found));
        return true;
    }

    // "" when the file is not as long as it was, or too long.
    Result<std::string> hash(int descriptor, off_t size, const std::string& path,
                             std::string& head) {
        const bool keeps_head = path.ends_with(".pyc");
        head.clear();
        hasher_.begin();
        hasher_.update(fmt::format("blob {}", size));
        hasher_.update(std::string_view("\0", 1));
        const bool is_too_long = size > longest_file && !is_expected(path);
        off_t left = size;
        while (left > 0) {
            const auto more = may_go_on(path);
            if (!more) return more.error();
            const ssize_t got = ::read(descriptor, buffer_.data(), buffer_.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return failure(path);
            if (got == 0 || got > left) return std::string();
            const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got));
            hasher_.update(bytes);
            if (keeps_head && head.size() < kept_head)
                head += bytes.substr(0, kept_head - head.size());
            left -= got;
            if (is_too_long) return std::string();
        }
        return hasher_.hex();
    }

    std::int64_t settled_before_;
    KnownFiles& known_;
    const OnDirectory& on_directory_;
    FoundFiles& found_;
    const ScanBounds& bounds_;
    std::vector<char> buffer_;
    base::Hasher hasher_;
    std::size_t entries_ = 0;
};

}    // namespace

Look look_of(const struct stat& status) {
    Look look;
    look.device = status.st_dev;
    look.inode = status.st_ino;
    look.size = static_cast<std::uint64_t>(status.st_size);
    look.modified = nanoseconds(status.st_mtim);
    look.changed = nanoseconds(status.st_ctim);
    return look;
}

bool KnownFiles::find(const std::string& path, const Look& look, FoundFiles& found) {
    const auto known = files_.find(path);
    if (known == files_.end() || known->second.look != look) return false;
    known->second.scan = scan_;
    found.insert_or_assign(path, known->second.file);
    return true;
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

bool can_count(const ExpectedCode& expected, const std::string& path) {
    // In __pycache__ too byte code is nothing where a source lies beside it; and an extension module
    // is loaded in place of a source of its name.
    const auto ends = [&path](std::string_view ending) { return path.ends_with(ending); };
    return expected.files.contains(path) || is_source_file(path) || ends(".py") || ends(".pyc") ||
           ends(".so");
}

namespace {

bool is_directory(const Descriptor& descriptor) {
    struct stat status{};
    return descriptor && ::fstat(descriptor.get(), &status) == 0 && S_ISDIR(status.st_mode);
}

// The nearest directory above that is there tells what comes, goes or is replaced at `path`.
void tell_above(const ProcessRoot& root, const std::string& path, const OnDirectory& on_directory) {
    std::string told;
    // It may come while this looks for it.
    for (int attempt = 0; attempt < attempts; ++attempt) {
        std::string above = path;
        Descriptor there;
        while (!is_directory(there) && above != "/") {
            above.resize(std::max<std::size_t>(above.rfind('/'), 1));
            there = root.find(above, true);
        }
        if (!is_directory(there) || above == told) return;
        on_directory(there.get(), above);
        told = above;
    }
}

}    // namespace

Result<void> scan_directory(const ProcessRoot& root, const std::string& directory, bool follow,
                            SystemTime now, KnownFiles& known, const OnDirectory& on_directory,
                            FoundFiles& found, const ScanBounds& bounds) {
    Descriptor there = root.find(directory, follow);
    if (on_directory && !is_directory(there)) {
        tell_above(root, directory, on_directory);
        there = root.find(directory, follow);
    }
    if (!there) {
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return Result<void>();
        return failure(directory);
    }
    return RootScan(now, known, on_directory, found, bounds).start(there, directory);
}

}    // namespace trueup::code
