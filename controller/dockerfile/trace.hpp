// SPDX-License-Identifier: Apache-2.0
// Which files of the commit end up where in the image of a Dockerfile. Every stage that the image needs
// is followed through FROM, WORKDIR, COPY and ADD as BuildKit carries them out; nothing is run. What
// cannot be followed is said with its line, and no guess takes its place. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controller/dockerfile/context.hpp"
#include "controller/dockerfile/parse.hpp"
#include "controller/dockerfile/stage_files.hpp"
#include "controller/model/build.hpp"

namespace trueup::dockerfile {

struct Untraced {
    enum class Origin : std::uint8_t {
        commit,       // files of the commit, and where they lie is not known
        stage,        // what an earlier stage made: a compiled program
        elsewhere,    // another image, a named context, a URL: no file of the commit
        mount    // files of the commit that a RUN of the image sees, and may have copied anywhere
    };
    Origin origin = Origin::commit;
    Problem problem;
    model::Strings seen{};    // of a mount: these files, by their paths in the commit

    bool operator==(const Untraced&) const = default;
};

// A folder or file of the image that holds files of the commit.
struct TracedRoot {
    std::string path;           // in the image
    std::string commit_path;    // what was copied there
    model::Strings exclude;     // --exclude, below `path`

    auto operator<=>(const TracedRoot&) const = default;
};

struct Trace {
    StageFiles::Files files;
    std::vector<TracedRoot> roots;     // sorted, each path once
    std::vector<Untraced> untraced;    // in the order of the Dockerfile; at most 100
    BaseImage base;                    // what the image starts from; reference "" = scratch
};

// Limits: what takes more than 5 million steps is said to be too much, and nothing is traced.
Trace trace(const Context& context, const model::Build& build);

}    // namespace trueup::dockerfile
