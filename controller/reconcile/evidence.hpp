// SPDX-License-Identifier: Apache-2.0
// What differed in the containers that a plan heals, kept below the state directory, and told as events.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "controller/code/evidence.hpp"
#include "controller/reconcile/desired.hpp"
#include "controller/reconcile/parts.hpp"
#include "controller/reconcile/proofs.hpp"
#include "controller/reconcile/registry.hpp"
#include "controller/rollout/rollout.hpp"
#include "controller/store/records.hpp"

namespace trueup::reconcile {

class KeptEvidence final : public rollout::Evidence {
public:
    // `observed` is what the plan was made from: it knows what differs. Events are added to `noted`;
    // `progress` (may be empty) hears what they say.
    KeptEvidence(Parts parts, const Proofs& proofs, std::shared_ptr<const Desired> desired,
                 const model::Observed& observed, const Entry& entry, std::string directory,
                 store::Changes& noted, std::function<void(const std::string&)> progress);

    boost::asio::awaitable<void> keep(std::string container_id) override;

private:
    Task<std::string> write(model::ObservedContainer container,
                            std::shared_ptr<const code::ExpectedCode> expected,
                            code::Evidence& evidence);

    Parts parts_;
    const Proofs& proofs_;
    std::shared_ptr<const Desired> desired_;
    const model::Observed& observed_;
    const Entry& entry_;
    std::string directory_;
    store::Changes& noted_;
    std::function<void(const std::string&)> progress_;
};

}    // namespace trueup::reconcile
