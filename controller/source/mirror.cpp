// SPDX-License-Identifier: Apache-2.0
// libgit2 writes packs to temporary files and renames them, and references are published by one
// rename after that, so a fetch that was killed leaves whole objects, lock files and temporary
// packs. Whoever holds the lock knows that nobody else writes, so every such file is a leftover.
// Nothing is synced to disk: what a power cut damages is found when it is read, and fetched anew.
#include "controller/source/mirror.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "api/v1alpha1/git_url.hpp"
#include "controller/base/digest.hpp"

namespace trueup::source {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view damage_mark = "trueup-damaged";
constexpr std::string_view prepared_name = "new";

Error disk_error(std::string_view doing, const std::string& path, const std::error_code& code) {
    const bool denied =
        code == std::errc::permission_denied || code == std::errc::read_only_file_system;
    return Error(denied ? Errc::denied : Errc::unavailable,
                 fmt::format("{} {}: {}", doing, path, code.message()));
}

std::error_code last_error() { return std::error_code(errno, std::generic_category()); }

// The generation that a name stands for; 0 for other names.
unsigned generation_of(const std::string& name) {
    unsigned number = 0;
    if (!name.starts_with('g') || name.size() < 2 || name[1] == '0') return 0;
    const auto end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + 1, end, number);
    return parsed.ec == std::errc() && parsed.ptr == end ? number : 0;
}

unsigned current_generation(const std::string& folder) {
    unsigned highest = 0;
    std::error_code code;
    for (fs::directory_iterator entry(folder, code); !code && entry != fs::directory_iterator();
         entry.increment(code)) {
        highest = std::max(highest, generation_of(entry->path().filename().string()));
    }
    return highest;
}

bool is_leftover(const fs::path& path) {
    const std::string name = path.filename().string();
    if (path.extension() == ".lock") return true;
    const std::string parent = path.parent_path().filename().string();
    return (parent == "pack" && path.extension() != ".pack" && path.extension() != ".idx") ||
           name.starts_with("tmp_obj");
}

// Errors do not matter here: what stays is met again, by name, where it hurts.
void remove_leftovers(const fs::path& mirror) {
    std::error_code code;
    fs::recursive_directory_iterator file(mirror, fs::directory_options::skip_permission_denied,
                                          code);
    for (; !code && file != fs::recursive_directory_iterator(); file.increment(code)) {
        std::error_code ignored;
        if (file->is_regular_file(ignored) && is_leftover(file->path()))
            fs::remove(file->path(), ignored);
    }
}

std::string readable(std::string_view url) {
    std::string name;
    const std::size_t mark = url.find("://");
    for (const char byte : mark == url.npos ? url : url.substr(mark + 3)) {
        const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9') || byte == '.' || byte == '_';
        if (plain && !(name.empty() && byte == '.')) {
            name += byte;
        } else if (!name.empty() && name.back() != '-') {
            name += '-';
        }
    }
    constexpr std::size_t longest = 60;
    if (name.size() > longest) name.erase(0, name.size() - longest);
    // Neither hidden nor "..".
    return name.substr(std::min(name.find_first_not_of(".-"), name.size()));
}

}    // namespace

std::string mirror_folder(const std::string& cache_directory, const std::string& url,
                          const std::string& credential_name) {
    const std::string name = readable(v1alpha1::redact_git_url(url));
    // No url has a line break in it.
    const std::string key = credential_name.empty() ? url : url + '\n' + credential_name;
    return fmt::format("{}/{}-{}", cache_directory, name.empty() ? "repository" : name,
                       base::sha256_hex(key).substr(0, 16));
}

std::optional<std::string> current_mirror(const std::string& folder) {
    const unsigned generation = current_generation(folder);
    if (generation == 0) return std::nullopt;
    return fmt::format("{}/g{}", folder, generation);
}

