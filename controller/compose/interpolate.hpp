// SPDX-License-Identifier: Apache-2.0
// Step: variables. $V ${V} ${V:-d} ${V-d} ${V:?e} ${V?e} ${V:+r} ${V+r}, nested, `$$` for a dollar
// (Compose Specification, "Interpolation"). Values only, never keys. Messages name variables and
// never show their values.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/result.hpp"
#include "controller/base/yaml.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {

using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

struct Substituted {
    std::string text;
    model::Strings
        unset;    // variables that had no value and no default: empty, and worth a warning
};
// Errc::invalid for bad syntax and for ${V:?message} without a value.
Result<Substituted> substitute(std::string_view text, const Lookup& lookup);

// Every scalar value of the tree; problems and warnings have the path of the attribute. `advice` says how
// a variable is set.
void interpolate(yaml::Node& node, const Lookup& lookup, std::string_view advice,
                 Problems& problems, Problems& warnings);

}    // namespace trueup::compose
