// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/service_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "controller/code/changes.hpp"

namespace trueup::reconcile {
namespace {

using model::CodeStatus;
using model::ContainerState;
using model::Health;
using model::ObservedContainer;
using v1alpha1::Condition;
using v1alpha1::ConditionStatus;
using v1alpha1::ServiceStatus;

// The service's containers under their own names; what a rollout keeps or prepares has a suffix. Before
// they are adopted too: it is they that run.
std::vector<const ObservedContainer*> current_containers(const model::Service& service,
                                                         const model::Observed& observed,
                                                         const std::string& project_name) {
    std::vector<const ObservedContainer*> found;
    for (const ObservedContainer& container : observed.containers) {
        if (container.service != service.name || container.one_off) continue;
        if (!container.owned && !container.comparison) continue;
        // Another tool may have given it another name.
        if (!container.adopted &&
            container.name != render::container_name(project_name, service, container.number))
            continue;
        found.push_back(&container);
    }
    return found;
}

bool is_running(const ObservedContainer& container) {
    return container.state == ContainerState::running;
}

constexpr int restarts_of_a_loop = 2;
constexpr std::chrono::minutes steady_run{1};

// When a container that Docker restarted again and again will have run long enough to be trusted.
std::optional<SystemTime> trusted_from(const ObservedContainer& container, SystemTime now) {
    if (!is_running(container) || container.restart_count < restarts_of_a_loop) return std::nullopt;
    const auto started = base::parse_rfc3339(container.started_at);
    if (!started || *started + steady_run <= now) return std::nullopt;
    // A clock that went back must not make a minute of hours.
    return std::min(*started, now) + steady_run;
}

enum class Verdict : std::uint8_t { fine, progressing, missing, degraded };

// Replicas that are missing, and were not done before they went.
int missing(const Desired& desired, const model::Service& service,
            const std::vector<const ObservedContainer*>& containers,
            const model::Observed& observed) {
    int count = service.replicas - static_cast<int>(containers.size());
    for (int number = 1; count > 0 && number <= service.replicas; ++number) {
        const bool there = std::any_of(containers.begin(), containers.end(),
                                       [&](const auto* each) { return each->number == number; });
        if (!there && plan::is_done(desired.project, service, number, observed)) --count;
    }
    return count;
}

Verdict judge(const Desired& desired, const model::Service& service,
              const std::vector<const ObservedContainer*>& containers,
              const model::Observed& observed, SystemTime now) {
    Verdict worst = Verdict::fine;
    for (const ObservedContainer* container : containers) {
        Verdict one = Verdict::fine;
        if (container->health == Health::starting) one = Verdict::progressing;
        if (container->health == Health::unhealthy) one = Verdict::degraded;
        if (trusted_from(*container, now)) one = Verdict::degraded;
        const bool done =
            plan::has_completed(desired.project, service, *container) ||
            (container->state == ContainerState::exited && container->exit_code == 0 &&
             plan::is_done(desired.project, service, container->number, observed));
        if (!is_running(*container)) one = done ? Verdict::fine : Verdict::degraded;
        worst = std::max(worst, one);
    }
    return worst;
}

std::string state_text(const model::Service& service,
                       const std::vector<const ObservedContainer*>& containers, int missing) {
    if (service.replicas == 0 && containers.empty()) return "scaled to 0";
    if (containers.empty()) return missing == 0 ? "completed" : "missing";
    const auto running =
        std::count_if(containers.begin(), containers.end(),
                      [](const ObservedContainer* container) { return is_running(*container); });
    if (running > 0) return fmt::format("running {}/{}", running, service.replicas);
    const ObservedContainer& first = *containers.front();
    if (first.state == ContainerState::exited) return fmt::format("exited ({})", first.exit_code);
    return std::string(model::to_string(first.state));
}

std::string restarts_text(const std::vector<const ObservedContainer*>& containers, SystemTime now) {
    for (const ObservedContainer* container : containers) {
        if (trusted_from(*container, now) || container->state == ContainerState::restarting) {
            return fmt::format(", and Docker has restarted {} {} times", container->name,
                               container->restart_count);
        }
    }
    return {};
}

Health worst_health(const std::vector<const ObservedContainer*>& containers) {
    Health worst = Health::none;
    for (const ObservedContainer* container : containers) {
        if (container->health == Health::unhealthy) return Health::unhealthy;
        if (container->health == Health::starting) worst = Health::starting;
        if (container->health == Health::healthy && worst == Health::none) worst = Health::healthy;
    }
    return worst;
}

// Of a one-shot that is done and gone: what it was run from.
std::string image_of_completed(const model::Service& service, const model::Observed& observed) {
    const auto done = observed.completed.find({service.name, 1});
    return done == observed.completed.end() || service.build ? std::string() : done->second.image;
}

std::string drift_text(const model::CodeState& code, const std::string& commit) {
    if (code.differences.empty() && !code.bytecode.empty()) {
        std::string text = model::to_text(code.bytecode.front(), commit);
        if (code.bytecode_count > 1)
            text += fmt::format(" and {} more bytecode files", code.bytecode_count - 1);
        return text;
    }
    if (code.differences.empty()) return {};
    const model::FileDifference& first = code.differences.front();
    std::string text = fmt::format("{} {}", first.path, model::to_string(first.change));
    if (code.difference_count > 1) text += fmt::format(" and {} more", code.difference_count - 1);
    return text;
}

void add_proof(ServiceStatus& status, const std::vector<const ObservedContainer*>& containers,
               const std::string& commit) {
    bool all_fresh = !containers.empty();
    bool all_known = all_fresh;
    for (const ObservedContainer* container : containers) {
        const model::CodeState& code = container->code;
        if (code.status == CodeStatus::unknown) {
            all_fresh = false;
            all_known = false;
            // It was looked at, and nothing there could tell.
            if (status.drift.empty()) status.drift = drift_text(code, commit);
            continue;
        }
        if (!status.proven_at || (code.proven_at && *code.proven_at < *status.proven_at))
            status.proven_at = code.proven_at;
        if (code.status != CodeStatus::stale) continue;
        if (status.fresh != "False" || status.drift.empty())
            status.drift = drift_text(code, commit);
        status.fresh = "False";
    }
    if (all_known) status.proof = "files";
    if (all_fresh && status.fresh != "False") status.fresh = "True";
}

// What runs is older than what lies there, whatever the files are by now.
void add_age(ServiceStatus& status, const model::Project& project, const model::Service& service,
             const std::vector<const ObservedContainer*>& containers) {
    if (status.fresh == "False" || !plan::may_be_outdated(project, service)) return;
    for (const ObservedContainer* container : containers) {
        if (container->age.count == 0 || !is_running(*container)) continue;
        status.drift = model::to_text(container->age, container->started_at);
        status.fresh = "False";
        return;
    }
}

// Of a service without a file of the commit in its image: the image was built from exactly the commit's
// context (recipe), or it is the one that the commit names; another one is other code.
void add_image_proof(ServiceStatus& status, const model::Service& service,
                     const std::vector<const ObservedContainer*>& containers,
                     const model::Observed& observed) {
    const auto reference = observed.image_of_reference.find(service.image);
    const auto is_right = [&](const ObservedContainer* container) {
        if (!service.build) {
            return reference != observed.image_of_reference.end() &&
                   reference->second == container->image_id;
        }
        const auto image = observed.images.find(container->image_id);
        return image != observed.images.end() && !image->second.recipe_id.empty() &&
               image->second.recipe_id == service.build->recipe_id;
    };
    if (containers.empty()) return;
    const bool right = std::all_of(containers.begin(), containers.end(), is_right);
    // One that ended runs no code, right or wrong.
    const bool wrong = !service.build && reference != observed.image_of_reference.end() &&
                       std::any_of(containers.begin(), containers.end(), [&](const auto* each) {
                           return is_running(*each) && !is_right(each);
                       });
    if (!right && !wrong) return;
    status.proof = service.build ? "build" : "digest";
    status.fresh = right ? "True" : "False";
    if (wrong) status.drift = "runs another image than " + service.image;
}

// Files of the commit are somewhere in its image, and nobody compared them.
void add_unplaced(ServiceStatus& status, const Desired& desired) {
    const auto unplaced = desired.unplaced.find(status.name);
    if (unplaced == desired.unplaced.end() || status.fresh != "True") return;
    status.fresh = "Unknown";
    status.proof = "none";
    status.drift = to_string(unplaced->second.front());
}

Condition make(std::string type, ConditionStatus status, std::string reason, std::string message) {
    Condition condition;
    condition.type = std::move(type);
    condition.status = status;
    condition.reason = std::move(reason);
    condition.message = std::move(message);
    return condition;
}

}    // namespace

std::vector<ServiceStatus> service_statuses(const Desired& desired,
                                            const model::Observed& observed) {
    std::vector<ServiceStatus> statuses;
    for (const auto& [name, service] : desired.project.services) {
        const auto containers = current_containers(service, observed, desired.project.name);
        ServiceStatus status;
        status.name = name;
        status.state =
            state_text(service, containers, missing(desired, service, containers, observed));
        status.health = std::string(model::to_string(worst_health(containers)));
        status.image_id = containers.empty() ? image_of_completed(service, observed)
                                             : containers.front()->image_id;
        if (desired.expected.contains(name))
            add_proof(status, containers, desired.commit.id.substr(0, 7));
        else
            add_image_proof(status, service, containers, observed);
        add_unplaced(status, desired);
        add_age(status, desired.project, service, containers);
        if (status.fresh == "True" && status.proof == "files")
            status.code = code::proven_ids(*desired.expected.at(name), containers.front()->code);
        statuses.push_back(std::move(status));
    }
    return statuses;
}

bool is_outdated(const model::Observed& observed, const std::string& service) {
    bool outdated = false;
    for (const ObservedContainer& container : observed.containers) {
        if (container.service != service || !container.owned) continue;
        if (container.code.status == CodeStatus::stale) return false;
        outdated = outdated || container.age.count > 0;
    }
    return outdated;
}

std::optional<SystemTime> crash_loop_ends(const model::Observed& observed, SystemTime now) {
    std::optional<SystemTime> first;
    for (const ObservedContainer& container : observed.containers) {
        const auto ends = container.owned ? trusted_from(container, now) : std::nullopt;
        if (ends && (!first || *ends < *first)) first = ends;
    }
    return first;
}

Condition health_condition(const Desired& desired, const model::Observed& observed,
                           SystemTime now) {
    Verdict worst = Verdict::fine;
    std::string names;
    for (const auto& [name, service] : desired.project.services) {
        const auto containers = current_containers(service, observed, desired.project.name);
        const int absent = missing(desired, service, containers, observed);
        const Verdict verdict =
            absent > 0 ? Verdict::missing : judge(desired, service, containers, observed, now);
        if (verdict == Verdict::fine) continue;
        if (verdict > worst) names.clear();
        if (verdict >= worst) {
            names += fmt::format("{}service {} is {}", names.empty() ? "" : "; ", name,
                                 state_text(service, containers, absent));
            const Health health = worst_health(containers);
            if (health != Health::none) names += fmt::format(", {}", model::to_string(health));
            names += restarts_text(containers, now);
        }
        worst = std::max(worst, verdict);
    }
    switch (worst) {
        case Verdict::fine:
            return make("Healthy", ConditionStatus::yes, "Succeeded",
                        "every service runs and is healthy");
        case Verdict::progressing:
            return make("Healthy", ConditionStatus::unknown, "Progressing", names);
        case Verdict::missing: return make("Healthy", ConditionStatus::no, "Missing", names);
        case Verdict::degraded: return make("Healthy", ConditionStatus::no, "Degraded", names);
    }
    return make("Healthy", ConditionStatus::unknown, "Unknown", names);
}

namespace {

std::string_view services_word(std::size_t count) { return count == 1 ? "service" : "services"; }

// "the code of 2 services is commit 9f3c1e2's, file by file; 1 service is an image built from it"
std::string proven_text(const std::map<std::string, std::size_t>& count, const std::string& ids,
                        const std::string& commit) {
    const auto of = [&](const char* method) {
        const auto found = count.find(method);
        return found == count.end() ? 0 : found->second;
    };
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    if (const std::size_t files = of("files"); files > 0) {
        add(fmt::format("the code of {} {} is commit {}'s, file by file{}", files,
                        services_word(files), commit, ids));
    }
    if (const std::size_t build = of("build"); build > 0) {
        add(fmt::format("{} {} built from exactly commit {}'s context", build,
                        build == 1 ? "service is an image" : "services are images", commit));
    }
    if (const std::size_t digest = of("digest"); digest > 0) {
        add(fmt::format("{} {} the image that the commit names", digest,
                        digest == 1 ? "service runs" : "services run"));
    }
    return text;
}

// " (api: 3b18e512dba7 at /srv/app)": what git calls it, to be held against `git rev-parse COMMIT:app`.
std::string ids_text(const std::vector<ServiceStatus>& services) {
    constexpr std::size_t shown = 5;
    std::size_t count = 0;
    std::string text;
    for (const ServiceStatus& service : services) {
        for (const auto& [place, id] : service.code) {
            if (++count > shown) continue;
            text += fmt::format("{}{}: {} at {}", text.empty() ? "" : ", ", service.name,
                                id.substr(0, 12), place);
        }
    }
    if (count > shown) text += fmt::format(", and {} more", count - shown);
    return text.empty() ? text : " (" + text + ")";
}

// "api", or "api (Dockerfile:7:1: COPY: …)" where it is known why.
std::string unproven_text(const Desired& desired, const std::string& service) {
    const auto untraced = desired.untraced.find(service);
    if (desired.expected.contains(service) || untraced == desired.untraced.end()) return service;
    return fmt::format("{} ({})", service, to_string(untraced->second.front()));
}

}    // namespace

Condition fresh_condition(const Desired& desired, const model::Observed& observed) {
    std::map<std::string, std::size_t> proven;    // services by method
    std::string unproven;
    const std::vector<ServiceStatus> services = service_statuses(desired, observed);
    for (const ServiceStatus& status : services) {
        const bool has_code = desired.expected.contains(status.name);
        const model::Service& service = desired.project.services.at(status.name);
        if (status.fresh == "False") {
            const bool outdated = is_outdated(observed, status.name);
            return make("Fresh", ConditionStatus::no, outdated ? "ProcessOutdated" : "CodeDiffers",
                        fmt::format("service {}: {}", status.name, status.drift));
        }
        if (status.fresh == "True") {
            ++proven[status.proof];
        } else if ((has_code || service.build) && service.replicas > 0) {
            const std::string why = status.drift.empty()
                                        ? unproven_text(desired, status.name)
                                        : fmt::format("{} ({})", status.name, status.drift);
            unproven += (unproven.empty() ? "" : ", ") + why;
        }
    }
    if (!unproven.empty())
        return make("Fresh", ConditionStatus::unknown, "NotProven", "not compared: " + unproven);
    if (proven.empty())
        return make("Fresh", ConditionStatus::unknown, "NothingToCompare",
                    "no service is built from the commit");
    return make("Fresh", ConditionStatus::yes, "Proven",
                proven_text(proven, ids_text(services), desired.commit.id.substr(0, 7)));
}

}    // namespace trueup::reconcile
