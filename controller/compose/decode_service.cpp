// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/decode.hpp"
#include "controller/compose/reader.hpp"
#include "controller/compose/shell_words.hpp"
#include "controller/compose/short_forms.hpp"

namespace trueup::compose {
namespace {

constexpr std::string_view reserved_prefixes[] = {"com.docker.compose.", "dev.trueup."};

class ServiceDecoder {
public:
    ServiceDecoder(const yaml::Node& node, const DecodeContext& context, model::Service& service)
        : node_(node), context_(context), service_(service), reader_(context.problems) {}

    void run() {
        reader_.text(node_, "image", service_.image);
        reader_.text(node_, "working_dir", service_.working_dir);
        reader_.text(node_, "user", service_.user);
        reader_.text(node_, "container_name", service_.container_name);
        reader_.text(node_, "hostname", service_.hostname);
        reader_.text(node_, "stop_signal", service_.stop_signal);
        reader_.boolean(node_, "init", service_.init);
        if (const auto* period = member("stop_grace_period"))
            service_.stop_grace_period = reader_.duration(*period);
        service_.command = words("command");
        service_.entrypoint = words("entrypoint");
        build();
        decode_environment(node_, context_, service_);
        ports();
        if (const auto* volumes = member("volumes")) decode_mounts(*volumes, context_, service_);
        networks();
        dependencies();
        healthcheck();
        restart();
        labels();
        replicas();
    }

private:
    const yaml::Node* member(std::string_view key) const { return Reader::member(node_, key); }

    std::optional<model::Strings> words(std::string_view key) {
        const yaml::Node* found = member(key);
        if (found == nullptr) return std::nullopt;
        if (!found->is_scalar()) return reader_.strings(*found);
        if (type_of(*found) != ScalarType::string) {
            reader_.text(*found);    // tells of the wrong type
            return std::nullopt;
        }
        auto split = split_words(found->text);
        if (split) return std::move(*split);
        reader_.problem(*found, fmt::format("{}: {}", key, split.error().message()));
        return std::nullopt;
    }

    void build() {
        const yaml::Node* found = member("build");
        if (found == nullptr) return;
        if (!found->is_mapping()) return reader_.expected(*found, "a path or a mapping");
        model::Build build;
        std::string context = ".";
        reader_.text(*found, "context", context);
        const yaml::Node* context_node = Reader::member(*found, "context");
        const auto path = tree_path(context_, context);
        const bool is_url = context.find("://") != std::string::npos || context.starts_with("git@");
        if (is_url)
            reader_.problem(*context_node,
                            "a build context that is a URL is not supported yet by this version",
                            "");
        else if (!path)
            reader_.problem(context_node == nullptr ? *found : *context_node,
                            fmt::format("the build context '{}' is outside the commit", context),
                            "use a path relative to the project directory");
        else
            build.context = *path;
        dockerfile(*found, build);
        reader_.text(*found, "target", build.target);
        if (const auto* args = Reader::member(*found, "args")) build.args = arguments(*args);
        service_.build = std::move(build);
    }

    void dockerfile(const yaml::Node& node, model::Build& build) {
        reader_.text(node, "dockerfile_inline", build.dockerfile_inline);
        const yaml::Node* path = Reader::member(node, "dockerfile");
        if (path == nullptr) return;
        build.dockerfile = reader_.text(*path);
        if (!build.dockerfile_inline.empty())
            reader_.problem(*path, "dockerfile and dockerfile_inline exclude each other",
                            "keep one");
        const bool inside = !build.dockerfile.empty() && !build.dockerfile.starts_with('/') &&
                            base::normal_path(build.context + "/./" + build.dockerfile);
        const bool at_root = build.context.empty() && base::normal_path(build.dockerfile);
        if (!inside && !at_root)
            reader_.problem(
                *path, fmt::format("the Dockerfile '{}' is outside the commit", build.dockerfile),
                "use a path relative to the build context");
    }

    // An argument without a value is taken from the variables, else left to the Dockerfile's default.
    model::StringMap arguments(const yaml::Node& node) {
        model::StringMap args = reader_.string_map(node);
        for (const yaml::Entry& entry : node.entries) {
            if (!entry.value.is_null()) continue;
            const auto value = context_.lookup(entry.key);
            if (value)
                args[entry.key] = *value;
            else
                args.erase(entry.key);
        }
        return args;
    }

