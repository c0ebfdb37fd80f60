// SPDX-License-Identifier: Apache-2.0
// What the reading verbs print: answers of the API -> text. Pure: the time and whether to colour
// are arguments. Text that came from elsewhere (messages, file names) is made safe for a terminal.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/v1alpha1/stack.hpp"
#include "controller/base/result.hpp"

namespace trueup::cli {

enum class Format { table, wide, json, yaml, name };    // name: of stacks, one a line
std::optional<Format> parse_format(std::string_view text);
// `-o json` and `-o yaml`: the answer itself; nothing for the other formats.
std::optional<std::string> print_structured(const boost::json::value& answer, Format format);

struct Look {
    SystemTime now;
    bool coloured = false;
};
// Colours on a terminal, unless NO_COLOR is set or TERM is dumb.
Look look_at(int file_descriptor, SystemTime now);

// `trueup get stacks [NAME]`: the answer is a StackList or a Stack. Errc::invalid for anything
// else.
Result<std::string> print_stacks(const boost::json::value& answer, Format format, const Look& look);
// `trueup get sources`: a SourceList or a Source; tables are followed by the problems of each
// invalid file; wide has whole commit ids.
Result<std::string> print_sources(const boost::json::value& answer, Format format,
                                  const Look& look);
// `trueup describe STACK`: the answer is a Stack.
Result<std::string> print_description(const boost::json::value& answer, const Look& look);

// NAME ENVIRONMENT COMMIT READY SYNCED HEALTHY FRESH SUSPENDED AGE MESSAGE; wide adds RUNNING, PROJECT
// and SERVICES, and messages in full. COMMIT is the desired one.
std::string stacks_table(const std::vector<v1alpha1::Stack>& stacks, bool wide, const Look& look);
std::string describe(const v1alpha1::Stack& stack, const Look& look);

// "90s", "5m30s", "3h", "2d4h", as kubectl prints ages; negative ones (clocks differ) are "0s".
std::string format_age(Seconds age);

}    // namespace trueup::cli
