// SPDX-License-Identifier: Apache-2.0
// The owner key and its copy on the engine: the one file of the seat's image, readable through the
// archive API of any container made from it. Never a label, an environment variable or a log line.
#pragma once

#include <string>
#include <string_view>

#include "controller/engine/engine.hpp"

namespace trueup::engine {

// 32 bytes that nobody can guess, as 64 hexadecimal digits.
Result<std::string> make_owner_key();
bool is_owner_key(std::string_view text);

// "trueup.seat/<controller>:key". No registry has that name, so nothing pushes it by accident.
std::string key_reference(const std::string& controller_name);

// A tar with the key as the file "owner.key" of mode 0600, and back. Errc::invalid: it has none.
Result<std::string> pack_key(const std::string& key);
Result<std::string> unpack_key(std::string_view tar);

// Of a container made from the image; Errc::invalid when it holds no key.
Task<std::string> read_owner_key(Engine& engine, std::string container);
// Without taking the seat: "" when the engine has no copy. Creates and removes a container that never
// runs, unless the image's one layer (its DiffID, OCI image specification) is what `known` packs to.
Task<std::string> find_owner_key(Engine& engine, std::string controller_name, std::string known);

}    // namespace trueup::engine