    void ports() {
        if (const auto* expose = member("expose")) service_.expose = exposed(*expose);
        const yaml::Node* found = member("ports");
        if (found == nullptr) return;
        if (!found->is_sequence()) return reader_.expected(*found, "a list of ports");
        std::set<model::Port> seen;
        for (const yaml::Node& item : found->items) {
            if (!item.is_mapping()) {
                reader_.expected(item, "a port");
                continue;
            }
            model::Port port = decode_port(item);
            if (seen.insert(port).second) service_.ports.push_back(std::move(port));
        }
    }

    model::Strings exposed(const yaml::Node& node) {
        model::Strings ports = reader_.strings_or_numbers(node);
        for (std::size_t index = 0; index < ports.size(); ++index) {
            const std::string& text = ports[index];
            const std::size_t slash = text.find('/');
            const bool known =
                slash == std::string::npos || is_protocol(std::string_view(text).substr(slash + 1));
            if (!known || !is_port_range(std::string_view(text).substr(0, slash)))
                reader_.problem(node.items[index], fmt::format("'{}' is no port", text),
                                "write \"8000\" or \"8000/udp\"");
        }
        return ports;
    }

    model::Port decode_port(const yaml::Node& item) {
        model::Port port;
        reader_.text(item, "host_ip", port.host_ip);
        if (!port.host_ip.empty() && !is_ip_address(port.host_ip))
            reader_.problem(*item.find("host_ip"),
                            fmt::format("'{}' is no IP address", port.host_ip));
        if (const auto* published = Reader::member(item, "published")) {
            port.published = reader_.text_or_number(*published);
            if (!port.published.empty() && !is_port_range(port.published))
                reader_.problem(*published,
                                fmt::format("'{}' is no published port", port.published),
                                "a number from 0 to 65535, or a range");
        }
        reader_.text(item, "protocol", port.protocol);
        if (!is_protocol(port.protocol))
            reader_.problem(*item.find("protocol"),
                            fmt::format("'{}' is no protocol", port.protocol), "tcp, udp or sctp");
        const yaml::Node* target = Reader::member(item, "target");
        if (target == nullptr)
            reader_.problem(item, "this port has no target");
        else
            port.target =
                static_cast<std::uint16_t>(reader_.integer(*target, 1, 65'535).value_or(0));
        return port;
    }

    void networks() {
        const yaml::Node* found = member("networks");
        if (found == nullptr) {
            service_.networks.emplace("default", model::ServiceNetwork{});
            return;
        }
        if (!found->is_mapping()) return reader_.expected(*found, "a list or mapping of networks");
        if (found->entries.empty()) service_.networks.emplace("default", model::ServiceNetwork{});
        for (const yaml::Entry& entry : found->entries) {
            model::ServiceNetwork network;
            if (!entry.value.is_null() && !entry.value.is_mapping())
                reader_.expected(entry.value, "a mapping");
            if (const auto* aliases = Reader::member(entry.value, "aliases"))
                network.aliases = reader_.strings(*aliases);
            reader_.text(entry.value, "ipv4_address", network.ipv4_address);
            reader_.text(entry.value, "ipv6_address", network.ipv6_address);
            if (const auto* priority = Reader::member(entry.value, "priority")) {
                network.priority =
                    static_cast<int>(reader_.integer(*priority, INT32_MIN, INT32_MAX).value_or(0));
            }
            service_.networks.emplace(entry.key, std::move(network));
        }
    }

    void dependencies() {
        const yaml::Node* found = member("depends_on");
        if (found == nullptr) return;
        if (!found->is_mapping()) return reader_.expected(*found, "a list or mapping of services");
        for (const yaml::Entry& entry : found->entries) {
            model::Dependency dependency;
            if (!entry.value.is_null() && !entry.value.is_mapping())
                reader_.expected(entry.value, "a mapping");
            reader_.boolean(entry.value, "restart", dependency.restart);
            reader_.boolean(entry.value, "required", dependency.required);
            std::string condition = "service_started";
            reader_.text(entry.value, "condition", condition);
            if (condition == "service_healthy") {
                dependency.condition = model::DependencyCondition::healthy;
            } else if (condition == "service_completed_successfully") {
                dependency.condition = model::DependencyCondition::completed_successfully;
            } else if (condition != "service_started") {
                reader_.problem(
                    *entry.value.find("condition"), fmt::format("'{}' is no condition", condition),
                    "service_started, service_healthy or service_completed_successfully");
            }
            service_.depends_on.emplace(entry.key, dependency);
        }
    }

    void healthcheck() {
        const yaml::Node* found = member("healthcheck");
        if (found == nullptr) return;
        if (!found->is_mapping()) return reader_.expected(*found, "a mapping");
        model::Healthcheck check;
        reader_.boolean(*found, "disable", check.disabled);
        if (const auto* test = Reader::member(*found, "test")) check.test = health_test(*test);
        const auto duration = [&](std::string_view key, std::optional<model::Duration>& target) {
            if (const auto* value = Reader::member(*found, key)) target = reader_.duration(*value);
        };
        duration("interval", check.interval);
        duration("timeout", check.timeout);
        duration("start_period", check.start_period);
        duration("start_interval", check.start_interval);
        if (const auto* retries = Reader::member(*found, "retries")) {
            const auto value = reader_.integer(*retries, 0, 1'000'000);
            if (value) check.retries = static_cast<int>(*value);
        }
        if (check.test.size() == 1 && check.test[0] == "NONE") check.disabled = true;
        if (check.disabled) check.test = {"NONE"};
        service_.healthcheck = std::move(check);
    }

    model::Strings health_test(const yaml::Node& node) {
        if (node.is_scalar()) return {"CMD-SHELL", reader_.text(node)};
        model::Strings test = reader_.strings(node);
        if (test.empty()) return test;
        const bool known = test[0] == "NONE" || test[0] == "CMD" || test[0] == "CMD-SHELL";
        if (!known)
            reader_.problem(
                node,
                fmt::format("a health check's list starts with NONE, CMD or CMD-SHELL, not '{}'",
                            test[0]),
                "");
        if (known && test[0] != "NONE" && test.size() == 1)
            reader_.problem(node, "this health check has no command", "");
        return test;
    }

    void restart() {
        const yaml::Node* found = member("restart");
        if (found == nullptr) return;
        std::string name = found->text;
        if (!found->is_scalar()) return reader_.expected(*found, "a string");
        const std::size_t colon = name.find(':');
        if (colon != std::string::npos && name.starts_with("on-failure:")) {
            yaml::Node count = *found;
            count.text = name.substr(colon + 1);
            service_.restart.max_retries =
                static_cast<int>(reader_.integer(count, 0, 1'000'000).value_or(0));
            name.erase(colon);
        }
        const bool known =
            name == "no" || name == "always" || name == "unless-stopped" || name == "on-failure";
        if (name == "false" && !found->quoted)
            name = "no";    // YAML 1.1 readers write `no` so
        else if (!known)
            reader_.problem(*found, fmt::format("'{}' is no restart policy", name),
                            "no, always, unless-stopped or on-failure[:N]");
        service_.restart.name = std::move(name);
    }

    void labels() {
        const yaml::Node* found = member("labels");
        if (found == nullptr) return;
        service_.labels = reader_.string_map(*found);
        for (const yaml::Entry& entry : found->entries) {
            for (const std::string_view prefix : reserved_prefixes) {
                if (!entry.key.starts_with(prefix)) continue;
                context_.problems.push_back(
                    {entry.position(),
                     fmt::format("labels that start with '{}' are reserved", prefix),
                     "choose another name"});
            }
        }
    }

    void replicas() {
        const yaml::Node* scale = member("scale");
        const yaml::Node* deploy = member("deploy");
        const yaml::Node* wanted =
            deploy == nullptr ? nullptr : Reader::member(*deploy, "replicas");
        if (wanted != nullptr)
            service_.replicas = static_cast<int>(reader_.integer(*wanted, 0, 1000).value_or(1));
        if (scale == nullptr) return;
        const int scaled = static_cast<int>(reader_.integer(*scale, 0, 1000).value_or(1));
        if (wanted != nullptr && scaled != service_.replicas)
            reader_.problem(*scale, "scale and deploy.replicas differ", "keep one of them");
        service_.replicas = scaled;
    }

    const yaml::Node& node_;
    const DecodeContext& context_;
    model::Service& service_;
    Reader reader_;
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
