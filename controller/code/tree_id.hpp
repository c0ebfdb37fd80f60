// SPDX-License-Identifier: Apache-2.0
// The ids git gives folders, out of the ids of their files.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/code/code.hpp"

namespace trueup::code {

// ExpectedCode::ids of these files and directories, as if the files `without` were not expected. Pure.
std::map<std::string, std::string> ids_of_directories(const ExpectedCode& code,
                                                      const std::vector<std::string>& without = {});

}    // namespace trueup::code
