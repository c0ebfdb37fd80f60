// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/own_container.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "controller/base/text.hpp"

namespace trueup::engine {
namespace {

constexpr std::size_t id_digits = 64;
constexpr std::size_t short_id_digits = 12;
constexpr std::string_view digits = "0123456789abcdef";

// The last run of just 64 hexadecimal digits.
std::string last_id(std::string_view text) {
    std::size_t end = text.size();
    while (end > 0) {
        const std::size_t last = text.find_last_of(digits, end - 1);
        if (last == std::string_view::npos) return {};
        const std::size_t before = text.find_last_not_of(digits, last);
        const std::size_t first = before == std::string_view::npos ? 0 : before + 1;
        if (last + 1 - first == id_digits) return std::string(text.substr(first, id_digits));
        end = first;
    }
    return {};
}

void add(std::string id, model::Strings& ids) {
    if (id.empty() || std::find(ids.begin(), ids.end(), id) != ids.end()) return;
    ids.push_back(std::move(id));
}

// A process outside sees the mounts of all containers, but not at these places.
bool is_own_mount(std::string_view place) {
    return place == "/etc/hostname" || place == "/etc/hosts" || place == "/etc/resolv.conf";
}

std::string read_process_file(const char* path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return text;
}

}    // namespace

model::Strings own_container_ids(std::string_view mountinfo, std::string_view cgroup,
                                 std::string_view host_name) {
    constexpr std::size_t root = 3;
    constexpr std::size_t place = 4;
    model::Strings ids;
    for (const std::string_view line : base::split(mountinfo, '\n')) {
        const auto words = base::split(line, ' ');
        if (words.size() > place && is_own_mount(words[place])) add(last_id(words[root]), ids);
    }
    for (const std::string_view line : base::split(cgroup, '\n')) add(last_id(line), ids);
    const bool is_short_id = host_name.size() == short_id_digits &&
                             host_name.find_first_not_of(digits) == std::string_view::npos;
    if (is_short_id) add(std::string(host_name), ids);
    return ids;
}

model::Strings own_container_ids() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) name.front() = '\0';
    return own_container_ids(read_process_file("/proc/self/mountinfo"),
                             read_process_file("/proc/self/cgroup"), name.data());
}

Task<std::optional<model::ObservedContainer>> find_own_container(Engine& engine,
                                                                 model::Strings ids) {
    for (const std::string& id : ids) {
        auto found = co_await engine.inspect_container(id);
        if (!found && found.error().code() != Errc::not_found) co_return found.error();
        const bool ours =
            found && found->id.starts_with(id) && found->state == model::ContainerState::running;
        if (ours) co_return std::optional<model::ObservedContainer>(std::move(*found));
    }
    co_return std::optional<model::ObservedContainer>();
}

std::optional<std::string> path_on_host(const model::ObservedContainer& container,
                                        const std::string& path) {
    std::string longest;
    for (const auto& [destination, mount] : container.mounts) {
        const bool holds = path == destination || path.starts_with(destination + "/");
        if (holds && destination.size() > longest.size()) longest = destination;
    }
    if (longest.empty()) return std::nullopt;
    const model::ObservedMount& mount = container.mounts.at(longest);
    if (mount.kind != model::MountedKind::bind) return std::nullopt;
    return mount.source + path.substr(longest.size());
}

}    // namespace trueup::engine
