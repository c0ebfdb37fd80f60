// SPDX-License-Identifier: Apache-2.0
// The versions are those of Docker's API version history.
#include "controller/render/capability.hpp"

#include <fmt/format.h>

#include <charconv>

#include "controller/render/render.hpp"

namespace trueup::render {
namespace {

class Search {
public:
    Search(Capability capability, Problems& problems)
        : capability_(capability), problems_(problems) {}

    void look(const model::Service& service) {
        service_ = &service;
        needs(43, "annotations", !service.annotations.empty());
        needs(44, "healthcheck.start_interval",
              service.healthcheck && service.healthcheck->start_interval.has_value());
        for (const model::Device& device : service.devices)
            needs(44, "a device by its CDI name", is_qualified_device(device));
        needs(42, "build.shm_size", service.build && service.build->shm_size != 0);
        needs(42, "build.ulimits", service.build && !service.build->ulimits.empty());
        for (const model::Mount& mount : service.mounts) look(mount);
        int addresses = 0;
        for (const auto& [key, network] : service.networks) {
            addresses += network.mac_address.empty() ? 0 : 1;
            needs(48, "gw_priority", network.gateway_priority != 0);
            needs(49, "interface_name", !network.interface_name.empty());
        }
        needs(44, "mac_address of more than one network", addresses > 1);
    }

    void look(const model::Network& network) {
        if (capability_.api_minor >= 48 || network.enable_ipv4.value_or(true)) return;
        tell({}, fmt::format("network {}", network.key), 48, "enable_ipv4: false");
    }

private:
    void look(const model::Mount& mount) {
        const bool image = mount.kind == model::MountKind::image;
        needs(48, "a volume of type image", image);
        needs(49, "image.subpath", image && !mount.subpath.empty());
        needs(45, "volume.subpath", !image && !mount.subpath.empty());
        needs(44, "bind.recursive: " + mount.recursive,
              mount.recursive == "writable" || mount.recursive == "readonly");
    }

    void needs(int api_minor, const std::string& what, bool asked) {
        if (!asked || capability_.api_minor >= api_minor) return;
        tell(service_->position, "service " + service_->name, api_minor, what);
    }

    void tell(const Position& position, const std::string& where, int api_minor,
              const std::string& what) {
        Problem problem;
        problem.position = position;
        problem.message = fmt::format(
            "{}: {} came with version 1.{} of the engine's API, and with this engine "
            "trueup speaks 1.{}",
            where, what, api_minor, capability_.api_minor);
        problem.advice = "remove it, or take a newer engine";
        problems_.push_back(std::move(problem));
    }

    Capability capability_;
    Problems& problems_;
    const model::Service* service_ = nullptr;
};

}    // namespace

Capability capability_of(std::string_view api_version) {
    Capability capability;
    constexpr std::string_view major = "1.";
    if (!api_version.starts_with(major)) return capability;
    api_version.remove_prefix(major.size());
    int minor = 0;
    const char* end = api_version.data() + api_version.size();
    const auto read = std::from_chars(api_version.data(), end, minor);
    if (read.ec == std::errc() && read.ptr == end) capability.api_minor = minor;
    return capability;
}

Problems beyond(const model::Project& project, Capability capability) {
    Problems problems;
    Search search(capability, problems);
    for (const auto& [name, service] : project.services) search.look(service);
    for (const auto& [key, network] : project.networks) search.look(network);
    return problems;
}

}    // namespace trueup::render
