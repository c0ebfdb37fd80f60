// SPDX-License-Identifier: Apache-2.0
// What is remembered, and what would be done, as objects of the API. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <set>
#include <string>
#include <vector>

#include "controller/reconcile/findings.hpp"
#include "controller/store/records.hpp"

namespace trueup::http {

// EventList: {metadata: {resourceVersion: "the greatest sequence"}, items: [{kind: Event, metadata:
//  {name: "sequence"}, about, name, service, type, reason, message, actor, cause, firstTimestamp,
//  lastTimestamp, count}]}
boost::json::object events_to_json(const std::vector<store::Event>& events);

// RevisionList: {items: [{kind: Revision, metadata: {name: "number"}, number, commit, environment,
//  project, time, actor, cause, outcome, message, services: [{name, imageId, proof, provenAt}],
//  images: [{id, present}]}]}. `present`: the images that the engine has.
boost::json::object revisions_to_json(const std::vector<store::Revision>& revisions,
                                      const std::set<std::string>& present);

// Plan: {metadata: {name}, status: {commit, actions, text, blocked: {reason, message}}}
boost::json::object plan_to_json(const std::string& stack, const reconcile::Findings& findings);

}    // namespace trueup::http
