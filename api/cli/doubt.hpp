// SPDX-License-Identifier: Apache-2.0
// What a list of stacks does not tell by itself: that the desired state, or a part of it, could not be
// used, and which stack was meant by a name that none has. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace trueup::cli {

// Of a SourceList: a line each for a desired state that cannot be read, or was not yet, and for its
// invalid files, with where to read more; "" when all of it is in force, or nothing of it is a Source.
std::string doubt_of_sources(const boost::json::value& sources);

// Every source of a SourceList (or the one Source) can be read.
bool all_readable(const boost::json::value& sources);

// The names in a StackList.
std::vector<std::string> stack_names(const boost::json::value& stacks);

// What to say behind an error about a stack that is not among `names`: "; did you mean 'shop-test'?
// `trueup get` lists all", the near names first (also those that it is a part of). "" for one that is.
std::string suggest_stack(std::string_view name, const std::vector<std::string>& names);

}    // namespace trueup::cli
