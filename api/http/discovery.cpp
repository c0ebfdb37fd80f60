// SPDX-License-Identifier: Apache-2.0
#include "api/http/discovery.hpp"

#include <boost/json/array.hpp>

#include "api/v1alpha1/stack.hpp"

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

json::object resource(std::string_view name, std::string_view singular, std::string_view kind) {
    json::object object;
    object["name"] = name;
    object["singularName"] = singular;
    object["namespaced"] = false;
    object["group"] = api_group;
    object["version"] = "v1alpha1";
    object["kind"] = kind;
    json::array verbs;
    for (const std::string_view verb : {"get", "list"}) verbs.emplace_back(verb);
    object["verbs"] = std::move(verbs);
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

json::object api_resource_list() {
    json::array resources;
    resources.push_back(resource("stacks", "stack", "Stack"));
    resources.push_back(resource("sources", "source", "Source"));
    json::object object;
    object["kind"] = "APIResourceList";
    object["apiVersion"] = "v1";
    object["groupVersion"] = v1alpha1::api_version;
    object["resources"] = std::move(resources);
    return object;
}

}    // namespace trueup::http
