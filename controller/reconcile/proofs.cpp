// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/proofs.hpp"

#include <utility>

namespace trueup::reconcile {

void Proofs::put_image(const std::string& image_id, code::Comparison comparison) {
    auto key = std::make_pair(image_id, comparison.state.code_id);
    images_.insert_or_assign(std::move(key),
                             std::make_shared<const code::Comparison>(std::move(comparison)));
}

std::shared_ptr<const code::Comparison> Proofs::image(const std::string& image_id,
                                                      const std::string& code_id) const {
    const auto found = images_.find(std::make_pair(image_id, code_id));
    return found == images_.end() ? nullptr : found->second;
}

void Proofs::put_container(const model::ObservedContainer& container, code::Comparison comparison,
                           std::shared_ptr<const code::ExpectedCode> expected) {
    OfContainer entry;
    entry.started_at = container.started_at;
    entry.state = std::move(comparison.state);
    entry.expected = std::move(expected);
    containers_.insert_or_assign(container.id, std::move(entry));
}

const model::CodeState* Proofs::container(const model::ObservedContainer& container,
                                          const std::string& code_id) const {
    const auto found = containers_.find(container.id);
    if (found == containers_.end()) return nullptr;
    const OfContainer& entry = found->second;
    if (entry.state.code_id != code_id || entry.started_at != container.started_at) return nullptr;
    return &entry.state;
}

std::optional<Proofs::Changed> Proofs::changed_inside(
    const model::ObservedContainer& container) const {
    const auto found = containers_.find(container.id);
    if (found == containers_.end()) return std::nullopt;
    const OfContainer& entry = found->second;
    if (entry.state.status != model::CodeStatus::stale || entry.expected == nullptr)
        return std::nullopt;
    const auto image = this->image(container.image_id, entry.state.code_id);
    if (image == nullptr || image->state.status != model::CodeStatus::fresh) return std::nullopt;
    return Changed{entry.state, entry.expected};
}

// Without a time, so that the next observation compares it too.
bool Proofs::put_unknown(const model::ObservedContainer& container, const std::string& code_id) {
    const model::CodeState* known = this->container(container, code_id);
    if (known != nullptr && known->status == model::CodeStatus::stale) return false;
    const bool is_news = known == nullptr || known->status == model::CodeStatus::fresh;
    code::Comparison nothing;
    nothing.state.code_id = code_id;
    put_container(container, std::move(nothing), nullptr);
    return is_news;
}

void Proofs::fill(model::Observed& observed,
                  const std::map<std::string, std::string>& code_id_of_service,
                  const std::map<std::string, std::string>& recipe_of_service) const {
    for (model::ObservedContainer& container : observed.containers) {
        const auto code_id = code_id_of_service.find(container.service);
        if (code_id == code_id_of_service.end()) continue;
        if (const model::CodeState* state = this->container(container, code_id->second))
            container.code = *state;
        // A stranger's build is known by its container alone.
        const auto image = observed.images.find(container.image_id);
        if (!recipe_of_service.contains(container.service) || image == observed.images.end() ||
            !image->second.recipe_id.empty())
            continue;
        if (const auto known = this->image(image->first, code_id->second))
            image->second.code = known->state;
    }
    for (const auto& [service, recipe] : recipe_of_service) {
        const auto code_id = code_id_of_service.find(service);
        if (code_id == code_id_of_service.end()) continue;
        for (auto& [id, image] : observed.images) {
            if (image.recipe_id != recipe) continue;
            if (const auto known = this->image(id, code_id->second)) image.code = known->state;
        }
    }
}

std::optional<Error> Proofs::given_up(const std::string& recipe_id) const {
    const auto found = given_up_.find(recipe_id);
    return found == given_up_.end() ? std::nullopt : std::optional<Error>(found->second);
}

void Proofs::keep_only(const std::set<std::string>& container_ids) {
    std::erase_if(containers_,
                  [&](const auto& entry) { return !container_ids.contains(entry.first); });
}

}    // namespace trueup::reconcile
