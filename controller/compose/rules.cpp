// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/text.hpp"
#include "controller/compose/nodes.hpp"
#include "controller/compose/problems.hpp"
#include "controller/compose/scalars.hpp"
#include "controller/compose/short_forms.hpp"
#include "controller/compose/units.hpp"

namespace trueup::compose {
namespace {

using Names = std::vector<std::string_view>;

bool is_true(const yaml::Node* node) {
    return node != nullptr && node->is_scalar() && parse_flag(node->text).value_or(false);
}

class Rules {
public:
    explicit Rules(Problems& problems) : reporter_(problems) {}

    void file(const yaml::Node& node) {
        each(node, "services", [&](const yaml::Node& it) { service(it); });
        each(node, "volumes", [&](const yaml::Node& it) { created_elsewhere(it); });
        each(node, "networks", [&](const yaml::Node& it) { created_elsewhere(it); });
        each(node, "configs",
             [&](const yaml::Node& it) { one_origin(it, {"file", "environment", "content"}); });
        each(node, "secrets",
             [&](const yaml::Node& it) { one_origin(it, {"file", "environment"}); });
    }

private:
    template <class Each>
    void each(const yaml::Node& node, std::string_view kind, Each visit) {
        const Path::Step step(reporter_.path, kind);
        for_each(node.find(kind), [&](const std::string& key, const yaml::Node& it) {
            const Path::Step inner(reporter_.path, key);
            visit(it);
        });
    }

    template <class Each>
    void items(const yaml::Node* list, std::string_view name, Each visit) {
        if (list == nullptr) return;
        const Path::Step step(reporter_.path, name);
        for (std::size_t index = 0; index < list->items.size(); ++index) {
            const Path::Step inner(reporter_.path, index);
            visit(list->items[index]);
        }
    }

    void service(const yaml::Node& node) {
        items(node.find("ports"), "ports", [&](const yaml::Node& it) { port(it); });
        items(node.find("volumes"), "volumes", [&](const yaml::Node& it) { mount(it); });
        items(node.find("gpus"), "gpus", [&](const yaml::Node& it) { devices(it); });
        const yaml::Node* part = node.find("deploy");
        for (const std::string_view key : {"resources", "reservations", "devices"})
            part = part == nullptr ? nullptr : part->find(key);
        items(part, "deploy.resources.reservations.devices",
              [&](const yaml::Node& it) { devices(it); });
        const yaml::Node* develop = node.find("develop");
        items(develop == nullptr ? nullptr : develop->find("watch"), "develop.watch",
              [&](const yaml::Node& it) { watch(it); });
        items(node.find("extra_hosts"), "extra_hosts", [&](const yaml::Node& it) { host(it); });
        if (const yaml::Node* policy = node.find("pull_policy")) pull_policy(*policy);
        if (const yaml::Node* policy = node.find("restart")) restart(*policy);
    }

    void port(const yaml::Node& node) {
        if (!node.is_mapping()) return;
        const yaml::Node* address = node.find("host_ip");
        if (address != nullptr && !is_ip_address(address->text) &&
            address->text.find('$') == std::string::npos)
            reporter_.tell(*address, fmt::format("'{}' is no IP address", address->text));
        if (node.find("target") == nullptr) reporter_.tell(node, "this port has no target");
    }

    void mount(const yaml::Node& node) {
        if (!node.is_mapping()) return;
        if (member_text(node, "type") == "bind" && member_text(node, "source").empty())
            reporter_.tell(node, "this bind has no source", "a path");
        if (member_text(node, "target").empty()) reporter_.tell(node, "this volume has no target");
    }

    void devices(const yaml::Node& node) {
        if (node.find("count") != nullptr && node.find("device_ids") != nullptr)
            reporter_.tell(node, "count and device_ids exclude each other", "keep one");
    }

    void watch(const yaml::Node& node) {
        const yaml::Node* path = node.find("path");
        if (path != nullptr && path->text.empty()) reporter_.tell(*path, "this path is empty");
    }

    void host(const yaml::Node& node) {
        if (node.text.find_first_of("=:") == std::string::npos)
            reporter_.tell(node, fmt::format("'{}' has no address", node.text),
                           "write \"host:address\" or \"host=address\"");
    }

    void pull_policy(const yaml::Node& node) {
        const Path::Step step(reporter_.path, "pull_policy");
        constexpr std::string_view known[] = {"always",  "never",   "build", "if_not_present",
                                              "missing", "refresh", "daily", "weekly"};
        const std::string_view text = node.text;
        const bool every = text.starts_with("every_") && parse_duration(text.substr(6));
        if (every || text.find('$') != text.npos ||
            std::find(std::begin(known), std::end(known), text) != std::end(known))
            return;
        reporter_.tell(node, fmt::format("'{}' is no pull policy", text),
                       "always, never, missing, build, daily, weekly or every_<duration>");
    }

    void restart(const yaml::Node& node) {
        const Path::Step step(reporter_.path, "restart");
        constexpr std::string_view known[] = {"no", "always", "unless-stopped", "on-failure"};
        const std::string_view text = node.text;
        if (text.find('$') != text.npos) return;
        const std::size_t colon = text.find(':');
        const bool counted = colon != text.npos && text.substr(0, colon) == "on-failure";
        const auto count = counted ? parse_integer(text.substr(colon + 1)) : std::nullopt;
        if (counted ? count && *count >= 0
                    : std::find(std::begin(known), std::end(known), text) != std::end(known))
            return;
        reporter_.tell(node, fmt::format("'{}' is no restart policy", text),
                       "no, always, unless-stopped or on-failure[:N]");
    }

    // A resource that exists already has a name, and nothing else to say.
    void created_elsewhere(const yaml::Node& node) {
        if (!is_true(node.find("external"))) return;
        for (const yaml::Entry& entry : node.entries) {
            const bool fits = entry.key == "external" || entry.key == "name" ||
                              entry.key.starts_with("x-") || entry.value.is_null();
            if (!fits)
                reporter_.tell(entry.value,
                               fmt::format("'{}' of an external resource has no effect", entry.key),
                               "remove this, or 'external'");
        }
    }

    void one_origin(const yaml::Node& node, const Names& origins) {
        if (!node.is_mapping()) return;
        const auto count = std::count_if(origins.begin(), origins.end(), [&](std::string_view key) {
            return node.find(key) != nullptr;
        });
        const std::string names = fmt::format("{}", fmt::join(origins, ", "));
        if (count > 1)
            reporter_.tell(node, fmt::format("{} exclude each other", names), "keep one");
        if (count == 0 && node.find("driver") == nullptr && node.find("external") == nullptr)
            reporter_.tell(node, fmt::format("it has none of {}", names), "add one");
    }

    Reporter reporter_;
};

}    // namespace

void check_rules(const yaml::Node& file, Problems& problems) { Rules(problems).file(file); }

}    // namespace trueup::compose
