// SPDX-License-Identifier: Apache-2.0
// A work tree of git on this machine, as somebody works in it. Read only, nothing over the network.
// Blocking: on the loop's thread only before it runs.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "controller/base/result.hpp"

namespace trueup::source {

class Checkout {
public:
    // The work tree that `directory` lies in. Errors: not_found (it lies in none, or is not there),
    // conflict (a repository without a commit), unavailable (it cannot be read).
    static Result<Checkout> find(const std::string& directory);
    Checkout(Checkout&&) noexcept;
    Checkout& operator=(Checkout&&) noexcept;
    ~Checkout();

    const std::string& root() const;    // absolute, without "/" at the end, symbolic links resolved
    const std::string& commit() const;    // HEAD, 40 digits
    const std::string& origin()
        const;    // url of the remote of that name; "" = none, or with a password
    // The remote has the commit, as far as the last fetch or push of this work tree tells.
    bool is_pushed() const;
    // Absolute path -> relative to root(); not_found where it lies outside.
    Result<std::string> relative(const std::string& path) const;
    // HEAD has the path (absolute).
    bool has(const std::string& path) const;
    // The file on disk is not as HEAD has it; false for what HEAD does not have.
    bool is_modified(const std::string& path) const;

private:
    struct State;
    explicit Checkout(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}    // namespace trueup::source
