// SPDX-License-Identifier: Apache-2.0
// What people said, out of a database that is damaged elsewhere. Inside store/ only.
#pragma once

#include <string>

#include "controller/store/records.hpp"

namespace trueup::store {

struct Salvaged {
    // Suspensions, adopted containers, and which stacks there were and what was applied: all that
    // keeps hands off something. Nothing else is taken out of a file that cannot be trusted.
    Changes changes;
    // Every suspension and adoption could be read; else some may be lost.
    bool whole = false;

    std::size_t suspensions() const;
    std::size_t adoptions() const;
};

// Reads a copy, also of what its log holds: the damaged file stays as it is. Blocking.
Salvaged salvage(const std::string& file, Milliseconds busy);

}    // namespace trueup::store
