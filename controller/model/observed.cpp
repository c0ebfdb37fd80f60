// SPDX-License-Identifier: Apache-2.0
#include "controller/model/observed.hpp"

namespace trueup::model {

std::string_view to_string(ContainerState state) {
    switch (state) {
        case ContainerState::created: return "created";
        case ContainerState::running: return "running";
        case ContainerState::paused: return "paused";
        case ContainerState::restarting: return "restarting";
        case ContainerState::removing: return "removing";
        case ContainerState::exited: return "exited";
        case ContainerState::dead: return "dead";
    }
    return "unknown";
}

std::string_view to_string(Health health) {
    switch (health) {
        case Health::none: return "none";
        case Health::starting: return "starting";
        case Health::healthy: return "healthy";
        case Health::unhealthy: return "unhealthy";
    }
    return "unknown";
}

std::string_view to_string(FileChange change) {
    switch (change) {
        case FileChange::modified: return "modified";
        case FileChange::missing: return "missing";
        case FileChange::extra: return "extra";
        case FileChange::mode: return "mode";
    }
    return "unknown";
}

}    // namespace trueup::model
