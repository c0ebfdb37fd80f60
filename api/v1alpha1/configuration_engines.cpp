// SPDX-License-Identifier: Apache-2.0
// engines: where each is, and what it wants to see.
#include <fmt/format.h>

#include "api/v1alpha1/parse_configuration.hpp"

namespace trueup::v1alpha1 {
namespace {

constexpr std::string_view forms = "write unix:///path, tcp://host:port or ssh://user@host";

// "tcp://me:secret@host" names the part between the scheme and the host.
bool has_password(std::string_view url) {
    const std::size_t mark = url.find("://");
    if (mark == std::string_view::npos) return false;
    const std::string_view authority = url.substr(mark + 3, url.find('/', mark + 3) - mark - 3);
    const std::size_t at = authority.rfind('@');
    return at != std::string_view::npos &&
           (authority.substr(0, at).find(':') != std::string_view::npos ||
            !url.starts_with("ssh://"));
}

bool is_loopback(std::string_view url) {
    const std::string_view host = url.substr(url.find("://") + 3);
    return host.starts_with("127.") || host.starts_with("[::1]") || host.starts_with("localhost:");
}

void read_url(Reader& reader, EngineConfiguration& engine) {
    reader.require("url", forms);
    const auto url = reader.text("url");
    if (!url) return;
    engine.url_position = url->position;
    if (has_password(url->value)) {
        reader.add(url->position,
                   fmt::format("{}: the url carries a secret", reader.path_of("url")),
                   "tls and ssh name their keys as files; of ssh write ssh://user@host");
        return;
    }
    const auto is = [&](std::string_view scheme) { return url->value.starts_with(scheme); };
    if (!is("unix://") && !is("tcp://") && !is("ssh://")) {
        reader.add(url->position,
                   fmt::format("{}: {} is no address of an engine", reader.path_of("url"),
                               in_quotes(url->value)),
                   std::string(forms));
        return;
    }
    engine.url = url->value;
}

void read_tls(Reader& reader, EngineConfiguration& engine, const std::string& folder,
              Problems& warnings) {
    engine.tls = reader.has("tls");
    Reader tls = reader.section("tls", {"caFile", "certificateFile", "keyFile"});
    engine.ca_file = read_file_path(tls, "caFile", folder);
    engine.certificate_file = read_file_path(tls, "certificateFile", folder);
    engine.key_file = read_file_path(tls, "keyFile", folder);
    if (engine.certificate_file.given() != engine.key_file.given()) {
        tls.add(tls.position(),
                fmt::format("{}: a certificate and its key belong together", reader.path_of("tls")),
                "give both certificateFile and keyFile, or neither");
    }
    const bool tcp = engine.url.starts_with("tcp://");
    if (engine.tls && !engine.url.empty() && !tcp) {
        reader.add(reader.find("tls")->position(),
                   fmt::format("{}: only tcp:// has tls", reader.path_of("tls")), "remove it");
    }
    if (tcp && !engine.tls && !is_loopback(engine.url)) {
        warnings.push_back(
            Problem{engine.url_position,
                    fmt::format("{}: this engine is reached without encryption, and whoever "
                                "reaches it owns its host",
                                reader.path_of("url")),
                    "protect it with tls: {caFile, certificateFile, keyFile}, or use ssh://"});
    }
}

void read_ssh(Reader& reader, EngineConfiguration& engine, const std::string& folder) {
    Reader ssh = reader.section("ssh", {"identityFile", "knownHostsFile", "passphrase"});
    refuse_secret(ssh, "passphrase", "identityFile: a key without passphrase, or use an ssh agent");
    engine.identity_file = read_file_path(ssh, "identityFile", folder);
    engine.known_hosts_file = read_file_path(ssh, "knownHostsFile", folder);
    if (reader.has("ssh") && !engine.url.empty() && !engine.url.starts_with("ssh://")) {
        reader.add(reader.find("ssh")->position(),
                   fmt::format("{}: only ssh:// has it", reader.path_of("ssh")), "remove it");
    }
}

// Under another spelling it is found only when both are reached.
void refuse_same_engine(const std::vector<EngineConfiguration>& engines,
                        const EngineConfiguration& added, Reader& reader) {
    if (added.url.empty()) return;
    for (const EngineConfiguration& other : engines) {
        if (other.url != added.url) continue;
        reader.add(added.url_position,
                   fmt::format("{}: engines '{}' and '{}' are one and the same",
                               reader.path_of("url"), other.name, added.name),
                   "remove one of them, and let its stacks name the other");
        return;
    }
}

}    // namespace

std::vector<EngineConfiguration> read_engines(Reader& document, const std::string& folder,
                                              Problems& warnings) {
    std::vector<EngineConfiguration> engines;
    std::vector<std::string> names;
    const auto list = document.list("engines");
    for (std::size_t index = 0; index < list.size(); ++index) {
        Reader reader(*list[index], fmt::format("engines[{}]", index),
                      {"name", "url", "tls", "ssh"}, document.problems());
        EngineConfiguration engine;
        engine.name = read_unique_name(reader, names);
        read_url(reader, engine);
        read_tls(reader, engine, folder, warnings);
        read_ssh(reader, engine, folder);
        refuse_same_engine(engines, engine, reader);
        engines.push_back(std::move(engine));
    }
    return engines;
}

}    // namespace trueup::v1alpha1
