// SPDX-License-Identifier: Apache-2.0
// Writes the actions of a plan: first the preparation, during which nothing that runs is stopped,
// then the change, service by service in dependency order. Inside plan/ only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/plan/decide.hpp"
#include "controller/plan/draft.hpp"
#include "controller/plan/guards.hpp"
#include "controller/plan/resources.hpp"

namespace trueup::plan {

// Its slot gets a container that does not exist yet.
bool makes_container(const Decision& decision);

class Writer {
public:
    // Both outlive this.
    Writer(const Inputs& inputs, const Slots& slots, SystemTime now);

    Plan write();

private:
    struct OfService {
        ImageChoice image;
        std::optional<Cause> pull_due;    // though it is there
        std::vector<Decision> decisions;
        int image_action = 0;              // what its new containers wait for; 0 = nothing
        std::map<int, int> adopted;        // slot number -> its AdoptContainer
        std::map<int, Numbers> cleared;    // slot number -> what puts the slot in order first
        std::map<int, int> prepared;       // slot number -> its PrepareContainer
        Numbers starts;
        Numbers settles;
        std::set<int> settled;    // slot numbers that have a SettleContainer
    };

    // False: nothing to do in any slot.
    bool decide_all();
    Decision decide_slot(const Slot& slot, const Wanted& wanted);
    std::optional<Plan::Blocked> find_guarded_change() const;
    void pass_restarts_on(const model::Service& service);
    void adopt(const model::Service& service);
    void pass_replacements_on(const model::Service& service);
    void clear_slots(const model::Service& service);
    void add_image(const model::Service& service);
    void pull_again();
    void prepare(const model::Service& service, const Decision& decision);
    int remove(const Removal& removal, const Numbers& after);
    void remove_orphans();
    void change(const model::Service& service);
    void change_slot(const model::Service& service, const Decision& decision, Numbers after);
    int start(const model::Service& service, const Decision& decision,
              const SettleContainer& settle, Numbers after);
    Numbers dependencies_of(const model::Service& service);
    void await(const model::Service& dependency, model::DependencyCondition condition);
    int add(const model::Service& service, Step step, const Cause& cause, const Numbers& after);
    // False: it is held.
    bool may_remove(const Removal& removal);

    const Inputs& inputs_;
    const Slots& slots_;
    const SystemTime now_;
    Images images_;
    std::set<std::string> names_;                   // taken on the engine
    std::map<std::string, std::string> holders_;    // name -> id, of what the plan may change
    std::map<std::string, OfService> services_;
    Draft draft_;
    std::vector<Held> held_;
    model::Completions completed_;
    ResourceActions resources_;
    std::map<std::string, int> image_numbers_;    // "reference …", "recipe …" -> action
    std::map<std::pair<std::string, std::vector<model::CodeMapping>>, int> proofs_;
    std::map<std::string, int> removed_by_;    // container id -> action
    Numbers prepared_;    // who waits for these has waited for the whole preparation
    Numbers orphans_gone_;
};

}    // namespace trueup::plan
