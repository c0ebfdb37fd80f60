// SPDX-License-Identifier: Apache-2.0
// The plan: what to do, in order, and why. diff() is pure: no I/O, no clock, no log; the same input
// gives the same text. The executor (rollout/) carries it out and takes no decisions.
#pragma once

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
    revision = 1, config = 2, image = 3, code = 4, bytecode = 5, process = 6, content = 7,
    runtime = 8, state = 9, orphan = 10,
};
std::string_view to_string(Drift drift);

struct Cause {
    Drift drift = Drift::state;
    std::string text;    // for a person: "app/main.py differs from 9f3c1e2"

    bool operator==(const Cause&) const = default;
};

// --- actions; each maps to a few Engine API calls ---

struct CreateNetwork { std::string key; std::string name; bool operator==(const CreateNetwork&) const = default; };
struct RemoveNetwork { std::string id; std::string name; bool operator==(const RemoveNetwork&) const = default; };
struct CreateVolume { std::string key; std::string name; bool operator==(const CreateVolume&) const = default; };
struct PullImage {
    std::string service;      // the first that needs it
    std::string reference;
    bool operator==(const PullImage&) const = default;
};
// Builds from the commit and proves the result; not proven: once more without cache, then fails.
struct BuildImage {
    std::string service;
    std::string recipe_id;
    bool no_cache = false;    // the image of this recipe was found to hold other code
    bool operator==(const BuildImage&) const = default;
};
// Compares an image that exists already with the commit.
struct ProveImage {
    std::string service;
    std::string image_id;
    bool operator==(const ProveImage&) const = default;
};
// Creates a container, not started, named `name`.next when something of that name exists.
struct PrepareContainer {
    std::string service;
    int number = 0;
    std::string name;
    bool beside = false;      // true: created as "<name>.next" because `name` is taken
    bool operator==(const PrepareContainer&) const = default;
};
// Starts what a PrepareContainer of the same name made, or an existing container (id). With
// `replaces`, first stops that container and renames it "<name>.previous".
struct StartContainer {
    std::string service;
    int number = 0;
    std::string name;
    std::string id;           // "" = the prepared one
    std::string replaces;     // container id, "" = nothing
    bool unpause = false;
    bool operator==(const StartContainer&) const = default;
};
// Waits until the container runs (healthy, where it has a health check; exited with 0, where it is a
// one-shot), proves the code in it, then removes the previous one. Fails: the previous is restored.
struct SettleContainer {
    std::string service;
    int number = 0;
    std::string name;
    std::string previous;     // container id to remove afterwards or to restore, "" = none
    bool completes = false;   // a one-shot: wait for its exit with code 0
    bool operator==(const SettleContainer&) const = default;
};
struct RemoveContainer {
    std::string id;
    std::string name;
    bool operator==(const RemoveContainer&) const = default;
};
// Puts a container that an interrupted rollout left under another name back under its own.
struct RenameContainer {
    std::string id;
    std::string from;
    std::string to;
    bool operator==(const RenameContainer&) const = default;
};

using Step = std::variant<CreateNetwork, RemoveNetwork, CreateVolume, PullImage, BuildImage, ProveImage,
                          PrepareContainer, StartContainer, SettleContainer, RemoveContainer, RenameContainer>;

struct Action {
    int number = 0;              // from 1, in the order of the plan
    std::vector<int> after;      // numbers of actions that must have succeeded before
    std::string target;          // "service api", "network shop_default", "container shop-old-1"
    std::string service;         // "" when it belongs to none
    Step step;
    Cause cause;

    bool operator==(const Action&) const = default;
};

struct Plan {
    std::vector<Action> actions;
    // Why nothing may be done at all (AwaitingAdoption: foreign containers): then `actions` is empty.
    struct Blocked {
        std::string reason;      // CamelCase, for a condition
        std::string message;
        bool operator==(const Blocked&) const = default;
    };
    std::optional<Blocked> blocked;

    bool empty() const { return actions.empty() && !blocked; }
    bool operator==(const Plan&) const = default;
};

struct Policy {
    render::StackIdentity identity;
    bool prune = true;           // remove containers and networks of ours that are not desired
};

// How to make `observed` what `project` says. `now` is for causes that speak of time.
Plan diff(const model::Project& project, const model::Observed& observed, const Policy& policy, SystemTime now);

// One action a line:
//   #1 network shop_default: create, state: missing
//   [1,2] -> #3 service api: prepare container shop-api-1.next, code: app/main.py differs from 9f3c1e2
// A blocked plan is one line "blocked: REASON: MESSAGE"; an empty one is "".
std::string to_text(const Plan& plan);
std::string to_text(const Action& action);

// Which image a service should run: its id, or nothing when it must be pulled or built first.
std::optional<std::string> desired_image(const model::Service& service, const std::string& project_name,
                                         const model::Observed& observed);

}  // namespace trueup::plan
