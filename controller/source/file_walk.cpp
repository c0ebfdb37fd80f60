// SPDX-License-Identifier: Apache-2.0
#include "controller/source/file_walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>
#include <system_error>

namespace trueup::source {
namespace {

constexpr std::size_t most_entries = 200'000;    // of any kind, looked at

std::string reason(int number) { return std::generic_category().message(number); }

Errc category(int number) {
    if (number == EACCES || number == EPERM) return Errc::denied;
    if (number == ENOENT || number == ENOTDIR) return Errc::not_found;
    return Errc::unavailable;
}

Error system_error(const std::string& path, int number) {
    if (number == ENOENT) return Error(Errc::not_found, fmt::format("{} does not exist", path));
    return Error(category(number), fmt::format("{} cannot be read: {}", path, reason(number)));
}

std::int64_t nanoseconds(const timespec& time) {
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

FileStamp stamp_of(const std::string& path, const struct stat& status) {
    FileStamp stamp;
    stamp.path = path;
    stamp.device = status.st_dev;
    stamp.inode = status.st_ino;
    stamp.size = static_cast<std::uint64_t>(status.st_size);
    stamp.changed = std::max(nanoseconds(status.st_mtim), nanoseconds(status.st_ctim));
    return stamp;
}

class Walker {
public:
    FileWalk run(const std::string& root);

private:
    struct Closer {
        void operator()(DIR* folder) const { ::closedir(folder); }
    };
    Result<void> visit_directory(const std::string& path, std::size_t depth);
    Result<void> visit(const std::string& path, const std::string& name, std::size_t depth);
    Result<std::vector<std::string>> names_of(const std::string& path);
    void add_file(const std::string& path, const struct stat& status);
    void refuse(const std::string& path, std::string message, std::string advice);

    FileWalk walk_;
    std::size_t entries_ = 0;
    std::set<std::pair<dev_t, ino_t>> above_;    // directories that are being visited
};

void Walker::refuse(const std::string& path, std::string message, std::string advice) {
    walk_.unreadable.push_back(
        Problem{Position{path, 0, 0}, std::move(message), std::move(advice)});
}

void Walker::add_file(const std::string& path, const struct stat& status) {
    if (S_ISREG(status.st_mode)) {
        walk_.files.push_back(stamp_of(path, status));
    } else {
        refuse(path, "not a regular file", "replace it with a file, or give it another name");
    }
}

Result<std::vector<std::string>> Walker::names_of(const std::string& path) {
    const std::unique_ptr<DIR, Closer> folder(::opendir(path.c_str()));
    if (!folder) return system_error(path, errno);
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(folder.get());
        if (entry == nullptr) break;
        if (++entries_ > most_entries) {
            return Error(
                Errc::invalid,
                fmt::format("more than {} files and directories below {}; is it the right one?",
                            most_entries, path));
        }
        if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    if (errno != 0) return system_error(path, errno);
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> Walker::visit(const std::string& path, const std::string& name, std::size_t depth) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        // It went away since the directory was listed; whoever reads twice sees that.
        return errno == ENOENT ? Result<void>() : system_error(path, errno);
    }
    const bool link = S_ISLNK(status.st_mode);
    if (link && ::stat(path.c_str(), &status) != 0) {
        walk_.links.push_back(path);
        if (is_stack_file_name(name))
            refuse(path, fmt::format("a symlink that leads nowhere: {}", reason(errno)), "");
        return Result<void>();
    }
    if (S_ISDIR(status.st_mode)) {
        if (link) walk_.links.push_back(path);
        return visit_directory(path, depth + 1);
    }
    if (!is_stack_file_name(name)) return Result<void>();
    if (link) walk_.links.push_back(path);
    add_file(path, status);
    if (walk_.files.size() <= most_desired_files) return Result<void>();
    return Error(Errc::invalid,
                 fmt::format("more than {} files; is it the right directory?", most_desired_files));
}

Result<void> Walker::visit_directory(const std::string& path, std::size_t depth) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        return errno == ENOENT && depth > 0 ? Result<void>() : system_error(path, errno);
    }
    const auto key = std::make_pair(status.st_dev, status.st_ino);
    if (depth > deepest_directory || !above_.insert(key).second) {
        return Error(Errc::invalid,
                     depth > deepest_directory
                         ? fmt::format("{} is nested more than {} deep", path, deepest_directory)
                         : fmt::format("{} is a symlink to a directory above it", path));
    }
    walk_.directories.push_back(path);
    const auto names = names_of(path);
    if (!names) return names.error();
    for (const std::string& name : *names) {
        const std::string child =
            path.ends_with('/') ? path + name : fmt::format("{}/{}", path, name);
        if (const auto visited = visit(child, name, depth); !visited) return visited.error();
    }
    above_.erase(key);
    return Result<void>();
}

FileWalk Walker::run(const std::string& root) {
    struct stat status{};
    if (::stat(root.c_str(), &status) != 0) {
        walk_.failure = system_error(root, errno);
    } else if (!S_ISDIR(status.st_mode)) {
        add_file(root, status);
    } else if (const auto visited = visit_directory(root, 0); !visited) {
        walk_.failure = visited.error();
    }
    return std::move(walk_);
}

// O_NONBLOCK: a pipe that was put in the file's place must not block.
Result<std::string> read_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) return system_error(path, errno);
    std::string content;
    std::array<char, 65'536> buffer{};
    ssize_t count = 0;
    int failed = 0;
    while (content.size() <= largest_desired_file) {
        count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        content.append(buffer.data(), static_cast<std::size_t>(count));
    }
    if (count < 0) failed = errno;
    ::close(descriptor);
    if (failed != 0) return system_error(path, failed);
    if (content.size() > largest_desired_file) {
        return Error(Errc::invalid, fmt::format("longer than {} bytes", largest_desired_file));
    }
    return content;
}

std::string directory_of(const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal().parent_path().string();
}

}    // namespace

bool is_stack_file_name(std::string_view name) {
    return !name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml"));
}

FileWalk walk_files(const std::string& root) { return Walker().run(root); }

Result<DesiredSnapshot> read_files(const FileWalk& walk) {
    if (walk.failure) return *walk.failure;
    DesiredSnapshot snapshot;
    snapshot.unreadable = walk.unreadable;
    std::size_t total = 0;
    for (const FileStamp& stamp : walk.files) {
        auto content = read_file(stamp.path);
        if (!content) {
            const bool too_long = content.error().code() == Errc::invalid;
            snapshot.unreadable.push_back(Problem{Position{stamp.path, 0, 0},
                                                  content.error().message(),
                                                  too_long ? "split it into several files" : ""});
            continue;
        }
        total += content->size();
        if (total > most_desired_bytes) {
            return Error(Errc::invalid, fmt::format("the files have more than {} bytes together",
                                                    most_desired_bytes));
        }
        snapshot.files.push_back(
            DesiredFile{stamp.path, directory_of(stamp.path), std::move(*content)});
    }
    return snapshot;
}

}    // namespace trueup::source
