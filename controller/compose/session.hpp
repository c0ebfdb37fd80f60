// SPDX-License-Identifier: Apache-2.0
// What the steps of one load share: where files are, what was found wrong, and what a project may cost
// at most. Text from outside multiplies by includes, extends and aliases, so that all of it is counted.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/yaml.hpp"
#include "controller/compose/interpolate.hpp"
#include "controller/compose/limits.hpp"
#include "controller/compose/places.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {

// What names a file: nothing, for those of the project itself.
struct Place {
    Position position;
    std::string attribute;    // "services.web.extends.file"

    void tell(std::string_view message, std::string advice, Problems& problems) const;
};

struct Session {
    Session(const Places& where, bool interpolated) : places(where), interpolate(interpolated) {}

    const Places& places;
    bool interpolate;
    // Values are to be told as they are written: nothing is split, read, looked up or left out.
    bool as_written = false;
    Limits left;    // what is left of them
    Problems problems;
    Problems warnings;
    bool incomplete = false;    // a file could not be read: what is missing may stand in it
    // Where a variable could not be put in: nothing else that is told there is worth telling.
    Problems failed;
    std::map<std::string, std::vector<yaml::Node>> parsed;    // by absolute path
    std::set<std::string> unparsed;    // of those that cannot be, which is told once

    void tell(const yaml::Node& node, std::string message, std::string advice = {});
    void take(const Error& error);
    // Forgets problems from the `before`th on that stand where there was one before: they follow from it.
    void drop_consequences(std::size_t before);
    // Counts what is about to be copied; false, and a problem, when it is too much.
    bool afford(const yaml::Node& node);

    // Puts variables in, unless they are to stay; where that fails is kept.
    void interpolate_tree(yaml::Node& node, const Lookup& lookup);

    // The documents of a file, mappings all of them; nothing when it cannot be read, which is told at
    // `from`.
    const std::vector<yaml::Node>* documents(const std::string& path, const Place& from);
};

// Values of variables by name.
Lookup look_in(const model::StringMap& values);

}    // namespace trueup::compose
