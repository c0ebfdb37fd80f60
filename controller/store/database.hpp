// SPDX-License-Identifier: Apache-2.0
// SQLite without its pointers: a connection and its statements. Used by one thread at a time.
// Inside store/ only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/clock.hpp"
#include "controller/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace trueup::store {

class Statement {
public:
    Statement(sqlite3* connection, sqlite3_stmt* statement)
        : connection_(connection), statement_(statement) {}
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;

    // Values for the "?" of the text, in their order.
    Statement& bind(std::string_view text);
    Statement& bind(std::int64_t number);
    Statement& bind(SystemTime time);    // milliseconds since 1970
    Statement& bind(const std::optional<SystemTime>& time);

    // True while there is a row.
    Result<bool> step();
    // For a statement without rows.
    Result<void> run();

    // Columns of the row, from 0.
    std::string text(int column) const;
    std::int64_t number(int column) const;
    SystemTime time(int column) const;
    std::optional<SystemTime> optional_time(int column) const;

private:
    sqlite3* connection_;
    sqlite3_stmt* statement_;
    int bound_ = 0;
};

class Database {
public:
    // unchanging: read where nothing can be written, not even the files beside it.
    enum class Access : std::uint8_t { create, existing, unchanging };
    // A file, or ":memory:". Every access waits up to `busy` for another process's transaction.
    static Result<std::unique_ptr<Database>> open(const std::string& file, Access access,
                                                  Milliseconds busy);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Result<void> execute(const std::string& text);
    Result<Statement> prepare(std::string_view text);
    // The first column of the first row of a statement without parameters.
    Result<std::int64_t> number(std::string_view text);
    Result<std::string> text(std::string_view text);

    std::int64_t last_row() const;
    std::int64_t changed_rows() const;
    sqlite3* connection() const { return connection_; }

private:
    explicit Database(sqlite3* connection) : connection_(connection) {}
    sqlite3* connection_;
};

// Begins at once (BEGIN IMMEDIATE); what was not committed is rolled back.
class Transaction {
public:
    static Result<Transaction> begin(Database& database);
    ~Transaction();
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    Result<void> commit();

private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;    // nullptr: done
};

// What SQLite says of the last call on the connection. Errc::internal: the file is no database or is
// damaged; unavailable: full, read-only, busy, I/O: may pass; invalid: what was asked is wrong.
Error last_error(sqlite3* connection);

}    // namespace trueup::store
