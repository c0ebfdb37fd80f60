// SPDX-License-Identifier: Apache-2.0
// Step: .env and env_file texts. KEY=value, KEY: value, quotes, comments, multi-line quoted values,
// `export`, variables in unquoted and double-quoted values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/result.hpp"
#include "controller/compose/interpolate.hpp"

namespace trueup::compose {

// Keys in order of the file do not matter: later ones win. A KEY without "=" has no value: it is
// taken from `lookup`, else left out. Variables inside look first at `lookup`, then at earlier keys.
// Errors carry file:line:column and never a value.
Result<model::StringMap> parse_dotenv(std::string_view text, const std::string& file,
                                      const Lookup& lookup);

// Files that are longer than all of a project's may be together.
Problem too_many_variables(Position position);

}    // namespace trueup::compose
