// SPDX-License-Identifier: Apache-2.0
// Small files as a whole. Blocking: on the loop's thread only before it runs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include "controller/base/result.hpp"

namespace trueup::base {

inline constexpr std::size_t small_file = std::size_t{1} << 20U;

// A regular file of at most `limit` bytes, symbolic links followed. "cannot read PATH: WHY":
// not_found, denied, or invalid when it is longer or something else than a file (a pipe is not
// waited for). The content is never part of a message.
Result<std::string> read_file(const std::string& path, std::size_t limit = small_file);
// The same of an open descriptor, which stays open; `name` is for messages.
Result<std::string> read_descriptor(int descriptor, const std::string& name,
                                    std::size_t limit = small_file);
// A secret: at most 64 KiB, without the one newline that editors put at the end.
Result<std::string> read_secret(const std::string& path);

// A new file, for this user only (0600), whole; what was written of it goes where that fails. The error
// is errno's: file_exists where something has that name. `synced`: the disk has it, too.
std::error_code create_file(const std::string& path, std::string_view content, bool synced = false);

}    // namespace trueup::base
