// SPDX-License-Identifier: Apache-2.0
// The one way into the fake engine, for its source files.
#pragma once

#include <utility>

#include "tests/support/fake_engine.hpp"

namespace trueup::test {

template <class T>
Task<T> FakeEngine::call(std::string what, std::function<Result<T>()> work) {
    const auto entered = co_await enter(std::move(what));
    if (!entered) co_return entered.error();
    auto result = work();
    if (loses_answer()) co_return Error(Errc::unavailable, "the connection was lost");
    co_return result;
}

}    // namespace trueup::test
