// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/explain.hpp"

#include <boost/json/array.hpp>
#include <utility>

#include "controller/reconcile/explain_answers.hpp"
#include "controller/reconcile/running.hpp"

namespace trueup::reconcile {
namespace {

namespace json = boost::json;

json::object to_json(const Evidence& evidence) {
    json::object object;
    object["text"] = evidence.text;
    object["seenIn"] = evidence.seen_in;
    if (evidence.time) object["time"] = base::to_rfc3339(*evidence.time);
    return object;
}

json::object to_json(const Answer& answer) {
    json::array evidence;
    for (const Evidence& each : answer.evidence) evidence.push_back(to_json(each));
    json::object object;
    object["topic"] = answer.topic;
    object["question"] = answer.question;
    object["answer"] = answer.text;
    object["evidence"] = std::move(evidence);
    return object;
}

}    // namespace

Explanation explain(const Known& known) {
    if (auto renamed = known.look ? under_old_name(*known.look) : std::nullopt) {
        Known there = known;
        there.look = std::move(*renamed);
        return explain(there);
    }
    Explanation explanation;
    explanation.stack = known.entry.stack.metadata.name;
    explanation.time = known.now;
    const bool waits = is_waiting(known);
    if (waits) explanation.answers.push_back(explain_waiting(known));
    explanation.answers.push_back(explain_running(known));
    explanation.answers.push_back(explain_differences(known));
    if (!waits) explanation.answers.push_back(explain_waiting(known));
    for (const auto answer : {explain_push, explain_restarts, explain_rollback})
        explanation.answers.push_back(answer(known));
    return explanation;
}

json::object to_json(const Explanation& explanation) {
    json::array answers;
    for (const Answer& answer : explanation.answers) answers.push_back(to_json(answer));
    json::object status;
    status["time"] = base::to_rfc3339(explanation.time);
    status["answers"] = std::move(answers);
    json::object metadata;
    metadata["name"] = explanation.stack;
    json::object object;
    object["apiVersion"] = v1alpha1::api_version;
    object["kind"] = "Explanation";
    object["metadata"] = std::move(metadata);
    object["status"] = std::move(status);
    return object;
}

}    // namespace trueup::reconcile
