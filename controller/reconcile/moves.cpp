// SPDX-License-Identifier: Apache-2.0
// A stack whose file names another engine than before: what runs on the old one would run on, and
// start a second time on the new one without its data. The store's KnownStack names the engine where
// the stack was last, until a person has said yes to the move.
#include "controller/reconcile/moves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/plan/guard_token.hpp"

namespace trueup::reconcile {
namespace {

std::string token_of(const std::string& stack, const std::string& from, const std::string& to) {
    return std::string(plan::guard_token) +
           base::sha256_hex(fmt::format("engine\n{}\n{}\n{}", stack, from, to));
}

// An engine that only got another name in the configuration has it already.
bool runs_there(const std::string& stack, const engine::Cache& cache) {
    const auto owned = cache.owned_containers();
    return std::any_of(owned.begin(), owned.end(),
                       [&](const auto& each) { return each.second.stack == stack; });
}

Findings waiting(const Entry& entry, const std::string& from, std::string token,
                 const store::Suspension* suspension) {
    const std::string& name = entry.stack.metadata.name;
    Findings findings;
    findings.stage = Stage::diff;
    GateInputs inputs;
    inputs.suspended_by_file = entry.stack.spec.suspend;
    inputs.suspension = suspension;
    findings.gate = decide_gate(inputs);
    std::string message = fmt::format(
        "the stack ran on engine {0}, and would be made anew on engine {1}, with new and empty "
        "volumes; what runs on {0} would run on. `trueup confirm {2}` lets exactly this through",
        from, entry.stack.spec.engine, name);
    findings.error = Error(Errc::conflict, message);
    findings.confirmation = v1alpha1::ConfirmationStatus{token, message};
    findings.plan.blocked =
        plan::Plan::Blocked{"EngineChanged", std::move(message), std::move(token)};
    return findings;
}

store::Event moved(const std::string& name, const std::string& from, const std::string& to,
                   const std::string& actor) {
    store::Event event;
    event.name = name;
    event.type = store::EventType::warning;
    event.reason = "EngineChanged";
    event.message = fmt::format(
        "it moves from engine {0} to engine {1}; what it left on {0} still runs there", from, to);
    event.actor = actor;
    return event;
}

}    // namespace

std::optional<Findings> hold_move(const Entry& entry, const store::Store& store,
                                  const engine::Cache& there, SystemTime now,
                                  store::Changes& changes) {
    const v1alpha1::Stack& stack = entry.stack;
    const std::string& name = stack.metadata.name;
    const auto found = store.known_stacks().find(name);
    if (found == store.known_stacks().end()) return std::nullopt;
    store::KnownStack known = found->second;
    const std::string from = std::exchange(known.engine, stack.spec.engine);
    if (from == stack.spec.engine) return std::nullopt;
    if (store.applied(name) == nullptr || runs_there(name, there)) {
        changes.emplace_back(std::move(known));
        return std::nullopt;
    }
    if (!there.synced()) {
        Findings findings;
        findings.stage = Stage::observe;
        findings.error = Error(Errc::unavailable, "the engine: connecting");
        return findings;
    }
    std::string token = token_of(name, from, stack.spec.engine);
    const store::Confirmation* yes = store.confirmation(name, token);
    if (yes == nullptr) {
        return waiting(entry, from, std::move(token), store.suspension(name, now));
    }
    changes.emplace_back(moved(name, from, stack.spec.engine, yes->actor));
    changes.emplace_back(std::move(known));
    changes.emplace_back(store::Unconfirm{name, std::move(token)});
    return std::nullopt;
}

}    // namespace trueup::reconcile
