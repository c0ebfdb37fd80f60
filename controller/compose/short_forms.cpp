// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/short_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/nodes.hpp"

namespace trueup::compose {
namespace {

bool is_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

// One letter before a colon is a drive of Windows; a colon in "${…}" separates nothing.
std::vector<std::string> split_volume(std::string_view text) {
    std::vector<std::string> parts(1);
    int braces = 0;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const char letter = text[index];
        std::string& part = parts.back();
        if (text.substr(index).starts_with("${")) {
            ++braces;
        } else if (letter == '{' && braces > 0 && !part.ends_with('$')) {
            ++braces;
        } else if (letter == '}' && braces > 0) {
            --braces;
        }
        const bool drive = part.size() == 1 && is_letter(part[0]);
        if (letter == ':' && braces == 0 && !drive)
            parts.emplace_back();
        else
            part += letter;
    }
    return parts;
}

bool is_path(std::string_view source) {
    if (source.starts_with('/') || source.starts_with('.') || source.starts_with('~')) return true;
    if (source.starts_with("\\\\")) return true;
    return source.size() > 1 && is_letter(source[0]) && source[1] == ':';
}

// What the third part of a short volume says.
struct MountOptions {
    bool read_only = false;
    bool no_copy = false;
    std::string propagation;
    std::string selinux;
    std::string unknown;
};

MountOptions read_options(std::string_view text) {
    constexpr std::array<std::string_view, 6> propagations{"private", "rprivate", "shared",
                                                           "rshared", "slave",    "rslave"};
    // What they ask of Docker Desktop says nothing to Linux.
    constexpr std::array<std::string_view, 6> plain{"rw",     "RW",        "rW",
                                                    "cached", "delegated", "consistent"};
    const auto is_one_of = [](std::string_view option, const auto& all) {
        return std::find(all.begin(), all.end(), option) != all.end();
    };
    MountOptions options;
    for (const std::string_view option : base::split(text, ',')) {
        if (option == "ro")
            options.read_only = true;
        else if (option == "nocopy")
            options.no_copy = true;
        else if (option == "z" || option == "Z")
            options.selinux = option;
        else if (is_one_of(option, propagations))
            options.propagation = option;
        else if (!is_one_of(option, plain))
            options.unknown = option;
    }
    return options;
}

yaml::Node volume_node(const yaml::Node& like, std::string source, std::string target,
                       const MountOptions& options) {
    const bool bind = is_path(source);
    yaml::Node node = make(yaml::Kind::mapping, like);
    add(node, "type", scalar(bind ? "bind" : "volume", like));
    if (!source.empty()) add(node, "source", scalar(std::move(source), like));
    add(node, "target", scalar(std::move(target), like));
    if (options.read_only) add(node, "read_only", plain("true", like));
    yaml::Node bind_options = make(yaml::Kind::mapping, like);
    if (bind) add(bind_options, "create_host_path", plain("true", like));
    if (!options.propagation.empty())
        add(bind_options, "propagation", scalar(options.propagation, like));
    if (!options.selinux.empty()) add(bind_options, "selinux", scalar(options.selinux, like));
    if (bind || !bind_options.entries.empty()) add(node, "bind", std::move(bind_options));
    yaml::Node volume_options = make(yaml::Kind::mapping, like);
    if (options.no_copy) add(volume_options, "nocopy", plain("true", like));
    if (!bind || options.no_copy) add(node, "volume", std::move(volume_options));
    return node;
}

}    // namespace

Result<yaml::Node> expand_volume(const yaml::Node& node) {
    const auto wrong = [&](std::string_view why) {
        return problem_error(node, fmt::format("'{}' is no volume: {}", node.text, why),
                             "write \"name:/path\", \"./file:/path:ro\" or \"/path\"");
    };
    if (node.text.empty()) return wrong("it is empty");
    if (node.text.size() <= 2) return volume_node(node, "", node.text, {});
    const std::vector<std::string> parts = split_volume(node.text);
    if (std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); }))
        return wrong("a part is empty");
    if (parts.size() > 3) return wrong("it has more parts than source, target and mode");
    if (parts.size() == 1) return volume_node(node, "", parts[0], {});
    const MountOptions options = read_options(parts.size() == 3 ? parts[2] : std::string("rw"));
    if (!options.unknown.empty())
        return wrong(fmt::format("there is no mount option '{}'", options.unknown));
    return volume_node(node, parts[0], parts[1], options);
}

Result<yaml::Node> expand_device(const yaml::Node& node) {
    const auto parts = base::split(node.text, ':');
    if (parts.size() > 3 || parts[0].empty()) {
        return problem_error(node, fmt::format("'{}' is no device", node.text),
                             "write \"/dev/a\", \"/dev/a:/dev/b\" or \"/dev/a:/dev/b:rwm\"");
    }
    yaml::Node device = make(yaml::Kind::mapping, node);
    add(device, "source", scalar(std::string(parts[0]), node));
    add(device, "target", scalar(std::string(parts[parts.size() > 1 ? 1 : 0]), node));
    add(device, "permissions", scalar(parts.size() > 2 ? std::string(parts[2]) : "rwm", node));
    return device;
}

}    // namespace trueup::compose
