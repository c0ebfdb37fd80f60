// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/pulls.hpp"

#include <fmt/format.h>

#include "controller/plan/draft.hpp"

namespace trueup::plan {

bool follows_registry(const model::Service& service) {
    return !service.build && (service.pull_policy == "always" || service.pull_every);
}

std::optional<Cause> pull_due(const model::Service& service, const Policy& policy, SystemTime now) {
    if (!follows_registry(service)) return std::nullopt;
    const auto last = policy.pulls.find(service.image);
    const bool known = last != policy.pulls.end();
    const std::string what =
        fmt::format("pull_policy of {} is {}", service.image, service.pull_policy);
    if (!service.pull_every) {
        const std::string& commit = policy.identity.revision;
        if (known && last->second.commit == commit) return std::nullopt;
        return Cause{Drift::image, fmt::format("{}, and it was not pulled for {} yet", what,
                                               short_commit(commit))};
    }
    if (!known) return Cause{Drift::image, what + ", and nothing tells when it was pulled last"};
    // A clock that went back is no reason to wait for years.
    const bool fresh = last->second.time <= now && now - last->second.time < *service.pull_every;
    if (fresh) return std::nullopt;
    return Cause{Drift::image, fmt::format("{}, and it was pulled last at {}", what,
                                           base::to_rfc3339(last->second.time))};
}

}    // namespace trueup::plan
