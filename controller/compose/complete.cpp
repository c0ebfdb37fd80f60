// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/complete.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/text.hpp"
#include "controller/compose/nodes.hpp"
#include "controller/compose/resolve_paths.hpp"
#include "controller/compose/scalars.hpp"

namespace trueup::compose {
namespace {

template <class Each>
void each(yaml::Node* list, Each each) {
    if (list == nullptr) return;
    for (yaml::Node& item : list->items) each(item);
}

void set_missing(yaml::Node& mapping, std::string_view key, yaml::Node value) {
    if (mapping.is_mapping() && mapping.find(key) == nullptr)
        add(mapping, std::string(key), std::move(value));
}

void all_devices(yaml::Node& request) {
    if (request.find("device_ids") == nullptr)
        set_missing(request, "count", scalar("all", request));
}

void service_defaults(yaml::Node& service) {
    if (yaml::Node* build = service.find("build"))
        set_missing(*build, "context", scalar(".", *build));
    each(service.find("secrets"), [](yaml::Node& secret) {
        set_missing(secret, "target",
                    scalar("/run/secrets/" + member_text(secret, "source"), secret));
    });
    each(service.find("ports"), [](yaml::Node& port) {
        set_missing(port, "protocol", scalar("tcp", port));
        set_missing(port, "mode", scalar("ingress", port));
    });
    each(service.find("gpus"), all_devices);
    yaml::Node* part = service.find("deploy");
    for (const std::string_view key : {"resources", "reservations", "devices"})
        part = part == nullptr ? nullptr : part->find(key);
    each(part, all_devices);
}

// Without a value in `variables`: kept as nothing, or left out.
void fill_in(yaml::Node* mapping, const model::StringMap& variables, bool keep) {
    if (mapping == nullptr) return;
    // A list is one that stays as it is written.
    std::erase_if(mapping->items, [&](const yaml::Node& item) {
        return !keep && item.text.find('=') == std::string::npos;
    });
    std::erase_if(mapping->entries, [&](yaml::Entry& entry) {
        if (!entry.value.is_null()) return false;
        const auto known = variables.find(entry.key);
        if (known == variables.end()) return !keep;
        entry.value = scalar(known->second, entry.value);
        return false;
    });
}

void normalise_build(yaml::Node& build, const model::StringMap& variables) {
    if (build.find("dockerfile") == nullptr && build.find("dockerfile_inline") == nullptr)
        add(build, "dockerfile", scalar("Dockerfile", build));
    fill_in(build.find("args"), variables, false);
}

void depend(yaml::Node& dependencies, const std::string& name, bool restart,
            const yaml::Node& like) {
    if (dependencies.find(name) != nullptr) return;
    yaml::Node dependency = make(yaml::Kind::mapping, like);
    add(dependency, "condition", scalar("service_started", like));
    if (restart) add(dependency, "restart", plain("true", like));
    add(dependency, "required", plain("true", like));
    add(dependencies, name, std::move(dependency));
}

void implied_dependencies(yaml::Node& service) {
    yaml::Node dependencies = make(yaml::Kind::mapping, service);
    yaml::Node* given = service.find("depends_on");
    if (given != nullptr && given->is_mapping()) dependencies = *given;
    each(service.find("links"), [&](const yaml::Node& link) {
        depend(dependencies, link.text.substr(0, link.text.find(':')), true, link);
    });
    constexpr std::string_view prefix = "service:";
    for (const std::string_view key : {"network_mode", "ipc", "pid", "uts", "cgroup"}) {
        const yaml::Node* mode = service.find(key);
        if (mode != nullptr && mode->text.starts_with(prefix))
            depend(dependencies, mode->text.substr(prefix.size()), true, *mode);
    }
    each(service.find("volumes_from"), [&](const yaml::Node& from) {
        if (!from.text.starts_with("container:"))
            depend(dependencies, from.text.substr(0, from.text.find(':')), false, from);
    });
    if (!dependencies.entries.empty()) set(service, "depends_on", std::move(dependencies));
}

// True when the service is on the implicit network.
bool join_default_network(yaml::Node& service) {
    if (service.find("network_mode") != nullptr || service.find("provider") != nullptr)
        return false;
    yaml::Node* networks = service.find("networks");
    if (networks != nullptr && !networks->entries.empty())
        return networks->find("default") != nullptr;
    yaml::Node joined = make(yaml::Kind::mapping, service);
    add(joined, "default", make(yaml::Kind::null, service));
    set(service, "networks", std::move(joined));
    return true;
}

void normalise_service(yaml::Node& service, const model::StringMap& variables) {
    yaml::Node* policy = service.find("pull_policy");
    if (policy != nullptr && policy->text == "if_not_present") policy->text = "missing";
    if (yaml::Node* build = service.find("build")) normalise_build(*build, variables);
    fill_in(service.find("environment"), variables, true);
    implied_dependencies(service);
    if (const yaml::Node* image = service.find("image")) {
        const yaml::Node inherited = *image;
        each(service.find("pre_start"),
             [&](yaml::Node& hook) { set_missing(hook, "image", inherited); });
    }
    each(service.find("volumes"), [](yaml::Node& mount) {
        if (yaml::Node* target = mount.find("target")) target->text = clean_target(target->text);
    });
}

void name_resources(yaml::Node& file, const std::string& project_name) {
    for (const std::string_view kind : {"networks", "volumes", "configs", "secrets"}) {
        for_each(file.find(kind), [&](const std::string& key, yaml::Node& resource) {
            if (resource.is_null()) resource = make(yaml::Kind::mapping, resource);
            if (!resource.is_mapping() || !member_text(resource, "name").empty()) return;
            const yaml::Node* external = resource.find("external");
            const bool is_external =
                external != nullptr && external->is_scalar() && scalar_text(*external) == "true";
            set(resource, "name",
                scalar(is_external ? key : fmt::format("{}_{}", project_name, key), resource));
        });
    }
}

// "a", "[::1]", or several of them with commas.
void add_addresses(const std::string& host, std::string_view addresses, const yaml::Node& like,
                   std::vector<yaml::Node>& hosts) {
    for (std::string_view address : base::split(addresses, ',')) {
        if (address.starts_with('[') && address.ends_with(']'))
            address = address.substr(1, address.size() - 2);
        hosts.push_back(scalar(fmt::format("{}={}", host, address), like));
    }
}

void settle(yaml::Node* node) {
    if (node == nullptr) return;
    std::vector<yaml::Node> all;
    for (const yaml::Node& item : node->items) {
        const std::size_t separator = item.text.find_first_of("=:");
        if (separator == std::string::npos) continue;    // told by the rules
        add_addresses(item.text.substr(0, separator), item.text.substr(separator + 1), item, all);
    }
    for (const yaml::Entry& entry : node->entries) {
        if (entry.value.is_scalar()) add_addresses(entry.key, entry.value.text, entry.value, all);
        for (const yaml::Node& item : entry.value.items)
            add_addresses(entry.key, item.text, item, all);
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& left, const auto& right) { return left.text < right.text; });
    yaml::Node list = make(yaml::Kind::sequence, *node);
    list.items = std::move(all);
    *node = std::move(list);
}

constexpr std::string_view value_mark = "#";

void resolve_object(yaml::Node& object, const yaml::Node& name, const model::StringMap& variables) {
    const std::string mark = fmt::format("{}{}", value_mark, name.text);
    const auto known = variables.find(name.text);
    if (known == variables.end()) {
        const yaml::Node* before = object.find(value_member);
        if (before != nullptr && before->tag != mark) erase(object, value_member);
        return;
    }
    yaml::Node value = scalar(known->second, name);
    value.tag = mark;
    set(object, value_member, std::move(value));
}

void keep_only(yaml::Node& file, std::string_view kind, const std::set<std::string>& used) {
    yaml::Node* all = file.find(kind);
    if (all == nullptr) return;
    std::erase_if(all->entries, [&](const yaml::Entry& it) { return !used.contains(it.key); });
    if (all->entries.empty()) erase(file, kind);
}

}    // namespace

