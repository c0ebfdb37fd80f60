// SPDX-License-Identifier: Apache-2.0
// A build: its context and its Dockerfile are files of the commit.
#include <fmt/format.h>

#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/decode.hpp"
#include "controller/compose/fields.hpp"
#include "controller/compose/resolve_paths.hpp"

namespace trueup::compose {
namespace {

void decode_context(const yaml::Node& node, const DecodeContext& context, model::Build& build) {
    const yaml::Node* place = node.find("context");
    if (place == nullptr) return;
    if (is_remote(place->text)) {
        context.reporter.tell(*place, "a build context that is a URL is not supported",
                              "copy it into the project, or use the image it makes");
    } else if (!context.places.is_in_tree(place->text)) {
        context.reporter.tell(
            *place, fmt::format("the build context '{}' is outside the commit", place->text),
            "use a path relative to the project directory");
    } else {
        const auto found = context.places.find(place->text);
        build.context = found ? found->path : context.places.tree_path(place->text);
    }
}

void decode_dockerfile(const yaml::Node& node, const DecodeContext& context, model::Build& build) {
    const Fields fields(node);
    fields.text("dockerfile_inline", build.dockerfile_inline);
    const yaml::Node* place = fields.find("dockerfile");
    if (place == nullptr) return;
    build.dockerfile = place->text;
    const bool inside = !build.dockerfile.empty() && !build.dockerfile.starts_with('/') &&
                        base::normal_path(build.context + "/./" + build.dockerfile);
    const bool at_root = build.context.empty() && base::normal_path(build.dockerfile);
    if (!inside && !at_root)
        context.reporter.tell(
            *place, fmt::format("the Dockerfile '{}' is outside the commit", build.dockerfile),
            "use a path relative to the build context");
}

// Docker's own cache, read as images: other kinds need a session with the builder.
void decode_cache(const Fields& fields, const DecodeContext& context, model::Build& build) {
    const Path::Step step(context.reporter.path, "cache_from");
    constexpr std::string_view registry = "type=registry,";
    fields.items("cache_from", [&](const yaml::Node& item) {
        std::string_view text = item.text;
        if (text.starts_with(registry)) text.remove_prefix(registry.size());
        const bool named = text.starts_with("ref=");
        if (named) text.remove_prefix(4);
        const bool plain = text.find_first_of("=,") == std::string_view::npos;
        const bool kind = text.data() != item.text.data() && !named;
        if (plain && !kind && !text.empty()) {
            build.cache_from.emplace_back(text);
            return;
        }
        context.reporter.tell(item, fmt::format("the cache '{}' needs docker buildx", item.text),
                              "name an image that has the layers, or remove it");
    });
}

void check_network(const Fields& fields, const DecodeContext& context) {
    const yaml::Node* network = fields.find("network");
    if (network == nullptr) return;
    for (const std::string_view known : {"", "default", "none", "host"}) {
        if (network->text == known) return;
    }
    const Path::Step step(context.reporter.path, "network");
    context.reporter.tell(*network,
                          fmt::format("a build cannot be on the network '{}'", network->text),
                          "BuildKit knows default, host and none");
}

void check_labels(const Fields& fields, const DecodeContext& context) {
    const Path::Step step(context.reporter.path, "labels");
    fields.members("labels", [&](const yaml::Entry& entry) {
        if (!entry.key.starts_with("dev.trueup.")) return;
        context.reporter.tell(entry.position(), "labels that start with 'dev.trueup.' are reserved",
                              "choose another name");
    });
}

}    // namespace

model::Build decode_build(const yaml::Node& node, const DecodeContext& context) {
    model::Build build;
    decode_context(node, context, build);
    decode_dockerfile(node, context, build);
    const Fields fields(node);
    fields.text("target", build.target);
    fields.map("args", build.args);
    fields.map("labels", build.labels);
    fields.strings("tags", build.tags);
    decode_cache(fields, context, build);
    fields.flag("no_cache", build.no_cache);
    fields.flag("pull", build.pull);
    fields.text("network", build.network);
    check_network(fields, context);
    check_labels(fields, context);
    fields.strings("extra_hosts", build.extra_hosts);
    fields.strings("platforms", build.platforms);
    fields.bytes("shm_size", build.shm_size);
    if (const auto* limits = fields.find("ulimits")) build.ulimits = decode_ulimits(*limits);
    return build;
}

}    // namespace trueup::compose
