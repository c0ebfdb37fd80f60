// SPDX-License-Identifier: Apache-2.0
// Docker's file: {"auths": {"HOST or URL": {"auth": base64("user:password")} or {"username",
// "password"} or {"identitytoken"}}, "credsStore": HELPER, "credHelpers": {HOST: HELPER}}. With a
// helper `docker login` leaves {} below auths.
#include "controller/engine/registry_logins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <utility>

#include "controller/base/file.hpp"
#include "controller/engine/json_read.hpp"
#include "controller/engine/wire.hpp"

namespace trueup::engine {

namespace json = boost::json;

namespace {

using v1alpha1::RegistryCredentialConfiguration;

Error no_login(const std::string& registry, std::string_view what) {
    return Error(Errc::invalid, fmt::format("its entry for {} {}", registry, what));
}

Error kept_by(const std::string& helper, const std::string& registry) {
    return Error(
        Errc::invalid,
        fmt::format("the credential helper '{}' keeps what {} is shown, and helpers are not "
                    "run: give registryCredentials an entry of its own for {}, with "
                    "username and passwordFile",
                    helper, registry, registry));
}

// The value of the key that means this registry.
const json::value* entry_for(const json::value& object, const std::string& registry) {
    const json::object* entries = object.if_object();
    if (entries == nullptr) return nullptr;
    for (const auto& [key, value] : *entries) {
        if (v1alpha1::registry_name(std::string_view(key.data(), key.size())) == registry)
            return &value;
    }
    return nullptr;
}

Result<std::optional<RegistryCredentials>> login_of_entry(const json::value& entry,
                                                          const std::string& registry) {
    RegistryCredentials login;
    login.server = registry;
    login.username = codec::text(entry, "username");
    login.password = codec::text(entry, "password");
    login.identity_token = codec::text(entry, "identitytoken");
    const std::string both = codec::text(entry, "auth");
    if (!both.empty()) {
        const auto decoded = wire::decode_base64(both);
        const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
        if (colon == std::string::npos || colon == 0)
            return no_login(registry, "is not the base64 of user:password");
        login.username = decoded->substr(0, colon);
        login.password = decoded->substr(colon + 1);
        // Docker pads with zeroes what it wrote itself long ago.
        while (login.password.ends_with('\0')) login.password.pop_back();
    }
    if (login.identity_token.empty() && (login.username.empty() || login.password.empty()))
        return no_login(registry, "has neither a user with a password nor a token");
    return std::optional<RegistryCredentials>(std::move(login));
}

Result<RegistryCredentials> read_entry(const RegistryCredentialConfiguration& configured) {
    auto password = base::read_secret(configured.password_file.path);
    if (!password && password.error().code() == Errc::invalid) return password.error();
    // It may be put there at any time: worth another try.
    if (!password) return Error(Errc::unavailable, password.error().message());
    RegistryCredentials login;
    login.server = configured.registry;
    login.username = configured.username;
    login.password = std::move(*password);
    login.origin = to_string(configured.password_file.position);
    return login;
}

Result<std::optional<RegistryCredentials>> read_docker_config(const v1alpha1::FilePath& file,
                                                              const std::string& registry) {
    const auto text = base::read_file(file.path);
    if (!text) return Error(Errc::unavailable, text.error().message());
    auto login = login_of_docker_config(*text, registry);
    if (!login) return login.error().in(file.path);
    if (*login) (*login)->origin = to_string(file.position);
    return login;
}

}    // namespace

RegistryLogins::RegistryLogins(std::vector<RegistryCredentialConfiguration> configured)
    : configured_(std::move(configured)) {}

Result<std::optional<RegistryCredentials>> RegistryLogins::read(
    const std::string& reference) const {
    const std::string registry = registry_of(reference);
    for (const RegistryCredentialConfiguration& each : configured_) {
        if (each.docker_config.given() || each.registry != registry) continue;
        auto login = read_entry(each);
        if (!login) return login.error().in("registryCredentials");
        return std::optional<RegistryCredentials>(std::move(*login));
    }
    for (const RegistryCredentialConfiguration& each : configured_) {
        if (!each.docker_config.given()) continue;
        auto login = read_docker_config(each.docker_config, registry);
        if (!login) return login.error().in("registryCredentials");
        if (*login) return login;
    }
    return std::optional<RegistryCredentials>();
}

std::string registry_of(std::string_view reference) {
    const std::size_t slash = reference.find('/');
    if (slash == std::string_view::npos) return "docker.io";
    const std::string_view first = reference.substr(0, slash);
    // Lower case without a dot or a port is the first part of a name on Docker Hub.
    const bool host = first == "localhost" || first.find_first_of(".:") != first.npos ||
                      std::any_of(first.begin(), first.end(),
                                  [](unsigned char letter) { return std::isupper(letter) != 0; });
    return host ? v1alpha1::registry_name(first) : "docker.io";
}

Result<std::optional<RegistryCredentials>> login_of_docker_config(std::string_view text,
                                                                  const std::string& registry) {
    json::parse_options options;
    options.max_depth = 16;
    boost::system::error_code code;
    const json::value config =
        json::parse(json::string_view(text.data(), text.size()), code, {}, options);
    if (code || !config.is_object())
        return Error(Errc::invalid, "this is not the JSON that docker login writes");
    const json::value* helper = entry_for(codec::at(config, "credHelpers"), registry);
    if (helper != nullptr && helper->is_string())
        return kept_by(std::string(std::string_view(helper->get_string())), registry);
    const json::value* entry = entry_for(codec::at(config, "auths"), registry);
    if (entry == nullptr) return std::optional<RegistryCredentials>();
    const std::string store = codec::text(config, "credsStore");
    const bool bare = !entry->is_object() || entry->get_object().empty();
    if (bare && !store.empty()) return kept_by(store, registry);
    if (bare) return std::optional<RegistryCredentials>();
    return login_of_entry(*entry, registry);
}

}    // namespace trueup::engine
