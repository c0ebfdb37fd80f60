// SPDX-License-Identifier: Apache-2.0
// What a pointer names is taken out of a copy of the service, and the copy is hashed. Mappings give
// away single keys; everything else is taken whole.
#include "controller/plan/ignore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "controller/render/render.hpp"

namespace trueup::plan {
namespace {

using model::Service;

// Takes one key out of an attribute, or all of it where the key is "".
using Take = void (*)(Service& service, const std::string& key);

template <auto Member>
void whole(Service& service, const std::string& /*key*/) {
    service.*Member = {};
}

template <auto Member>
void entry(Service& service, const std::string& key) {
    if (key.empty())
        (service.*Member).clear();
    else
        (service.*Member).erase(key);
}

template <auto Member>
void resource(Service& service, const std::string& /*key*/) {
    service.resources.*Member = {};
}

template <auto Member>
void space(Service& service, const std::string& /*key*/) {
    service.namespaces.*Member = {};
}

struct Attribute {
    std::string_view name;
    bool has_keys;
    Take take;
};

using model::Namespaces;
using model::Resources;

// By the names of the Compose Specification.
constexpr Attribute attributes[] = {
    {"annotations", true, entry<&Service::annotations>},
    {"blkio_config", false, resource<&Resources::block_io>},
    {"cap_add", false, whole<&Service::cap_add>},
    {"cap_drop", false, whole<&Service::cap_drop>},
    {"cgroup", false, space<&Namespaces::cgroup>},
    {"cgroup_parent", false, whole<&Service::cgroup_parent>},
    {"command", false, whole<&Service::command>},
    {"configs", false, whole<&Service::configs>},
    {"cpu_period", false, resource<&Resources::cpu_period>},
    {"cpu_quota", false, resource<&Resources::cpu_quota>},
    {"cpu_shares", false, resource<&Resources::cpu_shares>},
    {"cpus", false, resource<&Resources::nano_cpus>},
    {"cpuset", false, resource<&Resources::cpuset>},
    {"device_cgroup_rules", false, whole<&Service::device_cgroup_rules>},
    {"devices", false, whole<&Service::devices>},
    {"dns", false, whole<&Service::dns>},
    {"dns_opt", false, whole<&Service::dns_opt>},
    {"dns_search", false, whole<&Service::dns_search>},
    {"domainname", false, whole<&Service::domain_name>},
    {"entrypoint", false, whole<&Service::entrypoint>},
    {"environment", true, entry<&Service::environment>},
    {"expose", false, whole<&Service::expose>},
    {"extra_hosts", false, whole<&Service::extra_hosts>},
    {"group_add", false, whole<&Service::group_add>},
    {"healthcheck", false, whole<&Service::healthcheck>},
    {"hostname", false, whole<&Service::hostname>},
    {"init", false, whole<&Service::init>},
    {"ipc", false, space<&Namespaces::ipc>},
    {"labels", true, entry<&Service::labels>},
    {"links", false, whole<&Service::links>},
    {"logging", false, whole<&Service::logging>},
    {"mem_limit", false, resource<&Resources::memory>},
    {"mem_reservation", false, resource<&Resources::memory_reservation>},
    {"memswap_limit", false, resource<&Resources::memory_swap>},
    {"networks", true, entry<&Service::networks>},
    {"oom_score_adj", false, resource<&Resources::oom_score_adj>},
    {"pid", false, space<&Namespaces::pid>},
    {"pids_limit", false, resource<&Resources::pids>},
    {"ports", false, whole<&Service::ports>},
    {"privileged", false, whole<&Service::privileged>},
    {"read_only", false, whole<&Service::read_only>},
    {"restart", false, whole<&Service::restart>},
    {"runtime", false, whole<&Service::runtime>},
    {"secrets", false, whole<&Service::secrets>},
    {"security_opt", false, whole<&Service::security_opt>},
    {"shm_size", false, resource<&Resources::shm_size>},
    {"stop_grace_period", false, whole<&Service::stop_grace_period>},
    {"stop_signal", false, whole<&Service::stop_signal>},
    {"storage_opt", true, entry<&Service::storage_opt>},
    {"sysctls", true, entry<&Service::sysctls>},
    {"tmpfs", false, whole<&Service::tmpfs>},
    {"ulimits", true, entry<&Service::ulimits>},
    {"user", false, whole<&Service::user>},
    {"uts", false, space<&Namespaces::uts>},
    {"volumes", false, whole<&Service::mounts>},
    {"working_dir", false, whole<&Service::working_dir>},
};

const Attribute* find_attribute(std::string_view name) {
    const auto* found = std::find_if(std::begin(attributes), std::end(attributes),
                                     [&](const Attribute& each) { return each.name == name; });
    return found == std::end(attributes) ? nullptr : found;
}

// RFC 6901: "~1" is "/", "~0" is "~".
std::string unescape(std::string_view token) {
    std::string text;
    for (std::size_t index = 0; index < token.size(); ++index) {
        const bool escaped = token[index] == '~' && index + 1 < token.size();
        if (escaped) ++index;
        text += !escaped ? token[index] : token[index] == '1' ? '/' : '~';
    }
    return text;
}

struct Pointer {
    std::string service;
    std::string attribute;
    std::string key;
    std::size_t depth = 0;    // of tokens
};

Pointer parse(std::string_view text) {
    Pointer pointer;
    std::array<std::string, 4> tokens;    // "services", service, attribute, key
    while (text.starts_with('/')) {
        text.remove_prefix(1);
        const std::size_t end = std::min(text.find('/'), text.size());
        if (pointer.depth < tokens.size()) tokens[pointer.depth] = unescape(text.substr(0, end));
        ++pointer.depth;
        text.remove_prefix(end);
    }
    if (!text.empty() || tokens[0] != "services") pointer.depth = 0;
    pointer.service = std::move(tokens[1]);
    pointer.attribute = std::move(tokens[2]);
    pointer.key = std::move(tokens[3]);
    return pointer;
}

}    // namespace

std::string config_hash(const model::Project& project, const Service& service,
                        const std::vector<std::string>& pointers) {
    Service rest = service;
    rest.config_hash.clear();
    for (const std::string& text : pointers) {
        const Pointer pointer = parse(text);
        const Attribute* attribute = find_attribute(pointer.attribute);
        if (pointer.service == service.name && attribute != nullptr)
            attribute->take(rest, pointer.key);
    }
    return render::config_hash(project, rest);
}

std::optional<std::string> refuse_pointer(const std::string& text) {
    const Pointer pointer = parse(text);
    if (pointer.depth < 3 || pointer.depth > 4) {
        return fmt::format(
            "'{}' does not name an attribute of a service, as "
            "/services/api/environment/DEBUG does",
            text);
    }
    const Attribute* attribute = find_attribute(pointer.attribute);
    if (attribute == nullptr) {
        return fmt::format("'{}': {} is no attribute that can be ignored", text,
                           pointer.attribute.empty() ? "nothing" : pointer.attribute);
    }
    if (!pointer.key.empty() && !attribute->has_keys) {
        return fmt::format("'{}': {} can only be ignored as a whole", text, pointer.attribute);
    }
    return std::nullopt;
}

std::vector<std::string> idle_pointers(const model::Project& project,
                                       const std::vector<std::string>& pointers) {
    std::vector<std::string> idle;
    std::copy_if(
        pointers.begin(), pointers.end(), std::back_inserter(idle),
        [&](const std::string& text) { return !project.services.contains(parse(text).service); });
    return idle;
}

}    // namespace trueup::plan
