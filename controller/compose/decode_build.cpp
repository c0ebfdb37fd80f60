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
        build.context = context.places.tree_path(place->text);
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
    fields.map("additional_contexts", build.additional_contexts);
    fields.strings("cache_from", build.cache_from);
    fields.strings("cache_to", build.cache_to);
    fields.flag("no_cache", build.no_cache);
    fields.strings("no_cache_filter", build.no_cache_filter);
    fields.flag("pull", build.pull);
    fields.text("network", build.network);
    fields.strings("extra_hosts", build.extra_hosts);
    fields.text("isolation", build.isolation);
    fields.flag("privileged", build.privileged);
    fields.strings("entitlements", build.entitlements);
    fields.strings("platforms", build.platforms);
    fields.bytes("shm_size", build.shm_size);
    if (const auto* limits = fields.find("ulimits")) build.ulimits = decode_ulimits(*limits);
    fields.map("ssh", build.ssh);
    fields.items("secrets", [&](const yaml::Node& item) {
        model::BuildSecret secret;
        const Fields inner(item);
        inner.text("source", secret.source);
        inner.text("target", secret.target);
        build.secrets.push_back(std::move(secret));
    });
    fields.text("provenance", build.provenance);
    fields.text("sbom", build.sbom);
    return build;
}

}    // namespace trueup::compose
