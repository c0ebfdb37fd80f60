// SPDX-License-Identifier: Apache-2.0
// The plan as text and as JSON. One renderer for tests, `trueup diff`, logs and the API.
#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "controller/plan/draft.hpp"
#include "controller/plan/plan.hpp"

namespace trueup::plan {
namespace {

struct Describe {
    std::string operator()(const AdoptContainer& step) const {
        return "adopt container " + step.name;
    }
    std::string operator()(const CreateNetwork& /*step*/) const { return "create"; }
    std::string operator()(const RemoveNetwork& /*step*/) const { return "remove"; }
    std::string operator()(const CreateVolume& /*step*/) const { return "create"; }
    std::string operator()(const PullImage& step) const { return "pull image " + step.reference; }
    std::string operator()(const BuildImage& step) const {
        return fmt::format("build image {}{}", step.reference,
                           step.distrust.empty() ? "" : " without cache");
    }
    std::string operator()(const ProveImage& step) const {
        return "prove image " + short_id(step.image_id);
    }
    std::string operator()(const PrepareContainer& step) const {
        return "prepare container " + (step.beside ? next_name(step.name) : step.name);
    }
    std::string operator()(const StartContainer& step) const {
        if (!step.replaces.empty()) return "replace container " + step.name;
        if (step.restart) return "restart container " + step.name;
        return fmt::format("{} container {}", step.unpause ? "unpause" : "start", step.name);
    }
    std::string operator()(const SettleContainer& step) const {
        return fmt::format("{}{} container {}", step.completes ? "await the end of" : "settle",
                           step.optional ? " optional" : "", step.name);
    }
    std::string operator()(const RemoveContainer& /*step*/) const { return "remove"; }
    std::string operator()(const RenameContainer& step) const {
        return fmt::format("rename container {} to {}", step.from, step.to);
    }
};

struct Kind {
    std::string_view operator()(const AdoptContainer& /*step*/) const { return "adopt-container"; }
    std::string_view operator()(const CreateNetwork& /*step*/) const { return "create-network"; }
    std::string_view operator()(const RemoveNetwork& /*step*/) const { return "remove-network"; }
    std::string_view operator()(const CreateVolume& /*step*/) const { return "create-volume"; }
    std::string_view operator()(const PullImage& /*step*/) const { return "pull-image"; }
    std::string_view operator()(const BuildImage& /*step*/) const { return "build-image"; }
    std::string_view operator()(const ProveImage& /*step*/) const { return "prove-image"; }
    std::string_view operator()(const PrepareContainer& /*step*/) const {
        return "prepare-container";
    }
    std::string_view operator()(const StartContainer& step) const {
        if (!step.replaces.empty()) return "replace-container";
        if (step.restart) return "restart-container";
        return step.unpause ? "unpause-container" : "start-container";
    }
    std::string_view operator()(const SettleContainer& /*step*/) const {
        return "settle-container";
    }
    std::string_view operator()(const RemoveContainer& /*step*/) const {
        return "remove-container";
    }
    std::string_view operator()(const RenameContainer& /*step*/) const {
        return "rename-container";
    }
};

// 1,2,3,5 -> "1-3,5"; two in a row stay "1,2".
std::string ranges(const std::vector<int>& numbers) {
    std::string text;
    for (std::size_t first = 0; first < numbers.size();) {
        std::size_t last = first;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
        if (last < first + 2) last = first;
        text += fmt::format("{}{}", text.empty() ? "" : ",", numbers[first]);
        if (last != first) text += fmt::format("-{}", numbers[last]);
        first = last + 1;
    }
    return text;
}

}    // namespace

std::string_view to_string(Drift drift) {
    switch (drift) {
        case Drift::revision: return "revision";
        case Drift::config: return "config";
        case Drift::image: return "image";
        case Drift::code: return "code";
        case Drift::bytecode: return "bytecode";
        case Drift::process: return "process";
        case Drift::content: return "content";
        case Drift::runtime: return "runtime";
        case Drift::state: return "state";
        case Drift::orphan: return "orphan";
    }
    return "unknown";
}

std::string next_name(const std::string& name) { return name + ".next"; }
std::string previous_name(const std::string& name) { return name + ".previous"; }
std::string own_name(const std::string& name) {
    for (const std::string& suffix : {next_name(""), previous_name("")}) {
        if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
    }
    return name;
}

std::string short_id(std::string_view id) {
    constexpr std::string_view algorithm = "sha256:";
    if (id.starts_with(algorithm)) id.remove_prefix(algorithm.size());
    return std::string(id.substr(0, 12));
}

std::string short_commit(std::string_view commit) { return std::string(commit.substr(0, 7)); }

std::string_view kind(const Step& step) { return std::visit(Kind{}, step); }
std::string describe(const Step& step) { return std::visit(Describe{}, step); }

std::string to_text(const Action& action) {
    std::string text;
    if (!action.after.empty()) text = fmt::format("[{}] -> ", ranges(action.after));
    text += fmt::format("#{} {}: {}, {}: {}", action.number, action.target, describe(action.step),
                        to_string(action.cause.drift), action.cause.text);
    return text;
}

std::string to_text(const Plan& plan) {
    if (plan.blocked)
        return fmt::format("blocked: {}: {}\n", plan.blocked->reason, plan.blocked->message);
    std::string text;
    for (const Action& action : plan.actions) text += to_text(action) + "\n";
    for (const Held& held : plan.held) text += to_text(held) + "\n";
    return text;
}

std::string to_text(const Held& held) {
    const std::string until =
        held.until ? fmt::format("until {} ", base::to_rfc3339(*held.until)) : std::string();
    return fmt::format("held: {}: {}, {}: {}: {}({})", held.target, held.action,
                       to_string(held.cause.drift), held.cause.text, until, held.rule);
}

boost::json::array to_json(const Plan& plan) {
    boost::json::array list;
    for (const Action& action : plan.actions) {
        boost::json::object object;
        object["number"] = action.number;
        object["after"] = boost::json::array(action.after.begin(), action.after.end());
        object["target"] = action.target;
        object["service"] = action.service;
        object["action"] = kind(action.step);
        object["drift"] = to_string(action.cause.drift);
        object["cause"] = action.cause.text;
        list.push_back(std::move(object));
    }
    return list;
}

boost::json::array held_to_json(const Plan& plan) {
    boost::json::array list;
    for (const Held& held : plan.held) {
        boost::json::object object;
        object["target"] = held.target;
        object["service"] = held.service;
        object["action"] = held.action;
        object["drift"] = to_string(held.cause.drift);
        object["cause"] = held.cause.text;
        object["reason"] = to_string(held.reason);
        object["rule"] = held.rule;
        if (held.until) object["until"] = base::to_rfc3339(*held.until);
        list.push_back(std::move(object));
    }
    return list;
}

std::optional<SystemTime> next_look(const Plan& plan) {
    std::optional<SystemTime> next;
    for (const Held& held : plan.held) {
        if (held.until && (!next || *held.until < *next)) next = held.until;
    }
    return next;
}

}    // namespace trueup::plan
