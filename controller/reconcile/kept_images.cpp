// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/kept_images.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace trueup::reconcile {
namespace {

std::string repository(const std::string& stack) { return "trueup.keep/" + stack + ":"; }

bool frees(const plan::Step& step) {
    const auto* start = std::get_if<plan::StartContainer>(&step);
    return std::holds_alternative<plan::BuildImage>(step) ||
           std::holds_alternative<plan::PullImage>(step) ||
           std::holds_alternative<plan::RemoveContainer>(step) ||
           (start != nullptr && !start->replaces.empty());
}

}    // namespace

std::string keep_reference(const std::string& stack, const std::string& image_id) {
    constexpr std::size_t digits = 12;
    const std::size_t algorithm = image_id.find(':');
    const std::size_t first = algorithm == std::string::npos ? 0 : algorithm + 1;
    return repository(stack) + image_id.substr(first, digits);
}

bool may_free_images(const plan::Plan& plan) {
    return std::any_of(plan.actions.begin(), plan.actions.end(),
                       [](const plan::Action& action) { return frees(action.step); });
}

Needed needed_images(const std::vector<store::Revision>& revisions, int history_limit) {
    Needed needed;
    int remembered = 0;
    for (const store::Revision& revision : revisions) {
        needed.images.insert(revision.images.begin(), revision.images.end());
        if (revision.number > 0) ++remembered;
    }
    needed.is_all = remembered >= std::max(history_limit, 1);
    return needed;
}

Task<void> keep_images(engine::Engine& engine, std::string stack, Needed needed) {
    const auto images = co_await engine.list_images();
    if (!images) co_return images.error();
    for (const model::ObservedImage& image : *images) {
        const std::string wanted = keep_reference(stack, image.id);
        const auto& all = image.references;
        const bool kept = std::find(all.begin(), all.end(), wanted) != all.end();
        const bool keep = needed.images.contains(image.id);
        if (keep && !kept) {
            const auto tagged = co_await engine.tag_image(image.id, wanted);
            if (!tagged && tagged.error().code() != Errc::not_found)
                co_return tagged.error().in("keep image " + image.id);
        } else if (kept && !keep && needed.is_all) {
            // Its last one, and a container runs it: then it stays until the next time.
            const auto removed = co_await engine.remove_image(wanted);
            const bool harmless = !removed && (removed.error().code() == Errc::not_found ||
                                               removed.error().code() == Errc::conflict);
            if (!removed && !harmless) co_return removed.error().in("release image " + image.id);
        }
    }
    co_return Result<void>();
}

}    // namespace trueup::reconcile
