// SPDX-License-Identifier: Apache-2.0
// What the request sets must be there; what it does not set must be what an engine fills in.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <algorithm>
#include <map>
#include <vector>

#include "controller/render/compare_parts.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;

// Compared by functions of their own, or left to the engine's configuration where the request does
// not set them.
bool has_own_rule(std::string_view key) {
    constexpr std::string_view keys[] = {
        "Binds", "Mounts",          "NetworkMode", "PortBindings", "RestartPolicy",
        "Tmpfs", "ContainerIDFile", "ConsoleSize", "VolumeDriver", "Cgroup"};
    return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

bool is_left_to_engine(std::string_view key) {
    constexpr std::string_view keys[] = {"LogConfig",     "Runtime",      "MaskedPaths",
                                         "ReadonlyPaths", "CgroupnsMode", "Isolation"};
    return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

// The engine adds it to the options of a container that is privileged or shares a namespace of the host.
constexpr std::string_view engine_option = "label=disable";

// Lists of the host configuration are sets, but for the order in which names are resolved.
json::value in_order(std::string_view key, const json::value& value) {
    if (!value.is_array() || key == "Dns" || key == "DnsSearch") return value;
    std::vector<std::string> texts;
    for (const json::value& each : value.get_array()) {
        std::string text = each.is_string() ? text_of(each) : json::serialize(each);
        if (key == "SecurityOpt" && text == engine_option) continue;
        if (key == "CapAdd" || key == "CapDrop")
            text = text.starts_with("CAP_") ? text.substr(4) : text;
        texts.push_back(std::move(text));
    }
    std::sort(texts.begin(), texts.end());
    return json::value_from(texts);
}

bool is_engine_default(std::string_view key, const json::value& found, const json::object& host) {
    if (is_nothing(found) || is_left_to_engine(key)) return true;
    constexpr std::int64_t shm = 64 << 20U;
    if (key == "ShmSize") return is_same(found, json::value(shm));
    if (key == "IpcMode") return text_of(found) == "private" || text_of(found) == "shareable";
    if (key == "MemorySwappiness" || key == "PidsLimit") return is_same(found, json::value(-1));
    if (key == "MemorySwap")
        return number_of(found) / 2 == number_of(member(host, "Memory")) && number_of(found) > 0;
    if (key == "SecurityOpt") return is_same(in_order(key, found), json::array());
    return false;
}

struct Word {
    std::string_view key;
    std::string_view name;
};
// Where the compose file's word is not the engine's in small letters with "_" between.
constexpr Word words[] = {
    {"AutoRemove", "automatic removal"},
    {"BlkioWeight", "blkio_config"},
    {"CgroupnsMode", "cgroup"},
    {"CpuRealtimePeriod", "cpu_rt_period"},
    {"CpuRealtimeRuntime", "cpu_rt_runtime"},
    {"CpusetCpus", "cpuset"},
    {"DeviceRequests", "gpus"},
    {"DnsOptions", "dns_opt"},
    {"IpcMode", "ipc"},
    {"LogConfig", "logging"},
    {"Memory", "mem_limit"},
    {"MemoryReservation", "mem_reservation"},
    {"MemorySwap", "memswap_limit"},
    {"MemorySwappiness", "mem_swappiness"},
    {"NanoCpus", "cpus"},
    {"PidMode", "pid"},
    {"PidsLimit", "pids_limit"},
    {"ReadonlyRootfs", "read_only"},
    {"UTSMode", "uts"},
    {"UsernsMode", "userns_mode"},
};

std::string name_of(std::string_view key) {
    for (const Word& word : words) {
        if (word.key == key) return std::string(word.name);
    }
    std::string name;
    for (const char letter : key) {
        const bool upper = letter >= 'A' && letter <= 'Z';
        if (upper && !name.empty()) name += '_';
        name += upper ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return name;
}

// "80/tcp" -> "127.0.0.1 8080", sorted; an address that means all is none.
std::map<std::string, std::vector<std::string>> bindings(const json::object& host) {
    std::map<std::string, std::vector<std::string>> all;
    for (const auto& port : object_at(host, "PortBindings")) {
        std::vector<std::string>& list = all[std::string(port.key())];
        if (!port.value().is_array()) continue;
        for (const json::value& each : port.value().get_array()) {
            if (!each.is_object()) continue;
            std::string address = text_at(each.get_object(), "HostIp");
            if (address == "0.0.0.0") address.clear();
            list.push_back(fmt::format("{} {}", address, text_at(each.get_object(), "HostPort")));
        }
        std::sort(list.begin(), list.end());
    }
    return all;
}

std::string restart_policy(const json::object& host) {
    const json::object& policy = object_at(host, "RestartPolicy");
    const std::string name = text_at(policy, "Name");
    const auto count = name == "on-failure" ? number_of(member(policy, "MaximumRetryCount")) : 0;
    return fmt::format("{} {}", name.empty() ? "no" : name, count);
}

}    // namespace

void compare_host(const WantedContainer& wanted, const json::object& inspect, Names& names) {
    const json::object& host = object_at(wanted.body, "HostConfig");
    const json::object& found = object_at(inspect, "HostConfig");
    if (bindings(host) != bindings(found)) names.insert("ports");
    if (restart_policy(host) != restart_policy(found)) names.insert("restart");
    for (const auto& each : host) {
        if (has_own_rule(each.key()) || is_nothing(each.value())) continue;
        if (!is_same(in_order(each.key(), each.value()),
                     in_order(each.key(), member(found, each.key()))))
            names.insert(name_of(each.key()));
    }
    for (const auto& each : found) {
        const bool set = !is_nothing(member(host, each.key()));
        if (!set && !has_own_rule(each.key()) &&
            !is_engine_default(each.key(), each.value(), found))
            names.insert(name_of(each.key()));
    }
}

}    // namespace trueup::render
