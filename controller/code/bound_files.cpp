// SPDX-License-Identifier: Apache-2.0
#include "controller/code/bound_files.hpp"

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
#include <optional>

#include "controller/base/digest.hpp"
#include "controller/base/file.hpp"
#include "controller/code/scan.hpp"

namespace trueup::code {
namespace {

using base::Descriptor;

// Of the kernel: nothing there is a file in the sense of this.
constexpr std::array<std::string_view, 3> kernel_trees{"/proc", "/sys", "/dev"};
// Directories in which the machine keeps its own; a service has a folder further down.
constexpr std::array<std::string_view, 9> machine_trees{
    "/run", "/boot", "/bin", "/sbin", "/lib", "/lib64", "/usr", "/var/run", "/var/log"};
constexpr std::array<std::string_view, 8> machine_folders{"/",     "/etc",  "/var", "/var/lib",
                                                          "/home", "/root", "/opt", "/srv"};

constexpr std::array<std::string_view, 22> settings_endings{
    ".conf",  ".cfg",        ".cnf",  ".ini", ".toml",  ".yaml", ".yml", ".json",
    ".json5", ".properties", ".env",  ".xml", ".rules", ".tmpl", ".j2",  ".jinja",
    ".pem",   ".crt",        ".cert", ".key", ".jar",   ".war"};
constexpr std::array<std::string_view, 5> foreign_folders{".git", ".hg", ".svn", "__pycache__",
                                                          "lost+found"};
constexpr std::uint64_t small = 64U << 10U;    // of a file whose name tells nothing: a password
constexpr int depth_limit = 64;
// A change leaves its time with the precision of the kernel's tick, at most 10 ms.
constexpr std::chrono::milliseconds settled{100};

bool is_at_or_below(std::string_view path, std::string_view folder) {
    return path == folder ||
           (path.starts_with(folder) && path.substr(folder.size()).starts_with('/'));
}

template <std::size_t Count>
bool is_in_any(std::string_view path, const std::array<std::string_view, Count>& folders) {
    return std::any_of(folders.begin(), folders.end(),
                       [&](std::string_view folder) { return is_at_or_below(path, folder); });
}

std::string_view parent_of(std::string_view path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == 0 || slash == std::string_view::npos ? "/" : path.substr(0, slash);
}

bool is_machines_directory(std::string_view source) {
    if (is_in_any(source, machine_trees) && !is_at_or_below(source, "/usr/local")) return true;
    return std::find(machine_folders.begin(), machine_folders.end(), source) !=
           machine_folders.end();
}

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

class BoundScan {
public:
    BoundScan(const std::vector<std::string>& targets, SystemTime now, KnownContents& known,
              const OnDirectory& on_directory)
        : targets_(targets),
          settled_before_(std::chrono::duration_cast<std::chrono::nanoseconds>(
                              (now - settled).time_since_epoch())
                              .count()),
          known_(known),
          on_directory_(on_directory) {}

    void mount(const ProcessRoot& host, const BoundPath& bound) {
        const Descriptor source = host.find(bound.source, true);
        struct stat status{};
        if (!source || ::fstat(source.get(), &status) != 0) {
            result_.left_out.push_back(bound.target);
            return;
        }
        entries_ = 0;
        bytes_ = 0;
        problem_.clear();
        found_.clear();
        if (S_ISREG(status.st_mode)) {
            single(host, bound, source.get());
        } else if (S_ISDIR(status.st_mode) && !is_machines_directory(bound.source)) {
            directory(source.get(), ".", bound.target, 0);
        }
        if (problem_.empty()) return result_.files.merge(found_);
        result_.left_out.push_back(bound.target);
        result_.unseen +=
            fmt::format("{}{}: {}", result_.unseen.empty() ? "" : "; ", bound.target, problem_);
    }

    BoundFiles finish() {
        known_ = std::move(next_);
        return std::move(result_);
    }

private:
    // Straight in /etc lies what the machine keeps itself: localtime, hosts, resolv.conf.
    void single(const ProcessRoot& host, const BoundPath& bound, int source) {
        if (parent_of(bound.source) == "/etc") return;
        const Descriptor folder = host.find(std::string(parent_of(bound.source)), true);
        if (folder && on_directory_) on_directory_(folder.get(), bound.target);
        // Reopened by its descriptor: the file that was looked at, not what has its name by now.
        regular(AT_FDCWD, fmt::format("/proc/self/fd/{}", source), bound.target);
    }

