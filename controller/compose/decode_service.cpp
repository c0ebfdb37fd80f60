// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "controller/compose/decode.hpp"
#include "controller/compose/fields.hpp"

namespace trueup::compose {
namespace {

constexpr std::string_view reserved_prefixes[] = {"com.docker.compose.", "dev.trueup."};

class ServiceDecoder {
public:
    ServiceDecoder(const yaml::Node& node, const DecodeContext& context, model::Service& service)
        : node_(node), fields_(node), context_(context), service_(service) {}

    void run() {
        texts();
        flags();
        lists();
        maps();
        service_.command = words("command");
        service_.entrypoint = words("entrypoint");
        if (const auto* build = fields_.find("build"))
            service_.build = part("build", [&] { return decode_build(*build, context_); });
        if (const auto* volumes = fields_.find("volumes"))
            service_.mounts = part("volumes", [&] { return decode_mounts(*volumes, context_); });
        if (const auto* networks = fields_.find("networks"))
            service_.networks = decode_networks(*networks);
        if (const auto* ports = fields_.find("ports"))
            service_.ports = part("ports", [&] { return decode_ports(*ports, context_); });
        if (const auto* expose = fields_.find("expose"))
            service_.expose = part("expose", [&] { return decode_expose(*expose, context_); });
        logging();
        decode_life(node_, context_, service_);
        decode_resources(node_, service_);
        part("labels", [&] { return check_labels(); });
        part("container_name", [&] { return check_container_name(); });
        mac_address();
    }

private:
    template <class Work>
    std::invoke_result_t<Work> part(std::string_view key, Work work) {
        const Path::Step step(context_.reporter.path, key);
        return work();
    }

    void texts() {
        fields_.text("image", service_.image);
        fields_.text("working_dir", service_.working_dir);
        fields_.text("user", service_.user);
        fields_.text("container_name", service_.container_name);
        fields_.text("hostname", service_.hostname);
        fields_.text("domainname", service_.domain_name);
        fields_.text("stop_signal", service_.stop_signal);
        fields_.text("platform", service_.platform);
        fields_.text("runtime", service_.runtime);
        fields_.text("isolation", service_.isolation);
        fields_.text("mac_address", service_.mac_address);
        fields_.text("cgroup_parent", service_.cgroup_parent);
        fields_.text("network_mode", service_.namespaces.network);
        fields_.text("ipc", service_.namespaces.ipc);
        fields_.text("pid", service_.namespaces.pid);
        fields_.text("uts", service_.namespaces.uts);
        fields_.text("userns_mode", service_.namespaces.user);
        fields_.text("cgroup", service_.namespaces.cgroup);
        fields_.duration("stop_grace_period", service_.stop_grace_period);
    }

    void flags() {
        fields_.flag("init", service_.init);
        fields_.flag("privileged", service_.privileged);
        fields_.flag("read_only", service_.read_only);
        fields_.flag("tty", service_.tty);
        fields_.flag("stdin_open", service_.stdin_open);
        fields_.inside("x-trueup").flag("reloads", service_.reloads);
    }

    void lists() {
        fields_.strings("cap_add", service_.cap_add);
        fields_.strings("cap_drop", service_.cap_drop);
        fields_.strings("security_opt", service_.security_opt);
        fields_.items("security_opt", [&](const yaml::Node& item) {
            service_.security_positions.push_back(item.position());
        });
        fields_.strings("group_add", service_.group_add);
        fields_.strings("device_cgroup_rules", service_.device_cgroup_rules);
        fields_.strings("dns", service_.dns);
        fields_.strings("dns_search", service_.dns_search);
        fields_.strings("dns_opt", service_.dns_opt);
        fields_.strings("extra_hosts", service_.extra_hosts);
        fields_.strings("links", service_.links);
        fields_.strings("external_links", service_.external_links);
        fields_.strings("volumes_from", service_.volumes_from);
        fields_.strings("tmpfs", service_.tmpfs);
        fields_.items("devices", [&](const yaml::Node& item) {
            model::Device device;
            const Fields fields(item);
            fields.text("source", device.source);
            fields.text("target", device.target);
            fields.text("permissions", device.permissions);
            service_.devices.push_back(std::move(device));
        });
        if (const auto* gpus = fields_.find("gpus")) service_.gpus = decode_device_requests(*gpus);
        files("configs", service_.configs);
        files("secrets", service_.secrets);
        hooks("pre_start", service_.pre_start);
        hooks("post_start", service_.post_start);
        hooks("pre_stop", service_.pre_stop);
    }

