// SPDX-License-Identifier: Apache-2.0
// Records to rows and back. Inside store/ only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/store/database.hpp"
#include "controller/store/records.hpp"

namespace trueup::store {

// Corrections older than this are no longer of interest once the same drift is put right again, or the
// service is wanted otherwise. The others stay: they may be why a drift is held.
inline constexpr std::chrono::hours corrections_kept{1};
// Of one stack, however fast they come.
inline constexpr std::size_t corrections_limit = 200;
// Repeats within this time are folded.
inline constexpr std::chrono::hours fold_within{1};

// Inside a transaction of the caller.
Result<void> write_change(Database& database, const Change& change);
// Drops the oldest events beyond the limits.
Result<void> bound_events_of(Database& database, About about, const std::string& name,
                             std::size_t limit);
Result<void> bound_events(Database& database, std::size_t limit);

Result<std::vector<Event>> read_events(Database& database, const EventQuery& query);
Result<std::vector<Revision>> read_revisions(Database& database, const std::string& stack);
Result<std::vector<std::string>> read_retained_images(Database& database);

// Maps of text, as JSON; what is no such JSON reads as an empty one.
std::string json_of_map(const std::map<std::string, std::string>& map);
std::map<std::string, std::string> map_of_json(const std::string& text);

}    // namespace trueup::store
