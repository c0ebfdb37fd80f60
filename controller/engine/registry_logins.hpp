// SPDX-License-Identifier: Apache-2.0
// The registry credentials of the configuration, found by an image's reference. Their secrets stay in
// their files until an image is pulled, so a new password counts at the next pull.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/v1alpha1/configuration.hpp"
#include "controller/engine/engine.hpp"

namespace trueup::engine {

class RegistryLogins {
public:
    RegistryLogins() = default;
    explicit RegistryLogins(std::vector<v1alpha1::RegistryCredentialConfiguration> configured);

    // What the reference's registry is shown, its secret read now (blocking); nothing: no credential
    // is for it. An entry of its own wins over Docker's files, of which the first that knows the
    // registry counts. Errors: unavailable (a file cannot be read; it may come at any time), invalid
    // (a file that is not what it should be; a credential helper). No message repeats what a file
    // holds.
    Result<std::optional<RegistryCredentials>> read(const std::string& reference) const;

private:
    std::vector<v1alpha1::RegistryCredentialConfiguration> configured_;
};

// "registry.example.com:5000/shop/web:1" -> "registry.example.com:5000"; "nginx" -> "docker.io".
std::string registry_of(std::string_view reference);

// The same registry in a file that `docker login` wrote. invalid: it is no such file, or a credential
// helper keeps the secret. Pure.
Result<std::optional<RegistryCredentials>> login_of_docker_config(std::string_view text,
                                                                  const std::string& registry);

}    // namespace trueup::engine
