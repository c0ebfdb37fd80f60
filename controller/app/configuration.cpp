// SPDX-License-Identifier: Apache-2.0
#include "controller/app/configuration.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "api/http/endpoint.hpp"
#include "api/v1alpha1/document.hpp"
#include "controller/base/file.hpp"
#include "controller/engine/address.hpp"
#include "controller/engine/engine.hpp"
#include "controller/source/desired_spec.hpp"

namespace trueup::app {
namespace {

using v1alpha1::Configuration;
using v1alpha1::EngineConfiguration;
using v1alpha1::FilePath;

constexpr std::string_view default_engine = "default";

Result<Configuration> read_configuration(const std::string& chosen) {
    const std::string path =
        chosen.empty() ? std::string(v1alpha1::default_configuration_file) : chosen;
    const auto text = base::read_file(path);
    if (!text && text.error().code() == Errc::not_found && chosen.empty()) return Configuration();
    if (!text) return text.error().in(chosen.empty() ? "the configuration" : "--config");
    return v1alpha1::parse_configuration(*text, path);
}

// As the docker command line would reach it: $DOCKER_TLS_VERIFY and $DOCKER_CERT_PATH count.
EngineConfiguration engine_at(std::string url) {
    const engine::EngineOptions options = engine::default_engine_options(std::move(url));
    EngineConfiguration engine;
    engine.name = std::string(default_engine);
    engine.url = options.url;
    engine.tls = options.tls.has_value();
    if (options.tls) {
        engine.ca_file.path = options.tls->authority_file;
        engine.certificate_file.path = options.tls->certificate_file;
        engine.key_file.path = options.tls->key_file;
    }
    return engine;
}

void choose_engine(Configuration& configuration, const std::optional<std::string>& url) {
    if (!url) {
        if (configuration.engines.empty())
            configuration.engines.push_back(engine_at(engine::default_engine_url()));
        return;
    }
    for (EngineConfiguration& engine : configuration.engines) {
        if (engine.name == default_engine) {
            engine = engine_at(*url);
            return;
        }
    }
    configuration.engines.push_back(engine_at(*url));
}

template <class Value>
void choose(Value& value, const std::optional<Value>& chosen) {
    if (chosen) value = *chosen;
}

// What is read and not acted on yet. Passing over it would be worse than refusing it.
Problems not_acted_on(const Configuration& configuration) {
    Problems problems;
    if (configuration.owner_key_file.given()) {
        problems.push_back({configuration.owner_key_file.position,
                            "ownerKeyFile is not read: the key is kept on the engine and in the "
                            "state directory",
                            "leave the field out"});
    }
    return problems;
}

// Where a secret is: nobody but its owner should be able to read it. ssh itself refuses keys that
// the group may read.
enum class Readers { any, not_everybody, owner };

void look_at(const FilePath& file, std::string_view what, Readers readers, FileFindings& findings) {
    if (!file.given()) return;
    struct ::stat status{};
    if (::stat(file.path.c_str(), &status) != 0 || ::access(file.path.c_str(), R_OK) != 0) {
        findings.problems.push_back(Problem{
            file.position,
            fmt::format("{} {} cannot be read: {}", what, file.path, std::strerror(errno)), ""});
        return;
    }
    if (!S_ISREG(status.st_mode)) {
        findings.problems.push_back(
            Problem{file.position, fmt::format("{} {} is not a file", what, file.path), ""});
        return;
    }
    const bool everybody = (status.st_mode & 0007U) != 0;
    const bool group = (status.st_mode & 0070U) != 0;
    if (readers == Readers::owner && (everybody || group)) {
        findings.warnings.push_back(
            Problem{file.position,
                    fmt::format("{} {} may be read by others, so ssh refuses it", what, file.path),
                    fmt::format("chmod 600 {}", file.path)});
    } else if (readers == Readers::not_everybody && everybody) {
        findings.warnings.push_back(
            Problem{file.position, fmt::format("{} {} may be read by everybody", what, file.path),
                    fmt::format("chmod 600 {}", file.path)});
    }
}

void look_at_engines(const Configuration& configuration, FileFindings& findings) {
    for (const EngineConfiguration& engine : configuration.engines) {
        const auto address = engine::parse_address(engine.url);
        // Without one the reader has told it already.
        if (!address && !engine.url.empty())
            findings.problems.push_back(
                Problem{engine.url_position, address.error().message(), ""});
        look_at(engine.ca_file, "the certificate", Readers::any, findings);
        look_at(engine.certificate_file, "the certificate", Readers::any, findings);
        look_at(engine.key_file, "the key", Readers::not_everybody, findings);
        look_at(engine.identity_file, "the key", Readers::owner, findings);
        look_at(engine.known_hosts_file, "the list of known hosts", Readers::any, findings);
    }
}

void look_at_credentials(const Configuration& configuration, FileFindings& findings) {
    for (const auto& credential : configuration.git_credentials) {
        look_at(credential.secret_file, "the secret", Readers::not_everybody, findings);
        look_at(credential.private_key_file, "the key", Readers::not_everybody, findings);
        look_at(credential.known_hosts_file, "the list of known hosts", Readers::any, findings);
        look_at(credential.ca_file, "the certificate", Readers::any, findings);
    }
    for (const auto& credential : configuration.registry_credentials) {
        look_at(credential.password_file, "the secret", Readers::not_everybody, findings);
        look_at(credential.docker_config, "the Docker configuration", Readers::not_everybody,
                findings);
    }
}

}    // namespace

Result<Configuration> load_configuration(const CommonChoice& choice) {
    auto configuration = read_configuration(choice.config_file);
    if (!configuration) return configuration;
    choose_engine(*configuration, choice.engine_url);
    Problems unsupported = not_acted_on(*configuration);
    if (!unsupported.empty()) return Error(std::move(unsupported));
    choose(configuration->name, choice.controller_name);
    if (choice.state_directory) configuration->state_directory.path = *choice.state_directory;
    if (choice.git_timeout_seconds)
        configuration->git_timeout = std::chrono::seconds(*choice.git_timeout_seconds);
    return configuration;
}

Result<Configuration> load_configuration(const ControllerChoice& choice) {
    auto configuration = load_configuration(choice.common);
    if (!configuration) return configuration;
    if (choice.desired) {
        configuration->desired = *choice.desired;
        configuration->desired_position = Position();
    }
    choose(configuration->api_listen, choice.listen);
    if (choice.listen) configuration->api_listen_position = Position();
    choose(configuration->metrics_listen, choice.metrics_listen);
    if (choice.metrics_listen) configuration->metrics_listen_position = Position();
    choose(configuration->workers, choice.workers);
    choose(configuration->log_level, choice.log_level);
    choose(configuration->log_format, choice.log_format);
    if (choice.poll_seconds)
        configuration->poll_interval = std::chrono::seconds(*choice.poll_seconds);
    return configuration;
}

engine::EngineOptions engine_options(const EngineConfiguration& engine) {
    engine::EngineOptions options;
    options.url = engine.url;
    if (engine.tls) {
        options.tls.emplace();
        options.tls->authority_file = engine.ca_file.path;
        options.tls->certificate_file = engine.certificate_file.path;
        options.tls->key_file = engine.key_file.path;
    }
    options.ssh.identity_file = engine.identity_file.path;
    options.ssh.known_hosts_file = engine.known_hosts_file.path;
    return options;
}

Result<EngineConfiguration> pick_engine(const Configuration& configuration,
                                        const std::string& name) {
    std::string names;
    for (const EngineConfiguration& engine : configuration.engines) {
        const bool only = name.empty() && configuration.engines.size() == 1;
        if (engine.name == name || only) return engine;
        names += (names.empty() ? "" : ", ") + engine.name;
    }
    if (name.empty()) return Error(Errc::invalid, "--engine: which one is meant: " + names + "?");
    return Error(
        Errc::invalid,
        fmt::format("--engine: the configuration has no engine {}, only: {}", name, names));
}

FileFindings look_at_files(const Configuration& configuration) {
    FileFindings findings;
    look_at_engines(configuration, findings);
    look_at_credentials(configuration, findings);
    if (!configuration.desired.empty()) {
        const auto spec = source::parse_desired_spec(configuration.desired);
        if (!spec) {
            findings.problems.push_back(Problem{configuration.desired_position,
                                                "desiredState.source: " + spec.error().message(),
                                                ""});
        }
    }
    for (const FilePath& root : configuration.host_roots) {
        std::error_code code;
        if (std::filesystem::is_directory(root.path, code)) continue;
        findings.warnings.push_back(
            Problem{root.position, fmt::format("hostRoots: {} is no folder here", root.path), ""});
    }
    return findings;
}

Problems refused_listeners(const Configuration& configuration) {
    Problems problems;
    const auto look = [&problems](const std::string& listen, const Position& position,
                                  std::string_view field) {
        const auto endpoint = http::parse_loopback_endpoint(listen);
        if (endpoint) return;
        problems.push_back(
            Problem{position, fmt::format("{}: {}", field, endpoint.error().message()), ""});
    };
    look(configuration.api_listen, configuration.api_listen_position, "api.listen (--listen)");
    look(configuration.metrics_listen, configuration.metrics_listen_position,
         "metrics.listen (--metrics-listen)");
    return problems;
}

Result<CheckedConfiguration> check_configuration(std::string_view text, const std::string& file) {
    auto found = v1alpha1::read_configuration(text, file);
    if (!found) return found.error();
    Problems problems = std::move(found->problems);
    FileFindings files = look_at_files(found->configuration);
    const Problems read = problems;
    // What the reader refused at a place needs no second word.
    std::copy_if(files.problems.begin(), files.problems.end(), std::back_inserter(problems),
                 [&read](const Problem& problem) {
                     return std::none_of(read.begin(), read.end(), [&](const Problem& told) {
                         return told.position == problem.position;
                     });
                 });
    for (const Problems& more :
         {not_acted_on(found->configuration), refused_listeners(found->configuration)})
        problems.insert(problems.end(), more.begin(), more.end());
    if (!problems.empty()) return v1alpha1::to_error(std::move(problems));
    CheckedConfiguration checked;
    checked.warnings = found->configuration.warnings;
    checked.warnings.insert(checked.warnings.end(), files.warnings.begin(), files.warnings.end());
    checked.configuration = std::move(found->configuration);
    return checked;
}

std::string default_state_directory() {
    if (::geteuid() == 0) return "/var/lib/trueup";
    const char* state_home = std::getenv("XDG_STATE_HOME");
    if (state_home != nullptr && *state_home != '\0') return std::string(state_home) + "/trueup";
    const char* home = std::getenv("HOME");
    return std::string(home == nullptr ? "." : home) + "/.local/state/trueup";
}

}    // namespace trueup::app
