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

// A secret that RUN --mount=type=secret can read.
struct BuildSecret {
    std::string source;    // key in Project::secrets
    std::string target;    // its id in the Dockerfile; "" = source

    auto operator<=>(const BuildSecret&) const = default;
};

struct Build {
    std::string context;    // directory in the tree, normal; "" is the project directory's root
    // Relative to the context, normal; may be "../x" resolved to tree path.
    std::string dockerfile = "Dockerfile";
    std::string dockerfile_inline;    // instead of `dockerfile`
    StringMap args;
    std::string target;    // "" = last stage

    StringMap labels;                 // of the image
    Strings tags;                     // further names of the image
    StringMap additional_contexts;    // name -> directory in the tree, image or URL, as written
    Strings cache_from;
    Strings cache_to;
    bool no_cache = false;
    Strings no_cache_filter;    // stages
    bool pull = false;          // always look for newer base images
    std::string network;        // of RUN: "", "none", "host", or a network's name
    Strings extra_hosts;        // "host=address"
    std::string isolation;
    bool privileged = false;
    Strings entitlements;
    Strings platforms;
    std::int64_t shm_size = 0;    // bytes; 0 = the engine's default
    std::map<std::string, Ulimit> ulimits;
    StringMap ssh;    // id -> socket or key file; "" = the default agent
    std::vector<BuildSecret> secrets;
    std::string provenance;    // attestations, as BuildKit spells them: "mode=max", "true"
    std::string sbom;

    // Filled by build/identify from the commit; "" until then.
    std::string context_id;    // ContextId: hash of the filtered context
    std::string recipe_id;     // hash of context_id, Dockerfile, target and args

    bool operator==(const Build&) const = default;
};

}    // namespace trueup::model
