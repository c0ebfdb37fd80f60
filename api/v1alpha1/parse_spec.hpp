// SPDX-License-Identifier: Apache-2.0
// The spec of a Stack, out of its mapping.
#pragma once

#include "api/v1alpha1/reader.hpp"
#include "api/v1alpha1/stack.hpp"

namespace trueup::v1alpha1 {

// Reads `spec` of `document`; what is wrong with it goes into the reader's problems.
StackSpec parse_spec(Reader& document);

// Its sections that have files of their own. `project_path` is spec.source.path, once read.
void read_source(Reader source, StackSpec& spec);
ComposeSpec read_compose(Reader compose, const std::string& project_path);
SyncSpec read_sync(Reader sync);

}    // namespace trueup::v1alpha1
