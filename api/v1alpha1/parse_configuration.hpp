// SPDX-License-Identifier: Apache-2.0
// Inside v1alpha1: the parts of a configuration that have a file of their own.
#pragma once

#include "api/v1alpha1/configuration.hpp"
#include "api/v1alpha1/reader.hpp"

namespace trueup::v1alpha1 {

// A path, joined to `folder` when it is relative; not given when it is absent.
FilePath read_file_path(Reader& reader, std::string_view name, const std::string& folder);
// Reports a name that is not a label, or that `seen` has already.
std::string read_unique_name(Reader& reader, std::vector<std::string>& seen);
// A field that would hold a secret: always a problem, which does not repeat it.
void refuse_secret(Reader& reader, std::string_view name, std::string_view instead);

std::vector<EngineConfiguration> read_engines(Reader& document, const std::string& folder,
                                              Problems& warnings);
std::vector<GitCredentialConfiguration> read_git_credentials(Reader& document,
                                                             const std::string& folder,
                                                             Problems& warnings);
std::vector<RegistryCredentialConfiguration> read_registry_credentials(Reader& document,
                                                                       const std::string& folder);

}    // namespace trueup::v1alpha1
