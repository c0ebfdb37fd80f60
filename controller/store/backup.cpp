// SPDX-License-Identifier: Apache-2.0
// SQLite's online backup: one read transaction, which writers need not wait for.
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "controller/store/file.hpp"
#include "controller/store/store.hpp"

namespace trueup::store {
namespace {

constexpr Milliseconds busy_wait{5'000};

Result<void> copy(Database& from, Database& to) {
    sqlite3_backup* backup =
        sqlite3_backup_init(to.connection(), "main", from.connection(), "main");
    if (backup == nullptr) return last_error(to.connection());
    const int code = sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) return last_error(to.connection());
    // The copy is one file, without a log beside it.
    return to.execute("PRAGMA journal_mode=DELETE");
}

Result<void> copy_to(const std::string& state_directory, const std::string& file) {
    auto from = open_beside(state_directory, busy_wait);
    if (!from) return from.error();
    auto to = Database::open(file, Database::Access::existing, busy_wait);
    if (!to) return to.error().in(file);
    const auto copied = copy(**from, **to);
    if (!copied) return copied.error().in(file);
    const auto verdict = (*to)->text("PRAGMA integrity_check(1)");
    if (!verdict) return verdict.error().in(file);
    if (*verdict == "ok") return Result<void>();
    return Error(Errc::internal, fmt::format("{}: the copy is damaged: {}", file, *verdict));
}

}    // namespace

Result<void> backup(const std::string& state_directory, const std::string& file) {
    std::error_code code;
    const std::string source = database_file(state_directory);
    if (!std::filesystem::exists(source, code))
        return Error(Errc::not_found,
                     fmt::format("there is no {} (choose with --state-dir)", source));
    const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made < 0) {
        const bool exists = errno == EEXIST;
        return Error(
            exists ? Errc::conflict : Errc::denied,
            fmt::format("cannot write {}: {}{}", file, std::generic_category().message(errno),
                        exists ? " (a backup never overwrites: choose another name)" : ""));
    }
    ::close(made);
    auto copied = copy_to(state_directory, file);
    if (!copied) std::filesystem::remove(file, code);
    return copied;
}

}    // namespace trueup::store
