// SPDX-License-Identifier: Apache-2.0
// The plan: what to do, in order, and why. diff() is pure: no I/O, no clock, no log; the same input
// gives the same text. The executor (rollout/) carries it out and takes no decisions.
#pragma once

#include <boost/json/array.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/model/observed.hpp"
#include "controller/model/project.hpp"
#include "controller/plan/cause.hpp"
#include "controller/plan/policy.hpp"

namespace trueup::plan {

// --- actions; each maps to a few Engine API calls ---
//
// While a container is replaced up to three share its place: "<name>.next" is prepared and never
// started under that name, "<name>" runs, "<name>.previous" is the way back. The previous one is
// renamed before it is stopped, so whatever is stopped under its own name was not stopped by us. Its
// name is the one that it had, which need not be the one of the place.

std::string next_name(const std::string& name);
std::string previous_name(const std::string& name);
// Without either suffix.
std::string own_name(const std::string& name);

struct CreateNetwork {
    std::string key;
    std::string name;
    bool operator==(const CreateNetwork&) const = default;
};
struct RemoveNetwork {
    std::string id;
    std::string name;
    bool operator==(const RemoveNetwork&) const = default;
};
struct CreateVolume {
    std::string key;
    std::string name;
    bool operator==(const CreateVolume&) const = default;
};
struct PullImage {
    std::string service;    // the first that needs it
    std::string reference;
    bool operator==(const PullImage&) const = default;
};
// Builds from the commit and proves the result; not proven: once more without cache, then fails.
// One build serves every service of the same recipe.
struct BuildImage {
    std::string service;      // the first that needs it
    std::string reference;    // what the image is called
    std::string recipe_id;
    // Not "": without cache, since the image of this recipe holds other code; model::distrust_reason().
    std::string distrust;
    bool operator==(const BuildImage&) const = default;
};
// Compares an image that exists already with the commit; fails when it holds other code.
struct ProveImage {
    std::string service;
    std::string image_id;
    bool operator==(const ProveImage&) const = default;
};
// Materialises what the service binds from the commit, then creates a container, not started.
struct PrepareContainer {
    std::string service;
    int number = 0;
    std::string name;
    std::string image_id;    // "" = the image that the action `image_from` brings
    int image_from = 0;
    // True: created as "<name>.next", because the name is taken or because preparing takes more
    // than one call: nothing half made ever wears the final name.
    bool beside = false;
    std::string
        replaces;    // container id: its anonymous volumes go on with the new one; "" = none
    // Container id of the stack's own that has the final name until then; "" = none. Anybody else
    // who has it stays, so the action fails.
    std::string holder;
    bool operator==(const PrepareContainer&) const = default;
};
// Starts what a PrepareContainer of the same name made, or an existing container (id). With
// `replaces`, first renames that container to "<its name>.previous", sets its restart policy to `no`
// and stops it.
struct StartContainer {
    std::string service;
    int number = 0;
    std::string name;
    std::string id;          // "" = the prepared one
    bool beside = false;     // the prepared one is still called "<name>.next"
    std::string replaces;    // container id, "" = nothing is in its place
    std::string previous;    // container id that is restored when this fails; "" = none
    bool unpause = false;
    bool restart = false;    // it runs: it is stopped before, all in one call of the engine
    bool operator==(const StartContainer&) const = default;
};
// Waits until the container runs (healthy, where it has a health check; exited with 0, where it is
// a one-shot), proves the code in it, then removes the previous one. Fails: the previous is
// restored.
struct SettleContainer {
    std::string service;
    int number = 0;
    std::string name;
    std::string id;            // "" = the one this plan prepared
    std::string previous;      // container id to remove afterwards or to restore, "" = none
    bool completes = false;    // a one-shot others wait for: wait for its exit with code 0
    // Services wait for it, and none requires it: where it fails they go on all the same. Its own
    // rollout has failed nevertheless, if this plan starts it.
    bool optional = false;
    bool operator==(const SettleContainer&) const = default;
};
// Stops and removes it. Its anonymous volumes go with it only when trueup made it and it never ran.
struct RemoveContainer {
    std::string id;
    std::string name;
    bool never_started = false;
    bool adopted = false;    // another tool had created it
    bool operator==(const RemoveContainer&) const = default;
};
// Puts a container that an interrupted rollout left under another name back under its own, with the
// service's restart policy.
struct RenameContainer {
    std::string service;
    std::string id;
    std::string from;
    std::string to;
    bool operator==(const RenameContainer&) const = default;
};

// Takes over a container that another tool created: remembered, since its labels cannot be written.
// No engine call.
struct AdoptContainer {
    std::string service;
    int number = 0;    // its place among the replicas, whatever its label says
    std::string id;
    std::string name;
    std::string config_hash;    // as if trueup had created it
    std::string image_id;
    std::string recipe_id;    // what its image is as good as built from; "" = it is pulled
    std::string revision;
    bool operator==(const AdoptContainer&) const = default;
};

using Step = std::variant<AdoptContainer, CreateNetwork, RemoveNetwork, CreateVolume, PullImage,
                          BuildImage, ProveImage, PrepareContainer, StartContainer, SettleContainer,
                          RemoveContainer, RenameContainer>;

// "create-network", "start-container", …: for metrics and JSON; "replace-container" is a start that
// replaces, "unpause-container" one that unpauses, "restart-container" one of what runs.
std::string_view kind(const Step& step);

struct Action {
    int number = 0;    // from 1, in the order of the plan
    // Numbers of actions that must have succeeded before: smaller ones, sorted, without those that
    // another one of them waits for already.
    std::vector<int> after;
    std::string target;     // "service api", "network shop_default", "container shop-old-1"
    std::string service;    // "" when it belongs to none
    Step step;
    Cause cause;
    // It starts what no longer was as applied: a Correction, once it is done. What the operator
    // wants anew corrects nothing.
    bool corrects = false;

