// SPDX-License-Identifier: Apache-2.0
#include "api/http/discovery.hpp"

#include <boost/json/array.hpp>
#include <map>
#include <string>

#include "api/http/routes.hpp"
#include "api/v1alpha1/stack.hpp"
#include "controller/base/text.hpp"

namespace trueup::http {
namespace {

namespace json = boost::json;

json::object group() {
    json::object version;
    version["groupVersion"] = v1alpha1::api_version;
    version["version"] = "v1alpha1";
    json::array versions;
    versions.push_back(version);
    json::object object;
    object["name"] = api_group;
    object["versions"] = std::move(versions);
    object["preferredVersion"] = std::move(version);
    return object;
}

// "stacks/*/suspend" is the subresource "stacks/suspend".
std::string resource_name(std::string_view path) {
    std::string name;
    for (const std::string_view part : base::split(path, '/')) {
        if (part == "*") continue;
        if (!name.empty()) name += '/';
        name += part;
    }
    return name;
}

std::string_view verb_of(const Route& route) {
    if (route.method == "POST") return "create";
    const bool many = route.path.find('*') == std::string_view::npos;
    return many ? "list" : "get";
}

json::object resource(const std::string& name, std::string_view kind) {
    json::object object;
    object["name"] = name;
    object["singularName"] = name == "stacks" ? "stack" : name == "sources" ? "source" : "";
    object["namespaced"] = false;
    object["group"] = api_group;
    object["version"] = "v1alpha1";
    object["kind"] = kind;
    object["verbs"] = json::array();
    return object;
}

}    // namespace

json::object api_group_list() {
    json::array groups;
    groups.push_back(group());
    json::object object;
    object["kind"] = "APIGroupList";
    object["apiVersion"] = "v1";
    object["groups"] = std::move(groups);
    return object;
}

json::object api_group_object() {
    json::object object = group();
    object["kind"] = "APIGroup";
    object["apiVersion"] = "v1";
    return object;
}

json::object api_resource_list(std::span<const Route> routes) {
    json::array resources;
    std::map<std::string, std::size_t> place;
    for (const Route& route : routes) {
        const std::string name = resource_name(route.path);
        const auto [found, added] = place.emplace(name, resources.size());
        if (added) resources.push_back(resource(name, route.kind));
        resources[found->second].at("verbs").as_array().emplace_back(verb_of(route));
    }
    json::object object;
    object["kind"] = "APIResourceList";
    object["apiVersion"] = "v1";
    object["groupVersion"] = v1alpha1::api_version;
    object["resources"] = std::move(resources);
    return object;
}

}    // namespace trueup::http
