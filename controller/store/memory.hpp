// SPDX-License-Identifier: Apache-2.0
// What steers the loop, in memory: the same changes are applied here and to the database. Inside
// store/ only.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/store/database.hpp"
#include "controller/store/records.hpp"

namespace trueup::store {

struct Memory {
    std::map<std::string, Suspension> suspensions;                                // by stack
    std::map<std::pair<std::string, std::string>, Confirmation> confirmations;    // stack, token
    std::map<std::string, AdoptedContainer> adopted;                              // by id
    std::map<std::string, std::vector<Correction>> corrections;                   // by stack
    std::map<std::string, Applied> applied;                                       // by stack
    std::map<std::string, std::map<std::string, Pulled>> pulls;    // by stack and reference
    std::map<std::string, std::map<std::pair<std::string, int>, Completed>> completed;
    std::map<std::string, std::map<std::string, ProvenImage>> proven;    // by stack and service
    std::map<std::string, std::string> requests;                         // by stack

    std::map<std::string, KnownStack> known;    // by stack

    void apply(const Change& change);
};

Result<Memory> load_memory(Database& database);

// Appends each row of one of its tables that can be read; true when all could.
bool read_table(Database& database, std::string_view table, Changes& changes);

}    // namespace trueup::store