    bool operator==(const Action&) const = default;
};

// Why something that differs is left as it is, for now.
enum class HoldReason : std::uint8_t {
    grace,             // a person stopped or paused it a moment ago
    drift_warn,        // sync.driftCorrection: warn
    drift_disabled,    // sync.driftCorrection: disabled
    drift_recurs,      // put right again and again: the stack is stalled
    is_protected,      // the controller's own container
    foreign,    // nothing wants it, but it is not trueup's, or somebody else's container uses it
};
std::string_view to_string(HoldReason reason);    // "Grace" "DriftWarn" … "Protected"

// What differs and is deliberately not acted on.
struct Held {
    std::string target;    // as of an action
    std::string service;
    std::string action;    // what would be done: "start container shop-api-1"
    Cause cause;
    HoldReason reason = HoldReason::grace;
    std::string rule;                   // what holds it, for a person: "sync.grace"
    std::optional<SystemTime> until;    // when to look again; nothing = until something changes
    std::string token;                  // a person may confirm it: then it is done once

    bool operator==(const Held&) const = default;
};

struct Plan {
    std::vector<Action> actions;
    // Why nothing may be done at all; then `actions` is empty. Reasons, for a condition:
    //   AwaitingAdoption  containers of the project that this stack's controller did not create
    //   DuplicateProject  some of them are another controller's, or another stack's
    //   ResourceMissing   an external network or volume is not there
    //   NetworkChanged    a network of ours was made with other settings and is in use, also by others
    //   VolumeChanged     a volume of ours was made with other settings: never removed
    // and, with a token, what a person may confirm:
    //   ProjectRenamed    the stack runs under another project name
    //   VolumesGone       what ran is not there any more, and neither is any of its volumes
    //   VolumeRenamed     a service would write to another volume
    //   MountChanged      a service would write to another place of another kind, or of the host, or
    //                     would no longer have what it writes to
    struct Blocked {
        std::string reason;
        std::string message;
        std::string token{};    // of what a person may confirm; "" = nothing
        bool operator==(const Blocked&) const = default;
    };
    std::optional<Blocked> blocked;
    // In the order of targets. No failure: somebody wants it so.
    std::vector<Held> held;
    // One-shots that were found done: to be remembered, for when their containers are gone.
    model::Completions completed;

