// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

#include "controller/model/labels.hpp"
#include "controller/plan/ownership.hpp"

namespace trueup::plan::test {

using model::CodeStatus;
using model::ContainerState;
using model::Health;
using model::ObservedContainer;

namespace {

// As the executor writes it into the labels.
std::string label_in(const boost::json::object& body, std::string_view name) {
    const auto* label = body.at("Labels").as_object().if_contains(name);
    return label == nullptr ? std::string() : std::string(label->as_string());
}
std::string seal_in(const boost::json::object& body) { return label_in(body, model::labels::seal); }

}    // namespace

// The first id that nothing has or had in this simulation: texts stay the same from run to run.
std::string Simulation::new_id(const std::string& kind) {
    for (int n = 1;; ++n) {
        std::string id = fmt::format("{}{:03}", kind, n);
        bool taken =
            !issued_.insert(id).second || observed_.images.contains(id) || find(id) != nullptr;
        for (const auto& network : observed_.networks) taken = taken || network.id == id;
        if (!taken) return id;
    }
}

ObservedContainer* Simulation::find(const std::string& id) {
    for (auto* containers : {&observed_.containers, &observed_.elsewhere}) {
        for (ObservedContainer& each : *containers) {
            if (each.id == id) return &each;
        }
    }
    return nullptr;
}

ObservedContainer* Simulation::ours(const std::string& id) {
    ObservedContainer* container = find(id);
    if (container == nullptr) {
        violations_.push_back("no such container: " + id);
        return nullptr;
    }
    const bool taken_over = policy_.adopt && !container->owned;
    if (container->one_off || !(taken_over || is_ours(*container, observed_, policy_.identity)))
        violations_.push_back("not ours: " + container->name);
    return container;
}

void Simulation::rename(const std::string& id, const std::string& name) {
    ObservedContainer* container = ours(id);
    if (container == nullptr) return;
    for (const ObservedContainer& each : observed_.containers) {
        if (each.name == name && each.id != id) violations_.push_back("the name is taken: " + name);
    }
    container->name = name;
}

void Simulation::remove(const std::string& id) {
    if (ours(id) == nullptr) return;
    const auto is_it = [&](const ObservedContainer& each) { return each.id == id; };
    std::erase_if(observed_.containers, is_it);
    std::erase_if(observed_.elsewhere, is_it);
}

void Simulation::create(const PrepareContainer& step) {
    const model::Service& service = project_.services.at(step.service);
    ObservedContainer container;
    container.id = new_id("c");
    container.name = step.beside ? next_name(step.name) : step.name;
    for (const ObservedContainer& each : observed_.containers) {
        if (each.name == container.name) violations_.push_back("the name is taken: " + each.name);
    }
    container.project = project_.name;
    container.service = step.service;
    container.number = step.number;
    container.image_id = step.image_id.empty() ? image_of_action_[step.image_from] : step.image_id;
    if (!observed_.images.contains(container.image_id))
        violations_.push_back("no image for " + container.name);
    container.owned = true;
    container.owner = policy_.identity.controller;
    container.stack = policy_.identity.stack;
    container.revision = policy_.identity.revision;
    container.config_hash = render::config_hash(project_, service);
    container.restart_policy = service.restart.name;
    for (const auto& [target, mount] : render::mounts_by_target(project_, service)) {
        const bool named = mount.kind == model::MountKind::volume;
        const std::string bound = mount.in_commit ? "/binds/" + mount.content_id : mount.source;
        container.mounts[target] = {named ? model::MountedKind::volume : model::MountedKind::bind,
                                    named ? project_.volumes.at(mount.source).name : bound,
                                    !mount.read_only};
    }
    render::Creation creation;
    creation.image_id = container.image_id;
    const auto body =
        render::container_body(project_, service, step.number, policy_.identity, creation);
    container.seal = seal_in(body);
    container.made_as = label_in(body, model::labels::name);
    container.content = label_in(body, model::labels::content);
    prepared_[step.name] = container.id;
    observed_.containers.push_back(std::move(container));
}

void Simulation::start(const std::string& id) {
    ObservedContainer* container = ours(id);
    if (container == nullptr) return;
    if (container->name.ends_with(".next"))
        violations_.push_back("started under its prepared name: " + container->name);
    if (container->state == ContainerState::running) return;
    container->state = ContainerState::running;
    container->exit_code = 0;
    container->started_at = "2026-11-24T10:15:00Z";
    const auto& service = project_.services.find(container->service);
    const bool checked = service != project_.services.end() && service->second.healthcheck;
    container->health = checked ? Health::starting : Health::none;
}

std::string Simulation::resolve(const std::string& id, const std::string& name) const {
    if (!id.empty()) return id;
    const auto found = prepared_.find(name);
    return found == prepared_.end() ? std::string() : found->second;
}

// The engine calls of one action.
struct Simulation::Make {
    Simulation& sim;
    int number;

