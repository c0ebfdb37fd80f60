// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/consistency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "controller/base/text.hpp"
#include "controller/compose/cycles.hpp"
#include "controller/compose/nodes.hpp"
#include "controller/compose/problems.hpp"
#include "controller/compose/scalars.hpp"
#include "controller/compose/service_rules.hpp"

namespace trueup::compose {
namespace {

using Names = std::unordered_set<std::string>;

Names names_of(const yaml::Node* mapping) {
    Names names;
    for_each(mapping, [&](const std::string& key, const yaml::Node&) { names.insert(key); });
    return names;
}

std::string suggestion(const std::string& name, const Names& known) {
    std::vector<std::string_view> names(known.begin(), known.end());
    std::sort(names.begin(), names.end());
    return base::suggest(name, names);
}

// The attribute that says so: `depends_on`, or the one that implies it, which then stands where that does.
std::string_view depending(const yaml::Node& service, const yaml::Node& dependency) {
    const Position wanted = dependency.position();
    const auto is_there = [&](const yaml::Node& node) { return node.position() == wanted; };
    for (const std::string_view key :
         {"links", "volumes_from", "network_mode", "ipc", "pid", "uts", "cgroup"}) {
        const yaml::Node* found = service.find(key);
        if (found == nullptr) continue;
        if (is_there(*found) || std::any_of(found->items.begin(), found->items.end(), is_there))
            return key;
    }
    return "depends_on";
}

class References {
public:
    References(const yaml::Node& file, const model::Strings& disabled, Reporter& reporter)
        : services_(names_of(file.find("services"))),
          networks_(names_of(file.find("networks"))),
          volumes_(names_of(file.find("volumes"))),
          secrets_(names_of(file.find("secrets"))),
          configs_(names_of(file.find("configs"))),
          models_(names_of(file.find("models"))),
          disabled_(disabled.begin(), disabled.end()),
          file_(file),
          reporter_(reporter) {}

    void service(const yaml::Node& node) {
        inside(node, "networks", [&](const yaml::Node& it) { members(it, "network", networks_); });
        inside(node, "models", [&](const yaml::Node& it) { members(it, "model", models_); });
        inside(node, "secrets", [&](const yaml::Node& it) { sources(it, "secret", secrets_); });
        inside(node, "configs", [&](const yaml::Node& it) { sources(it, "config", configs_); });
        inside(node, "volumes", [&](const yaml::Node& it) { mounts(it); });
        dependencies(node);
        inside(node, "build", [&](const yaml::Node& it) { build_references(it); });
    }

private:
    template <class Visit>
    void inside(const yaml::Node& node, std::string_view key, Visit visit) {
        const yaml::Node* found = node.find(key);
        if (found == nullptr) return;
        const Path::Step step(reporter_.path, key);
        visit(*found);
    }

    void tell_undefined(const yaml::Node& node, std::string_view kind, const std::string& name,
                        const Names& known) {
        std::string advice = suggestion(name, known);
        if (advice.empty() && kind == "volume")
            advice = "add it under the top-level 'volumes:'; a path starts with './'";
        reporter_.tell(node, fmt::format("{} '{}' is not defined", kind, name), std::move(advice));
    }

    void members(const yaml::Node& mapping, std::string_view kind, const Names& known) {
        for_each(&mapping, [&](const std::string& key, const yaml::Node& value) {
            if (!known.contains(key)) tell_undefined(value, kind, key, known);
        });
    }

    void sources(const yaml::Node& list, std::string_view kind, const Names& known) {
        for (const yaml::Node& item : list.items) {
            const std::string source = member_text(item, "source");
            if (!known.contains(source)) tell_undefined(item, kind, source, known);
        }
    }

    void mounts(const yaml::Node& list) {
        for (const yaml::Node& item : list.items) {
            const std::string source = member_text(item, "source");
            const bool named = member_text(item, "type") == "volume" && !source.empty();
            if (named && !volumes_.contains(source))
                tell_undefined(item, "volume", source, volumes_);
        }
    }

    void dependencies(const yaml::Node& service) {
        for_each(service.find("depends_on"), [&](const std::string& name, const yaml::Node& value) {
            const yaml::Node* required = value.find("required");
            const bool optional = required != nullptr && scalar_text(*required) == "false";
            if (services_.contains(name) || optional) return;
            const bool disabled = disabled_.contains(name);
            const Path::Step step(reporter_.path, depending(service, value));
            reporter_.tell(value,
                           fmt::format("it depends on '{}', which {}", name,
                                       disabled ? "is disabled by its profile" : "is not defined"),
                           disabled ? "enable the profile, or set 'required: false'"
                                    : suggestion(name, services_));
        });
    }

    void build_references(const yaml::Node& build) {
        inside(build, "secrets", [&](const yaml::Node& it) { sources(it, "secret", secrets_); });
        for_each(build.find("additional_contexts"), [&](const std::string&, const yaml::Node& it) {
            constexpr std::string_view prefix = "service:";
            if (!it.text.starts_with(prefix)) return;
            const std::string name = it.text.substr(prefix.size());
            const yaml::Node* services = file_.find("services");
            const yaml::Node* other = services->find(name);
            if (other == nullptr)
                tell_undefined(it, "service", name, services_);
            else if (other->find("build") == nullptr)
                reporter_.tell(it, fmt::format("service '{}' is not built", name));
        });
    }

    Names services_;
    Names networks_;
    Names volumes_;
    Names secrets_;
    Names configs_;
    Names models_;
    Names disabled_;
    const yaml::Node& file_;
    Reporter& reporter_;
};

void check_container_names(const yaml::Node& services, Reporter& reporter) {
    std::unordered_map<std::string, std::string> owner;
    for_each(&services, [&](const std::string& name, const yaml::Node& service) {
        const yaml::Node* given = service.find("container_name");
        if (given == nullptr || given->text.empty()) return;
        const auto [first, is_new] = owner.emplace(given->text, name);
        const Path::Step step(reporter.path, name);
        if (!is_new)
            reporter.tell(*given, fmt::format("container_name '{}' is taken by service {}",
                                              given->text, first->second));
    });
}

// A secret that is not to be found anywhere.
void check_secrets(const yaml::Node* secrets, Reporter& reporter) {
    for_each(secrets, [&](const std::string& name, const yaml::Node& secret) {
        const yaml::Node* external = secret.find("external");
        const bool elsewhere = external != nullptr && scalar_text(*external) == "true";
        const bool given = secret.find("file") != nullptr || secret.find("environment") != nullptr;
        if (elsewhere || given) return;
        const Path::Step step(reporter.path, "secrets");
        const Path::Step inner(reporter.path, name);
        reporter.tell(secret, "it has neither file nor environment", "add one of them");
    });
}

}    // namespace

void check_consistency(const yaml::Node& file, const model::Strings& disabled, Problems& problems) {
    const yaml::Node* services = file.find("services");
    if (services == nullptr || !services->is_mapping()) return;
    const bool alone = problems.empty();
    Reporter reporter(problems);
    if (alone) check_secrets(file.find("secrets"), reporter);
    const Path::Step step(reporter.path, "services");
    References references(file, disabled, reporter);
    for (const yaml::Entry& entry : services->entries) {
        if (!entry.value.is_mapping()) continue;
        const Path::Step inner(reporter.path, entry.key);
        // What is missing may be what could not be read.
        if (alone) check_origin(entry, reporter);
        references.service(entry.value);
        check_service(entry.value, reporter);
    }
    check_container_names(*services, reporter);
    check_cycles(*services, problems);
}

}    // namespace trueup::compose
