// SPDX-License-Identifier: Apache-2.0
// One section a function, each "" when it has nothing to say.
#include "api/cli/describe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "controller/base/text.hpp"

namespace trueup::cli {
namespace {

using v1alpha1::Condition;
using v1alpha1::ConditionStatus;
using v1alpha1::ServiceStatus;
using v1alpha1::Stack;
using v1alpha1::StackStatus;

Colour colour_of(std::string_view status) {
    if (status == "True") return Colour::good;
    return status == "False" ? Colour::bad : Colour::doubtful;
}

// Reconciling and Stalled are news when they are there at all.
Colour colour_of(const Condition& condition) {
    if (condition.type == "Stalled") return Colour::bad;
    return condition.type == "Reconciling" ? Colour::doubtful
                                           : colour_of(v1alpha1::to_string(condition.status));
}

std::string field(std::string_view name, std::string_view value) {
    return fmt::format("{:<14}{}\n", fmt::format("{}:", name), value.empty() ? "-" : value);
}

std::string join(const std::vector<std::string>& values) {
    return printable(fmt::format("{}", fmt::join(values, ", ")));
}

std::string time_text(SystemTime time, const Look& look) {
    return fmt::format("{} ({} ago)", base::to_rfc3339(time), format_age(age_of(time, look)));
}

std::string revision_text(const v1alpha1::GitSource& git) {
    return git.branch.empty() ? "commit " + printable(git.commit)
                              : "branch " + printable(git.branch);
}

std::string compose_text(const v1alpha1::StackSpec& spec) {
    std::string text = spec.compose.files.empty() ? "the files found in the project directory"
                                                  : join(spec.compose.files);
    if (!spec.compose.profiles.empty()) text += "; profiles " + join(spec.compose.profiles);
    return text;
}

std::string names_of(const std::map<std::string, std::string>& values) {
    std::vector<std::string> names;
    for (const auto& [name, value] : values) names.push_back(name);
    return join(names);
}

std::string name_section(const Stack& stack, const Look& look) {
    return field("Name", paint(printable(stack.metadata.name), Colour::bold, look.coloured));
}

std::string spec_section(const Stack& stack) {
    const v1alpha1::StackSpec& spec = stack.spec;
    std::string out = field("Environment", printable(spec.environment));
    out += field("Project", printable(stack.project_name()));
    out += field("Repository", printable(spec.git.url));
    out += field("Revision", revision_text(spec.git));
    if (spec.path != ".") out += field("Path", printable(spec.path));
    out += field("Compose", compose_text(spec));
    if (!spec.compose.variables.empty())
        out += field("Variables", names_of(spec.compose.variables));
    for (const v1alpha1::CodeSpec& code : spec.code) {
        out +=
            field("Code", printable(fmt::format("{}: {} -> {}", code.service, code.from, code.to)));
    }
    if (spec.build_mode == v1alpha1::BuildMode::never) out += field("Build", "never");
    if (!spec.sync.prune) out += field("Prune", "disabled");
    if (spec.sync.mode == v1alpha1::SyncMode::manual) out += field("Sync", "manual");
    if (spec.sync.drift_correction != v1alpha1::DriftCorrection::enabled)
        out += field("Drift", v1alpha1::to_string(spec.sync.drift_correction));
    if (spec.engine != "default") out += field("Engine", printable(spec.engine));
    if (!stack.metadata.labels.empty()) {
        std::vector<std::string> labels;
        for (const auto& [name, value] : stack.metadata.labels)
            labels.push_back(name + "=" + value);
        out += field("Labels", join(labels));
    }
    return out;
}

// Who holds trueup off, and what it would do otherwise.
std::string hold_section(const Stack& stack, const Look& look) {
    const StackStatus& status = stack.status;
    std::string out;
    if (status.suspension) {
        const v1alpha1::SuspensionStatus& suspension = *status.suspension;
        std::string text = suspension.actor.empty() ? "by spec.suspend of its file"
                                                    : "by " + printable(suspension.actor);
        if (suspension.since) text += ", " + time_text(*suspension.since, look);
        if (suspension.until) text += ", until " + base::to_rfc3339(*suspension.until);
        if (!suspension.reason.empty()) text += ": " + printable(suspension.reason);
        out += field("Suspended", paint(text, Colour::doubtful, look.coloured));
    }
    if (status.confirmation) {
        out += field("To confirm", paint(printable(status.confirmation->message), Colour::doubtful,
                                         look.coloured));
    }
    return out;
}

std::string commits_section(const Stack& stack, const Look& look) {
    const StackStatus& status = stack.status;
    std::string out =
        field("Known for", format_age(age_of(stack.metadata.creation_timestamp, look)));
    out += field("Generation", fmt::format("{} (observed {})", stack.metadata.generation,
                                           status.observed_generation));
    out += field("Desired", printable(status.desired_commit));
    out += field("Running",
                 status.running_commit == status.desired_commit || status.running_commit.empty()
                     ? printable(status.running_commit)
                     : paint(printable(status.running_commit), Colour::bad, look.coloured));
    if (status.last_reconcile_time)
        out += field("Last change", time_text(*status.last_reconcile_time, look));
    return out;
}

std::string conditions_section(const StackStatus& status, const Look& look) {
    constexpr std::array<std::string_view, 4> first{"Ready", "Synced", "Healthy", "Fresh"};
    auto conditions = status.conditions;
    std::stable_sort(conditions.begin(), conditions.end(),
                     [&first](const Condition& left, const Condition& right) {
                         const auto rank = [&first](const Condition& condition) {
                             return std::find(first.begin(), first.end(), condition.type) -
                                    first.begin();
                         };
                         return rank(left) < rank(right);
                     });
    if (conditions.empty()) return "\nConditions:    none yet\n";
    Table table({"TYPE", "STATUS", "FOR", "REASON", "MESSAGE"});
    for (const Condition& condition : conditions) {
        table.add({printable(condition.type),
                   Cell(std::string(v1alpha1::to_string(condition.status)), colour_of(condition)),
                   format_age(age_of(condition.last_transition_time, look)),
                   printable(condition.reason), printable(condition.message, true)});
    }
    return "\nConditions:\n" + table.text(look.coloured, 2);
}

std::string proof_text(const ServiceStatus& service, const Look& look) {
    if (service.proof == "none" || service.proof.empty()) return "none";
    if (!service.proven_at) return printable(service.proof);
    return fmt::format("{}, {} ago", printable(service.proof),
                       format_age(age_of(*service.proven_at, look)));
}

std::string short_image(std::string_view id) {
    if (id.starts_with("sha256:")) id.remove_prefix(7);
    return printable(id.substr(0, 12));
}

std::string services_section(const StackStatus& status, const Look& look) {
    if (status.services.empty()) return "\nServices:      none yet\n";
    Table table({"NAME", "STATE", "HEALTH", "FRESH", "PROOF", "IMAGE"});
    std::string drift;
    for (const ServiceStatus& service : status.services) {
        const Colour health = service.health == "unhealthy" ? Colour::bad : Colour::none;
        table.add({printable(service.name), printable(service.state),
                   Cell(printable(service.health), health),
                   Cell(printable(service.fresh), colour_of(service.fresh)),
                   proof_text(service, look), short_image(service.image_id)});
        if (service.drift.empty()) continue;
        drift += fmt::format("  {}: {}\n", printable(service.name),
                             paint(printable(service.drift), Colour::bad, look.coloured));
    }
    std::string out = "\nServices:\n" + table.text(look.coloured, 2);
    if (!drift.empty()) out += "\nDrift:\n" + drift;
    return out;
}

std::string warnings_section(const StackStatus& status, const Look& look) {
    if (status.warnings.empty()) return "";
    std::string out = "\nWarnings:\n";
    for (const std::string& warning : status.warnings) {
        const std::string text = indent_lines(printable(warning, true), 4);
        out += "  - " + paint(text.substr(4), Colour::doubtful, look.coloured) + "\n";
    }
    return out;
}

std::string plan_section(const StackStatus& status) {
    if (!status.pending_plan.empty()) {
        return fmt::format("\nTo do, and not done:\n{}\n",
                           indent_lines(printable(status.pending_plan, true), 2));
    }
    if (status.last_plan.empty()) return "";
    return fmt::format("\nLast plan:\n{}\n", indent_lines(printable(status.last_plan, true), 2));
}

}    // namespace

std::string short_commit(std::string_view commit) { return printable(commit.substr(0, 7)); }

Cell condition_cell(const StackStatus& status, std::string_view type) {
    const Condition* condition = v1alpha1::find_condition(status, type);
    const std::string text(
        v1alpha1::to_string(condition == nullptr ? ConditionStatus::unknown : condition->status));
    return Cell(text, colour_of(text));
}

Seconds age_of(SystemTime time, const Look& look) {
    return std::chrono::duration_cast<Seconds>(look.now - time);
}

std::string indent_lines(std::string_view text, std::size_t spaces) {
    std::string out;
    for (const std::string_view line : base::split(text, '\n')) {
        if (!out.empty()) out += '\n';
        if (!line.empty()) out += std::string(spaces, ' ') + std::string(line);
    }
    return out;
}

std::string describe(const Stack& stack, const Look& look) {
    return name_section(stack, look) + hold_section(stack, look) + spec_section(stack) +
           commits_section(stack, look) + conditions_section(stack.status, look) +
           services_section(stack.status, look) + warnings_section(stack.status, look) +
           plan_section(stack.status);
}

}    // namespace trueup::cli
