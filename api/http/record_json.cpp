// SPDX-License-Identifier: Apache-2.0
#include "api/http/record_json.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "api/v1alpha1/stack.hpp"
#include "controller/plan/plan.hpp"

namespace trueup::http {
namespace {

namespace json = boost::json;

void set_text(json::object& object, std::string_view key, const std::string& value) {
    if (!value.empty()) object[key] = value;
}

json::object typed(std::string_view kind) {
    json::object object;
    object["apiVersion"] = v1alpha1::api_version;
    object["kind"] = kind;
    return object;
}

json::object named(std::string_view kind, const std::string& name) {
    json::object object = typed(kind);
    json::object metadata;
    metadata["name"] = name;
    object["metadata"] = std::move(metadata);
    return object;
}

json::object event_to_json(const store::Event& event) {
    json::object object = named("Event", std::to_string(event.sequence));
    object["about"] = to_string(event.about);
    set_text(object, "name", event.name);
    set_text(object, "service", event.service);
    object["type"] = to_string(event.type);
    object["reason"] = event.reason;
    object["message"] = event.message;
    object["actor"] = event.actor;
    set_text(object, "cause", event.cause);
    object["firstTimestamp"] = base::to_rfc3339(event.first_time);
    object["lastTimestamp"] = base::to_rfc3339(event.last_time);
    object["count"] = event.count;
    return object;
}

json::object service_to_json(const store::ServiceIdentity& service) {
    json::object object;
    object["name"] = service.service;
    set_text(object, "imageId", service.image_id);
    object["proof"] = service.proof;
    if (service.proven_at) object["provenAt"] = base::to_rfc3339(*service.proven_at);
    return object;
}

json::object revision_to_json(const store::Revision& revision,
                              const std::set<std::string>& present) {
    json::object object = named("Revision", std::to_string(revision.number));
    object["number"] = revision.number;
    object["commit"] = revision.commit;
    object["environment"] = revision.environment;
    object["project"] = revision.project;
    object["time"] = base::to_rfc3339(revision.time);
    object["actor"] = revision.actor;
    set_text(object, "cause", revision.cause);
    object["outcome"] = to_string(revision.outcome);
    set_text(object, "message", revision.message);
    json::array services;
    for (const store::ServiceIdentity& service : revision.services)
        services.push_back(service_to_json(service));
    object["services"] = std::move(services);
    json::array images;
    for (const std::string& id : revision.images) {
        json::object image;
        image["id"] = id;
        image["present"] = present.contains(id);
        images.push_back(std::move(image));
    }
    object["images"] = std::move(images);
    return object;
}

}    // namespace

json::object events_to_json(const std::vector<store::Event>& events) {
    std::int64_t newest = 0;
    json::array items;
    for (const store::Event& event : events) {
        newest = std::max(newest, event.sequence);
        items.push_back(event_to_json(event));
    }
    json::object list = typed("EventList");
    json::object metadata;
    metadata["resourceVersion"] = std::to_string(newest);
    list["metadata"] = std::move(metadata);
    list["items"] = std::move(items);
    return list;
}

json::object revisions_to_json(const std::vector<store::Revision>& revisions,
                               const std::set<std::string>& present) {
    json::array items;
    for (const store::Revision& revision : revisions)
        items.push_back(revision_to_json(revision, present));
    json::object list = typed("RevisionList");
    list["metadata"] = json::object();
    list["items"] = std::move(items);
    return list;
}

json::object plan_to_json(const std::string& stack, const reconcile::Findings& findings) {
    json::object status;
    if (findings.desired) status["commit"] = findings.desired->commit.id;
    status["actions"] = plan::to_json(findings.remaining);
    status["text"] = plan::to_text(findings.remaining);
    if (findings.remaining.blocked) {
        json::object blocked;
        blocked["reason"] = findings.remaining.blocked->reason;
        blocked["message"] = findings.remaining.blocked->message;
        status["blocked"] = std::move(blocked);
    }
    json::object object = named("Plan", stack);
    object["status"] = std::move(status);
    return object;
}

}    // namespace trueup::http
