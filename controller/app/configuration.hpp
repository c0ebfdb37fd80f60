// SPDX-License-Identifier: Apache-2.0
// The configuration's file, what it names, and what the command line says instead.
#pragma once

#include <string>
#include <string_view>

#include "api/v1alpha1/configuration.hpp"
#include "controller/app/options.hpp"
#include "controller/base/result.hpp"
#include "controller/engine/engine.hpp"

namespace trueup::app {

// The configuration with the choice's words in place of its own. A file that is missing is fine
// unless it was named. `default` is added as $DOCKER_HOST says when no engine is listed.
// Errc::invalid also for fields that this version reads and does not act on.
Result<v1alpha1::Configuration> load_configuration(const CommonChoice& choice);
Result<v1alpha1::Configuration> load_configuration(const ControllerChoice& choice);

// How that engine is reached.
engine::EngineOptions engine_options(const v1alpha1::EngineConfiguration& engine);

// The engine of that name; "" = the only one. Errc::invalid tells the names that there are.
Result<v1alpha1::EngineConfiguration> pick_engine(const v1alpha1::Configuration& configuration,
                                                  const std::string& name);

// What only the machine can tell of a configuration, each at its place.
struct FileFindings {
    Problems problems;    // an address or a source that cannot be one; a file that cannot be read
    Problems warnings;    // a secret that everybody on the machine may read
};
FileFindings look_at_files(const v1alpha1::Configuration& configuration);

// What no controller starts with, each at its place: listeners that cannot be, or that others could
// reach.
Problems refused_listeners(const v1alpha1::Configuration& configuration);

// A configuration's file as `trueup validate` looks at it: with what the controller's start refuses
// and what only the machine can tell. Errc::invalid with every problem there is.
struct CheckedConfiguration {
    v1alpha1::Configuration configuration;
    Problems warnings;
};
Result<CheckedConfiguration> check_configuration(std::string_view text, const std::string& file);

// /var/lib/trueup for root, else $XDG_STATE_HOME/trueup or ~/.local/state/trueup.
std::string default_state_directory();

}    // namespace trueup::app
