// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/bound_secrets.hpp"

#include <utility>

#include "controller/base/file.hpp"

namespace trueup::rollout {

model::Strings bound_secrets(const model::Project& project, const model::Service& service,
                             const model::Tree& tree) {
    constexpr std::size_t limit = 64U << 10U;
    model::Strings contents;
    for (const model::FileReference& reference : service.secrets) {
        const auto found = project.secrets.find(reference.source);
        if (found == project.secrets.end()) continue;
        const model::FileObject& object = found->second;
        if (object.origin != model::FileOrigin::commit && object.origin != model::FileOrigin::host)
            continue;
        auto content = object.origin == model::FileOrigin::commit
                           ? tree.read(object.path, limit)
                           : base::read_file(object.path, limit);
        if (content) contents.push_back(std::move(*content));
    }
    return contents;
}

}    // namespace trueup::rollout
