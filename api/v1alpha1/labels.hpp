// SPDX-License-Identifier: Apache-2.0
// Labels of an object, and what a selector asks of them.
#pragma once

#include <map>
#include <string>

namespace trueup::v1alpha1 {

using Labels = std::map<std::string, std::string>;

// Every label of the selector is among `labels`, with its value.
bool matches(const Labels& labels, const Labels& selector);

}    // namespace trueup::v1alpha1
