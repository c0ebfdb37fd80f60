// SPDX-License-Identifier: Apache-2.0
// What the parts of a project rule out of each other, each told where a person wrote it.
#include <fmt/format.h>

#include "controller/compose/decode.hpp"
#include "controller/compose/fields.hpp"

namespace trueup::compose {
namespace {

// The engine does not write into a container whose root file system is read-only.
class WrittenCheck {
public:
    WrittenCheck(const model::Project& project, const DecodeContext& context)
        : project_(project), context_(context) {}

    void service(const yaml::Entry& entry) {
        const model::Service& service = project_.services.at(entry.key);
        if (!service.read_only) return;
        list(entry.value, "configs", service.configs, project_.configs);
        list(entry.value, "secrets", service.secrets, project_.secrets);
    }

private:
    void list(const yaml::Node& service, std::string_view key,
              const std::vector<model::FileReference>& references,
              const std::map<std::string, model::FileObject>& objects) {
        const Path::Step step(context_.reporter.path, key);
        std::size_t index = 0;
        Fields(service).items(key, [&](const yaml::Node& item) {
            const Path::Step inner(context_.reporter.path, index);
            const model::FileReference& reference = references[index++];
            const auto found = objects.find(reference.source);
            const bool written = found != objects.end() &&
                                 found->second.origin != model::FileOrigin::commit &&
                                 found->second.origin != model::FileOrigin::host;
            if (written)
                context_.reporter.tell(
                    item,
                    fmt::format("'{}' cannot be written into a container whose root is read_only",
                                reference.source),
                    "keep it in a file, which is mounted instead, or remove read_only");
        });
    }

    const model::Project& project_;
    const DecodeContext& context_;
};

bool requires_health(const yaml::Node& dependency) {
    std::string condition;
    bool required = true;
    Fields(dependency).text("condition", condition);
    Fields(dependency).flag("required", required);
    return required && condition == "service_healthy";
}

bool is_unchecked(const model::Project& project, const std::string& name) {
    const auto found = project.services.find(name);
    return found != project.services.end() && found->second.healthcheck &&
           found->second.healthcheck->disabled;
}

// A container without a health check never becomes healthy. Where the service says nothing, its image
// may have one.
void check_awaited(const model::Project& project, const yaml::Node& service,
                   const DecodeContext& context) {
    const Path::Step list(context.reporter.path, "depends_on");
    Fields(service).members("depends_on", [&](const yaml::Entry& entry) {
        if (!requires_health(entry.value) || !is_unchecked(project, entry.key)) return;
        const Path::Step name(context.reporter.path, entry.key);
        context.reporter.tell(
            *entry.value.find("condition"),
            fmt::format("it waits for the health of '{}', whose health check is disabled",
                        entry.key),
            "give it a health check, or wait for service_started");
    });
}

// The engine takes one of its own policies, so that another word would leave the service without any.
void check_restart(const yaml::Node& service, const DecodeContext& context) {
    const yaml::Node* condition =
        Fields(service).inside("deploy").inside("restart_policy").find("condition");
    if (condition == nullptr || is_restart_condition(condition->text)) return;
    const Path::Step step(context.reporter.path, "deploy.restart_policy.condition");
    context.reporter.tell(*condition, fmt::format("'{}' is no restart policy", condition->text),
                          "none, on-failure, any or unless-stopped");
}

}    // namespace

void check_project(const model::Project& project, const yaml::Node& file,
                   const DecodeContext& context) {
    WrittenCheck written(project, context);
    const Path::Step step(context.reporter.path, "services");
    Fields(file).members("services", [&](const yaml::Entry& entry) {
        const Path::Step inner(context.reporter.path, entry.key);
        written.service(entry);
        check_awaited(project, entry.value, context);
        check_restart(entry.value, context);
    });
}

}    // namespace trueup::compose