std::string clean_target(const std::string& target) {
    const std::size_t start = std::min(target.find_first_not_of('/'), target.size());
    const auto inside = base::normal_path(std::string_view(target).substr(start));
    if (!inside || target.empty()) return target;
    if (target.starts_with('/')) return "/" + *inside;
    return inside->empty() ? "." : *inside;
}

void add_defaults(yaml::Node& file) {
    for_each(file.find("services"),
             [](const std::string&, yaml::Node& service) { service_defaults(service); });
}

void resolve_environment(yaml::Node& file, const model::StringMap& variables) {
    for_each(file.find("services"), [&](const std::string&, yaml::Node& service) {
        fill_in(service.find("environment"), variables, true);
    });
    for (const std::string_view kind : {"secrets", "configs"}) {
        for_each(file.find(kind), [&](const std::string&, yaml::Node& object) {
            if (const yaml::Node* name = object.find("environment"))
                resolve_object(object, *name, variables);
        });
    }
}

bool is_resolved(const yaml::Entry& entry) {
    return entry.key == value_member && entry.value.tag.starts_with(value_mark);
}

void normalise(yaml::Node& file, const std::string& project_name,
               const model::StringMap& variables) {
    set(file, "name", scalar(project_name, file));
    bool uses_default = false;
    for_each(file.find("services"), [&](const std::string&, yaml::Node& service) {
        if (!service.is_mapping()) return;
        uses_default = join_default_network(service) || uses_default;
        normalise_service(service, variables);
    });
    if (uses_default) {
        yaml::Node* networks = file.find("networks");
        if (networks == nullptr || networks->is_null()) {
            set(file, "networks", make(yaml::Kind::mapping, file));
            networks = file.find("networks");
        }
        if (networks->is_mapping() && networks->find("default") == nullptr)
            add(*networks, "default", make(yaml::Kind::null, file));
    }
    name_resources(file, project_name);
}

