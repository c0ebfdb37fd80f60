// SPDX-License-Identifier: Apache-2.0
// Inside engine/ only: what the container of a seat says, and which process wrote it.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "controller/engine/seat.hpp"

namespace trueup::engine {

std::string seat_name(const std::string& controller_name);
Result<std::string> random_hex(std::size_t bytes);

// The process that runs this; parts that the machine does not tell stay "".
SeatHolder this_process(const SeatOptions& options, std::string instance, SystemTime now);
// The process was one that this one could see, and is no more. Never true by guess.
bool is_gone(const SeatHolder& holder, const SeatHolder& self);

// The sign of life of that moment: its seconds, without what a 32-bit number cannot hold.
int beat_at(SystemTime now);
// The moment nearest to now with that sign.
SystemTime time_of_beat(int beat, SystemTime now);

// POST /containers/create of a container that is never started.
boost::json::object unstarted(const std::string& image_id);
boost::json::object seat_body(const SeatHolder& holder, const std::string& image_id, int beat);

// What one look found.
struct Seating {
    std::string id;    // of the container
    int beat = 0;
    std::optional<SeatHolder> holder;    // nothing: somebody else's container has the name
};
Seating read_seating(const boost::json::object& inspect, SystemTime now);

}    // namespace trueup::engine
