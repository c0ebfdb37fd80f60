// SPDX-License-Identifier: Apache-2.0
#include "api/v1alpha1/labels.hpp"

#include <algorithm>

namespace trueup::v1alpha1 {

bool matches(const Labels& labels, const Labels& selector) {
    return std::all_of(selector.begin(), selector.end(), [&labels](const auto& wanted) {
        const auto found = labels.find(wanted.first);
        return found != labels.end() && found->second == wanted.second;
    });
}

}    // namespace trueup::v1alpha1
