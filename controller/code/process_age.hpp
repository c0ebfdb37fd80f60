// SPDX-License-Identifier: Apache-2.0
// Whether the process of a container is older than the files that are mounted read-only into it. Pure.
//
// The rule. At the first look after a start it is written down what each file holds; from then on a file
// differs when its content is another one, whatever its times say, and no longer when it is what it was.
// What had changed before that first look is told by both of its times, the inode's (ctime) and the content's
// (mtime), being later than the start: one alone also changes by chmod, hard links, `touch` and restored
// backups. So an older time that was put on new content is seen only from the first look on. Times in the future
// tell nothing. Nothing is said while files still change: `settle`. After a restart everything is written
// down anew, so nothing can be wrong twice.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/clock.hpp"
#include "controller/code/bound_files.hpp"
#include "controller/model/observed.hpp"

namespace trueup::code {

struct ProcessRecord {
    std::string started_at;                         // of the container
    std::map<std::string, std::string> contents;    // by path in the container
    std::map<std::string, std::int64_t> late;       // had changed by the first look: when

    bool operator==(const ProcessRecord&) const = default;
};

ProcessRecord first_look(std::string started_at, const BoundFiles& found, SystemTime now);

inline constexpr std::chrono::seconds settle{1};

struct ProcessJudgement {
    model::ProcessAge age;
    bool settled = true;    // false: something changed a moment ago, look again
};
ProcessJudgement judge(const ProcessRecord& record, const BoundFiles& found, SystemTime now);

// A file of ours, so that a controller that is started anew knows as much.
std::string to_text(const ProcessRecord& record);
// Nothing for what is no such text.
std::optional<ProcessRecord> parse_process_record(std::string_view text);

}    // namespace trueup::code
