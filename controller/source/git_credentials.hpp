// SPDX-License-Identifier: Apache-2.0
// The git credentials of the configuration, by name. Their secrets stay in their files until they are
// needed, so a new token counts at the next fetch.
#pragma once

#include <string>
#include <vector>

#include "api/v1alpha1/configuration.hpp"
#include "controller/source/git_credential.hpp"

namespace trueup::source {

class GitCredentials {
public:
    GitCredentials() = default;
    explicit GitCredentials(std::vector<v1alpha1::GitCredentialConfiguration> configured);

    // The credential for this repository, its secret read now (blocking); "" gives the one without a
    // secret. invalid: there is no such name (says which there are), or a secret that cannot be one;
    // denied: the repository does not lie below the credential's url; unavailable: its file cannot
    // be read.
    Result<GitCredential> read(const std::string& name, const std::string& url) const;

private:
    std::vector<v1alpha1::GitCredentialConfiguration> configured_;
};

}    // namespace trueup::source