    void maps() {
        fields_.environment("environment", service_.environment);
        fields_.map("labels", service_.labels);
        fields_.map("annotations", service_.annotations);
        fields_.map("sysctls", service_.sysctls);
        fields_.map("storage_opt", service_.storage_opt);
        if (const auto* limits = fields_.find("ulimits"))
            service_.ulimits = decode_ulimits(*limits);
    }

    std::optional<model::Strings> words(std::string_view key) const {
        const yaml::Node* found = fields_.find(key);
        if (found == nullptr || !found->is_sequence()) return std::nullopt;
        model::Strings list;
        fields_.strings(key, list);
        return list;
    }

    void files(std::string_view key, std::vector<model::FileReference>& target) const {
        fields_.items(key, [&](const yaml::Node& item) {
            model::FileReference file;
            const Fields fields(item);
            fields.text("source", file.source);
            fields.text("target", file.target);
            fields.text("uid", file.uid);
            fields.text("gid", file.gid);
            if (const auto* mode = fields.find("mode")) file.mode = mode_of(*mode);
            const std::string_view home = key == "secrets" ? "/run/secrets/" : "/";
            if (file.target.empty()) file.target = std::string(home) + file.source;
            if (!file.target.starts_with('/')) file.target = std::string(home) + file.target;
            owner(item, "uid", file.uid);
            owner(item, "gid", file.gid);
            target.push_back(std::move(file));
        });
    }

    void owner(const yaml::Node& item, std::string_view key, const std::string& text) const {
        const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
        if (digits && text.size() < 10) return;
        context_.reporter.tell(*item.find(key), fmt::format("{} '{}' is no number", key, text),
                               "the engine does not know the names of the container's users");
    }

    void hooks(std::string_view key, std::vector<model::Hook>& target) const {
        if (const auto* list = fields_.find(key)) target = decode_hooks(*list);
    }

    void logging() {
        if (fields_.find("logging") == nullptr) return;
        const Fields fields = fields_.inside("logging");
        model::Logging logging;
        fields.text("driver", logging.driver);
        fields.map("options", logging.options);
        service_.logging = std::move(logging);
    }

    void check_labels() {
        fields_.members("labels", [&](const yaml::Entry& entry) {
            for (const std::string_view prefix : reserved_prefixes) {
                if (entry.key.starts_with(prefix))
                    context_.reporter.tell(
                        entry.position(),
                        fmt::format("labels that start with '{}' are reserved", prefix),
                        "choose another name");
            }
        });
    }

    // What the engine takes for a name.
    void check_container_name() {
        const std::string& name = service_.container_name;
        if (name.empty()) return;
        const bool plain = std::all_of(name.begin(), name.end(), [](char letter) {
            return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                   (letter >= '0' && letter <= '9') || letter == '_' || letter == '.' ||
                   letter == '-';
        });
        const bool starts = name[0] != '_' && name[0] != '.' && name[0] != '-';
        if (!plain || !starts || name.size() < 2)
            context_.reporter.tell(*fields_.find("container_name"),
                                   fmt::format("'{}' is no name of a container", name),
                                   "two or more letters, digits, '_', '.' and '-'");
    }

    // That of the service is the first network's, as the engine has it.
    void mac_address() {
        if (service_.mac_address.empty() || service_.networks.empty()) return;
        auto first = service_.networks.begin();
        for (auto other = first; other != service_.networks.end(); ++other) {
            if (other->second.priority > first->second.priority) first = other;
        }
        if (first->second.mac_address.empty()) first->second.mac_address = service_.mac_address;
    }

    const yaml::Node& node_;
    Fields fields_;
    const DecodeContext& context_;
    model::Service& service_;
};

}    // namespace

model::Service decode_service(const std::string& name, const yaml::Node& node,
                              const DecodeContext& context) {
    model::Service service;
    service.name = name;
    ServiceDecoder(node, context, service).run();
    return service;
}

}    // namespace trueup::compose
