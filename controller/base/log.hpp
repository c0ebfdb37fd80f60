// SPDX-License-Identifier: Apache-2.0
// Structured log lines: a sentence and key=value fields. The only user of spdlog is log.cpp.
// Never pass a secret's value; names only.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace trueup::base::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };

struct Field {
    std::string_view key;
    std::string value;
};
using Fields = std::initializer_list<Field>;

// Writes to stderr. Call once, before the first line.
void configure(Level level, Format format);

void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warning(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});

}    // namespace trueup::base::log

namespace trueup {
namespace log = base::log;
}    // namespace trueup
