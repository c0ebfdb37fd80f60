// SPDX-License-Identifier: Apache-2.0
// The order in which Compose prints the attributes of an object: that of its Go types.
#pragma once

#include <string_view>
#include <vector>

#include "controller/compose/attributes.hpp"

namespace trueup::compose {

const std::vector<const Attribute*>& in_print_order(Object object);

// `path` of blkio_config is "Path" in Go's JSON: the one place where its names are not the file's.
std::string_view print_name(Object object, std::string_view name, bool json);

}    // namespace trueup::compose
