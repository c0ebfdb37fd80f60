// SPDX-License-Identifier: Apache-2.0
// One COPY or ADD, carried out on what is known of two file systems. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/dockerfile/ignore.hpp"
#include "controller/dockerfile/parse.hpp"
#include "controller/dockerfile/stage_files.hpp"
#include "controller/dockerfile/trace.hpp"

namespace trueup::dockerfile {

// What a build stage holds after the instructions so far.
struct StageState {
    StageFiles files;
    std::optional<std::string> directory;       // WORKDIR; nothing = as the base image has it
    std::map<std::string, TracedRoot> roots;    // by path
    std::vector<std::uint32_t> runs;            // the line of each RUN
    std::vector<Untraced> untraced;

    std::uint32_t steps() const { return static_cast<std::uint32_t>(runs.size()); }
};

// What following a Dockerfile may cost.
struct Budget {
    std::size_t steps = 5'000'000;    // names compared, the longer the more
    std::size_t files = 600'000;      // files put somewhere
    bool spent = false;

    bool step(std::size_t count = 1) { return take(steps, count); }
    bool file(std::size_t count = 1) { return take(files, count); }

private:
    bool take(std::size_t& left, std::size_t count) {
        spent = spent || left < count;
        if (!spent) left -= count;
        return !spent;
    }
};

struct CopyFrom {
    const StageFiles* files = nullptr;
    const StageState* stage = nullptr;    // nullptr = the build context
    std::string name;                     // of the stage, for messages
    std::string directory;                // of the build context, in the commit
};

void carry_out(const Instruction& instruction, const CopyFrom& from, StageState& to,
               Budget& budget);

// Each RUN of the stage after `file` was put there may have changed it.
void add_changers(const StageState& state, TracedFile& file);

// At most 100 are kept.
void add_untraced(StageState& state, Untraced::Origin origin, const Instruction& instruction,
                  std::string why, std::string advice);

}    // namespace trueup::dockerfile
