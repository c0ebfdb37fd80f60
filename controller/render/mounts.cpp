// SPDX-License-Identifier: Apache-2.0
// Two ways lead to a mount: a text in Binds, which makes a folder of a missing source and can
// relabel for SELinux, and an object in Mounts, which can say everything else. What Binds can say
// goes there, as with Compose; files of the commit do not, since a missing one must be an error.
#include <fmt/format.h>

#include <map>
#include <set>

#include "controller/render/json.hpp"
#include "controller/render/parts.hpp"

namespace trueup::render {
namespace {

namespace json = boost::json;
using model::MountKind;

std::string source_of(const model::Project& project, const model::Mount& mount,
                      const Surroundings& around) {
    if (mount.in_commit)
        return around.content ? fmt::format("{}/{}", around.bind_root, mount.content_id)
                              : std::string();
    if (mount.kind == MountKind::volume && !mount.source.empty())
        return project.volumes.at(mount.source).name;
    return mount.source;
}

bool fits_in_text(const model::Mount& mount, const std::string& source) {
    const bool separable =
        source.find(':') == std::string::npos && mount.target.find(':') == std::string::npos;
    if (!separable || source.empty()) return false;
    if (mount.kind == MountKind::volume) return mount.labels.empty() && mount.subpath.empty();
    if (mount.kind != MountKind::bind || !mount.recursive.empty()) return false;
    // Only there can SELinux be told.
    if (!mount.selinux.empty()) return true;
    return mount.create_host_path && !mount.in_commit;
}

// "source:target:rw,z,rshared"
std::string text_of(const model::Mount& mount, const std::string& source) {
    std::string options = mount.read_only ? "ro" : "rw";
    for (const std::string& option : {mount.selinux, mount.propagation}) {
        if (!option.empty()) options += "," + option;
    }
    if (mount.no_copy) options += ",nocopy";
    return fmt::format("{}:{}:{}", source, mount.target, options);
}

json::object bind_options(const model::Mount& mount) {
    json::object options;
    set(options, "Propagation", mount.propagation);
    set(options, "CreateMountpoint", mount.create_host_path && !mount.in_commit);
    set(options, "NonRecursive", mount.recursive == "disabled");
    set(options, "ReadOnlyNonRecursive", mount.recursive == "writable");
    set(options, "ReadOnlyForceRecursive", mount.recursive == "readonly");
    return options;
}

json::object volume_options(const model::Mount& mount) {
    json::object options;
    set(options, "NoCopy", mount.no_copy);
    set(options, "Labels", mount.labels);
    set(options, "Subpath", mount.subpath);
    return options;
}

json::object tmpfs_options(const model::Mount& mount) {
    json::object options;
    set(options, "SizeBytes", mount.tmpfs_size);
    set(options, "Mode", mount.tmpfs_mode);
    return options;
}

json::object image_options(const model::Mount& mount) {
    json::object options;
    set(options, "Subpath", mount.subpath);
    return options;
}

json::object object_of(const model::Mount& mount, const std::string& source) {
    json::object object;
    switch (mount.kind) {
        case MountKind::bind:
            object["Type"] = "bind";
            set(object, "BindOptions", bind_options(mount));
            break;
        case MountKind::volume:
            object["Type"] = "volume";
            set(object, "VolumeOptions", volume_options(mount));
            break;
        case MountKind::tmpfs:
            object["Type"] = "tmpfs";
            set(object, "TmpfsOptions", tmpfs_options(mount));
            break;
        case MountKind::image:
            object["Type"] = "image";
            set(object, "ImageOptions", image_options(mount));
            break;
    }
    set(object, "Source", source);
    object["Target"] = mount.target;
    set(object, "ReadOnly", mount.read_only);
    return object;
}

using ByTarget = std::map<std::string, model::Mount>;

// Configs or secrets that are mounted; the others are written into the container.
void add_files(const std::map<std::string, model::FileObject>& objects,
               const std::vector<model::FileReference>& references, ByTarget& mounts) {
    for (const model::FileReference& reference : references) {
        const auto found = objects.find(reference.source);
        if (found == objects.end()) continue;
        const model::FileObject& file = found->second;
        if (is_written(file, reference)) continue;
        const bool in_commit = file.origin == model::FileOrigin::commit;
        model::Mount mount;
        mount.kind = MountKind::bind;
        mount.source = file.path;
        mount.target = reference.target;
        mount.read_only = true;
        mount.create_host_path = false;
        mount.in_commit = in_commit;
        mount.content_id = file.content_id;
        mounts.emplace(mount.target, std::move(mount));
    }
}

// A volume that the container which is replaced had made for itself, by its name.
void add_inherited(const Surroundings& around, ByTarget& mounts, json::array& binds) {
    for (const auto& [target, volume] : around.inherited) {
        const auto found = mounts.find(target);
        const bool anonymous = found == mounts.end() || (found->second.kind == MountKind::volume &&
                                                         found->second.source.empty());
        if (!anonymous) continue;
        const bool read_only = found != mounts.end() && found->second.read_only;
        binds.emplace_back(fmt::format("{}:{}:{}", volume, target, read_only ? "ro" : "rw"));
        if (found != mounts.end()) mounts.erase(found);
    }
}

json::object temporary(const model::Service& service) {
    json::object object;
    for (const std::string& text : service.tmpfs) {
        const std::size_t colon = text.find(':');
        object[text.substr(0, colon)] =
            colon == std::string::npos ? std::string() : text.substr(colon + 1);
    }
    return object;
}

// "service", "service:ro", "container:NAME:ro" -> "ID:ro", "NAME:ro"
json::array volumes_from(const model::Service& service, const Surroundings& around) {
    constexpr std::string_view foreign = "container:";
    json::array array;
    for (const std::string& text : service.volumes_from) {
        if (text.starts_with(foreign)) {
            array.emplace_back(text.substr(foreign.size()));
            continue;
        }
        const std::size_t colon = std::min(text.find(':'), text.size());
        const auto found = around.containers.find(text.substr(0, colon));
        array.emplace_back(found == around.containers.end() ? text
                                                            : found->second + text.substr(colon));
    }
    return array;
}

}    // namespace

std::map<std::string, model::Mount> mounts_by_target(const model::Project& project,
                                                     const model::Service& service) {
    ByTarget mounts;
    for (const model::Mount& mount : service.mounts) mounts.emplace(mount.target, mount);
    add_files(project.secrets, service.secrets, mounts);
    add_files(project.configs, service.configs, mounts);
    return mounts;
}

void add_mounts(const model::Project& project, const model::Service& service,
                const Surroundings& around, json::object& host) {
    ByTarget mounts = mounts_by_target(project, service);
    json::array binds;
    json::array objects;
    add_inherited(around, mounts, binds);
    for (const auto& [target, mount] : mounts) {
        const std::string source = source_of(project, mount, around);
        if (fits_in_text(mount, source))
            binds.emplace_back(text_of(mount, source));
        else
            objects.push_back(object_of(mount, source));
    }
    set(host, "Binds", std::move(binds));
    set(host, "Mounts", std::move(objects));
    set(host, "Tmpfs", temporary(service));
    set(host, "VolumesFrom", volumes_from(service, around));
}

}    // namespace trueup::render
