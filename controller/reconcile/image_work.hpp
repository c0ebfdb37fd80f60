// SPDX-License-Identifier: Apache-2.0
// What the executor asks for and only the commit can answer: build a service's image from it, and
// compare images and containers with it. Results go into Proofs, so nothing is compared twice.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "controller/reconcile/desired.hpp"
#include "controller/code/readings.hpp"
#include "controller/reconcile/parts.hpp"
#include "controller/reconcile/proofs.hpp"
#include "controller/rollout/rollout.hpp"

namespace trueup::reconcile {

// The owner on throw-away containers: proofs of one stack know their own leftovers.
std::string proof_owner(const std::string& controller_name, const std::string& stack);

class CommitImages final : public rollout::ImageWork {
public:
    using OnLine = std::function<void(const std::string& line)>;

    CommitImages(Parts parts, Proofs& proofs, code::Readings& readings,
                 std::shared_ptr<const Desired> desired, OnLine progress);

    // The new image's id. A step that fails is Errc::unhealthy: it is tried again with backoff,
    // since what a build downloads may be back later.
    Task<std::string> build(std::string service, std::string distrust) override;
    void give_up(const std::string& service, Error why) override;
    // Unknown where the service has no code mappings.
    Task<model::CodeState> prove(std::string service, std::string image_id) override;
    Task<model::CodeState> prove_container(std::string service, std::string container_id) override;

    Task<rollout::PurgedImage> purge(std::string service, std::string image_id) override;
    bool has_code(const std::string& service, const std::string& path) const override;

    // What was given up is built again: somebody asked for it.
    void try_again();

    // The same for a container that was observed already. One that cannot be compared is due for another
    // look soon.
    Task<model::CodeState> prove_observed(model::ObservedContainer container);

private:
    // Whether the image is built of the very recipe that is desired.
    Task<code::Builder> builder_of(std::string service, std::string image_id);
    Task<void> recall_or_prove(std::string service, std::string image_id);
    Task<code::Comparison> compare_observed(model::ObservedContainer container);
    Task<code::Comparison> compare_container(model::ObservedContainer container);
    metrics::StackLabels labels() const;
    void count_build(const std::string& image_id, bool proven);

    Parts parts_;
    Proofs& proofs_;
    code::Readings& readings_;
    std::shared_ptr<const Desired> desired_;
    OnLine progress_;
    std::map<std::string, double> built_;    // image id -> seconds, until it was compared
};

}    // namespace trueup::reconcile
