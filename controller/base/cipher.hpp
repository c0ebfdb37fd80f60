// SPDX-License-Identifier: Apache-2.0
// What lies on a disk and only who has the key may read or write: AES-256-GCM (NIST SP 800-38D).
#pragma once

#include <string>
#include <string_view>

#include "controller/base/result.hpp"

namespace trueup::base {

// The cipher's own key is derived from `key`, a secret of any length, and `purpose`: what was written
// for one purpose is not read for another.
std::string encrypt(std::string_view key, std::string_view purpose, std::string_view text);

// Errc::invalid: it is not what encrypt() made of anything with that key for that purpose.
Result<std::string> decrypt(std::string_view key, std::string_view purpose,
                            std::string_view encrypted);

}    // namespace trueup::base
