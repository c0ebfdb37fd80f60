// SPDX-License-Identifier: Apache-2.0
// A bind of a path of the commit is materialised read-only by content. A relative path that is not in the
// commit lies below the Stack's hostDirectory; an absolute one is the host's.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/attributes.hpp"
#include "controller/compose/decode.hpp"
#include "controller/compose/fields.hpp"

namespace trueup::compose {
namespace {

class MountDecoder {
public:
    MountDecoder(const yaml::Node& node, const DecodeContext& context)
        : node_(node), fields_(node), context_(context) {}

    // False when it cannot be mounted, which is told.
    bool run() {
        fields_.text("source", mount.source);
        fields_.text("target", mount.target);
        fields_.flag("read_only", mount.read_only);
        fields_.text("consistency", mount.consistency);
        return kind() && target() && (mount.kind != model::MountKind::bind || bind());
    }

    model::Mount mount;

private:
    void tell(std::string message, std::string advice) {
        context_.reporter.tell(node_, message, std::move(advice));
    }

    bool kind() {
        std::string type = "volume";
        fields_.text("type", type);
        options();
        if (type == "bind")
            mount.kind = model::MountKind::bind;
        else if (type == "tmpfs")
            mount.kind = model::MountKind::tmpfs;
        else if (type == "image")
            mount.kind = model::MountKind::image;
        else if (type != "volume")
            return refuse_type(type, "");
        // The row of a type's options says whether the type itself is sent to the engine.
        const Attribute* row = find_attribute(Object::mount, type);
        const bool later = mount.kind != model::MountKind::bind && row != nullptr &&
                           mount.kind != model::MountKind::volume &&
                           row->support != Support::supported;
        return !later || refuse_type(type, " yet by this version");
    }

    bool refuse_type(const std::string& type, std::string_view when) {
        tell(fmt::format("volume type '{}' is not supported{}", type, when),
             "use a named volume, or a bind");
        return false;
    }

    void options() {
        const Fields bind = fields_.inside("bind");
        bind.text("propagation", mount.propagation);
        bind.flag("create_host_path", mount.create_host_path);
        bind.text("selinux", mount.selinux);
        bind.text("recursive", mount.recursive);
        const Fields volume = fields_.inside("volume");
        volume.flag("nocopy", mount.no_copy);
        volume.map("labels", mount.labels);
        volume.text("subpath", mount.subpath);
        fields_.inside("image").text("subpath", mount.subpath);
        const Fields tmpfs = fields_.inside("tmpfs");
        tmpfs.bytes("size", mount.tmpfs_size);
        if (const auto* mode = tmpfs.find("mode")) mount.tmpfs_mode = mode_of(*mode).value_or(0);
    }

    bool target() {
        const std::string& path = mount.target;
        if (path.starts_with('/') && path != "/") return true;
        const bool drive = path.size() > 1 && path[1] == ':';
        tell(fmt::format("the target '{}' is no absolute path in the container", path),
             drive ? "a name of one letter reads like a drive of Windows: use a longer one" : "");
        return false;
    }

    bool bind() {
        const std::string source = mount.source;
        if (source.size() > 1 && source[1] == ':') {
            tell(fmt::format("'{}' is a path of Windows", source),
                 "a name of one letter reads like a drive: use a longer one");
            return false;
        }
        const bool relative = source.starts_with("//") || !source.starts_with('/');
        if (!relative) return true;
        if (source.starts_with('~')) {
            tell(fmt::format("'{}' starts at a home, and a controller has none", source),
                 "write an absolute path of the engine's host");
            return false;
        }
        if (context_.places.is_in_tree(source)) {
            const auto found = context_.places.find(source);
            if (found) return bind_of_commit(*found);
            if (found.error().code() != Errc::not_found) {
                tell(found.error().message(), "write the path that it leads to");
                return false;
            }
        }
        return bind_of_host(source);
    }

    bool bind_of_commit(const Places::Found& found) {
        if (found.entry.kind == model::EntryKind::submodule) {
            tell(fmt::format("'{}' is a git submodule, which is not supported yet by this version",
                             found.path),
                 "bind a file or a folder of the commit");
            return false;
        }
        mount.source = found.path;
        mount.in_commit = true;
        mount.read_only = true;
        mount.content_id = found.entry.object_id;
        mount.content_is_directory = found.entry.kind == model::EntryKind::directory;
        return true;
    }

    bool bind_of_host(const std::string& source) {
        const auto found = host_path(
            source, node_,
            "commit it, use a named volume for data, or set spec.compose.hostDirectory", context_);
        mount.source = found.value_or(source);
        return found.has_value();
    }

    const yaml::Node& node_;
    Fields fields_;
    const DecodeContext& context_;
};

}    // namespace

std::vector<model::Mount> decode_mounts(const yaml::Node& list, const DecodeContext& context) {
    std::vector<model::Mount> mounts;
    for (std::size_t index = 0; index < list.items.size(); ++index) {
        const Path::Step step(context.reporter.path, index);
        MountDecoder decoder(list.items[index], context);
        if (decoder.run()) mounts.push_back(std::move(decoder.mount));
    }
    return mounts;
}

}    // namespace trueup::compose
