// SPDX-License-Identifier: Apache-2.0
#include "api/cli/compose_verb.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>

#include "api/cli/cli.hpp"
#include "api/cli/structured.hpp"
#include "controller/compose/config.hpp"
#include "controller/compose/config_hash.hpp"
#include "controller/compose/go_json.hpp"
#include "controller/compose/print.hpp"
#include "controller/compose/support.hpp"
#include "controller/source/disk_tree.hpp"

namespace trueup::cli {
namespace {

namespace json = boost::json;

model::StringMap process_environment() {
    model::StringMap all;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals != text.npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return all;
}

bool prints_model(const ComposeChoice& choice) {
    return choice.hash.empty() && !choice.list_services && !choice.list_images &&
           !choice.list_volumes && !choice.list_profiles;
}

constexpr std::string_view standard_input = "-";

// The machine's files, and among them what is read from standard input, as the file "-" of the working
// directory.
class InputTree final : public model::Tree {
public:
    InputTree(std::string path, std::string text)
        : path_(std::move(path)), text_(std::move(text)) {}

    Result<model::TreeEntry> stat(std::string_view path) const override {
        if (path != path_) return disk_.stat(path);
        return model::TreeEntry{std::string(standard_input), model::EntryKind::file, ""};
    }
    Result<std::vector<model::TreeEntry>> list(std::string_view path) const override {
        return disk_.list(path);
    }
    Result<std::string> read(std::string_view path, std::size_t limit) const override {
        if (path != path_) return disk_.read(path, limit);
        if (text_.size() > limit) return Error(Errc::invalid, "standard input is too long");
        return text_;
    }

private:
    source::DiskTree disk_{"/"};
    std::string path_;
    std::string text_;
};

// At most a byte more than a compose file may have.
std::string read_input() {
    std::string text(yaml::Limits().bytes + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), stdin));
    return text;
}

Result<compose::Config> load(const compose::ConfigOptions& options) {
    const bool reads = std::find(options.files.begin(), options.files.end(), standard_input) !=
                       options.files.end();
    if (!reads) return compose::load_config(source::DiskTree("/"), options);
    const std::string path = options.working_directory.substr(1);
    const InputTree tree(path.empty() ? "-" : path + "/-", read_input());
    return compose::load_config(tree, options);
}

compose::ConfigOptions options_of(const ComposeChoice& choice) {
    compose::ConfigOptions options;
    options.working_directory = std::filesystem::current_path().string();
    options.environment = process_environment();
    options.files = choice.files;
    options.project_directory = choice.project_directory;
    options.project_name = choice.project_name;
    options.profiles = choice.profiles;
    options.variable_files = choice.variable_files;
    // As docker compose does: these are listed of the whole project.
    if (!choice.list_services && !choice.list_volumes && !choice.list_profiles)
        options.services = choice.services;
    options.interpolate = !choice.no_interpolate;
    options.as_written = choice.no_interpolate && prints_model(choice);
    return options;
}

void tell(const Problems& problems, std::string_view kind) {
    for (const Problem& problem : problems)
        std::fprintf(stderr, "%s: %s\n", std::string(kind).c_str(), to_string(problem).c_str());
}

// Names in the order of the alphabet.
std::vector<std::string> names_of(const yaml::Node* mapping) {
    std::vector<std::string> names;
    if (mapping != nullptr) {
        for (const yaml::Entry& entry : mapping->entries) names.push_back(entry.key);
    }
    std::sort(names.begin(), names.end());
    return names;
}

void print_lines(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) std::printf("%s\n", line.c_str());
}

std::vector<std::string> images_of(const compose::ProjectFile& project) {
    std::vector<std::string> images;
    const yaml::Node* services = project.file.find("services");
    for (const std::string& name : names_of(services)) {
        const yaml::Node* image = services->find(name)->find("image");
        images.push_back(image == nullptr ? project.name + "-" + name : image->text);
    }
    return images;
}

