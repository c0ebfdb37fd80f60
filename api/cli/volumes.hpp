// SPDX-License-Identifier: Apache-2.0
// `trueup volumes remove`: the only code that removes a volume. It talks to the engine by itself, so
// that the controller's engine has no such call at all.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/result.hpp"

namespace trueup::cli {

struct RemoveVolumesChoice {
    std::vector<std::string> names;
    std::string stack;
    std::string project;        // "" = the stack's name
    std::string config_file;    // "" = /etc/trueup/config.yaml, when it is there
    // Its name in the configuration, or an address; "" = the only one that the configuration has, which
    // without a file is $DOCKER_HOST's.
    std::string engine;
    bool yes = false;
};
// 0: removed, or nothing to remove. 2: refused, or not all could be removed. 1: without --yes, what
// would be removed was listed.
int remove_volumes(const RemoveVolumesChoice& choice);

struct VolumeFacts {
    std::string name;
    std::string belongs_to;              // the stack or compose project of its labels; "" = neither
    bool of_stack = false;               // the label is ours
    std::optional<std::int64_t> size;    // bytes, where the engine knows
    std::string created;
    std::vector<std::string> used_by;    // containers, running or not

    bool operator==(const VolumeFacts&) const = default;
};

// From GET /volumes/NAME, GET /containers/json?all=1 and, if it could be read, GET /system/df.
// Errc::invalid for an answer that is none of an engine's.
Result<VolumeFacts> volume_facts(const boost::json::value& volume,
                                 const boost::json::value& containers,
                                 const boost::json::value* usage,
                                 const RemoveVolumesChoice& choice);

// Of a name that no volume of the engine has: those of the stack, or of all, that are like it. `volumes`:
// GET /volumes.
Error missing_volume(const std::string& name, const boost::json::value& volumes,
                     const RemoveVolumesChoice& choice);

// "trueup volumes remove shop_data --stack shop --yes", with what else was said.
std::string command_text(const std::string& volume, const RemoveVolumesChoice& choice);

// Why it must not be removed, and the whole way to where it may; nothing when it may now.
std::optional<Error> refuse_removal(const VolumeFacts& facts, const RemoveVolumesChoice& choice);

// "1.2 GiB", "0 B", "size not known"
std::string size_text(std::optional<std::int64_t> bytes);
// "shop_data    1.2 GiB   of shop, made 2026-11-24T10:00:00Z, used by nobody"
std::string facts_text(const VolumeFacts& facts);

}    // namespace trueup::cli