void drop_unused(yaml::Node& file, const yaml::Node& users) {
    std::set<std::string> networks;
    std::set<std::string> volumes;
    std::set<std::string> secrets;
    std::set<std::string> configs;
    std::set<std::string> models;
    const auto sources = [](const yaml::Node* list, std::set<std::string>& used) {
        if (list == nullptr) return;
        for (const yaml::Node& item : list->items) used.insert(member_text(item, "source"));
    };
    for_each(users.find("services"), [&](const std::string&, const yaml::Node& it) {
        for_each(it.find("networks"),
                 [&](const std::string& key, const yaml::Node&) { networks.insert(key); });
        for_each(it.find("models"),
                 [&](const std::string& key, const yaml::Node&) { models.insert(key); });
        if (const yaml::Node* mounts = it.find("volumes")) {
            for (const yaml::Node& mount : mounts->items) {
                if (member_text(mount, "type") == "volume")
                    volumes.insert(member_text(mount, "source"));
            }
        }
        sources(it.find("secrets"), secrets);
        sources(it.find("configs"), configs);
        if (const yaml::Node* build = it.find("build")) sources(build->find("secrets"), secrets);
    });
    keep_only(file, "networks", networks);
    keep_only(file, "volumes", volumes);
    keep_only(file, "secrets", secrets);
    keep_only(file, "configs", configs);
    keep_only(file, "models", models);
}

void settle_hosts(yaml::Node& file) {
    for_each(file.find("services"), [](const std::string&, yaml::Node& service) {
        settle(service.find("extra_hosts"));
        if (yaml::Node* build = service.find("build")) settle(build->find("extra_hosts"));
    });
}

}    // namespace trueup::compose