    // Nothing to do now; what is held may differ all the same.
    bool empty() const { return actions.empty() && !blocked; }
    bool in_sync() const { return empty() && held.empty(); }
    bool operator==(const Plan&) const = default;
};

// How to make `observed` what `project` says. `now` is for causes that speak of time.
//
// What can fail without harm comes first: networks, volumes, pulls, builds, proofs, and every new
// container is created; only after all of it succeeded is the first running container stopped.
// Networks and volumes of a needed name that are not ours are used, never changed or removed; no
// volume is ever removed. Containers of `docker compose run` (one-off) are ignored.
// A one-shot (another service waits for its completion; or restart `no`/`on-failure`, no ports, no
// health check) that ended by itself with 0 is done and stays as it is, also once its container is gone:
// it runs again when its configuration or its image is another. restarting and unhealthy are no drift.
// Where pull_policy says so an image is pulled that the engine has: first where a container is made
// from it, last of all where none is. What it brought is the next look's matter.
Plan diff(const model::Project& project, const model::Observed& observed, const Policy& policy,
          SystemTime now);

// Removes everything of a stack that is not desired any more: its containers, in whatever project,
// those that it adopted among them, and the networks that it made; never a volume.
Plan removal(const model::Observed& observed, const Policy& policy);

// One action a line:
//   #1 network shop_default: create, state: missing
//   [1,2] -> #3 service api: prepare container shop-api-1.next, code: app/main.py differs from 9f3c1e2
// Three or more numbers in a row are written "1-5". A blocked plan is one line
// "blocked: REASON: MESSAGE"; an empty one is "". What is held comes last:
//   held: service api: start container shop-api-1, state: stopped by a person: until 2026-01-01T00:01:00Z (sync.grace)
// Lines end with a newline; a single action or held thing has none.
std::string to_text(const Plan& plan);
std::string to_text(const Action& action);
std::string to_text(const Held& held);
// What the action does, without its target: "prepare container shop-api-1.next".
std::string describe(const Step& step);

// [{"number", "after", "target", "service", "action", "drift", "cause"}]; `action` is kind().
boost::json::array to_json(const Plan& plan);
// [{"target", "service", "action", "drift", "cause", "reason", "rule", "until"}]; `until` only where
// it is known.
boost::json::array held_to_json(const Plan& plan);

// The earliest moment at which something held is to be looked at again.
std::optional<SystemTime> next_look(const Plan& plan);

// Which image a service should run: its id, or nothing when it must be pulled or built first. A
// service that only names the image which another service builds runs that one.
std::optional<std::string> desired_image(const model::Project& project,
                                         const model::Service& service,
                                         const model::Observed& observed, const Policy& policy);

bool is_one_shot(const model::Project& project, const model::Service& service);
// It matters that its process is older than its files: it neither notices by itself that they change, nor
// is a one-shot, which has begun with what there was, and ends. Where no `restart` is written, only one that
// others wait for is taken for a one-shot: a worker without ports looks like the rest.
bool may_be_outdated(const model::Project& project, const model::Service& service);
// Of a one-shot's container: it exited with 0, and not because somebody, the engine or trueup asked it to.
// Where nobody heard why it ended, one that others wait for is taken as done, and any other only where
// `restart` is written and the engine has not been started since.
bool has_completed(const model::Project& project, const model::Service& service,
                   const model::ObservedContainer& container);
// Remembered as done (Observed::completed), from what it would be run from now.
bool is_done(const model::Project& project, const model::Service& service, int number,
             const model::Observed& observed);
// Another service waits for its completion.
bool is_awaited(const model::Project& project, const std::string& service_name);
// Another service waits for its health, and does not start without.
bool must_be_healthy(const model::Project& project, const std::string& service_name);

}    // namespace trueup::plan
