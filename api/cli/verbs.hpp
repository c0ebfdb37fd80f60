// SPDX-License-Identifier: Apache-2.0
// One function a verb; each prints its answer on stdout, problems on stderr, and returns the exit
// code.
#pragma once

#include <string>
#include <vector>

#include "controller/app/options.hpp"

namespace trueup::cli {

int controller(const app::ControllerChoice& choice);

// `trueup validate FILE…`: the Stack files and nothing else; every problem with its place.
int validate(const std::vector<std::string>& files);

struct DiffChoice {
    app::OneShotChoice stacks;
    std::string output = "text";    // text | json
};
int diff(const DiffChoice& choice);
int apply(const app::OneShotChoice& choice);

struct AdoptVerbChoice {
    app::AdoptChoice project;
    std::string file;    // "" = NAME.yaml here; never one that is there already
};
// `trueup adopt PROJECT`: writes the Stack and shows what taking over would do.
int adopt(const AdoptVerbChoice& choice);

// `trueup detach -f FILE`: how to give the stacks back to plain docker compose, and what it will go on
// with; changes nothing.
int detach(const app::OneShotChoice& choice);

// Where the daemon answers.
struct ServerChoice {
    std::string server = "http://127.0.0.1:9180";
    std::string output = "table";    // table | wide | json | yaml
};
// exit_error also where there is no stack and the desired state, or a file of it, cannot be used, and
// for sources that cannot be read: the answer is printed, and not to be relied on.
int get(const ServerChoice& choice, const std::string& kind, const std::string& name,
        const std::string& selector);
int describe(const ServerChoice& choice, const std::string& name);

}    // namespace trueup::cli
