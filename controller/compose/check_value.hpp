// SPDX-License-Identifier: Apache-2.0
// Part of validate: one single value against its row of the table.
#pragma once

#include <string>
#include <string_view>

#include "controller/compose/attributes.hpp"
#include "controller/compose/problems.hpp"

namespace trueup::compose {

class ValueCheck {
public:
    ValueCheck(Reporter& reporter, bool interpolated)
        : reporter_(reporter), interpolated_(interpolated) {}

    void check(const yaml::Node& node, const Attribute& attribute) const;

private:
    void check_content(const yaml::Node& node, const Attribute& attribute) const;

    Reporter& reporter_;
    bool interpolated_;
};

// "a|b|c" as "a, b or c".
std::string one_of(std::string_view words);

}    // namespace trueup::compose
