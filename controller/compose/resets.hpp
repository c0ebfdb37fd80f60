// SPDX-License-Identifier: Apache-2.0
// Step: !reset and !override (Compose Specification, "Merge": "Reset value", "Replace value"). A tagged
// node makes the loader forget what earlier files, or an extended service, say at that place; !reset
// leaves nothing there, !override its own value.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/base/yaml.hpp"

namespace trueup::compose {

class Resets {
public:
    // Takes the tags out of one document, and the nodes that are to be nothing. What is tagged !!null is
    // null from then on; tags that say something else are problems.
    static Resets take(yaml::Node& document, Problems& problems);

    // Forgets what `document` says at the tagged places.
    void apply(yaml::Node& document) const;
    // The same for what will be merged at the place `path`, for example {"services", "web"}.
    void apply(yaml::Node& part, const std::vector<std::string>& path) const;

private:
    // The places as a tree: files may have many thousand.
    struct Place {
        std::map<std::string, Place> inner;
        bool forget = false;
    };
    static void visit(yaml::Node& node, Place& place, Problems& problems);
    static void forget(yaml::Node& node, const Place& place);

    Place root_;
};

}    // namespace trueup::compose
