// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/reconcile/history_event.hpp"

namespace trueup::reconcile {
namespace {

std::size_t kept_of(const code::Evidence& evidence) {
    return static_cast<std::size_t>(
        std::count_if(evidence.files.begin(), evidence.files.end(),
                      [](const code::EvidenceFile& file) { return file.content.has_value(); }));
}

std::string names_of(const code::Evidence& evidence) {
    constexpr std::size_t shown = 3;
    std::string text;
    std::size_t count = 0;
    for (const code::EvidenceFile& file : evidence.files) {
        if (++count > shown) break;
        text += fmt::format("{}{} ({})", count == 1 ? "" : ", ", file.path, file.what);
    }
    if (evidence.differing > shown) text += fmt::format(" and {} more", evidence.differing - shown);
    return text;
}

}    // namespace

KeptEvidence::KeptEvidence(Parts parts, const Proofs& proofs,
                           std::shared_ptr<const Desired> desired, const model::Observed& observed,
                           const Entry& entry, std::string directory, store::Changes& noted,
                           std::function<void(const std::string&)> progress)
    : parts_(parts),
      proofs_(proofs),
      desired_(std::move(desired)),
      observed_(observed),
      entry_(entry),
      directory_(std::move(directory)),
      noted_(noted),
      progress_(std::move(progress)) {}

boost::asio::awaitable<void> KeptEvidence::keep(std::string container_id) {
    const auto found =
        std::find_if(observed_.containers.begin(), observed_.containers.end(),
                     [&](const model::ObservedContainer& each) { return each.id == container_id; });
    if (found == observed_.containers.end()) co_return;
    code::Evidence evidence;
    evidence.commit = desired_->commit.id;
    model::ObservedContainer container = *found;
    std::shared_ptr<const code::ExpectedCode> expected;
    const auto desired = desired_->expected.find(container.service);
    if (desired != desired_->expected.end()) expected = desired->second;
    if (container.code.status != model::CodeStatus::stale || expected == nullptr) {
        // Compared before another commit was desired.
        auto changed = proofs_.changed_inside(container);
        if (!changed) co_return;
        container.code = std::move(changed->state);
        expected = std::move(changed->expected);
        evidence.commit = container.revision;
    }
    const auto written = co_await write(std::move(container), std::move(expected), evidence);
    store::Event event;
    if (written) {
        event = event_of(entry_, store::EventType::normal, "EvidenceKept",
                         fmt::format("container {}: what differed in it is kept in {}: {}; {} of "
                                     "{} copied",
                                     found->name, *written, names_of(evidence), kept_of(evidence),
                                     evidence.differing));
    } else {
        event = event_of(entry_, store::EventType::warning, "EvidenceLost",
                         fmt::format("container {}: what differed in it could not be kept: {}",
                                     found->name, written.error().message()));
    }
    event.service = found->service;
    if (progress_) progress_(event.message);
    noted_.emplace_back(std::move(event));
}

Task<std::string> KeptEvidence::write(model::ObservedContainer container,
                                      std::shared_ptr<const code::ExpectedCode> expected,
                                      code::Evidence& evidence) {
    evidence.stack = entry_.stack.metadata.name;
    evidence.service = container.service;
    evidence.container = container.name;
    evidence.container_id = container.id;
    evidence.image_id = container.image_id;
    evidence.time = parts_.clock.now();
    evidence.differing = container.code.difference_count + container.code.bytecode_count;
    auto files =
        co_await code::read_differing(parts_.engine, std::move(container), std::move(expected));
    if (!files) co_return files.error();
    evidence.files = std::move(*files);
    std::function<Result<std::string>()> work = [this, &evidence] {
        return code::write_evidence(directory_, evidence);
    };
    co_return co_await base::offload_result(parts_.pool, std::move(work));
}

}    // namespace trueup::reconcile
