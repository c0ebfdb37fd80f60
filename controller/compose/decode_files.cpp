// SPDX-License-Identifier: Apache-2.0
// Configs and secrets: where their contents come from.
#include <fmt/format.h>

#include "controller/compose/complete.hpp"
#include "controller/compose/decode_resource.hpp"

namespace trueup::compose {
namespace {

class FileDecoder {
public:
    FileDecoder(const yaml::Entry& entry, const DecodeContext& context)
        : object(decode_resource<model::FileObject>(entry)),
          fields_(entry.value),
          context_(context) {}

    // `advice` is for a file that is nowhere.
    model::FileObject run(std::string_view advice) {
        fields_.text("template_driver", object.template_driver);
        if (const yaml::Node* path = fields_.find("file")) file(*path, advice);
        fields_.text("content", object.content);
        if (const yaml::Node* name = fields_.find("environment")) variable(*name);
        return std::move(object);
    }

    model::FileObject object;

private:
    void file(const yaml::Node& node, std::string_view advice) {
        const Path::Step step(context_.reporter.path, "file");
        const Places& places = context_.places;
        object.origin = model::FileOrigin::host;
        object.path = node.text;
        if (!places.is_in_tree(node.text)) return;
        const auto entry = places.tree().stat(places.tree_path(node.text));
        if (entry) return file_of_commit(node, *entry);
        const auto found = host_path(node.text, node, std::string(advice), context_);
        if (found) object.path = *found;
    }

    void file_of_commit(const yaml::Node& node, const model::TreeEntry& entry) {
        object.origin = model::FileOrigin::commit;
        object.path = context_.places.tree_path(node.text);
        object.content_id = entry.object_id;
        const bool is_file =
            entry.kind == model::EntryKind::file || entry.kind == model::EntryKind::executable;
        if (!is_file)
            context_.reporter.tell(node, fmt::format("'{}' is no file", object.path),
                                   "name a file");
    }

    void variable(const yaml::Node& name) {
        object.origin = model::FileOrigin::environment;
        object.environment = name.text;
        if (fields_.find(value_member) == nullptr)
            context_.reporter.tell(name,
                                   fmt::format("the variable {} is not set", object.environment),
                                   "set it in spec.compose.variables or a variable file");
        fields_.text(value_member, object.content);
    }

    Fields fields_;
    const DecodeContext& context_;
};

}    // namespace

model::FileObject decode_config(const yaml::Entry& entry, const DecodeContext& context) {
    return FileDecoder(entry, context)
        .run(
            "commit it, set spec.compose.hostDirectory, or write an absolute path of the "
            "engine's host");
}

model::FileObject decode_secret(const yaml::Entry& entry, const DecodeContext& context) {
    return FileDecoder(entry, context)
        .run(
            "set spec.compose.hostDirectory, write an absolute path of the engine's host, or take "
            "the secret out of a variable (environment)");
}

}    // namespace trueup::compose
