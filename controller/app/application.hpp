// SPDX-License-Identifier: Apache-2.0
// The object graph, top to bottom. Daemon and one-shot verbs are built from the same parts.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/v1alpha1/configuration.hpp"
#include "controller/app/draft_stack.hpp"
#include "controller/app/options.hpp"
#include "controller/base/result.hpp"
#include "controller/reconcile/findings.hpp"
#include "controller/reconcile/registry.hpp"

namespace trueup::app {

// Runs until SIGTERM or SIGINT. Fails at once for what is wrong with the choice: a listener beyond
// loopback, a port in use, a desired state that cannot be one, a state directory that cannot be
// written.
Result<void> run_controller(const ControllerChoice& choice);

// What a one-shot verb found for one stack.
struct OneShotResult {
    reconcile::Entry entry;    // with the status that follows from the findings
    reconcile::Findings findings;
    model::Strings confirmed;      // of the choice's tokens, those that said yes
    bool of_controller = false;    // one that runs holds the engine: a yes is said to that
};
using OnLine = std::function<void(const std::string& line)>;

// The Stacks of a file on disk; not_found when it cannot be read, invalid with all its problems.
Result<std::vector<v1alpha1::Stack>> read_stacks(const std::string& path);

// What is in a file, whichever kind it is: Stacks, or a configuration and what it names.
struct CheckedFile {
    std::vector<v1alpha1::Stack> stacks;
    std::optional<v1alpha1::Configuration> configuration;
    Problems warnings;
};
Result<CheckedFile> check_file(const std::string& path);

// `trueup diff`: every stack of the file up to its plan; changes nothing.
Result<std::vector<OneShotResult>> run_diff(const OneShotChoice& choice);
// `trueup apply`: reconciles every stack of the file once, one after the other, and waits until
// health checks have settled. `on_line` gets what happens.
Result<std::vector<OneShotResult>> run_apply(const OneShotChoice& choice, OnLine on_line);

// `trueup adopt`: the Stack of a compose project that runs, from its containers and the git work tree
// that it was started in; changes nothing, writes nothing.
Result<Draft> run_adopt(const AdoptChoice& choice);

// The binary also is its own git child process (source/git.hpp); main asks before anything else.
bool is_child_argument(std::string_view argument);
int run_child();

}    // namespace trueup::app
