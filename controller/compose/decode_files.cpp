// SPDX-License-Identifier: Apache-2.0
// Configs and secrets: where their contents come from. A file is mounted; one of the commit that is to have
// an owner or a mode is written into the container, since what is mounted is for everybody to read.
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
        const auto there = places.find(node.text);
        if (there) return file_of_commit(node, *there);
        if (there.error().code() != Errc::not_found)
            return context_.reporter.tell(node, there.error().message(), "name the file itself");
        const auto found = host_path(node.text, node, std::string(advice), context_);
        if (found) object.path = *found;
    }

    void file_of_commit(const yaml::Node& node, const Places::Found& found) {
        object.origin = model::FileOrigin::commit;
        object.path = found.path;
        object.content_id = found.entry.object_id;
        const model::EntryKind kind = found.entry.kind;
        const bool is_file = kind == model::EntryKind::file || kind == model::EntryKind::executable;
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

constexpr std::size_t size_limit = 1U << 20U;

class FileSettler {
public:
    FileSettler(const DecodeContext& context, model::Project& project)
        : context_(context), project_(project) {}

    void service(const yaml::Node& node, model::Service& service) {
        read_only_ = service.read_only;
        list(node, "configs", service.configs, project_.configs);
        list(node, "secrets", service.secrets, project_.secrets);
    }

private:
    void list(const yaml::Node& node, std::string_view key,
              std::vector<model::FileReference>& references,
              std::map<std::string, model::FileObject>& objects) {
        const Path::Step step(context_.reporter.path, key);
        std::size_t index = 0;
        Fields(node).items(key, [&](const yaml::Node& item) {
            const Path::Step inner(context_.reporter.path, index);
            model::FileReference& reference = references[index++];
            const auto found = objects.find(reference.source);
            if (found != objects.end() && model::asks_for_owner_or_mode(reference))
                settle(item, reference, found->second);
        });
    }

    void settle(const yaml::Node& item, model::FileReference& reference,
                model::FileObject& object) {
        if (object.origin == model::FileOrigin::host)
            return forget(item, reference,
                          "it has no effect: the file of the host is mounted as it is there",
                          "change the file's own owner and mode");
        if (object.origin != model::FileOrigin::commit) return;
        if (read_only_)
            return forget(
                item, reference,
                "it has no effect: the file is mounted, since nothing can be written into "
                "a container whose root is read_only",
                "remove it, or remove read_only");
        if (!object.content.empty()) return;
        auto content = context_.places.tree().read(object.path, size_limit);
        if (!content) return context_.reporter.tell(item, content.error().message());
        object.content = std::move(*content);
    }

    void forget(const yaml::Node& item, model::FileReference& reference, std::string_view why,
                std::string advice) {
        Reporter warnings(project_.warnings);
        for (const std::string_view key : {"uid", "gid", "mode"}) {
            const yaml::Node* given = item.find(key);
            if (given == nullptr) continue;
            warnings.tell(*given, fmt::format("{}.{}: {}", context_.reporter.path.text(), key, why),
                          advice);
        }
        reference.uid.clear();
        reference.gid.clear();
        reference.mode.reset();
    }

    const DecodeContext& context_;
    model::Project& project_;
    bool read_only_ = false;
};

}    // namespace

void settle_files(const yaml::Node& file, const DecodeContext& context, model::Project& project) {
    FileSettler settler(context, project);
    const Path::Step step(context.reporter.path, "services");
    Fields(file).members("services", [&](const yaml::Entry& entry) {
        const Path::Step inner(context.reporter.path, entry.key);
        settler.service(entry.value, project.services.at(entry.key));
    });
}

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
