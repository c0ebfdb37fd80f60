// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/seat_holder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iterator>

#include "controller/base/text.hpp"
#include "controller/engine/json_read.hpp"

namespace trueup::engine {

namespace json = boost::json;

namespace {

constexpr std::string_view label = "dev.trueup.seat";
constexpr std::uint32_t beat_mask = 0x7fff'ffffU;

// The labels after the first, each named by what it holds.
struct Field {
    std::string_view name;
    std::string SeatHolder::* member;
};
constexpr std::array<Field, 9> fields{{{"instance", &SeatHolder::instance},
                                       {"kind", &SeatHolder::kind},
                                       {"host", &SeatHolder::host},
                                       {"pid", &SeatHolder::pid},
                                       {"since", &SeatHolder::since},
                                       {"boot", &SeatHolder::boot_id},
                                       {"pid-namespace", &SeatHolder::pid_namespace},
                                       {"process-start", &SeatHolder::process_start},
                                       {"container", &SeatHolder::container}}};

std::string label_of(const Field& field) { return fmt::format("{}.{}", label, field.name); }

// Files of /proc have no size to ask for.
std::string read_process_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return text;
}

std::string link_target(const char* path) {
    std::array<char, 128> target{};
    const ssize_t size = ::readlink(path, target.data(), target.size());
    return size <= 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(size));
}

// proc(5): field 22 of stat; the second one, a name in parentheses, may hold anything.
std::string start_of(const std::string& pid) {
    const std::string stat = read_process_file("/proc/" + pid + "/stat");
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) return {};
    const auto words = base::split(std::string_view(stat).substr(name_end + 1), ' ');
    constexpr std::size_t start = 20;    // after the name and the space behind it
    return words.size() > start ? std::string(words[start]) : std::string();
}

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return {};
    return name.data();
}

}    // namespace

std::string seat_name(const std::string& controller_name) {
    return "trueup.seat." + controller_name;
}

std::string SeatHolder::describe() const {
    return fmt::format("controller {} ({}) on host {}, pid {}, since {}", controller, kind, host,
                       pid, since);
}

SeatHolder this_process(const SeatOptions& options, std::string instance, SystemTime now) {
    SeatHolder self;
    self.controller = options.controller_name;
    self.instance = std::move(instance);
    self.kind = options.kind == SeatKind::daemon ? "daemon" : "one-shot";
    self.host = host_name();
    self.pid = std::to_string(::getpid());
    self.since = base::to_rfc3339(now);
    self.boot_id = base::trim(read_process_file("/proc/sys/kernel/random/boot_id"));
    self.pid_namespace = link_target("/proc/self/ns/pid");
    self.process_start = start_of(self.pid);
    self.container = options.container;
    return self;
}

bool is_gone(const SeatHolder& holder, const SeatHolder& self) {
    const bool near = !holder.boot_id.empty() && holder.boot_id == self.boot_id &&
                      !holder.pid_namespace.empty() && holder.pid_namespace == self.pid_namespace;
    if (!near) return false;
    int pid = 0;
    const auto [end, failed] =
        std::from_chars(holder.pid.data(), holder.pid.data() + holder.pid.size(), pid);
    if (failed != std::errc() || pid <= 0) return false;
    // /proc may hide the processes of others; the kernel answers for all.
    if (::kill(pid, 0) != 0) return errno == ESRCH;
    const std::string start = start_of(holder.pid);
    return !start.empty() && !holder.process_start.empty() && start != holder.process_start;
}

int beat_at(SystemTime now) {
    const auto seconds = std::chrono::duration_cast<Seconds>(now.time_since_epoch()).count();
    return static_cast<int>(static_cast<std::uint64_t>(seconds) & beat_mask);
}

SystemTime time_of_beat(int beat, SystemTime now) {
    constexpr std::int64_t range = std::int64_t{1} << 31U;
    const auto seconds = std::chrono::duration_cast<Seconds>(now.time_since_epoch()).count();
    std::int64_t moment = seconds - seconds % range + beat;
    if (moment > seconds + range / 2) moment -= range;
    if (moment < seconds - range / 2) moment += range;
    return SystemTime(Seconds(moment));
}

json::object unstarted(const std::string& image_id) {
    json::object host;
    host["NetworkMode"] = "none";
    json::object body;
    body["Image"] = image_id;
    body["Cmd"] = json::array{"never-started"};    // the engine wants one
    body["HostConfig"] = std::move(host);
    return body;
}

json::object seat_body(const SeatHolder& holder, const std::string& image_id, int beat) {
    json::object labels;
    labels[label] = holder.controller;
    for (const Field& field : fields) labels[label_of(field)] = holder.*field.member;
    json::object body = unstarted(image_id);
    body["Labels"] = std::move(labels);
    json::object restart;
    restart["Name"] = "on-failure";
    restart["MaximumRetryCount"] = beat;
    body["HostConfig"].as_object()["RestartPolicy"] = std::move(restart);
    return body;
}

Seating read_seating(const json::object& inspect, SystemTime now) {
    const json::value answer(inspect);
    Seating seating;
    seating.id = codec::text(answer, "Id");
    const json::value& labels = codec::at(codec::at(answer, "Config"), "Labels");
    const json::value& policy = codec::at(codec::at(answer, "HostConfig"), "RestartPolicy");
    seating.beat = codec::to_int(codec::number(codec::at(policy, "MaximumRetryCount")));
    if (!codec::has(labels, label)) return seating;
    SeatHolder holder;
    holder.controller = codec::text(labels, label);
    for (const Field& field : fields) holder.*field.member = codec::text(labels, label_of(field));
    holder.seen_at = time_of_beat(seating.beat, now);
    seating.holder = std::move(holder);
    return seating;
}

}    // namespace trueup::engine
