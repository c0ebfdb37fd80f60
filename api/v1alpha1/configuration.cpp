// SPDX-License-Identifier: Apache-2.0
// One document -> Configuration. As with Stacks everything is read even when something before it was
// wrong. Engines and credentials are read in files of their own.
#include "api/v1alpha1/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/v1alpha1/document.hpp"
#include "api/v1alpha1/parse_configuration.hpp"
#include "api/v1alpha1/rules.hpp"
#include "controller/base/text.hpp"

namespace trueup::v1alpha1 {
namespace {

std::string folder_of(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    if (slash == std::string::npos) return {};
    return slash == 0 ? "/" : file.substr(0, slash);
}

template <std::size_t Size>
void read_word(Reader& reader, std::string_view name,
               const std::array<std::string_view, Size>& words, std::string& value) {
    const auto text = reader.text(name);
    if (!text) return;
    if (std::find(words.begin(), words.end(), text->value) == words.end()) {
        reader.add(text->position,
                   fmt::format("{}: unknown word {}", reader.path_of(name), in_quotes(text->value)),
                   fmt::format("one of: {}", fmt::join(words, ", ")));
    }
    value = text->value;
}

void read_duration(Reader& reader, std::string_view name, std::chrono::nanoseconds& value) {
    value = reader.duration(name, std::chrono::seconds(1)).value_or(value);
}

void read_listen(Reader reader, std::string& value, Position& position) {
    auto listen = reader.text("listen");
    if (!listen) return;
    value = std::move(listen->value);
    position = listen->position;
}

void read_desired(Reader reader, Configuration& configuration) {
    if (auto source = reader.text("source")) {
        configuration.desired = std::move(source->value);
        configuration.desired_position = source->position;
    }
    read_duration(reader, "pollInterval", configuration.poll_interval);
    const auto credentials = reader.text("credentials");
    if (!credentials) return;
    configuration.desired_credentials = credentials->value;
    if (configuration.git_credential(credentials->value) != nullptr) return;
    reader.add(credentials->position,
               fmt::format("{}: there is no git credential {}", reader.path_of("credentials"),
                           in_quotes(credentials->value)),
               "the name of one of gitCredentials");
}

std::vector<FilePath> read_host_roots(Reader& document) {
    std::vector<FilePath> roots;
    for (Text& root : document.texts("hostRoots")) {
        const auto normal = root.value.starts_with('/')
                                ? base::normal_path(std::string_view(root.value).substr(1))
                                : std::nullopt;
        if (!normal || normal->empty()) {
            document.add(root.position,
                         fmt::format("hostRoots: {} cannot be one", in_quotes(root.value)),
                         "write the absolute path of a folder, without '..'; the whole host cannot "
                         "be allowed");
            continue;
        }
        roots.push_back(FilePath{"/" + *normal, root.position});
    }
    return roots;
}

Configuration read(const yaml::Node& node, const std::string& file, Problems& problems) {
    Configuration read;
    read.file = file;
    refuse_tags(node, problems);
    Reader document(
        node, "",
        {"apiVersion", "kind", "metadata", "name", "stateDirectory", "ownerKeyFile", "desiredState",
         "api", "metrics", "workers", "gitTimeout", "stopGracePeriod", "lockTimeout", "log",
         "engines", "ignoreOtherEngines", "gitCredentials", "registryCredentials", "hostRoots"},
        problems);
    if (!node.is_mapping()) return read;
    check_type(document, configuration_kind);
    if (document.has("metadata")) {
        document.add(document.find("metadata")->position(), "metadata: a configuration has none",
                     "the controller's name is the field 'name'");
    }
    if (auto name = document.text("name")) {
        if (!is_label(name->value)) {
            document.add(name->position,
                         fmt::format("name: {} is not a valid name", in_quotes(name->value)),
                         "lower-case letters, digits and inner '-', at most 63");
        }
        read.name = std::move(name->value);
    }
    const std::string folder = folder_of(file);
    read.state_directory = read_file_path(document, "stateDirectory", folder);
    read.owner_key_file = read_file_path(document, "ownerKeyFile", folder);
    read.engines = read_engines(document, folder, read.warnings);
    read.ignore_other_engines = document.boolean("ignoreOtherEngines").value_or(false);
    read.git_credentials = read_git_credentials(document, folder, read.warnings);
    read.registry_credentials = read_registry_credentials(document, folder);
    read.host_roots = read_host_roots(document);
    read_desired(document.section("desiredState", {"source", "credentials", "pollInterval"}), read);
    read_listen(document.section("api", {"listen"}), read.api_listen, read.api_listen_position);
    read_listen(document.section("metrics", {"listen"}), read.metrics_listen,
                read.metrics_listen_position);
    constexpr int most_workers = 64;
    read.workers = document.integer("workers", 1, most_workers).value_or(read.workers);
    read_duration(document, "gitTimeout", read.git_timeout);
    read_duration(document, "stopGracePeriod", read.stop_grace_period);
    read_duration(document, "lockTimeout", read.lock_timeout);
    Reader log = document.section("log", {"level", "format"});
    read_word(log, "level", std::array<std::string_view, 4>{"debug", "info", "warning", "error"},
              read.log_level);
    read_word(log, "format", std::array<std::string_view, 2>{"text", "json"}, read.log_format);
    return read;
}

}    // namespace

const GitCredentialConfiguration* Configuration::git_credential(std::string_view name_) const {
    const auto found =
        std::find_if(git_credentials.begin(), git_credentials.end(),
                     [&](const GitCredentialConfiguration& each) { return each.name == name_; });
    return found == git_credentials.end() ? nullptr : &*found;
}

FilePath read_file_path(Reader& reader, std::string_view name, const std::string& folder) {
    const auto text = reader.text(name);
    if (!text) return {};
    if (text->value.empty() || text->value.find('\0') != std::string::npos ||
        text->value.starts_with('~')) {
        reader.add(text->position, fmt::format("{}: this is no path", reader.path_of(name)),
                   "write an absolute path, or one that starts at the folder of this file");
        return {};
    }
    const bool joined = !text->value.starts_with('/') && !folder.empty();
    return FilePath{
        joined ? fmt::format("{}/{}", folder == "/" ? "" : folder, text->value) : text->value,
        text->position};
}

std::string read_unique_name(Reader& reader, std::vector<std::string>& seen) {
    reader.require("name", "lower-case letters, digits and inner '-'");
    const auto name = reader.text("name");
    if (!name) return {};
    if (!is_label(name->value)) {
        reader.add(name->position,
                   fmt::format("{}: {} is not a valid name", reader.path_of("name"),
                               in_quotes(name->value)),
                   "lower-case letters, digits and inner '-', at most 63");
    } else if (std::find(seen.begin(), seen.end(), name->value) != seen.end()) {
        reader.add(name->position,
                   fmt::format("{}: there is a {} already", reader.path_of("name"),
                               in_quotes(name->value)),
                   "rename one of them");
    }
    seen.push_back(name->value);
    return name->value;
}

void refuse_secret(Reader& reader, std::string_view name, std::string_view instead) {
    const yaml::Node* node = reader.find(name);
    if (node == nullptr) return;
    reader.add(
        node->position(),
        fmt::format("{}: secrets are not written into this file", reader.path_of(name)),
        fmt::format("put it into a file that only the controller may read, and write {}", instead));
}

Result<ReadConfiguration> read_configuration(std::string_view text, const std::string& file) {
    auto documents = yaml::parse(text, file);
    if (!documents) return documents.error();
    std::erase_if(*documents, [](const yaml::Node& document) { return document.is_null(); });
    ReadConfiguration found;
    found.configuration.file = file;
    if (documents->empty()) return found;
    found.configuration = read(documents->front(), file, found.problems);
    if (documents->size() > 1) {
        found.problems.push_back(Problem{(*documents)[1].position(),
                                         "a second document: a controller has one configuration",
                                         "remove one of them"});
    }
    return found;
}

Result<Configuration> parse_configuration(std::string_view text, const std::string& file) {
    auto found = read_configuration(text, file);
    if (!found) return found.error();
    if (!found->problems.empty()) return to_error(std::move(found->problems));
    return std::move(found->configuration);
}

namespace {

// What no Stack has at its top.
constexpr std::array<std::string_view, 11> own_fields{
    "stateDirectory", "ownerKeyFile",   "desiredState",        "gitTimeout", "lockTimeout",
    "engines",        "gitCredentials", "registryCredentials", "hostRoots",  "ignoreOtherEngines",
    "stopGracePeriod"};

// By its kind; where that says nothing, by what it is about.
bool is_about_controller(const yaml::Node& document) {
    constexpr std::array<std::string_view, 2> kinds{stack_kind, configuration_kind};
    const yaml::Node* kind = document.find("kind");
    const std::string_view named =
        kind != nullptr && kind->is_scalar() ? std::string_view(kind->text) : std::string_view();
    if (const auto close = base::closest(named, kinds)) return *close == configuration_kind;
    if (named.find("onfig") != named.npos) return true;
    if (document.find("spec") != nullptr) return false;
    return std::any_of(own_fields.begin(), own_fields.end(), [&document](std::string_view field) {
        return document.find(field) != nullptr;
    });
}

}    // namespace

bool is_configuration(std::string_view text) {
    const auto documents = yaml::parse(text, "");
    if (!documents) return false;
    return std::any_of(documents->begin(), documents->end(), is_about_controller);
}

}    // namespace trueup::v1alpha1
