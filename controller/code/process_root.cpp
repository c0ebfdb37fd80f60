// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "controller/base/file.hpp"
#include "controller/base/text.hpp"
#include "controller/code/root_scan.hpp"

namespace trueup::code {
namespace {

using base::Descriptor;

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

constexpr std::size_t most_processes = 32;

// Of the process behind the descriptor of its /proc directory; "" = it ended, or it is the kernel's.
std::string program_of(int process) {
    std::array<char, 4096> target{};
    const ssize_t size = ::readlinkat(process, "exe", target.data(), target.size());
    return size <= 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(size));
}

std::vector<std::string> children_of(int process) {
    std::vector<std::string> children;
    // Its first thread is called like the process.
    const Descriptor stat(::openat(process, "stat", O_RDONLY | O_CLOEXEC));
    if (!stat) return children;
    const auto text = base::read_descriptor(stat.get(), "stat");
    if (!text) return children;
    const std::string path = fmt::format("task/{}/children", text->substr(0, text->find(' ')));
    const Descriptor file(::openat(process, path.c_str(), O_RDONLY | O_CLOEXEC));
    const auto list =
        file ? base::read_descriptor(file.get(), "children") : Result<std::string>("");
    if (!list) return children;
    for (const std::string_view id : base::split(*list, ' ')) {
        if (!id.empty()) children.emplace_back(id);
    }
    return children;
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

std::optional<ProcessRoot> ProcessRoot::of_directory(const std::string& path) {
    base::Descriptor process(::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC));
    base::Descriptor root(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!process || !root) return std::nullopt;
    return ProcessRoot(std::move(process), std::move(root));
}

std::vector<std::string> ProcessRoot::programs() const {
    std::vector<std::string> found{program_of(process_.get())};
    std::vector<std::string> next = children_of(process_.get());
    for (std::size_t at = 0; at < next.size() && at < most_processes; ++at) {
        const Descriptor process(
            ::open(("/proc/" + next[at]).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!process) continue;
        found.push_back(program_of(process.get()));
        for (std::string& child : children_of(process.get())) next.push_back(std::move(child));
    }
    std::erase(found, std::string());
    return found;
}

bool ProcessRoot::is_alive() const { return static_cast<bool>(root_of(process_)); }

}    // namespace trueup::code
