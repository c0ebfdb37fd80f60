// SPDX-License-Identifier: Apache-2.0
// One plan being carried out. Inside rollout/ only: executor.cpp schedules, steps.cpp and
// replace.cpp are the engine calls of each action, settle.cpp waits.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "controller/base/task_group.hpp"
#include "controller/rollout/mask.hpp"
#include "controller/rollout/permits.hpp"
#include "controller/rollout/rollout.hpp"
#include "controller/rollout/watch.hpp"

namespace trueup::rollout {

class Run {
public:
    Run(Executor executor, const plan::Plan& plan, const Context& context);

    boost::asio::awaitable<void> carry_out();
    Outcome take();

private:
    // How a container that is being replaced was: what restoring means.
    struct Replaced {
        model::RestartPolicy policy;
        bool was_running = true;
        std::string name;
    };
    // A container and the one to put back when it fails.
    struct Place {
        std::string service;
        std::string name;
        std::string id;
        std::string previous;    // "" = nothing to put back
    };

    // executor.cpp
    void spawn_ready();
    boost::asio::awaitable<void> run_action(const plan::Action& action);
    bool may_begin(const plan::Action& action);
    Task<void> dispatch(const plan::Action& action);
    void finish(const plan::Action& action, const Result<void>& done, double seconds);
    void fail(const plan::Action& action, const Error& error, ActionResult& result);
    Task<void> materialise_binds();
    boost::asio::awaitable<void> remove_unused();
    void say(const std::string& line) const;
    // Into the log and the events.
    void remark(int number, std::string reason, std::string text);

    // steps.cpp
    Task<void> perform(const plan::AdoptContainer& step, int number);
    Task<void> perform(const plan::CreateNetwork& step, int number);
    Task<void> perform(const plan::RemoveNetwork& step, int number);
    Task<void> perform(const plan::CreateVolume& step, int number);
    Task<void> perform(const plan::PullImage& step, int number);
    Task<void> perform(const plan::BuildImage& step, int number);
    Task<void> perform(const plan::ProveImage& step, int number);
    // Without the bytecode that is all that is wrong with it: then image_id becomes another.
    Task<model::CodeState> prove_built(std::string service, std::string& image_id, int number);
    Task<void> perform(const plan::PrepareContainer& step, int number);
    Task<void> perform(const plan::RemoveContainer& step, int number);
    Task<void> perform(const plan::RenameContainer& step, int number);
    // The final name is free, or held by who gives it up.
    Task<void> look_at_name(const plan::PrepareContainer& step);
    // target -> name, of those that the new container takes over
    Task<model::StringMap> anonymous_volumes(const plan::PrepareContainer& step,
                                             std::string image_id);
    // service -> id of its first container, of those that `wanted` shares something with
    Task<model::StringMap> shared_containers(const model::Service& wanted);
    Task<void> connect_further_networks(const plan::PrepareContainer& step, const std::string& id);

    // hooks.cpp
    Task<void> run_hooks(std::vector<model::Hook> hooks, std::string kind, std::string id);
    Task<void> keep_hooks(std::string name);
    boost::asio::awaitable<std::vector<model::Hook>> hooks_of(
        const model::ObservedContainer& container);
    boost::asio::awaitable<void> before_stop(const model::ObservedContainer& container);

    // replace.cpp
    Task<void> perform(const plan::StartContainer& step, int number);
    Task<void> restart(const plan::StartContainer& step);
    Task<void> start_in_place(const plan::StartContainer& step, const std::string& id);
    Task<void> write_files(std::string name, std::string id);
    Task<void> set_aside(const plan::StartContainer& step);
    // Puts the previous container back; the error says what failed and whether that succeeded.
    Task<void> restore(Place place, Error error);
    Task<void> put_back(const Place& place);

    // settle.cpp
    Task<void> perform(const plan::SettleContainer& step, int number);
    Task<void> await_settled(const plan::SettleContainer& step, const std::string& id);
    Task<void> prove_container(const plan::SettleContainer& step, const std::string& id);
    // With the container's last lines, without what it was given (see mask_of_container).
    boost::asio::awaitable<Error> failure(const plan::SettleContainer& step, const std::string& id,
                                          std::string what);

    const model::Service& service(const std::string& name) const {
        return context_.project.services.at(name);
    }
    std::string id_of(const std::string& id, const std::string& name) const;
    render::Capability capability() const {
        return render::capability_of(context_.cache.info().api_version);
    }

    Executor executor_;
    const plan::Plan& plan_;
    const Context& context_;
    Outcome outcome_;
    Mask mask_;    // of what the engine says

    TaskGroup work_;     // finished even when cancelled
    TaskGroup waits_;    // ends when cancelled
    Permits permits_;
    Watch watch_;
    boost::asio::steady_timer wake_;
    bool progressed_ = false;
    std::size_t running_ = 0;
    bool failed_ = false;
    bool cancelled_ = false;
    std::vector<std::size_t> missing_;           // by action: how many it still waits for
    std::vector<std::vector<int>> followers_;    // by action: who waits for it
    std::deque<int> ready_;

    std::map<int, std::string> images_;              // action -> id of the image it brought
    std::map<int, std::vector<Remark>> remarks_;     // action -> what it did beyond the plan
    std::map<std::string, std::string> prepared_;    // final name -> container id
    std::set<std::string> unused_;    // prepared under "<name>.next" and not started: ids
    std::map<std::string, Replaced> replaced_;    // id
    std::set<std::string> restored_;              // services
};

// "app/main.py is modified, app/old.py is extra, and 3 more differ": of a code state that is stale.
std::string describe_stale(const model::CodeState& code);

}    // namespace trueup::rollout