    Calls operator()(const AdoptContainer& step) const {
        return {[this_ = &sim, step] {
            ObservedContainer* container = this_->find(step.id);
            if (container == nullptr) return this_->violations_.push_back("gone: " + step.name);
            take_over(*container, step, this_->policy_.identity);
        }};
    }
    Calls operator()(const CreateNetwork& step) const {
        return {[this_ = &sim, step] {
            model::ObservedNetwork network;
            network.id = this_->new_id("n");
            network.name = step.name;
            network.key = step.key;
            network.owned = true;
            network.stack = this_->policy_.identity.stack;
            network.project = this_->project_.name;
            const model::Network& wanted = this_->project_.networks.at(step.key);
            network.config_hash =
                render::keyed_hash(this_->policy_.identity.key, render::network_hash(wanted));
            network.seal =
                seal_in(render::network_body(this_->project_, wanted, this_->policy_.identity));
            this_->observed_.networks.push_back(std::move(network));
        }};
    }
    Calls operator()(const RemoveNetwork& step) const {
        return {[this_ = &sim, step] {
            for (const ObservedContainer& each : this_->observed_.containers) {
                if (each.networks.contains(step.name) && each.state == ContainerState::running) {
                    this_->violations_.push_back("the network is in use: " + step.name);
                }
            }
            std::erase_if(this_->observed_.networks, [&](const auto& each) {
                if (each.id != step.id) return false;
                if (!is_ours(each, each.project, this_->policy_.identity)) {
                    this_->violations_.push_back("not ours: network " + each.name);
                }
                return true;
            });
        }};
    }
    Calls operator()(const CreateVolume& step) const {
        return {[this_ = &sim, step] {
            model::ObservedVolume volume;
            volume.name = step.name;
            volume.key = step.key;
            volume.owned = true;
            volume.stack = this_->policy_.identity.stack;
            volume.project = this_->project_.name;
            const model::Volume& wanted = this_->project_.volumes.at(step.key);
            volume.config_hash =
                render::keyed_hash(this_->policy_.identity.key, render::volume_hash(wanted));
            volume.seal =
                seal_in(render::volume_body(this_->project_, wanted, this_->policy_.identity));
            this_->observed_.volumes.push_back(std::move(volume));
        }};
    }
    Calls operator()(const PullImage& step) const {
        return {[this_ = &sim, step, n = number] {
            model::ObservedImage image;
            image.id = "sha256:image-of-" + step.reference;
            image.references = {step.reference};
            this_->observed_.image_of_reference[step.reference] = image.id;
            this_->image_of_action_[n] = image.id;
            this_->observed_.images[image.id] = std::move(image);
        }};
    }
    Calls operator()(const BuildImage& step) const {
        const auto build = [this_ = &sim, step, n = number] {
            model::ObservedImage image;
            image.id = this_->new_id("sha256:a00");
            image.references = {step.reference};
            image.recipe_id = step.recipe_id;
            image.revision = this_->policy_.identity.revision;
            this_->image_of_action_[n] = image.id;
            this_->observed_.images[image.id] = std::move(image);
        };
        const auto prove = [this_ = &sim, step, n = number] {
            if (!this_->project_.code.contains(step.service)) return;
            this_->observed_.images.at(this_->image_of_action_[n]).code.status = CodeStatus::fresh;
        };
        return {build, prove};
    }
    Calls operator()(const ProveImage& step) const {
        return {[this_ = &sim, step] {
            this_->observed_.images.at(step.image_id).code.status = CodeStatus::fresh;
        }};
    }
    Calls operator()(const PrepareContainer& step) const {
        Calls calls = {[this_ = &sim, step] { this_->create(step); }};
        const model::Service& service = sim.project_.services.at(step.service);
        for (const auto& [key, attachment] : service.networks) {
            const std::string name = sim.project_.networks.at(key).name;
            const auto connect = [this_ = &sim, step, name] {
                ObservedContainer* container = this_->find(this_->prepared_.at(step.name));
                for (const auto& each : this_->observed_.networks) {
                    if (each.name == name) container->networks[name] = each.id;
                }
                if (!container->networks.contains(name))
                    this_->violations_.push_back("no network " + name);
            };
            // The first one comes with the create call.
            if (calls.size() == 1 && key == service.networks.begin()->first) {
                calls.front() = [create = calls.front(), connect] {
                    create();
                    connect();
                };
            } else {
                calls.push_back(connect);
            }
        }
        return calls;
    }
    Calls operator()(const StartContainer& step) const {
        Calls calls;
        Simulation* this_ = &sim;
        if (!step.replaces.empty()) {
            calls.push_back([this_, step] {
                const ObservedContainer* container = this_->ours(step.replaces);
                if (container != nullptr)
                    this_->rename(step.replaces, previous_name(container->name));
            });
            calls.push_back([this_, step] { this_->ours(step.replaces)->restart_policy = "no"; });
            calls.push_back([this_, step] {
                ObservedContainer* container = this_->ours(step.replaces);
                if (container->state == ContainerState::exited) return;
                container->state = ContainerState::exited;
                container->exit_code = 0;
                container->health = Health::none;
            });
        }
        if (step.restart) {
            // The engine stops and starts it in one call.
            calls.push_back([this_, step] {
                this_->ours(step.id)->age = {};
                this_->ours(step.id)->state = ContainerState::exited;
                this_->start(step.id);
            });
            return calls;
        }
        if (step.beside) {
            calls.push_back(
                [this_, step] { this_->rename(this_->resolve(step.id, step.name), step.name); });
        }
        calls.push_back([this_, step] { this_->start(this_->resolve(step.id, step.name)); });
        return calls;
    }
    Calls operator()(const SettleContainer& step) const {
        Simulation* this_ = &sim;
        const auto wait = [this_, step] {
            ObservedContainer* container = this_->ours(this_->resolve(step.id, step.name));
            if (container == nullptr) return;
            if (container->state == ContainerState::created ||
                container->state == ContainerState::paused) {
                this_->violations_.push_back("waits for what was never started: " +
                                             container->name);
            }
            if (step.completes) {
                container->state = ContainerState::exited;
                container->exit_code = 0;
                container->health = Health::none;
            } else if (container->health != Health::none) {
                container->health = Health::healthy;
            }
        };
        const auto prove = [this_, step] {
            ObservedContainer* container = this_->ours(this_->resolve(step.id, step.name));
            if (container != nullptr && this_->project_.code.contains(step.service))
                container->code.status = CodeStatus::fresh;
        };
        Calls calls = {wait, prove};
        if (!step.previous.empty())
            calls.push_back([this_, step] { this_->remove(step.previous); });
        return calls;
    }
    Calls operator()(const RemoveContainer& step) const {
        Simulation* this_ = &sim;
        return {[this_, step] {
                    ObservedContainer* container = this_->ours(step.id);
                    if (container == nullptr) return;
                    const bool made =
                        is_ours(*container, this_->observed_, this_->policy_.identity);
                    if (step.never_started &&
                        (!container->started_at.empty() || container->adopted || !made)) {
                        this_->violations_.push_back("its data would be lost: " + container->name);
                    }
                    if (container->state != ContainerState::created)
                        container->state = ContainerState::exited;
                    container->health = Health::none;
                },
                [this_, step] { this_->remove(step.id); }};
    }
    Calls operator()(const RenameContainer& step) const {
        Simulation* this_ = &sim;
        return {[this_, step] {
                    ObservedContainer* container = this_->ours(step.id);
                    if (container != nullptr)
                        container->restart_policy =
                            this_->project_.services.at(step.service).restart.name;
                },
                [this_, step] { this_->rename(step.id, step.to); }};
    }
};

std::size_t Simulation::apply(const Plan& plan, std::size_t calls, unsigned seed) {
    std::mt19937 random(seed);
    std::set<int> done;
    std::vector<std::pair<int, Calls>>
        running;    // the number, and the calls that are left, last first
    std::size_t started = 0;
    std::vector<bool> begun(plan.actions.size() + 1, false);
    std::size_t made = 0;
    while (done.size() < plan.actions.size() && made < calls) {
        for (const Action& action : plan.actions) {
            const bool ready = std::all_of(action.after.begin(), action.after.end(),
                                           [&](int n) { return done.contains(n); });
            if (begun[static_cast<std::size_t>(action.number)] || !ready) continue;
            if (seed == 0 && !running.empty()) continue;
            begun[static_cast<std::size_t>(action.number)] = true;
            ++started;
            Calls list = std::visit(Make{*this, action.number}, action.step);
            std::reverse(list.begin(), list.end());
            running.emplace_back(action.number, std::move(list));
        }
        if (running.empty()) {
            violations_.push_back("the plan is stuck");
            break;
        }
        const std::size_t chosen = seed == 0 ? 0 : random() % running.size();
        auto& [number, list] = running[chosen];
        const auto call = std::move(list.back());
        list.pop_back();
        call();
        ++made;
        if (list.empty()) {
            done.insert(number);
            running.erase(running.begin() + static_cast<std::ptrdiff_t>(chosen));
        }
    }
    std::sort(observed_.containers.begin(), observed_.containers.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    return made;
}

}    // namespace trueup::plan::test
