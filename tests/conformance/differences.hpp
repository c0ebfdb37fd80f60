// SPDX-License-Identifier: Apache-2.0
// Compares JSON values as the recorded cases want it: null, {}, [] and "" equal an absent member, except
// for command and entrypoint, where [] clears what the image says. Every difference is told as a JSON
// path.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace trueup::conformance {

// "services.web.ports[0].target: 80, wanted 81"; at most ten.
std::vector<std::string> differences(const boost::json::value& actual,
                                     const boost::json::value& wanted);

}    // namespace trueup::conformance
