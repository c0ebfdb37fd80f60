// SPDX-License-Identifier: Apache-2.0
// The argument of --desired.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/result.hpp"
#include "controller/source/git.hpp"

namespace trueup::source {

struct DesiredSpec {
    bool git = false;
    std::string path;     // a directory or file as it was given; of git: in the tree, "" = its root
    std::string url;      // of git; a path in it is absolute
    Revision revision;    // of git

    bool operator==(const DesiredSpec&) const = default;
};

// "DIR", "FILE", or "git+URL[//PATH][?ref=BRANCH-OR-FULL-COMMIT-ID]"; the branch is main if nothing
// else is said. Errc::invalid with what to write instead; its message never repeats userinfo.
Result<DesiredSpec> parse_desired_spec(std::string_view spec);

}    // namespace trueup::source
