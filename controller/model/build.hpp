// SPDX-License-Identifier: Apache-2.0
// What a service's image is built from (Compose Build Specification). Plain comparable values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace trueup::model {

using Strings = std::vector<std::string>;
using StringMap = std::map<std::string, std::string>;

// Resource limits of processes (`ulimits`); -1 is "unlimited".
struct Ulimit {
    std::int64_t soft = 0;
    std::int64_t hard = 0;

    auto operator<=>(const Ulimit&) const = default;
};

struct Build {
    std::string context;    // directory in the tree, normal; "" is the project directory's root
    // Relative to the context, normal; may be "../x" resolved to tree path.
    std::string dockerfile = "Dockerfile";
    std::string dockerfile_inline;    // instead of `dockerfile`
    StringMap args;
    std::string target;    // "" = last stage

    StringMap labels;      // of the image
    Strings tags;          // further names of the image
    Strings cache_from;    // images whose layers may be taken
    bool no_cache = false;
    bool pull = false;      // look for newer base images at each build
    std::string network;    // of RUN: "", "default", "none", "host"
    Strings extra_hosts;    // "host=address"
    Strings platforms;
    std::int64_t shm_size = 0;    // bytes; 0 = the engine's default
    std::map<std::string, Ulimit> ulimits;

    // Filled by build/identify from the commit; "" until then.
    std::string context_id;    // ContextId: hash of the filtered context
    std::string recipe_id;     // hash of context_id, Dockerfile, target and args

    bool operator==(const Build&) const = default;
};

}    // namespace trueup::model
