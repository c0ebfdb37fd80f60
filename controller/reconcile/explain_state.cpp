// SPDX-License-Identifier: Apache-2.0
// What is: what runs, and what differs from what should.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "controller/base/text.hpp"
#include "controller/code/changes.hpp"
#include "controller/reconcile/explain_answers.hpp"
#include "controller/reconcile/service_status.hpp"

namespace trueup::reconcile {
namespace {

using v1alpha1::Condition;
using v1alpha1::ServiceStatus;
using v1alpha1::StackStatus;

std::string message_of(const StackStatus& status, std::string_view type) {
    const Condition* found = v1alpha1::find_condition(status, type);
    return found == nullptr ? "not looked at yet" : found->message;
}

bool looked(const Known& known) {
    return known.look && known.look->desired && known.look->observed;
}

// --- running ---

std::size_t files_of(const model::Observed& observed, const std::string& service) {
    std::size_t files = 0;
    for (const model::ObservedContainer& container : observed.containers) {
        if (container.service == service) files = std::max(files, container.code.files);
    }
    return files;
}

std::string proof_text(const Known& known, const ServiceStatus& service) {
    const bool outdated = looked(known) && is_outdated(*known.look->observed, service.name);
    if (service.fresh == "False" && outdated) return "its process is outdated: " + service.drift;
    if (service.fresh == "False") return "its code differs: " + service.drift;
    if (service.fresh != "True" && !service.drift.empty())
        return "its code is not proven: " + service.drift;
    if (service.fresh != "True") return "its code is not proven";
    if (service.proof == "build")
        return "its image was built from exactly the commit's context, and has no file of it to "
               "compare";
    if (service.proof == "digest") return "its image is the one that the commit names";
    if (!looked(known)) return "its code is proven";
    const std::size_t files = files_of(*known.look->observed, service.name);
    return fmt::format("its code is commit {}'s, {} compared one by one",
                       short_commit(known.look->desired->commit.id), count_of(files, "file"));
}

Evidence service_evidence(const Known& known, const ServiceStatus& service) {
    const std::string health =
        service.health == "none" || service.health.empty() ? std::string() : ", " + service.health;
    Evidence evidence;
    evidence.text = fmt::format("service {}: {}{}; {}", service.name, service.state, health,
                                proof_text(known, service));
    evidence.seen_in = "engine";
    evidence.time = service.proven_at;
    return evidence;
}

// What of its Dockerfile could not be followed into the image.
void add_untraced(const Known& known, const std::string& service, Answer& answer) {
    if (!looked(known)) return;
    const auto untraced = known.look->desired->untraced.find(service);
    if (untraced == known.look->desired->untraced.end()) return;
    constexpr std::size_t most = 10;
    const Problems& problems = untraced->second;
    for (std::size_t index = 0; index < std::min(problems.size(), most); ++index) {
        answer.evidence.push_back({fmt::format("service {}: not followed into the image: {}",
                                               service, to_string(problems[index])),
                                   "git", std::nullopt});
    }
    if (problems.size() > most) {
        answer.evidence.push_back(
            {fmt::format("service {}: and {} more (spec.code says where its code lies)", service,
                         problems.size() - most),
             "git", std::nullopt});
    }
}

// Files of the commit that its image has otherwise, by the doing of its own build.
void add_changed(const Known& known, const std::string& service, Answer& answer) {
    if (!looked(known) || !known.look->desired->expected.contains(service)) return;
    const code::ExpectedCode& expected = *known.look->desired->expected.at(service);
    for (const model::ObservedContainer& container : known.look->observed->containers) {
        const model::CodeState& code = container.code;
        if (container.service != service || code.of_build_count == 0) continue;
        for (const model::FileDifference& each : code.of_build) {
            answer.evidence.push_back({fmt::format("service {}: not the commit's word for word: {}",
                                                   service, code::change_text(each, expected)),
                                       "engine", std::nullopt});
        }
        if (code.of_build_count > code.of_build.size()) {
            answer.evidence.push_back(
                {fmt::format("service {}: and {} more files that its build changed", service,
                             code.of_build_count - code.of_build.size()),
                 "engine", std::nullopt});
        }
        return;    // its other containers have them alike
    }
}

// What is mounted into it and may have changed since its process started, for all that is known.
void add_unseen(const Known& known, const std::string& service, Answer& answer) {
    if (!looked(known)) return;
    for (const model::ObservedContainer& container : known.look->observed->containers) {
        if (container.service != service || container.age.unseen.empty()) continue;
        answer.evidence.push_back(
            {fmt::format(
                 "service {}: whether {} is older than what is mounted read-only into it is not "
                 "known: {}",
                 service, container.name, container.age.unseen),
             "engine", std::nullopt});
    }
}

// Where a change is not noticed at once.
void add_half_watched(const Known& known, const std::string& service, Answer& answer) {
    if (!looked(known)) return;
    for (const model::ObservedContainer& container : known.look->observed->containers) {
        if (container.service != service || !known.look->half_watched.contains(container.id))
            continue;
        answer.evidence.push_back(
            {fmt::format(
                 "service {}: {} has more folders of code than may be watched, so a change in "
                 "some of them is found only by looking from time to time (raise "
                 "fs.inotify.max_user_watches)",
                 service, container.name),
             "engine", std::nullopt});
    }
}

// "Commit 9f3c1e2 runs", or why no commit can be named.
std::string what_runs(const Known& known) {
    const std::string& commit = known.entry.stack.status.running_commit;
    if (!commit.empty()) return fmt::format("Commit {} runs", short_commit(commit));
    if (!looked(known)) return "What runs is of no single commit";
    std::set<std::string> revisions;
    for (const model::ObservedContainer& container : known.look->observed->containers) {
        const bool runs = container.state == model::ContainerState::running ||
                          container.state == model::ContainerState::paused;
        if (runs && !container.one_off) revisions.insert(container.revision);
    }
    if (revisions.empty()) return "Nothing of it runs";
    if (revisions.size() == 1 && revisions.begin()->empty())
        return "What runs is of no commit that is known";
    if (revisions.size() == 1)
        return fmt::format("Commit {} runs", short_commit(*revisions.begin()));
    return "What runs is of no single commit";
}

std::string running_text(const Known& known, const std::vector<ServiceStatus>& services) {
    const StackStatus& status = known.entry.stack.status;
    if (services.empty()) return message_of(status, "Ready");
    const auto proven = static_cast<std::size_t>(std::count_if(
        services.begin(), services.end(), [](const auto& each) { return each.fresh == "True"; }));
    std::string what = what_runs(known);
    if (waits_for_new_name(known) && looked(known) && !known.look->observed->containers.empty())
        what += ", as project " + known.look->desired->project.name;
    const std::string wanted = wanted_commit(known);
    if (status.running_commit != wanted && !wanted.empty())
        what += fmt::format(" where {} is wanted", short_commit(wanted));
    return fmt::format("{}; the code of {} of {} is proven. {}", what, proven,
                       count_of(services.size(), "service"),
                       "Health: " + message_of(status, "Healthy") + ".");
}

}    // namespace

bool waits_for_new_name(const Known& known) {
    return known.look && known.look->remaining.blocked &&
           known.look->remaining.blocked->reason == "ProjectRenamed";
}

std::string wanted_commit(const Known& known) {
    const std::string& named = known.entry.stack.spec.git.commit;
    return named.empty() ? known.entry.stack.status.desired_commit : named;
}

std::string short_commit(const std::string& commit) { return commit.substr(0, 7); }

std::string count_of(std::size_t number, std::string_view noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string time_between(SystemTime from, SystemTime to) {
    const auto seconds =
        std::max(std::chrono::duration_cast<Seconds>(to - from), Seconds(0)).count();
    if (seconds < 60) return fmt::format("{}s", seconds);
    const auto minutes = seconds / 60;
    if (minutes < 60)
        return seconds % 60 == 0 ? fmt::format("{}m", minutes)
                                 : fmt::format("{}m{}s", minutes, seconds % 60);
    const auto hours = minutes / 60;
    if (hours < 48)
        return minutes % 60 == 0 ? fmt::format("{}h", hours)
                                 : fmt::format("{}h{}m", hours, minutes % 60);
    return fmt::format("{}d{}h", hours / 24, hours % 24);
}

std::string ago(SystemTime time, SystemTime now) { return time_between(time, now) + " ago"; }

Answer explain_running(const Known& known) {
    Answer answer;
    answer.topic = "running";
    answer.question = "What runs, and is it proven?";
    const auto services = looked(known)
                              ? service_statuses(*known.look->desired, *known.look->observed)
                              : known.entry.stack.status.services;
    answer.text = running_text(known, services);
    for (const ServiceStatus& service : services) {
        answer.evidence.push_back(service_evidence(known, service));
        add_untraced(known, service.name, answer);
        add_changed(known, service.name, answer);
        add_unseen(known, service.name, answer);
        add_half_watched(known, service.name, answer);
    }
    if (known.engine) {
        answer.text =
            "Not known now: the engine is not followed. As it was last seen: " + answer.text;
        answer.evidence.push_back({known.engine->message(), "engine", std::nullopt});
    }
    return answer;
}

Answer explain_differences(const Known& known) {
    Answer answer;
    answer.topic = "differs";
    answer.question = "What differs, and what will be done about it?";
    if (!looked(known)) {
        answer.text = "Not known: " + message_of(known.entry.stack.status, "Synced") + ".";
        return answer;
    }
    const plan::Plan& plan = known.look->remaining;
    if (plan.blocked) {
        answer.text = fmt::format("Nothing will be done ({}): {}", plan.blocked->reason,
                                  plan.blocked->message);
        return answer;
    }
    const std::string left = plan.held.empty()
                                 ? std::string()
                                 : fmt::format(" {} left as it is, for the reasons below.",
                                               count_of(plan.held.size(), "difference"));
    if (plan.in_sync()) {
        answer.text = fmt::format("Nothing: what runs is what commit {} says.",
                                  short_commit(known.look->desired->commit.id));
    } else if (plan.actions.empty()) {
        answer.text = "Nothing will be done now." + left;
    } else {
        answer.text = fmt::format("{} to do, for {}.", count_of(plan.actions.size(), "action"),
                                  count_of(drifted_things(plan).size(), "difference")) +
                      left;
    }
    for (const plan::Action& action : plan.actions)
        answer.evidence.push_back({plan::to_text(action), "engine", std::nullopt});
    for (const plan::Held& held : plan.held)
        answer.evidence.push_back({plan::to_text(held), "engine", std::nullopt});
    return answer;
}

}    // namespace trueup::reconcile