void mark_damaged(const std::string& mirror) {
    const std::string path = fmt::format("{}/{}", mirror, damage_mark);
    const int descriptor = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor >= 0) ::close(descriptor);
}

bool is_damaged(const std::string& mirror) {
    return ::access(fmt::format("{}/{}", mirror, damage_mark).c_str(), F_OK) == 0;
}

Result<std::string> mirrored_branch(const std::string& mirror, const std::string& branch) {
    libgit::init();
    const auto repository = libgit::open_repository(mirror);
    if (!repository) return repository.error();
    git_oid id;
    const std::string name = std::string(heads_prefix) + branch;
    if (git_reference_name_to_id(&id, repository->get(), name.c_str()) != 0) {
        return Error(Errc::not_found, fmt::format("no branch '{}' in the mirror", branch));
    }
    return libgit::to_hex(id);
}

Result<MirrorLock> MirrorLock::acquire(const std::string& folder) {
    std::error_code code;
    fs::create_directories(folder, code);
    if (code) return disk_error("create the cache directory", folder, code);
    // A private repository's mirror is nobody else's business, whatever the umask says.
    fs::permissions(folder, fs::perms::owner_all, code);
    if (code) return disk_error("protect", folder, code);
    const std::string path = folder + "/lock";
    const int descriptor = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) return disk_error("open", path, last_error());
    MirrorLock lock(folder, descriptor);
    while (::flock(descriptor, LOCK_EX) != 0) {
        if (errno != EINTR) return disk_error("lock", path, last_error());
    }
    lock.sweep();
    return lock;
}

MirrorLock::MirrorLock(MirrorLock&& other) noexcept
    : folder_(std::move(other.folder_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

MirrorLock::~MirrorLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void MirrorLock::sweep() const {
    const unsigned current = current_generation(folder_);
    std::error_code code;
    std::vector<fs::path> stale;
    for (fs::directory_iterator entry(folder_, code); !code && entry != fs::directory_iterator();
         entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        const unsigned generation = generation_of(name);
        if (name == prepared_name || (generation != 0 && generation != current))
            stale.push_back(entry->path());
    }
    for (const fs::path& path : stale) fs::remove_all(path, code);
    if (current != 0) remove_leftovers(fmt::format("{}/g{}", folder_, current));
}

Result<std::string> MirrorLock::prepare() const {
    std::error_code code;
    const std::string path = fmt::format("{}/{}", folder_, prepared_name);
    fs::remove_all(path, code);
    git_repository* made = nullptr;
    if (git_repository_init(&made, path.c_str(), 1) != 0) {
        return Error(Errc::unavailable,
                     fmt::format("create a mirror in {}: {}", folder_, libgit::last_message()));
    }
    git_repository_free(made);
    return path;
}

Result<std::string> MirrorLock::adopt() const {
    const unsigned old = current_generation(folder_);
    std::string path = fmt::format("{}/g{}", folder_, old + 1);
    std::error_code code;
    fs::rename(fmt::format("{}/{}", folder_, prepared_name), path, code);
    if (code) return disk_error("create the mirror", path, code);
    // Readers keep the files that they have open.
    if (old != 0) fs::remove_all(fmt::format("{}/g{}", folder_, old), code);
    return path;
}

Result<void> publish_refs(const std::string& mirror, std::vector<MirrorRef> refs) {
    std::sort(refs.begin(), refs.end(),
              [](const MirrorRef& left, const MirrorRef& right) { return left.name < right.name; });
    const std::string path = mirror + "/packed-refs";
    const std::string fresh = path + ".lock";
    {
        std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
        for (const MirrorRef& ref : refs) file << ref.id << ' ' << ref.name << '\n';
        file.flush();
        if (!file)
            return Error(Errc::unavailable,
                         fmt::format("write {}: the disk is full or read-only", fresh));
    }
    std::error_code code;
    fs::rename(fresh, path, code);
    if (code) return disk_error("write", path, code);
    return Result<void>();
}

}    // namespace trueup::source
