// SPDX-License-Identifier: Apache-2.0
// What the parts of a project rule out of each other, each told where a person wrote it.
#include <fmt/format.h>

#include "controller/compose/decode.hpp"
#include "controller/compose/fields.hpp"

namespace trueup::compose {
namespace {

// The engine does not write into a container whose root file system is read-only.
void check_written(const model::Project& project, const DecodeContext& context) {
    const Path::Step step(context.reporter.path, "services");
    const auto check = [&](const model::Service& service, const model::FileReference& reference,
                           const std::map<std::string, model::FileObject>& objects) {
        const auto found = objects.find(reference.source);
        if (found == objects.end() || found->second.origin == model::FileOrigin::commit ||
            found->second.origin == model::FileOrigin::host)
            return;
        const Path::Step inner(context.reporter.path, service.name);
        context.reporter.tell(
            service.position,
            fmt::format("'{}' cannot be written into a container whose root is read_only",
                        reference.source),
            "keep it in a file, which is mounted instead, or remove read_only");
    };
    for (const auto& [name, service] : project.services) {
        if (!service.read_only) continue;
        for (const auto& reference : service.configs) check(service, reference, project.configs);
        for (const auto& reference : service.secrets) check(service, reference, project.secrets);
    }
}

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
void check_awaited(const model::Project& project, const yaml::Node& file,
                   const DecodeContext& context) {
    const Path::Step step(context.reporter.path, "services");
    Fields(file).members("services", [&](const yaml::Entry& service) {
        const Path::Step inner(context.reporter.path, service.key);
        const Path::Step list(context.reporter.path, "depends_on");
        Fields(service.value).members("depends_on", [&](const yaml::Entry& entry) {
            if (!requires_health(entry.value) || !is_unchecked(project, entry.key)) return;
            const Path::Step name(context.reporter.path, entry.key);
            context.reporter.tell(
                *entry.value.find("condition"),
                fmt::format("it waits for the health of '{}', whose health check is disabled",
                            entry.key),
                "give it a health check, or wait for service_started");
        });
    });
}

}    // namespace

void check_project(const model::Project& project, const yaml::Node& file,
                   const DecodeContext& context) {
    check_written(project, context);
    check_awaited(project, file, context);
}

}    // namespace trueup::compose
