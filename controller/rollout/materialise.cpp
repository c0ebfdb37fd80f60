// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/materialise.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "controller/rollout/limits.hpp"

namespace trueup::rollout {
namespace {

namespace fs = std::filesystem;
using model::EntryKind;
using model::TreeEntry;

constexpr ::mode_t file_mode = 0444;
constexpr ::mode_t executable_mode = 0555;

Error system_error(std::string_view doing, const fs::path& path, int code) {
    const Errc category =
        code == EACCES || code == EPERM || code == EROFS ? Errc::denied : Errc::unavailable;
    return Error(category,
                 fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(code)));
}

class Writer {
public:
    explicit Writer(const model::Tree& tree) : tree_(tree) {}

    Result<void> write(const std::string& source, const TreeEntry& entry, const fs::path& target) {
        switch (entry.kind) {
            case EntryKind::directory: return write_directory(source, target);
            case EntryKind::symlink: return write_symlink(source, target);
            case EntryKind::submodule:
                return Error(
                    Errc::invalid,
                    fmt::format("{} is a submodule: its files are not in the commit", source));
            case EntryKind::file: return write_file(source, target, file_mode);
            case EntryKind::executable: return write_file(source, target, executable_mode);
        }
        return Error(Errc::internal, "unknown kind of tree entry");
    }

private:
    Result<void> write_directory(const std::string& source, const fs::path& target) {
        std::error_code code;
        fs::create_directory(target, code);
        if (code) return system_error("create", target, code.value());
        auto entries = tree_.list(source);
        if (!entries) return entries.error();
        for (const TreeEntry& entry : *entries) {
            if (entry.name.empty() || entry.name == "." || entry.name == ".." ||
                entry.name.find('/') != std::string::npos) {
                return Error(Errc::invalid,
                             fmt::format("{} holds an entry with an impossible name", source));
            }
            auto written = write(source.empty() ? entry.name : source + "/" + entry.name, entry,
                                 target / entry.name);
            if (!written) return written;
        }
        return set_mode(target, executable_mode);
    }

    Result<void> write_symlink(const std::string& source, const fs::path& target) {
        auto content = read(source);
        if (!content) return content.error();
        std::error_code code;
        fs::create_symlink(*content, target, code);
        if (code) return system_error("create", target, code.value());
        return {};
    }

    Result<void> write_file(const std::string& source, const fs::path& target, ::mode_t mode) {
        auto content = read(source);
        if (!content) return content.error();
        std::ofstream stream(target, std::ios::binary | std::ios::trunc);
        stream.write(content->data(), static_cast<std::streamsize>(content->size()));
        stream.close();
        if (!stream) return system_error("write", target, errno);
        return set_mode(target, mode);
    }

    static Result<void> set_mode(const fs::path& target, ::mode_t mode) {
        if (::chmod(target.c_str(), mode) != 0)
            return system_error("set the mode of", target, errno);
        return {};
    }

    Result<std::string> read(const std::string& source) {
        auto content = tree_.read(source, bind_bytes - written_);
        if (!content && content.error().code() == Errc::invalid)
            return content.error().in(
                fmt::format("a bind may have {} GiB with all its files", bind_bytes >> 30U));
        if (content) written_ += content->size();
        return content;
    }

    const model::Tree& tree_;
    std::size_t written_ = 0;
};

// Directories are read-only: they must be writable again before they can be emptied.
void discard(const fs::path& path) {
    std::error_code code;
    if (fs::is_directory(fs::symlink_status(path, code))) {
        fs::permissions(path, fs::perms::owner_all, code);
        for (const auto& entry : fs::directory_iterator(path, code)) discard(entry.path());
    }
    fs::remove(path, code);
}

fs::path temporary_name(const fs::path& root, const std::string& content_id) {
    static std::atomic<unsigned> count = 0;
    return root / fmt::format(".{}.{}.{}", content_id, ::getpid(), ++count);
}

}    // namespace

Result<void> materialise(const model::Tree& tree, const model::Mount& mount,
                         const std::string& bind_root) {
    const fs::path root = bind_root;
    const fs::path target = root / mount.content_id;
    std::error_code code;
    if (fs::exists(fs::symlink_status(target, code))) return {};
    fs::create_directories(root, code);
    if (code) return system_error("create", root, code.value());

    auto entry = tree.stat(mount.source);
    if (!entry) return entry.error();
    // The engine would follow it on its host, to wherever the commit says.
    if (entry->kind == EntryKind::symlink) {
        return Error(Errc::invalid,
                     fmt::format("{} is a symbolic link: bind what it points to", mount.source));
    }
    if (entry->object_id != mount.content_id) {
        return Error(Errc::internal, fmt::format("{} is {} in the commit, not {}", mount.source,
                                                 entry->object_id, mount.content_id));
    }
    const fs::path temporary = temporary_name(root, mount.content_id);
    auto written = Writer(tree).write(mount.source, *entry, temporary);
    if (written) {
        fs::rename(temporary, target, code);
        // Somebody was faster: the same content.
        if (!code || fs::exists(fs::symlink_status(target))) code.clear();
        if (code) written = system_error("rename to", target, code.value());
    }
    discard(temporary);
    return written;
}

}    // namespace trueup::rollout
