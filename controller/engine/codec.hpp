// SPDX-License-Identifier: Apache-2.0
// The Engine API's JSON in our words. Pure: no I/O. Never throws; what is missing stays empty; what
// is not JSON, or of the wrong kind at the top, is an error. Reference: Engine API 1.41.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "controller/engine/engine.hpp"

namespace trueup::engine::codec {

// Any JSON text: depth at most 64.
Result<boost::json::value> parse(std::string_view text);
Result<boost::json::object> object(std::string_view text);

Result<std::vector<model::ObservedContainer>> containers(
    std::string_view list);    // GET /containers/json
Result<model::ObservedContainer> container(
    std::string_view inspect);    // GET /containers/{id}/json
Result<std::vector<model::ObservedNetwork>> networks(std::string_view list);    // GET /networks
Result<std::vector<model::ObservedVolume>> volumes(std::string_view list);      // GET /volumes
Result<std::vector<model::ObservedImage>> images(std::string_view list);        // GET /images/json
Result<model::ObservedImage> image(std::string_view inspect);       // GET /images/{id}/json
Result<std::vector<ChangedPath>> changes(std::string_view list);    // GET /containers/{id}/changes
Result<EngineInfo> info(std::string_view text);                     // GET /info
// GET /networks/bridge: the engine makes it anew whenever it starts.
std::optional<SystemTime> engine_start(std::string_view text);
Result<Event> event(std::string_view line);               // one line of GET /events
Result<int> exit_code(std::string_view body);             // of ExecInspect
Result<std::string> created_id(std::string_view text);    // {"Id": …}

// The error of an answer with a status of 300 or more: {"message": …} or plain text.
Error error_of(unsigned status, std::string_view body, std::string_view doing);

// "Up 5 minutes (healthy)", "Exited (137) 2 seconds ago": what the list says in words only.
struct StatusText {
    model::Health health = model::Health::none;
    int exit_code = 0;
};
StatusText status_text(std::string_view text);

}    // namespace trueup::engine::codec
