// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/claims.hpp"

#include <fmt/format.h>

#include <vector>

#include "controller/reconcile/registry.hpp"

namespace trueup::reconcile {
namespace {

std::string where(const Entry& entry, Position position) {
    position.file = entry.file;
    return to_string(position);
}

std::string where(const Entry& entry) { return where(entry, entry.stack.position); }

// Where no file says which, the default is meant, and the Stack's own place is told.
std::string where_of_engine(const Entry& entry) {
    const Position& position = entry.stack.engine_position;
    return position.line == 0 ? where(entry) : where(entry, position);
}

Refusal unknown_engine(const Entry& entry, const Engines& engines) {
    return Refusal{
        "EngineUnknown",
        Error(
            Errc::invalid,
            fmt::format("{}: there is no engine '{}' in the controller's configuration, which has "
                        "{}; nothing of the stack is touched",
                        where_of_engine(entry), entry.stack.spec.engine,
                        fmt::join(engines.names, ", ")))};
}

Refusal duplicate(const Entry& entry, const std::vector<Entry*>& claimants) {
    std::vector<std::string> others;
    for (const Entry* claimant : claimants) {
        if (claimant == &entry) continue;
        others.push_back(
            fmt::format("Stack '{}' ({})", claimant->stack.metadata.name, where(*claimant)));
    }
    return Refusal{
        "DuplicateProject",
        Error(Errc::invalid,
              fmt::format("{}: the compose project '{}' on engine '{}' is also that of {}; nothing "
                          "of it is touched until one of them gets another spec.compose.project",
                          where(entry), entry.stack.project_name(), entry.stack.spec.engine,
                          fmt::join(others, " and ")))};
}

Refusal taken(const Entry& entry, const Entry& taker) {
    return Refusal{
        "ProjectTaken",
        Error(Errc::invalid,
              fmt::format(
                  "its file {} is gone, and its compose project '{}' on engine '{}' is that of "
                  "Stack '{}' ({}) now; what is remembered of it stays until `trueup forget {}`",
                  entry.file, entry.stack.project_name(), entry.stack.spec.engine,
                  taker.stack.metadata.name, where(taker), entry.stack.metadata.name))};
}

}    // namespace

Place place_of(const v1alpha1::Stack& stack) { return {stack.spec.engine, stack.project_name()}; }

void refuse_claims(std::map<std::string, Entry>& entries, const Engines& engines) {
    std::map<Place, std::vector<Entry*>> places;
    for (auto& [name, entry] : entries) {
        entry.refused.reset();
        if (!engines.names.contains(entry.stack.spec.engine)) {
            entry.refused = unknown_engine(entry, engines);
        } else if (!entry.file_gone) {
            places[place_of(entry.stack)].push_back(&entry);
        }
    }
    for (const auto& [place, claimants] : places) {
        if (claimants.size() < 2) continue;
        for (Entry* claimant : claimants) claimant->refused = duplicate(*claimant, claimants);
    }
    for (auto& [name, entry] : entries) {
        if (!entry.file_gone || entry.refused) continue;
        const auto found = places.find(place_of(entry.stack));
        if (found != places.end()) entry.refused = taken(entry, *found->second.front());
    }
}

Findings refused_findings(const Entry& entry) {
    Findings findings;
    findings.error = entry.refused->error;
    findings.reason = entry.refused->reason;
    return findings;
}

Findings orphan_findings(const Entry& entry, const store::Suspension* suspension) {
    GateInputs inputs;
    inputs.suspended_by_file = entry.stack.spec.suspend;
    inputs.suspension = suspension;
    inputs.orphaned = true;
    Findings findings;
    findings.gate = decide_gate(inputs);
    return findings;
}

}    // namespace trueup::reconcile
