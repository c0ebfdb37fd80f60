// SPDX-License-Identifier: Apache-2.0
// Errors are values: a category out of a small closed set, a message for a person, and, for bad
// input, every problem of the input at once. Context is added on the way up:
//   return error.in("service api").in("stack shop");   ->  "stack shop: service api: …"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trueup::base {

enum class Errc : std::uint8_t {
    invalid = 1,        // the input is wrong; only other input helps
    not_found = 2,      // the named thing does not exist
    conflict = 3,       // it exists already, or belongs to somebody else
    unavailable = 4,    // a peer (engine, git server, registry) cannot be reached or answers 5xx
    timeout = 5,        // a deadline passed
    denied = 6,         // not allowed: credentials, policy, permissions
    unhealthy = 7,      // it runs and its health check or proof says no
    cancelled = 8,      // stopped on purpose: shutdown, newer work
    internal = 9,       // a bug of ours
};

std::string_view to_string(Errc code);

// Where in an external text something stands. Lines and columns count from 1; 0 = unknown.
struct Position {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    auto operator<=>(const Position&) const = default;
};

// "compose.yaml:3:7", "compose.yaml" without a line, "" without a file.
std::string to_string(const Position& position);

// One thing wrong with an input: what, where, and what to do about it (`advice`, may be empty).
struct Problem {
    Position position;
    std::string message;
    std::string advice;

    auto operator<=>(const Problem&) const = default;
};

// "compose.yaml:3:7: unknown field 'imgae' (did you mean 'image'?)"
std::string to_string(const Problem& problem);

using Problems = std::vector<Problem>;

// Not an aggregate and default-constructible: boost::system::result of Boost 1.81 needs both.
class Error {
public:
    Error() : code_(Errc::internal) {}
    Error(Errc code, std::string message) : code_(code), message_(std::move(message)) {}
    // Errc::invalid with all problems of one input; the message lists them, one a line.
    explicit Error(Problems problems);

    Errc code() const { return code_; }
    // One line if it is one error; one line a problem otherwise.
    // Of a temporary they are values, since `result.error()` is one: a reference would dangle.
    const std::string& message() const& { return message_; }
    std::string message() && { return std::move(message_); }
    const Problems& problems() const& { return problems_; }
    Problems problems() && { return std::move(problems_); }

    // The same error with "context: " before its message.
    [[nodiscard]] Error in(std::string_view context) const;

    bool operator==(const Error&) const = default;

private:
    Errc code_;
    std::string message_;
    Problems problems_;
};

// The one predicate that decides retry: a terminal error waits for other input, every other error
// backs off and tries again. A refusal too: whoever refuses does not tell when a password, a right or
// a known host is put right.
bool is_terminal(Errc code);
inline bool is_terminal(const Error& error) { return is_terminal(error.code()); }
// It does not pass unless somebody does something: no use in waiting a moment for it.
bool needs_somebody(const Error& error);

}    // namespace trueup::base

namespace trueup {
using base::Errc;
using base::Error;
using base::Position;
using base::Problem;
using base::Problems;
}    // namespace trueup