    void directory(int parent, const char* name, const std::string& path, int depth) {
        const Descriptor opened(
            ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        struct stat status{};
        if (!opened || ::fstat(opened.get(), &status) != 0) return fail();
        result_.moved = std::max(result_.moved, look_of(status).modified);
        if (on_directory_) on_directory_(opened.get(), path);
        const int copy = ::fcntl(opened.get(), F_DUPFD_CLOEXEC, 0);
        const std::unique_ptr<DIR, CloseDirectory> reader(copy < 0 ? nullptr : ::fdopendir(copy));
        if (!reader) return fail();
        while (problem_.empty()) {
            errno = 0;
            const dirent* entry = ::readdir(reader.get());
            if (entry == nullptr) break;
            const std::string_view child(entry->d_name);
            if (child == "." || child == "..") continue;
            if (++entries_ > bound_file_limit) {
                problem_ = fmt::format("more than {} files", bound_file_limit);
                return;
            }
            taken(opened.get(), entry->d_name,
                  path == "/" ? "/" + std::string(child) : fmt::format("{}/{}", path, child),
                  depth);
        }
    }

    void taken(int parent, const char* name, const std::string& path, int depth) {
        if (path.size() > path_limit) return;
        struct stat status{};
        if (::fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return fail();
        const bool hidden = std::find(targets_.begin(), targets_.end(), path) != targets_.end();
        if (hidden) return;
        if (S_ISDIR(status.st_mode)) {
            const bool foreign = std::find(foreign_folders.begin(), foreign_folders.end(),
                                           std::string_view(name)) != foreign_folders.end();
            if (!foreign && depth < depth_limit) directory(parent, name, path, depth + 1);
        } else if (counts_in_directory(name, static_cast<std::uint64_t>(status.st_size))) {
            if (S_ISLNK(status.st_mode)) link(parent, name, path, status);
            if (S_ISREG(status.st_mode)) regular(parent, name, path);
        }
    }

    void link(int parent, const char* name, const std::string& path, const struct stat& status) {
        std::array<char, path_limit> target{};
        const ssize_t size = ::readlinkat(parent, name, target.data(), target.size());
        if (size < 0) return fail();
        const std::string_view text(target.data(), static_cast<std::size_t>(size));
        keep(path, look_of(status), base::git_blob_id(text));
    }

    // Looked at twice, so that the times are those of what was read.
    void regular(int parent, const std::string& name, const std::string& path) {
        const int links = parent == AT_FDCWD ? 0 : O_NOFOLLOW;
        const Descriptor file(
            ::openat(parent, name.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | links));
        if (!file) return fail();
        struct stat status{};
        if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
        const Look look = look_of(status);
        const auto known = known_.find(path);
        if (known != known_.end() && known->second.first == look)
            return keep(path, look, known->second.second);
        if (look.size > bound_read_limit)
            return keep(path, look, fmt::format("{} {} {}", look.size, look.modified, look.inode));
        bytes_ += look.size;
        if (bytes_ > bound_byte_limit) {
            problem_ = fmt::format("more than {} MiB that count", bound_byte_limit >> 20U);
            return;
        }
        const auto content = base::read_descriptor(file.get(), path, bound_read_limit);
        // It grows while it is read.
        if (!content) {
            result_.changing = true;
            return;
        }
        keep(path, look, base::git_blob_id(*content));
    }

    void keep(const std::string& path, const Look& look, std::string content) {
        BoundFile& file = found_[path];
        file.content = content;
        file.changed = look.changed;
        file.modified = look.modified;
        if (look.changed < settled_before_) next_.insert_or_assign(path, std::pair(look, content));
    }

    // What is gone by now is no problem, but a reason to look again.
    void fail() {
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ESRCH)
            result_.changing = true;
        else if (problem_.empty())
            problem_ = std::strerror(errno);
    }

    const std::vector<std::string>& targets_;
    std::int64_t settled_before_;
    KnownContents& known_;
    KnownContents next_;
    const OnDirectory& on_directory_;
    BoundFiles result_;
    // of one mount
    std::map<std::string, BoundFile> found_;
    std::string problem_;
    std::size_t entries_ = 0;
    std::size_t bytes_ = 0;
};

}    // namespace

std::vector<BoundPath> bound_paths(const model::ObservedContainer& container,
                                   const std::string& bind_root) {
    std::vector<BoundPath> bounds;
    for (const auto& [target, mount] : container.mounts) {
        if (mount.kind != model::MountedKind::bind || mount.writable) continue;
        const std::string& source = mount.source;
        const bool ours = !bind_root.empty() && is_at_or_below(source, bind_root);
        if (ours || source.ends_with(".sock") || is_in_any(source, kernel_trees)) continue;
        bounds.push_back({source, target});
    }
    return bounds;
}

bool counts_in_directory(std::string_view name, std::uint64_t size) {
    // Of an editor: locks and copies.
    if (name.starts_with(".#") || name.ends_with('~')) return false;
    const std::size_t dot = name.find_last_of('.');
    // ".env" has no ending, and is known by its name.
    if (dot == std::string_view::npos) return size <= small;
    const auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
    return is_source_file(name) ||
           std::any_of(settings_endings.begin(), settings_endings.end(), ends);
}

BoundFiles scan_bounds(const ProcessRoot& host, const std::vector<BoundPath>& bounds,
                       const std::vector<std::string>& targets, SystemTime now,
                       KnownContents& known, const OnDirectory& on_directory) {
    BoundScan scan(targets, now, known, on_directory);
    for (const BoundPath& bound : bounds) scan.mount(host, bound);
    return scan.finish();
}

}    // namespace trueup::code
