// SPDX-License-Identifier: Apache-2.0
// Stack files: YAML in, JSON out.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "api/v1alpha1/stack.hpp"
#include "controller/base/result.hpp"

namespace trueup::v1alpha1 {

// Every Stack of a file (several documents are fine, empty ones are skipped); or every problem of
// the file at once, each with file:line:column and what to do. Unknown fields get a suggestion;
// fields of the design that this version does not act on yet are refused as such, unless they state
// their default. A field that is null counts as not set. What the server owns in the output of
// `get` (status, metadata.uid, .generation, .resourceVersion, .creationTimestamp) may stand in a
// file and is ignored, as in Kubernetes. metadata.uid is made from the name.
Result<std::vector<Stack>> parse_stacks(std::string_view text, const std::string& file);

// The whole object, as GET answers it.
boost::json::object to_json(const Stack& stack);
boost::json::object to_json(const StackStatus& status);
// A StackList.
boost::json::object list_to_json(const std::vector<Stack>& stacks, std::uint64_t resource_version);
// Back from JSON, for clients of the API (trueup get, describe). Unknown fields are ignored.
Result<Stack> from_json(const boost::json::value& value);

}    // namespace trueup::v1alpha1
