// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/content_drift.hpp"

#include <fmt/format.h>

#include "controller/plan/draft.hpp"
#include "controller/render/content.hpp"

namespace trueup::plan {

std::optional<Cause> content_difference(const model::ObservedContainer& container,
                                        const model::Service& service,
                                        const model::Project& project,
                                        const render::StackIdentity& identity) {
    if (container.content.empty()) return std::nullopt;
    const auto compare = [&](const auto& label_of) {
        return render::changed_contents(container.content,
                                        label_of(project, service, identity.key));
    };
    model::Strings changed = compare(render::content_label);
    if (changed.empty()) changed = compare(render::former_content_label);
    if (changed.empty()) return std::nullopt;
    const auto inside = container.first_changes.find(changed.front());
    const std::string first =
        inside == container.first_changes.end() ? changed.front() : inside->second;
    const std::string commit = short_commit(identity.revision);
    if (changed.size() == 1)
        return Cause{Drift::content, fmt::format("{} differs from {}", first, commit)};
    return Cause{Drift::content,
                 fmt::format("{} and {} more differ from {}", first, changed.size() - 1, commit)};
}

}    // namespace trueup::plan
