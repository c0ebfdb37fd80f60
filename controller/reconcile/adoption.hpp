// SPDX-License-Identifier: Apache-2.0
// Containers that another tool created: compared with what the commit asks for, and remembered once
// they are taken over, since their labels cannot be written later.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "controller/engine/engine.hpp"
#include "controller/model/observed.hpp"
#include "controller/plan/policy.hpp"
#include "controller/reconcile/desired.hpp"
#include "controller/rollout/rollout.hpp"
#include "controller/store/store.hpp"

namespace trueup::reconcile {

// The ids of what the stack adopted, for Cache::observe(): no label tells whose they are, also in a
// project that the stack was before.
std::set<std::string> adopted_by(const std::string& stack,
                                 const std::map<std::string, store::AdoptedContainer>& all);

// Writes into a snapshot what is remembered of the stack's adopted containers.
void fill_adopted(model::Observed& observed,
                  const std::map<std::string, store::AdoptedContainer>& all,
                  const render::StackIdentity& identity);

// Adopted containers of the stack that are gone from the engine. `observed`: with adopted_by().
store::Changes release_gone(const model::Observed& observed,
                            const std::map<std::string, store::AdoptedContainer>& all,
                            const std::string& stack);

// What was found, as revision 0, before anything of it is taken over or replaced; nothing where no
// container of another tool was found.
store::Changes record_found_state(const Desired& desired, const model::Observed& observed,
                                  const std::string& environment, SystemTime now);

// Compares each container at most once with one desired service: it cannot change but by its engine.
class Comparisons {
public:
    // Fills `comparison` of every container of the project that may be adopted. Errors: of the engine;
    // a container that is gone meanwhile is none.
    Task<void> fill(engine::Engine& engine, std::shared_ptr<const Desired> desired,
                    model::Observed& observed);

private:
    Task<model::Comparison> compare(engine::Engine& engine, std::shared_ptr<const Desired> desired,
                                    model::ObservedContainer container, model::StringMap shared);

    std::map<std::string, model::Comparison> known_;    // by container id
};

// Remembers in the store.
class StoreLedger final : public rollout::Ledger {
public:
    StoreLedger(store::Store& store, std::string stack) : store_(store), stack_(std::move(stack)) {}
    Task<void> adopt(plan::AdoptContainer step) override;

private:
    store::Store& store_;
    std::string stack_;
};

}    // namespace trueup::reconcile
