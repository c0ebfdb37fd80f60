// SPDX-License-Identifier: Apache-2.0
// Who restarted or stopped what. The engine's events told how a run ended and who began the next one;
// what trueup did itself, and why, is remembered as events.
#include <fmt/format.h>

#include <algorithm>

#include "controller/reconcile/explain_answers.hpp"
#include "controller/rollout/mask.hpp"

namespace trueup::reconcile {
namespace {

using model::Actor;
using model::EndCause;
using model::ObservedContainer;

constexpr std::size_t events_shown = 10;

// "was stopped by a person or another program"; "" when nobody saw it end.
std::string ended_text(const ObservedContainer& container) {
    std::string_view who = "a person or another program";
    if (container.ended.by == Actor::trueup) who = "trueup";
    if (container.ended.by == Actor::engine) who = "Docker itself";
    switch (container.ended.cause) {
        case EndCause::oom: return "was ended by the kernel: out of memory";
        case EndCause::stopped: return fmt::format("was stopped by {}", who);
        case EndCause::killed: return fmt::format("was killed by {}", who);
        case EndCause::crash:
            return container.state == model::ContainerState::running
                       ? "ended by itself"
                       : fmt::format("ended by itself with code {}", container.exit_code);
        case EndCause::none: break;
    }
    return container.oom_killed ? "was ended by the kernel: out of memory" : "";
}

std::string started_text(const ObservedContainer& container) {
    switch (container.last_start_by) {
        case Actor::trueup: return "was started by trueup";
        case Actor::engine: return "was started by Docker (its restart policy)";
        case Actor::person: return "was started by a person or another program";
        case Actor::unknown: break;
    }
    return "was started, nobody saw by whom,";
}

bool is_running(const ObservedContainer& container) {
    return container.state == model::ContainerState::running ||
           container.state == model::ContainerState::paused;
}

// When it was started or ended last.
std::optional<SystemTime> last_change(const ObservedContainer& container) {
    const auto started = base::parse_rfc3339(container.started_at);
    const auto finished =
        container.ended.at ? container.ended.at : base::parse_rfc3339(container.finished_at);
    if (!started || !finished) return started ? started : finished;
    return std::max(*started, *finished);
}

bool was_disturbed(const ObservedContainer& container) {
    return !ended_text(container).empty() || container.restart_count > 0 ||
           !is_running(container) || container.last_start_by == Actor::person;
}

// Why trueup started it, as it wrote down then.
std::string cause_of_start(const Known& known, const ObservedContainer& container) {
    if (container.last_start_by != Actor::trueup) return {};
    for (auto event = known.events.rbegin(); event != known.events.rend(); ++event) {
        if (event->service == container.service && event->actor == store::actor_trueup &&
            event->reason.starts_with("Container") && !event->cause.empty())
            return ", because of " + event->cause;
    }
    return {};
}

// The engine repeats what it could not run, and that may hold what a file of the host says.
std::string failed_start_text(const Known& known, const ObservedContainer& container) {
    if (container.error.empty()) return {};
    if (!known.look->desired) return "; its last start failed";
    rollout::Mask mask;
    mask.add(known.look->desired->host_values);
    return "; its last start failed: " + mask.hide(container.error);
}

std::string story(const Known& known, const ObservedContainer& container) {
    std::string text = container.name;
    const std::string ended = ended_text(container);
    if (!ended.empty()) {
        text += " " + ended;
        if (container.ended.at) text += " " + ago(*container.ended.at, known.now);
    }
    if (is_running(container)) {
        const auto started = base::parse_rfc3339(container.started_at);
        text += fmt::format("{} {}{}{}", ended.empty() ? "" : " and", started_text(container),
                            started ? " " + ago(*started, known.now) : "",
                            cause_of_start(known, container));
    } else {
        text += fmt::format("{} {} now", ended.empty() ? " is" : " and is",
                            model::to_string(container.state));
    }
    if (container.restart_count > 0) {
        text += fmt::format("; Docker's restart policy has started it {}",
                            container.restart_count == 1
                                ? "once"
                                : fmt::format("{} times", container.restart_count));
    }
    return text + failed_start_text(known, container);
}

void add_containers(const Known& known, Answer& answer) {
    if (!known.look || !known.look->observed) return;
    std::vector<const ObservedContainer*> containers;
    for (const ObservedContainer& container : known.look->observed->containers) {
        if (container.owned && !container.one_off) containers.push_back(&container);
    }
    std::stable_sort(containers.begin(), containers.end(), [](const auto* left, const auto* right) {
        return last_change(*left).value_or(SystemTime()) <
               last_change(*right).value_or(SystemTime());
    });
    std::string text;
    for (const ObservedContainer* container : containers) {
        answer.evidence.push_back({story(known, *container), "engine", last_change(*container)});
        if (was_disturbed(*container)) text = story(known, *container) + ".";
    }
    if (containers.empty()) return;
    const bool all_ours = std::all_of(
        containers.begin(), containers.end(),
        [](const auto* container) { return container->last_start_by == Actor::trueup; });
    if (text.empty()) {
        text = all_ours ? "Nobody: each container runs since trueup started it."
                        : "Nobody, as far as is known: no run of a container was seen to end.";
    }
    answer.text = text;
}

void add_events(const Known& known, Answer& answer) {
    std::vector<Evidence> told;
    for (auto event = known.events.rbegin(); event != known.events.rend(); ++event) {
        const bool about_containers = event->reason.starts_with("Container") ||
                                      event->reason == "PreviousRestored" ||
                                      event->reason == "DriftDetected";
        if (!about_containers || told.size() >= events_shown) continue;
        std::string text = fmt::format("{} ({}): {}", event->reason, event->actor, event->message);
        if (!event->cause.empty()) text += ", because of " + event->cause;
        if (event->count > 1) text += fmt::format(", {} times", event->count);
        told.push_back({std::move(text), "events", event->last_time});
    }
    answer.evidence.insert(answer.evidence.end(), told.rbegin(), told.rend());
}

}    // namespace

Answer explain_restarts(const Known& known) {
    Answer answer;
    answer.topic = "restarts";
    answer.question = "Who restarted or stopped it?";
    add_containers(known, answer);
    add_events(known, answer);
    if (!answer.text.empty()) return answer;
    answer.text = answer.evidence.empty() ? "No container of this stack is known."
                                          : "No container is known now; what happened is below.";
    return answer;
}

}    // namespace trueup::reconcile
