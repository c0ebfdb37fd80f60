// SPDX-License-Identifier: Apache-2.0
// How a reconcile is asked for: any new value of the annotation is a new request.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/v1alpha1/stack.hpp"

namespace trueup::reconcile {

// Acted on: status.lastHandledReconcileAt has the value. In a file it works as well.
inline constexpr std::string_view requested_at = "trueup.dev/requestedAt";

inline std::optional<std::string> annotation_of(const v1alpha1::Stack& stack,
                                                std::string_view key) {
    const auto found = stack.metadata.annotations.find(std::string(key));
    if (found == stack.metadata.annotations.end()) return std::nullopt;
    return found->second;
}

// "" = none.
inline std::string request_of(const v1alpha1::Stack& stack) {
    return annotation_of(stack, requested_at).value_or("");
}

}    // namespace trueup::reconcile
