// SPDX-License-Identifier: Apache-2.0
// Text that comes out of a container, made fit for errors and logs. Pure.
#pragma once

#include <string>

#include "controller/model/project.hpp"

namespace trueup::rollout {

// The text with the values of the service's environment replaced by "***", the password in a value
// like "postgres://user:password@host" too. Values of one to three characters only as whole words.
std::string mask(std::string text, const model::Service& service);

// The last `lines` lines that are not blank, each cut at 300 characters, joined by " | ".
std::string last_lines(const std::string& text, std::size_t lines);

}    // namespace trueup::rollout
