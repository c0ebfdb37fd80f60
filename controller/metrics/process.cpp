// SPDX-License-Identifier: Apache-2.0
// proc(5): /proc/self/stat has CPU time and start time in clock ticks, memory in bytes and pages;
// /proc/stat has the boot time that the start time counts from.
#include "controller/metrics/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

namespace trueup::metrics {
namespace {

struct ProcessStat {
    double user_ticks = 0;
    double system_ticks = 0;
    double start_ticks = 0;    // since boot
    double virtual_bytes = 0;
    double resident_pages = 0;
};

std::optional<ProcessStat> read_stat() {
    std::ifstream stream("/proc/self/stat");
    std::string text(std::istreambuf_iterator<char>(stream), {});
    // The program's name stands in brackets and may hold anything; fields are counted from behind
    // it.
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream fields(text.substr(name_end + 1));
    ProcessStat stat;
    std::string skipped;
    for (int field = 3; field <= 24; ++field) {
        switch (field) {
            case 14: fields >> stat.user_ticks; break;
            case 15: fields >> stat.system_ticks; break;
            case 22: fields >> stat.start_ticks; break;
            case 23: fields >> stat.virtual_bytes; break;
            case 24: fields >> stat.resident_pages; break;
            default: fields >> skipped;
        }
    }
    if (!fields) return std::nullopt;
    return stat;
}

std::optional<double> boot_time() {
    std::ifstream stream("/proc/stat");
    for (std::string key; stream >> key; stream.ignore(1U << 16U, '\n')) {
        double seconds = 0;
        if (key == "btime" && stream >> seconds) return seconds;
    }
    return std::nullopt;
}

std::optional<double> open_files() {
    std::error_code code;
    std::filesystem::directory_iterator entries("/proc/self/fd", code);
    if (code) return std::nullopt;
    // The directory that is being read is one of them.
    return static_cast<double>(std::distance(begin(entries), end(entries))) - 1;
}

prometheus::MetricFamily family(const char* name, const char* help, prometheus::MetricType type,
                                double value) {
    prometheus::MetricFamily made;
    made.name = name;
    made.help = help;
    made.type = type;
    prometheus::ClientMetric metric;
    metric.gauge.value = value;
    metric.counter.value = value;
    made.metric.push_back(std::move(metric));
    return made;
}

}    // namespace

std::vector<prometheus::MetricFamily> collect_process() {
    using prometheus::MetricType;
    std::vector<prometheus::MetricFamily> families;
    const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    if (const auto stat = read_stat(); stat) {
        families.push_back(
            family("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
                   MetricType::Counter, (stat->user_ticks + stat->system_ticks) / ticks));
        families.push_back(family(
            "process_resident_memory_bytes", "Resident memory size in bytes.", MetricType::Gauge,
            stat->resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE))));
        families.push_back(family("process_virtual_memory_bytes", "Virtual memory size in bytes.",
                                  MetricType::Gauge, stat->virtual_bytes));
        if (const auto boot = boot_time(); boot) {
            families.push_back(family("process_start_time_seconds",
                                      "Start time of the process since unix epoch in seconds.",
                                      MetricType::Gauge, *boot + stat->start_ticks / ticks));
        }
    }
    if (const auto count = open_files(); count) {
        families.push_back(family("process_open_fds", "Number of open file descriptors.",
                                  MetricType::Gauge, *count));
    }
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        families.push_back(family("process_max_fds", "Maximum number of open file descriptors.",
                                  MetricType::Gauge, static_cast<double>(limit.rlim_cur)));
    }
    return families;
}

}    // namespace trueup::metrics
