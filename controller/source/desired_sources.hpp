// SPDX-License-Identifier: Apache-2.0
// The kinds of DesiredSource; make_desired_source chooses.
#pragma once

#include <memory>
#include <string>

#include "controller/source/desired.hpp"
#include "controller/source/desired_spec.hpp"

namespace trueup::source {

std::unique_ptr<DesiredSource> make_file_source(Executor executor, std::string path, Pool& pool,
                                                DesiredOptions options);

// `name` is the whole argument, for messages.
std::unique_ptr<DesiredSource> make_git_source(std::string name, DesiredSpec spec,
                                               GitRepositories& repositories,
                                               DesiredOptions options);

}    // namespace trueup::source
