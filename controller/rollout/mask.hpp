// SPDX-License-Identifier: Apache-2.0
// Text that comes out of a container, a build or the engine, made fit for errors and logs. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "controller/base/error.hpp"
#include "controller/model/project.hpp"

namespace trueup::rollout {

// Values that no message may repeat.
class Mask {
public:
    // Each line of it, and the password in a line like "postgres://user:password@host", too.
    void add(std::string_view value);
    void add(const model::Strings& values);

    // The text with "***" in the place of each value; of one to three characters only as whole words.
    std::string hide(std::string text) const;
    // The same of its message.
    Error hide(const Error& error) const;

private:
    struct LongestFirst {
        bool operator()(const std::string& left, const std::string& right) const;
    };
    void add_whole(std::string_view value);

    std::set<std::string, LongestFirst> values_;
};

// What a container of the service is given and may print: environment, configs and secrets that are
// written into it, hooks; and `of_host`, the values out of files of the host.
Mask mask_of_container(const model::Project& project, const model::Service& service,
                       const model::Strings& of_host);
// What a build of its image is given: the arguments, and `of_host`.
Mask mask_of_build(const model::Service& service, const model::Strings& of_host);

// The last `lines` lines that are not blank, each cut at 300 characters, joined by " | ".
std::string last_lines(const std::string& text, std::size_t lines);

}    // namespace trueup::rollout
