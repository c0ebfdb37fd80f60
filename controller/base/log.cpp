// SPDX-License-Identifier: Apache-2.0
#include "controller/base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>
#include <memory>

namespace trueup::base::log {
namespace {

Format chosen_format = Format::text;

std::shared_ptr<spdlog::logger> make_logger() {
    auto logger = std::make_shared<spdlog::logger>(
        "trueup", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %L %v", spdlog::pattern_time_type::utc);
    logger->flush_on(spdlog::level::debug);
    return logger;
}

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = make_logger();
    return *instance;
}

bool needs_quotes(std::string_view value) {
    return value.empty() || value.find_first_of(" \t\r\n\"=\\") != std::string_view::npos;
}

// A value with line breaks or control characters could forge a log line: JSON quoting prevents
// that.
std::string quoted(std::string_view value) {
    return boost::json::serialize(boost::json::string(value));
}

void write(spdlog::level::level_enum level, std::string_view message, Fields fields) {
    if (!logger().should_log(level)) return;
    std::string line;
    if (chosen_format == Format::json) {
        boost::json::object object;
        object["message"] = message;
        for (const Field& field : fields) object[field.key] = field.value;
        line = boost::json::serialize(object);
        line.pop_back();
        line.erase(0, 1);
    } else {
        line =
            message.find('\n') == std::string_view::npos ? std::string(message) : quoted(message);
        for (const Field& field : fields) {
            line += ' ';
            line += field.key;
            line += '=';
            line += needs_quotes(field.value) ? quoted(field.value) : field.value;
        }
    }
    logger().log(level, "{}", line);
}

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug: return spdlog::level::debug;
        case Level::info: return spdlog::level::info;
        case Level::warning: return spdlog::level::warn;
        case Level::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

}    // namespace

void configure(Level level, Format format) {
    chosen_format = format;
    logger().set_level(to_spdlog(level));
    if (format == Format::json) {
        logger().set_pattern("{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",%v}",
                             spdlog::pattern_time_type::utc);
    }
}

void debug(std::string_view message, Fields fields) {
    write(spdlog::level::debug, message, fields);
}
void info(std::string_view message, Fields fields) { write(spdlog::level::info, message, fields); }
void warning(std::string_view message, Fields fields) {
    write(spdlog::level::warn, message, fields);
}
void error(std::string_view message, Fields fields) { write(spdlog::level::err, message, fields); }

}    // namespace trueup::base::log
