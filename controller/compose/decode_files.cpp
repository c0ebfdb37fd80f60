// SPDX-License-Identifier: Apache-2.0
// The parts of a service that come from other files of the commit: env files and bind mounts.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/decode.hpp"
#include "controller/compose/dotenv.hpp"
#include "controller/compose/find_files.hpp"
#include "controller/compose/reader.hpp"

namespace trueup::compose {
namespace {

// "/a//b/../c/" is "/a/c"; nothing when it climbs above the root.
std::optional<std::string> normal_target(const std::string& target) {
    if (!target.starts_with('/')) return std::nullopt;
    const auto path = base::normal_path(
        std::string_view(target).substr(std::min(target.find_first_not_of('/'), target.size())));
    return path ? std::optional("/" + *path) : std::nullopt;
}

void read_env_file(const yaml::Node& item, const DecodeContext& context, Reader& reader,
                   model::Service& service) {
    if (!item.is_mapping()) return reader.expected(item, "a path");
    const yaml::Node* path_node = Reader::member(item, "path");
    if (path_node == nullptr) return reader.problem(item, "this env_file has no path");
    bool required = true;
    reader.boolean(item, "required", required);
    const std::string path = reader.text(*path_node);
    const auto inside = tree_path(context, path);
    if (!inside) {
        return reader.problem(*path_node, fmt::format("env_file '{}' is outside the commit", path),
                              "only files of the commit can be read");
    }
    const auto content = read_text(context.tree, *inside);
    if (!content) {
        if (content.error().code() == Errc::not_found && !required) return;
        return reader.problem(*path_node,
                              fmt::format("env_file '{}': {}", path, content.error().message()),
                              "commit it, or set 'required: false'");
    }
    if (content->size() > context.env_file_bytes)
        return reader.problem(*path_node,
                              "the env files of this project are more than 16 MiB long");
    context.env_file_bytes -= content->size();
    const Lookup lookup = [&](const std::string& name) -> std::optional<std::string> {
        if (auto given = context.lookup(name)) return given;
        const auto earlier = service.environment.find(name);
        return earlier == service.environment.end() ? std::nullopt : earlier->second;
    };
    const auto values = parse_dotenv(*content, *inside, lookup);
    if (!values) {
        const Problems found = values.error().problems();
        context.problems.insert(context.problems.end(), found.begin(), found.end());
        return;
    }
    for (const auto& [key, value] : *values) service.environment[key] = value;
}

// What the mount says beyond source and target; false when it cannot be one.
bool decode_common(const yaml::Node& item, Reader& reader, model::Mount& mount, std::string& type) {
    if (!item.is_mapping()) {
        reader.expected(item, "a volume");
        return false;
    }
    if (item.find("type") == nullptr) {
        reader.problem(item, "this volume has no type", "volume or bind");
        return false;
    }
    reader.text(item, "type", type);
    reader.text(item, "source", mount.source);
    reader.text(item, "target", mount.target);
    reader.boolean(item, "read_only", mount.read_only);
    if (type != "bind" && type != "volume") {
        reader.problem(item,
                       fmt::format("volume type '{}' is not supported yet by this version", type),
                       "volume or bind");
        return false;
    }
    const auto target = normal_target(mount.target);
    if (!target || *target == "/") {
        reader.problem(item, fmt::format("the target '{}' is no absolute path in the container",
                                         mount.target));
        return false;
    }
    mount.target = *target;
    return true;
}

bool decode_bind(const yaml::Node& item, const DecodeContext& context, Reader& reader,
                 model::Mount& mount) {
    mount.kind = model::MountKind::bind;
    if (mount.source.empty()) {
        reader.problem(item, "this bind has no source", "a path of the commit");
        return false;
    }
    const bool of_host = mount.source.starts_with('/') || mount.source.starts_with('~');
    const auto inside = of_host ? std::nullopt : tree_path(context, mount.source);
    if (!inside) {
        reader.problem(
            item,
            fmt::format("'{}' is a path of the host, which is not supported yet by this version",
                        mount.source),
            "commit the file and bind it by a relative path, or use a named volume");
        return false;
    }
    const auto entry = context.tree.stat(*inside);
    if (!entry) {
        reader.problem(item, fmt::format("'{}' is not in the commit", mount.source),
                       "commit it, or use a named volume for data");
        return false;
    }
    if (entry->kind == model::EntryKind::symlink || entry->kind == model::EntryKind::submodule) {
        const bool link = entry->kind == model::EntryKind::symlink;
        reader.problem(item,
                       fmt::format("'{}' is a {}, which is not supported yet by this version",
                                   mount.source, link ? "symbolic link" : "git submodule"),
                       "bind a file or a folder of the commit");
        return false;
    }
    mount.source = *inside;
    mount.in_commit = true;
    mount.read_only = true;
    mount.content_id = entry->object_id;
    mount.content_is_directory = entry->kind == model::EntryKind::directory;
    return true;
}

}    // namespace

void decode_environment(const yaml::Node& node, const DecodeContext& context,
                        model::Service& service) {
    Reader reader(context.problems);
    if (const yaml::Node* files = Reader::member(node, "env_file")) {
        if (!files->is_sequence()) reader.expected(*files, "a path or a list of paths");
        for (const yaml::Node& item : files->items) read_env_file(item, context, reader, service);
    }
    const yaml::Node* environment = Reader::member(node, "environment");
    if (environment == nullptr) return;
    if (!environment->is_mapping())
        return reader.expected(*environment, "a list or mapping of variables");
    for (const yaml::Entry& entry : environment->entries) {
        if (entry.value.is_null()) {
            service.environment[entry.key] = context.lookup(entry.key);
        } else if (entry.value.is_scalar()) {
            service.environment[entry.key] = scalar_text(entry.value);
        } else {
            reader.expected(entry.value, "a string");
        }
    }
}

void decode_mounts(const yaml::Node& list, const DecodeContext& context, model::Service& service) {
    Reader reader(context.problems);
    if (!list.is_sequence()) return reader.expected(list, "a list of volumes");
    std::set<std::string> targets;
    for (const yaml::Node& item : list.items) {
        model::Mount mount;
        std::string type = "volume";
        if (!decode_common(item, reader, mount, type)) continue;
        if (type == "bind") {
            if (!decode_bind(item, context, reader, mount)) continue;
        }
        if (!targets.insert(mount.target).second)
            reader.problem(item, fmt::format("'{}' is mounted twice", mount.target), "keep one");
        service.mounts.push_back(std::move(mount));
    }
}

}    // namespace trueup::compose
