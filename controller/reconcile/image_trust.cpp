// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/image_trust.hpp"

#include <boost/json.hpp>
#include <utility>

#include "controller/code/changes.hpp"
#include "controller/model/labels.hpp"

namespace trueup::reconcile {
namespace {

bool is_uncached(const boost::json::object& image) {
    const boost::json::value* config = image.if_contains("Config");
    if (config == nullptr || !config->is_object()) return false;
    const boost::json::value* labels = config->get_object().if_contains("Labels");
    if (labels == nullptr || !labels->is_object()) return false;
    const boost::json::value* label = labels->get_object().if_contains(model::labels::uncached);
    return label != nullptr && label->is_string() && label->get_string() == "true";
}

}    // namespace

Task<void> judge_changes(Parts parts, Proofs& proofs, std::shared_ptr<const Desired> desired,
                         std::shared_ptr<const code::ExpectedCode> expected, std::string image_id,
                         code::Comparison& comparison) {
    const auto changed = code::changed_by_build(comparison.of_build, *expected);
    if (changed.empty()) co_return Result<void>();
    const auto image = co_await parts.engine.inspect_image_raw(std::move(image_id));
    if (!image) co_return image.error();
    const bool uncached = is_uncached(*image);
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