int print_hashes(const compose::ProjectFile& project, const std::string& wanted) {
    const yaml::Node* services = project.file.find("services");
    bool found = false;
    for (const std::string& name : names_of(services)) {
        if (wanted != "*" && wanted != name) continue;
        found = true;
        std::printf("%s %s\n", name.c_str(),
                    compose::compose_config_hash(*services->find(name)).c_str());
    }
    if (found || wanted == "*") return exit_done;
    std::fprintf(stderr, "there is no service '%s'\n", wanted.c_str());
    return exit_error;
}

// What trueup would refuse to deploy is printed all the same, and told.
void tell_refused(const compose::ProjectFile& project) {
    Problems refused;
    Problems without_effect;
    compose::check_support(project.file, refused, without_effect);
    tell(refused, "not deployed by trueup");
}

void print_model(const compose::ProjectFile& project, const ComposeChoice& choice) {
    tell_refused(project);
    const bool as_json = choice.format == "json";
    json::value printed;
    if (choice.no_interpolate) {
        printed = compose::as_written_to_json(project.file);
    } else {
        printed = compose::to_json(project.file,
                                   as_json ? compose::PrintStyle::json : compose::PrintStyle::yaml);
        compose::double_dollars(printed);    // so that what is printed can be loaded again
    }
    std::fputs(
        as_json ? (compose::to_indented_json(printed) + "\n").c_str() : to_yaml(printed).c_str(),
        stdout);
}

}    // namespace

void add_compose_verbs(CLI::App& app, ComposeChoice& choice) {
    CLI::App* compose = app.add_subcommand("compose", "Compose files on this machine");
    compose->require_subcommand(1);
    CLI::App* config = compose->add_subcommand(
        "config", "Print the canonical model, as `docker compose config` does");
    for (CLI::App* verb : {compose, config}) {
        verb->add_option("-f,--file", choice.files,
                         "compose files, - for standard input [$COMPOSE_FILE, else found]")
            ->allow_extra_args(false);
        verb->add_option("-p,--project-name", choice.project_name);
        verb->add_option("--profile", choice.profiles, "profiles to enable [$COMPOSE_PROFILES]")
            ->allow_extra_args(false);
        verb->add_option("--env-file", choice.variable_files, "instead of .env")
            ->allow_extra_args(false);
        verb->add_option("--project-directory", choice.project_directory,
                         "where relative paths start; else the first file's folder");
    }
    config->add_option("services", choice.services, "only these, and what they depend on");
    config->add_option("--format", choice.format)
        ->check(CLI::IsMember({"yaml", "json"}))
        ->capture_default_str();
    config->add_flag("--services", choice.list_services, "names of services, one a line");
    config->add_flag("--images", choice.list_images, "names of images, one a line");
    config->add_flag("--volumes", choice.list_volumes, "names of volumes, one a line");
    config->add_flag("--profiles", choice.list_profiles, "names of profiles, one a line");
    config->add_option("--hash", choice.hash, "compose's hash of this service, or of all: '*'");
    config->add_flag("--no-interpolate", choice.no_interpolate, "leave variables as they are");
    config->add_flag("-q,--quiet", choice.quiet, "only check, print nothing");
}

int compose_config(const ComposeChoice& choice) {
    const auto config = load(options_of(choice));
    if (!config) {
        std::fprintf(stderr, "%s\n", config.error().message().c_str());
        return exit_error;
    }
    const compose::ProjectFile& project = config->project;
    tell(config->warnings, "warning");
    if (choice.quiet) return exit_done;
    if (!choice.hash.empty()) return print_hashes(project, choice.hash);
    if (choice.list_services)
        print_lines(names_of(project.file.find("services")));
    else if (choice.list_images)
        print_lines(images_of(project));
    else if (choice.list_volumes)
        print_lines(names_of(project.file.find("volumes")));
    else if (choice.list_profiles)
        print_lines(project.profiles);
    else
        print_model(project, choice);
    return exit_done;
}

}    // namespace trueup::cli
