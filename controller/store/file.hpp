// SPDX-License-Identifier: Apache-2.0
// The database as a file: opening, checking, moving a damaged one aside. Inside store/ only.
#pragma once

#include <memory>
#include <string>

#include "controller/store/database.hpp"
#include "controller/store/salvage.hpp"

namespace trueup::store {

std::string database_file(const std::string& directory);    // "" = ":memory:"

struct Opened {
    std::unique_ptr<Database> database;
    std::string moved_aside;    // the damaged file's new name; "" = it was sound
    std::string damage;         // what was wrong with it
    Salvaged salvaged;          // what could be read of it; not written yet
};
// For who holds the lock: makes what is missing, checks, migrates. Errors as migrate()'s, and
// unavailable.
Result<Opened> open_whole(const std::string& directory, Milliseconds busy, SystemTime now);
// While somebody else holds the lock: it was checked already.
Result<std::unique_ptr<Database>> open_beside(const std::string& directory, Milliseconds busy);
// That it is still there and may be written; unavailable, with why not. Asks the file system only.
Result<void> check_writable(const std::string& directory);
// What can be read of it where nothing can be written.
Result<std::unique_ptr<Database>> open_to_read(const std::string& directory);

}    // namespace trueup::store
