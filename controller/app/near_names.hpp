// SPDX-License-Identifier: Apache-2.0
// What was meant by a name that nothing has. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "controller/model/project.hpp"

namespace trueup::app {

// The name closest to `word`, then those that it is a part of, or that are a part of it: at most three.
model::Strings near_names(std::string_view word, const model::Strings& names);

// "; did you mean 'shop-api-1', or 'shop-web-1'? `docker ps -a` lists all"; without near names
// "; `docker ps -a` lists all".
std::string suggest_names(std::string_view word, const model::Strings& names,
                          std::string_view lists_all);

}    // namespace trueup::app
