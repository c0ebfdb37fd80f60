// SPDX-License-Identifier: Apache-2.0
// The tables, as the steps that make them: a database of any version becomes the current one by the
// steps it lacks. Steps are never edited once released, only added. Inside store/ only.
#pragma once

#include <span>
#include <string_view>

#include "controller/store/database.hpp"

namespace trueup::store {

// Step n makes version n + 1 of version n; version 0 is an empty file.
std::span<const std::string_view> schema_steps();

// Brings the database to the current version, in one transaction. Errc::invalid: it is of a newer
// trueup, or of another program; says what to do.
Result<void> migrate(Database& database);
// The same checks, changing nothing; Errc::conflict when it is of an older version.
Result<void> check_version(Database& database);

}    // namespace trueup::store
