// SPDX-License-Identifier: Apache-2.0
// A config.json of docker's: a login that can be shown, nothing, or an error that says why.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/engine/registry_logins.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace trueup;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const char* registry : {"docker.io", "a.example.com:5000"}) {
        const auto login = engine::login_of_docker_config(text, registry);
        if (!login && (login.error().message().empty() || login.error().code() != Errc::invalid))
            std::abort();
        if (!login || !*login) continue;
        const engine::RegistryCredentials& found = **login;
        const bool usable = !found.username.empty() && !found.password.empty();
        if (found.server != registry || (!usable && found.identity_token.empty())) std::abort();
    }
    if (engine::registry_of(text).empty() && text.find('/') == text.npos) std::abort();
    return 0;
}
