// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/service_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "controller/compose/complete.hpp"
#include "controller/compose/nodes.hpp"
#include "controller/compose/scalars.hpp"
#include "controller/compose/units.hpp"

namespace trueup::compose {
namespace {

const yaml::Node* inside(const yaml::Node& node, std::initializer_list<std::string_view> path) {
    const yaml::Node* found = &node;
    for (const std::string_view key : path) {
        found = found->find(key);
        if (found == nullptr) return nullptr;
    }
    return found;
}

std::optional<double> number_of(const yaml::Node& node) {
    if (!node.is_scalar()) return std::nullopt;
    if (const auto real = scalar_real(node)) return real;
    return parse_real(node.text);
}

std::optional<double> bytes_of(const yaml::Node& node) {
    if (!node.is_scalar()) return std::nullopt;
    if (const auto real = scalar_real(node)) return real;
    const auto bytes = parse_bytes(node.text);
    return bytes ? std::optional(static_cast<double>(*bytes)) : std::nullopt;
}

// A service attribute and one of `deploy` that say the same must say the same value.
void check_pairs(const yaml::Node& service, Reporter& reporter) {
    struct Pair {
        std::string_view own;
        std::initializer_list<std::string_view> other;
        std::string_view name;
        bool bytes;
    };
    const Pair pairs[] = {
        {"scale", {"deploy", "replicas"}, "deploy.replicas", false},
        {"cpus", {"deploy", "resources", "limits", "cpus"}, "deploy.resources.limits.cpus", false},
        {"mem_limit",
         {"deploy", "resources", "limits", "memory"},
         "deploy.resources.limits.memory",
         true},
        {"mem_reservation",
         {"deploy", "resources", "reservations", "memory"},
         "deploy.resources.reservations.memory",
         true},
        {"pids_limit",
         {"deploy", "resources", "limits", "pids"},
         "deploy.resources.limits.pids",
         false},
    };
    for (const Pair& pair : pairs) {
        const yaml::Node* own = service.find(pair.own);
        const yaml::Node* other = inside(service, pair.other);
        if (own == nullptr || other == nullptr) continue;
        const auto left = pair.bytes ? bytes_of(*own) : number_of(*own);
        const auto right = pair.bytes ? bytes_of(*other) : number_of(*other);
        const Path::Step step(reporter.path, pair.own);
        if (left && right && *left != *right)
            reporter.tell(*own, fmt::format("{} and {} differ", pair.own, pair.name),
                          "keep one of them");
    }
}

void check_scale(const yaml::Node& service, Reporter& reporter) {
    for (const yaml::Node* node :
         {service.find("scale"), inside(service, {"deploy", "replicas"})}) {
        if (node == nullptr) continue;
        const auto count = number_of(*node);
        if (count && *count < 0) reporter.tell(*node, fmt::format("{} is less than 0", node->text));
        const yaml::Node* name = service.find("container_name");
        if (count && *count > 1 && name != nullptr && !name->text.empty())
            reporter.tell(*name, "a service with a container_name has one container",
                          "remove container_name or the replicas");
    }
}

void check_healthcheck(const yaml::Node& service, Reporter& reporter) {
    const yaml::Node* test = inside(service, {"healthcheck", "test"});
    if (test == nullptr || test->items.empty()) return;
    const Path::Step step(reporter.path, "healthcheck.test");
    const std::string& first = test->items[0].text;
    const bool known = first == "NONE" || first == "CMD" || first == "CMD-SHELL";
    if (!known)
        reporter.tell(*test,
                      fmt::format("a health check's list starts with NONE, CMD or CMD-SHELL, "
                                  "not '{}'",
                                  first));
}

void check_build(const yaml::Node& service, Reporter& reporter) {
    const yaml::Node* build = service.find("build");
    if (build == nullptr) return;
    const Path::Step step(reporter.path, "build");
    if (build->find("dockerfile") != nullptr && build->find("dockerfile_inline") != nullptr)
        reporter.tell(*build->find("dockerfile"),
                      "dockerfile and dockerfile_inline exclude each other", "keep one");
    const yaml::Node* platforms = build->find("platforms");
    const yaml::Node* platform = service.find("platform");
    if (platforms == nullptr || platform == nullptr || platforms->items.empty()) return;
    const auto& all = platforms->items;
    if (std::none_of(all.begin(), all.end(),
                     [&](const yaml::Node& item) { return item.text == platform->text; }))
        reporter.tell(
            *platforms,
            fmt::format("build.platforms lacks the service's platform '{}'", platform->text),
            "add it");
}

// Where a config or secret lands.
std::string file_target(const yaml::Node& reference, std::string_view home) {
    std::string target = member_text(reference, "target");
    if (target.empty()) target = member_text(reference, "source");
    return target.starts_with('/') ? target : fmt::format("{}{}", home, target);
}

// Volumes, tmpfs, configs and secrets together: of two in one place one would never arrive.
void check_targets(const yaml::Node& service, Reporter& reporter) {
    std::unordered_map<std::string, Position> taken;
    const auto take = [&](const yaml::Node& node, const std::string& target) {
        const std::string place = clean_target(target);
        const auto [first, is_new] = taken.emplace(place, node.position());
        if (!is_new)
            reporter.tell(node, fmt::format("'{}' is mounted twice", place),
                          fmt::format("keep one; the other is at {}", to_string(first->second)));
    };
    const auto files = [&](std::string_view key, std::string_view home) {
        const yaml::Node* list = service.find(key);
        if (list == nullptr) return;
        const Path::Step step(reporter.path, key);
        for (const yaml::Node& item : list->items) take(item, file_target(item, home));
    };
    if (const yaml::Node* tmpfs = service.find("tmpfs")) {
        const Path::Step step(reporter.path, "tmpfs");
        for (const yaml::Node& item : tmpfs->items)
            take(item, item.text.substr(0, item.text.find(':')));
    }
    if (const yaml::Node* volumes = service.find("volumes")) {
        const Path::Step step(reporter.path, "volumes");
        for (const yaml::Node& item : volumes->items) take(item, member_text(item, "target"));
    }
    files("configs", "/");
    files("secrets", "/run/secrets/");
}

void check_watch(const yaml::Node& service, Reporter& reporter) {
    const yaml::Node* watch = inside(service, {"develop", "watch"});
    if (watch == nullptr) return;
    const Path::Step step(reporter.path, "develop.watch");
    for (const yaml::Node& item : watch->items) {
        const std::string action = member_text(item, "action");
        if (member_text(item, "target").empty() && action != "rebuild" && action != "restart")
            reporter.tell(item, fmt::format("the action '{}' needs a target", action));
    }
}

}    // namespace

void check_origin(const yaml::Entry& service, Reporter& reporter) {
    const bool image = !member_text(service.value, "image").empty();
    if (image || service.value.find("build") != nullptr ||
        service.value.find("provider") != nullptr)
        return;
    reporter.tell(service.position(), "it has neither image nor build", "add one of them");
}

void check_service(const yaml::Node& service, Reporter& reporter) {
    const yaml::Node* mode = service.find("network_mode");
    const yaml::Node* networks = service.find("networks");
    if (mode != nullptr && networks != nullptr && !networks->entries.empty())
        reporter.tell(*mode, "network_mode and networks exclude each other", "keep one");
    check_pairs(service, reporter);
    check_scale(service, reporter);
    check_healthcheck(service, reporter);
    check_build(service, reporter);
    check_targets(service, reporter);
    check_watch(service, reporter);
}

}    // namespace trueup::compose
