// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/image_trust.hpp"

#include <utility>

#include "controller/code/changes.hpp"

namespace trueup::reconcile {

Task<void> judge_changes(Parts parts, Proofs& proofs, std::shared_ptr<const Desired> desired,
                         std::shared_ptr<const code::ExpectedCode> expected, std::string image_id,
                         code::Comparison& comparison) {
    const auto changed = code::changed_by_build(comparison.of_build, *expected);
    if (changed.empty()) co_return Result<void>();
    const auto image = co_await parts.engine.inspect_image_raw(std::move(image_id));
    if (!image) co_return image.error();
    const bool uncached = code::is_uncached(*image);
    if (!uncached) {
        const auto unseen = proofs.witnessed().unseen(changed, comparison.of_build, *expected);
        code::distrust(comparison, unseen, *expected);
    }
    std::vector<std::string> older;
    std::function<void()> read = [&] {
        const auto left = code::changed_by_build(comparison.of_build, *expected);
        older = code::older_content(left, comparison.of_build, *expected, *desired->commit.tree);
    };
    co_await base::offload(parts.pool, std::move(read));
    code::distrust(comparison, older, *expected);
    if (uncached) proofs.witnessed().add(comparison.of_build, *expected);
    co_return Result<void>();
}

}    // namespace trueup::reconcile
