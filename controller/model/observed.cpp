// SPDX-License-Identifier: Apache-2.0
#include "controller/model/observed.hpp"

#include <fmt/format.h>

#include <algorithm>

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

std::string_view to_string(EndCause cause) {
    switch (cause) {
        case EndCause::none: return "none";
        case EndCause::crash: return "crash";
        case EndCause::stopped: return "stopped";
        case EndCause::killed: return "killed";
        case EndCause::oom: return "oom";
    }
    return "unknown";
}

std::string_view to_string(Actor actor) {
    switch (actor) {
        case Actor::unknown: return "unknown";
        case Actor::trueup: return "trueup";
        case Actor::engine: return "engine";
        case Actor::person: return "person";
    }
    return "unknown";
}

std::string to_text(const BytecodeFinding& finding, std::string_view commit) {
    switch (finding.fault) {
        case BytecodeFault::differs:
            return fmt::format("{} is not what {} of {} compiles to", finding.path, finding.source,
                               commit);
        case BytecodeFault::sourceless:
            return fmt::format("{} is bytecode without a source in {}", finding.path, commit);
        case BytecodeFault::broken:
            return fmt::format("{} takes the place of {} of {} and cannot be loaded", finding.path,
                               finding.source, commit);
        case BytecodeFault::uncompilable:
            return fmt::format("{} takes the place of {} of {}, which does not compile",
                               finding.path, finding.source, commit);
        case BytecodeFault::unproven:
            return fmt::format(
                "{} could not be compared: the Python that would run it was not found or did not "
                "answer",
                finding.path);
    }
    return finding.path;
}

std::string to_text(const ProcessAge& age, std::string_view started_at) {
    const auto started = base::parse_rfc3339(started_at);
    std::string text =
        fmt::format("started {}, {}", started ? base::to_rfc3339(*started) : "before", age.path);
    if (age.removed)
        text += " was removed";
    else
        text += age.changed ? " changed " + base::to_rfc3339(*age.changed) : " is another since";
    if (age.count > 1) {
        const std::size_t more = age.count - 1;
        text += fmt::format(", and {} more {}", more, more == 1 ? "file" : "files");
    }
    return text;
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

std::string_view distrust_reason(const CodeState& image) {
    const auto first = std::min_element(
        image.differences.begin(), image.differences.end(),
        [](const auto& left, const auto& right) { return left.change < right.change; });
    return first == image.differences.end() ? "bytecode" : to_string(first->change);
}

bool Observed::has_container(const std::string& id) const {
    const auto is_it = [&id](const ObservedContainer& each) { return each.id == id; };
    return std::any_of(containers.begin(), containers.end(), is_it) ||
           std::any_of(elsewhere.begin(), elsewhere.end(), is_it);
}

}    // namespace trueup::model
