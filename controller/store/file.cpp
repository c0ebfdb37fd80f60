// SPDX-License-Identifier: Apache-2.0
#include "controller/store/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "controller/store/schema.hpp"

namespace trueup::store {
namespace {

Result<void> configure(Database& database) {
    return database.execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=4194304");
}

// With the rights that SQLite would not choose.
void make_private(const std::string& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor >= 0) ::close(descriptor);
}

Result<std::unique_ptr<Database>> open_once(const std::string& file, Milliseconds busy) {
    if (file != ":memory:") make_private(file);
    auto database = Database::open(file, Database::Access::create, busy);
    if (!database) return database.error();
    const auto configured = configure(**database);
    if (!configured) return configured.error();
    const auto migrated = migrate(**database);
    if (!migrated) return migrated.error();
    const auto verdict = (*database)->text("PRAGMA integrity_check(1)");
    if (!verdict) return verdict.error();
    if (*verdict != "ok") return Error(Errc::internal, *verdict);
    return database;
}

// "20261124T101500Z"
std::string compact(SystemTime now) {
    std::string text = base::to_rfc3339(now);
    std::erase_if(text, [](char each) { return each == '-' || each == ':'; });
    return text;
}

Result<std::string> move_aside(const std::string& file, SystemTime now) {
    std::error_code code;
    const std::string name = fmt::format("{}.corrupt-{}", file, compact(now));
    std::string target = name;
    for (int number = 2; std::filesystem::exists(target, code); ++number)
        target = fmt::format("{}-{}", name, number);
    std::filesystem::rename(file, target, code);
    if (code) {
        return Error(Errc::unavailable, fmt::format("{} is damaged and cannot be renamed to {}: {}",
                                                    file, target, code.message()));
    }
    // What the log holds belongs to the damaged file, never to the new one.
    for (const std::string suffix : {"-wal", "-shm"})
        std::filesystem::rename(file + suffix, target + suffix, code);
    return target;
}

}    // namespace

std::string database_file(const std::string& directory) {
    return directory.empty() ? ":memory:" : directory + "/state.db";
}

Result<Opened> open_whole(const std::string& directory, Milliseconds busy, SystemTime now) {
    const std::string file = database_file(directory);
    Opened opened;
    auto database = open_once(file, busy);
    if (!database && database.error().code() == Errc::internal && file != ":memory:") {
        opened.damage = database.error().message();
        auto moved = move_aside(file, now);
        if (!moved) return moved.error();
        opened.moved_aside = std::move(*moved);
        opened.salvaged = salvage(opened.moved_aside, busy);
        database = open_once(file, busy);
    }
    if (!database) return database.error().in(file);
    opened.database = std::move(*database);
    return opened;
}

Result<std::unique_ptr<Database>> open_beside(const std::string& directory, Milliseconds busy) {
    const std::string file = database_file(directory);
    auto database = Database::open(file, Database::Access::existing, busy);
    if (!database) return database.error().in(file);
    const auto configured = configure(**database);
    if (!configured) return configured.error().in(file);
    const auto checked = check_version(**database);
    if (!checked) return checked.error().in(file);
    return database;
}

Result<void> check_writable(const std::string& directory) {
    const std::string file = database_file(directory);
    if (directory.empty() || ::access(file.c_str(), W_OK) == 0) return Result<void>();
    const std::error_code why(errno, std::generic_category());
    return Error(Errc::unavailable, fmt::format("cannot write to {}: {}", file, why.message()));
}

Result<std::unique_ptr<Database>> open_to_read(const std::string& directory) {
    auto database =
        Database::open(database_file(directory), Database::Access::unchanging, Milliseconds(0));
    if (!database) return database.error();
    const auto checked = check_version(**database);
    if (!checked) return checked.error();
    return database;
}

}    // namespace trueup::store
