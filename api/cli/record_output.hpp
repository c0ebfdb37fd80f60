// SPDX-License-Identifier: Apache-2.0
// What events, history and explain print: answers of the API -> text. Pure, as output.hpp is.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "api/cli/output.hpp"

namespace trueup::cli {

// An EventList with those events only that are not older.
boost::json::value since_only(const boost::json::value& answer, SystemTime since);

// Of an EventList: LAST TYPE STACK REASON ACTOR MESSAGE; wide has the times in full, the service and
// the count. "No events." when there is none.
Result<std::string> print_events(const boost::json::value& answer, Format format, const Look& look);
// One line an event, oldest first, for following: time, type, stack, reason, message.
Result<std::string> print_event_lines(const boost::json::value& answer, Format format);

// Of a RevisionList, newest first: REVISION COMMIT OUTCOME AGE PROVEN IMAGES ACTOR CAUSE; wide has
// the time and the message.
Result<std::string> print_history(const boost::json::value& answer, Format format,
                                  const Look& look);

// For a description: "Revision: 7 (proven, 5m ago)" of a RevisionList, and the answer to what is
// waited for of an Explanation, each a line or "".
std::string revision_line(const boost::json::value& answer, const Look& look);
std::string waiting_line(const boost::json::value& answer);
// Of an Explanation: it waits for something, and says so first.
bool is_waiting(const boost::json::value& answer);

// Of an Explanation: each question, its answer, and the evidence with its time.
Result<std::string> print_explanation(const boost::json::value& answer, Format format,
                                      const Look& look);

}    // namespace trueup::cli
