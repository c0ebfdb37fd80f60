// SPDX-License-Identifier: Apache-2.0
#include "controller/store/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>
#include <utility>

namespace trueup::store {
namespace {

std::int64_t to_milliseconds(SystemTime time) {
    return std::chrono::duration_cast<Milliseconds>(time.time_since_epoch()).count();
}

// By the primary code; the extended ones have more above it.
Errc category(int code) {
    switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return Errc::internal;
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
        case SQLITE_NOLFS:
        case SQLITE_INTERRUPT:
        case SQLITE_NOMEM: return Errc::unavailable;
        default: return Errc::invalid;
    }
}

std::string immutable_uri(const std::string& file) {
    std::string uri = "file:";
    for (const char each : file) {
        const bool special = each == '%' || each == '?' || each == '#';
        uri += special ? fmt::format("%{:02x}", each) : std::string(1, each);
    }
    return uri + "?immutable=1";
}

}    // namespace

Error last_error(sqlite3* connection) {
    const int code = sqlite3_errcode(connection);
    std::string message = sqlite3_errmsg(connection);
    const int system_error = sqlite3_system_errno(connection);
    const bool of_system = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
    if (of_system && system_error != 0)
        message += fmt::format(" ({})", std::generic_category().message(system_error));
    return Error(category(code), std::move(message));
}

// --- Statement ---

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      bound_(other.bound_) {}

Statement& Statement::bind(std::string_view text) {
    const char* bytes = text.empty() ? "" : text.data();
    sqlite3_bind_text64(statement_, ++bound_, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind(std::int64_t number) {
    sqlite3_bind_int64(statement_, ++bound_, number);
    return *this;
}

Statement& Statement::bind(SystemTime time) { return bind(to_milliseconds(time)); }

Statement& Statement::bind(const std::optional<SystemTime>& time) {
    if (time) return bind(*time);
    sqlite3_bind_null(statement_, ++bound_);
    return *this;
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return last_error(connection_);
}

Result<void> Statement::run() {
    const auto stepped = step();
    if (!stepped) return stepped.error();
    return Result<void>();
}

std::string Statement::text(int column) const {
    const auto* bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    if (bytes == nullptr || size <= 0) return {};
    return std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

std::int64_t Statement::number(int column) const {
    return sqlite3_column_int64(statement_, column);
}

SystemTime Statement::time(int column) const { return SystemTime(Milliseconds(number(column))); }

std::optional<SystemTime> Statement::optional_time(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
    return time(column);
}

// --- Database ---

Result<std::unique_ptr<Database>> Database::open(const std::string& file, Access access,
                                                 Milliseconds busy) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (access == Access::unchanging) flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    if (access != Access::unchanging) flags |= SQLITE_OPEN_READWRITE;
    if (access == Access::create) flags |= SQLITE_OPEN_CREATE;
    const std::string name = access == Access::unchanging ? immutable_uri(file) : file;
    sqlite3* connection = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &connection, flags, nullptr);
    if (connection == nullptr) return Error(Errc::unavailable, "no memory for a database");
    std::unique_ptr<Database> database(new Database(connection));
    if (code != SQLITE_OK) return last_error(connection);
    sqlite3_busy_timeout(connection, static_cast<int>(busy.count()));
    return database;
}

Database::~Database() { sqlite3_close_v2(connection_); }

Result<void> Database::execute(const std::string& text) {
    if (sqlite3_exec(connection_, text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK)
        return Result<void>();
    return last_error(connection_);
}

Result<Statement> Database::prepare(std::string_view text) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(connection_, text.data(), static_cast<int>(text.size()),
                                        &statement, nullptr);
    if (code != SQLITE_OK) return last_error(connection_);
    return Statement(connection_, statement);
}

Result<std::int64_t> Database::number(std::string_view text) {
    auto statement = prepare(text);
    if (!statement) return statement.error();
    const auto row = statement->step();
    if (!row) return row.error();
    return *row ? statement->number(0) : std::int64_t(0);
}

Result<std::string> Database::text(std::string_view text) {
    auto statement = prepare(text);
    if (!statement) return statement.error();
    const auto row = statement->step();
    if (!row) return row.error();
    return *row ? statement->text(0) : std::string();
}

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(connection_); }
std::int64_t Database::changed_rows() const { return sqlite3_changes64(connection_); }

// --- Transaction ---

Result<Transaction> Transaction::begin(Database& database) {
    const auto begun = database.execute("BEGIN IMMEDIATE");
    if (!begun) return begun.error();
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    // SQLite rolls back by itself after some errors: then this one says there is nothing to do.
    if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
}

Result<void> Transaction::commit() {
    const auto done = database_->execute("COMMIT");
    if (done) database_ = nullptr;
    return done;
}

}    // namespace trueup::store
