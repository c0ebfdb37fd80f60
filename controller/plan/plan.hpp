// SPDX-License-Identifier: Apache-2.0
// The plan: what to do, in order, and why. diff() is pure: no I/O, no clock, no log; the same input
// gives the same text. The executor (rollout/) carries it out and takes no decisions.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/model/observed.hpp"
#include "controller/model/project.hpp"
#include "controller/render/render.hpp"

namespace trueup::plan {

// Design: "Identity and drift". The values are stable; text and metrics use the names.
enum class Drift : std::uint8_t {
    revision = 1,
    config = 2,
    image = 3,
    code = 4,
    bytecode = 5,
    process = 6,
    content = 7,
    runtime = 8,
    state = 9,
    orphan = 10,
};
std::string_view to_string(Drift drift);

struct Cause {
    Drift drift = Drift::state;
    std::string text;    // for a person: "app/main.py differs from 9f3c1e2"

    bool operator==(const Cause&) const = default;
};

// --- actions; each maps to a few Engine API calls ---
//
// While a container is replaced up to three share its place: "<name>.next" is prepared and never
// started under that name, "<name>" runs, "<name>.previous" is the way back. The previous one is
// renamed before it is stopped, so whatever is stopped under its own name was not stopped by us.

std::string next_name(const std::string& name);
std::string previous_name(const std::string& name);

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
    bool no_cache = false;    // the image of this recipe was found to hold other code
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
    bool operator==(const PrepareContainer&) const = default;
};
// Starts what a PrepareContainer of the same name made, or an existing container (id). With
// `replaces`, first renames that container to "<name>.previous", sets its restart policy to `no`
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
    bool operator==(const SettleContainer&) const = default;
};
// Stops and removes it. Its anonymous volumes go with it only when it never ran.
struct RemoveContainer {
    std::string id;
    std::string name;
    bool never_started = false;
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

using Step = std::variant<CreateNetwork, RemoveNetwork, CreateVolume, PullImage, BuildImage,
                          ProveImage, PrepareContainer, StartContainer, SettleContainer,
                          RemoveContainer, RenameContainer>;

// "create-network", "start-container", …: for metrics and JSON; "replace-container" is a start that
// replaces, "unpause-container" one that unpauses.
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

    bool operator==(const Action&) const = default;
};

struct Plan {
    std::vector<Action> actions;
    // Why nothing may be done at all; then `actions` is empty. Reasons, for a condition:
    //   AwaitingAdoption  containers of the project that this stack's controller did not create
    //   ResourceMissing   an external network or volume is not there
    //   NetworkChanged    a network of ours was made with other settings and is in use
    //   VolumeChanged     a volume of ours was made with other settings: never removed
    struct Blocked {
        std::string reason;
        std::string message;
        bool operator==(const Blocked&) const = default;
    };
    std::optional<Blocked> blocked;

    bool empty() const { return actions.empty() && !blocked; }
    bool operator==(const Plan&) const = default;
};

struct Policy {
    render::StackIdentity identity;
    bool prune = true;    // remove containers and networks of ours that are not desired
};

// How to make `observed` what `project` says. `now` is for causes that speak of time.
//
// What can fail without harm comes first: networks, volumes, pulls, builds, proofs, and every new
// container is created; only after all of it succeeded is the first running container stopped.
// Networks and volumes of a needed name that are not ours are used, never changed or removed; no
// volume is ever removed. Containers of `docker compose run` (one-off) are ignored.
// A one-shot (another service waits for its completion; or restart `no`/`on-failure`, no ports, no
// health check) that exited with 0 is done and stays as it is. restarting and unhealthy are no
// drift.
Plan diff(const model::Project& project, const model::Observed& observed, const Policy& policy,
          SystemTime now);

// One action a line:
//   #1 network shop_default: create, state: missing
//   [1,2] -> #3 service api: prepare container shop-api-1.next, code: app/main.py differs from 9f3c1e2
// Three or more numbers in a row are written "1-5". A blocked plan is one line
// "blocked: REASON: MESSAGE"; an empty one is "". Lines end with a newline; a single action has
// none.
std::string to_text(const Plan& plan);
std::string to_text(const Action& action);
// What the action does, without its target: "prepare container shop-api-1.next".
std::string describe(const Step& step);

// [{"number", "after", "target", "service", "action", "drift", "cause"}]; `action` is kind().
boost::json::array to_json(const Plan& plan);

// Which image a service should run: its id, or nothing when it must be pulled or built first. A
// service that only names the image which another service builds runs that one.
std::optional<std::string> desired_image(const model::Project& project,
                                         const model::Service& service,
                                         const model::Observed& observed);

// Done when it exited with 0: see diff().
bool is_one_shot(const model::Project& project, const model::Service& service);
// Another service waits for its completion.
bool is_awaited(const model::Project& project, const std::string& service_name);

}    // namespace trueup::plan
