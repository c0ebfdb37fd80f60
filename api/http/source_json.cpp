// SPDX-License-Identifier: Apache-2.0
#include "api/http/source_json.hpp"

#include <boost/json/array.hpp>

namespace trueup::http {
namespace {

namespace json = boost::json;

json::array to_array(const Problems& problems) {
    json::array array;
    for (const Problem& problem : problems) {
        json::object object;
        if (!problem.position.file.empty()) object["file"] = problem.position.file;
        if (problem.position.line != 0) object["line"] = problem.position.line;
        if (problem.position.column != 0) object["column"] = problem.position.column;
        object["message"] = problem.message;
        if (!problem.advice.empty()) object["advice"] = problem.advice;
        array.push_back(std::move(object));
    }
    return array;
}

json::object to_object(const reconcile::InvalidFile& file) {
    json::object object;
    object["file"] = file.name;
    object["since"] = base::to_rfc3339(file.since);
    object["message"] = file.error.message();
    if (!file.error.problems().empty()) object["problems"] = to_array(file.error.problems());
    return object;
}

json::object status_to_json(const reconcile::SourceStatus& source, std::size_t stacks) {
    json::object status;
    status["readable"] = source.readable;
    if (!source.revision.empty()) status["revision"] = source.revision;
    if (source.error) status["error"] = source.error->message();
    if (source.last_read) status["lastReadTime"] = base::to_rfc3339(*source.last_read);
    status["stacks"] = stacks;
    json::array invalid;
    for (const reconcile::InvalidFile& file : source.invalid_files)
        invalid.push_back(to_object(file));
    status["invalidFiles"] = std::move(invalid);
    json::object others;
    for (const auto& [engine, names] : source.other_engines)
        others[engine] = json::array(names.begin(), names.end());
    if (!others.empty()) status["otherEngines"] = std::move(others);
    return status;
}

}    // namespace

json::object source_to_json(const reconcile::SourceStatus& source, std::size_t stacks) {
    json::object metadata;
    metadata["name"] = source_name;
    json::object spec;
    spec["location"] = source.name;
    json::object object;
    object["apiVersion"] = v1alpha1::api_version;
    object["kind"] = "Source";
    object["metadata"] = std::move(metadata);
    object["spec"] = std::move(spec);
    object["status"] = status_to_json(source, stacks);
    return object;
}

json::object source_list_to_json(const reconcile::SourceStatus& source, std::size_t stacks,
                                 std::uint64_t resource_version) {
    json::object metadata;
    metadata["resourceVersion"] = std::to_string(resource_version);
    json::array items;
    items.push_back(source_to_json(source, stacks));
    json::object object;
    object["apiVersion"] = v1alpha1::api_version;
    object["kind"] = "SourceList";
    object["metadata"] = std::move(metadata);
    object["items"] = std::move(items);
    return object;
}

}    // namespace trueup::http
