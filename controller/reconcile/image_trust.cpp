// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/image_trust.hpp"

#include <utility>

#include "controller/code/changes.hpp"

namespace trueup::reconcile {
namespace {

// What was seen of its build is forgotten, and that it was proven is in the history: the way back to it
// needs neither its base images nor a builder.
boost::asio::awaitable<bool> ran_proven(Parts parts, std::string stack, std::string image_id,
                                        std::string code_id) {
    const auto revisions = co_await parts.store.revisions(std::move(stack));
    if (!revisions) co_return false;    // a disk in trouble stops no stack
    for (const store::Revision& revision : *revisions) {
        for (const store::ServiceIdentity& each : revision.services) {
            if (revision.outcome == store::Outcome::proven && each.proof == "files" &&
                each.image_id == image_id && each.code_id == code_id)
                co_return true;
        }
    }
    co_return false;
}

}    // namespace

Task<void> judge_changes(Parts parts, Proofs& proofs, std::shared_ptr<const Desired> desired,
                         std::shared_ptr<const code::ExpectedCode> expected, std::string image_id,
                         code::Comparison& comparison) {
    const auto changed = code::changed_by_build(comparison.of_build, *expected);
    if (changed.empty()) co_return Result<void>();
    const auto image = co_await parts.engine.inspect_image_raw(image_id);
    if (!image) co_return image.error();
    bool known = code::is_uncached(*image);
    if (!known) {
        const auto unseen = proofs.witnessed().unseen(changed, comparison.of_build, *expected);
        if (!unseen.empty())
            known = co_await ran_proven(parts, desired->policy.identity.stack, image_id,
                                        expected->code_id);
        if (!known) code::distrust(comparison, unseen, *expected);
    }
    std::vector<std::string> older;
    std::function<void()> read = [&] {
        const auto left = code::changed_by_build(comparison.of_build, *expected);
        older = code::older_content(left, comparison.of_build, *expected, *desired->commit.tree);
    };
    co_await base::offload(parts.pool, std::move(read));
    code::distrust(comparison, older, *expected);
    if (known) proofs.witnessed().add(comparison.of_build, *expected);
    co_return Result<void>();
}

}    // namespace trueup::reconcile
