// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "controller/base/text.hpp"
#include "controller/compose/decode.hpp"

namespace trueup::compose {
namespace {

// Relative to the project's folder; nothing: it is not in there.
std::optional<std::string> below_project(const std::string& source, const std::string& project) {
    if (!source.starts_with("//")) return base::normal_path(source);
    std::string folder = project;
    if (source == folder) return std::string();
    if (!folder.ends_with('/')) folder += '/';
    if (!source.starts_with(folder)) return std::nullopt;
    return source.substr(folder.size());
}

}    // namespace

std::optional<std::string> host_path(const std::string& source, const yaml::Node& node,
                                     std::string advice, const DecodeContext& context) {
    const std::optional<std::string> below = below_project(source, context.directory);
    const std::string shown = source.starts_with("//") ? below.value_or(source.substr(2)) : source;
    if (context.host_directory.empty()) {
        context.reporter.tell(node, fmt::format("'{}' is not in the commit", shown),
                              std::move(advice));
        return std::nullopt;
    }
    if (!below) {
        context.reporter.tell(node,
                              fmt::format("'{}' leads out of the project's folder, so it is not "
                                          "below spec.compose.hostDirectory",
                                          shown),
                              "write an absolute path of the engine's host");
        return std::nullopt;
    }
    return context.places.join(context.host_directory, *below).value_or(*below);
}

}    // namespace trueup::compose
