// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error. Check with `if (!result) return result.error();`, read with
// `*result`.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include "controller/base/error.hpp"

namespace trueup::base {

template <class T>
using Result = boost::system::result<T, Error>;

// Found by ADL from result::value(): reading the value of a failure is a bug, so it throws.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& location);

}    // namespace trueup::base

namespace trueup {
using base::Result;
}    // namespace trueup
