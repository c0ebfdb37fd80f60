// SPDX-License-Identifier: Apache-2.0
// What `docker compose create` sent to an engine, against what trueup would send for the same files.
// Only cases that are listed as knowingly refused may be refused, and they must be.
#include <fmt/format.h>

#include <map>

#include "controller/render/render.hpp"
#include "tests/conformance/cases.hpp"
#include "tests/conformance/engine_bodies.hpp"
#include "tests/conformance/json_paths.hpp"
#include "tests/conformance/tally.hpp"

namespace trueup::conformance {
namespace {

using Bodies = std::map<std::string, json::value>;

// As the recording names them.
render::Creation creation_of(const model::Project& project, const model::Service& service) {
    render::Creation creation;
    creation.image_id = render::image_reference(project.name, service);
    creation.capability.api_minor = 45;    // that of the recording
    for (const auto& [name, other] : project.services)
        creation.containers[name] =
            fmt::format("<id of {}>", render::container_name(project.name, other, 1));
    return creation;
}

// With the folder called as in the recording.
json::object as_recorded(json::object body) {
    std::string text = json::serialize(body);
    replace_all(text, host_directory, "${WORKDIR}");
    return json::parse(text).as_object();
}

Bodies rendered(const model::Project& project) {
    render::StackIdentity identity;
    identity.bind_root = bind_root;
    Bodies bodies;
    for (const auto& [name, service] : project.services) {
        for (int number = 1; number <= service.replicas; ++number) {
            json::object body = render::container_body(project, service, number, identity,
                                                       creation_of(project, service));
            body.erase("Platform");
            json::object container;
            container["body"] = comparable_container(as_recorded(std::move(body)), project);
            if (!service.platform.empty()) container["platform"] = service.platform;
            bodies["container " + render::container_name(project.name, service, number)] =
                std::move(container);
        }
    }
    for (const auto& [key, network] : project.networks) {
        if (!network.external)
            bodies["network " + network.name] =
                comparable_resource(as_recorded(render::network_body(project, network, identity)));
    }
    for (const auto& [key, volume] : project.volumes) {
        if (!volume.external)
            bodies["volume " + volume.name] =
                comparable_resource(as_recorded(render::volume_body(project, volume, identity)));
    }
    return bodies;
}

Bodies recorded(const Case& test, const model::Project& project) {
    Bodies bodies;
    for (const json::value& value : test.expected.at("containers").as_array()) {
        const json::object& each = value.as_object();
        json::object container;
        container["body"] = comparable_container(each.at("body").as_object(), project);
        if (!each.at("platform").is_null()) container["platform"] = each.at("platform");
        bodies["container " + text_of(each.at("name"))] = std::move(container);
    }
    for (const auto& [list, kind] : {std::pair("networks", "network "), {"volumes", "volume "}}) {
        for (const json::value& value : test.expected.at(list).as_array())
            bodies[kind + text_of(value.at("Name"))] = comparable_resource(value.as_object());
    }
    return bodies;
}

model::Strings differences(const Bodies& is, const Bodies& wanted) {
    json::object left;
    for (const auto& [name, body] : is) left[name] = body;
    json::object right;
    for (const auto& [name, body] : wanted) right[name] = body;
    const json::value left_value = std::move(left);
    const json::value right_value = std::move(right);
    model::Strings found;
    conformance::differences("", &left_value, &right_value, found);
    return found;
}

std::string first_problem(const Error& error) {
    const Problems& problems = error.problems();
    return problems.empty() ? error.message() : to_string(problems.front());
}

TEST_F(ComposeCases, ContainersAsComposeCreatesThem) {
    Tally tally("engine_create");
    for (const Case& test : read("engine_create")) {
        const auto project = load_case(test);
        if (knowingly_refused.contains(test.name)) {
            tally.count_refused(test.name, !project || tells_of_override(*project));
        } else if (!project) {
            tally.count(test.name, {"it is refused"}, first_problem(project.error()));
        } else {
            tally.count(test.name, differences(rendered(*project), recorded(test, *project)), "");
        }
    }
}

}    // namespace
}    // namespace trueup::conformance
