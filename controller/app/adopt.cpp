// SPDX-License-Identifier: Apache-2.0
// `trueup adopt`: what runs -> where it was started from -> the Stack that says so. Nothing of it
// changes anything.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "controller/app/application.hpp"
#include "controller/app/configuration.hpp"
#include "controller/app/parts.hpp"
#include "controller/base/log.hpp"
#include "controller/model/labels.hpp"
#include "controller/source/checkout.hpp"

namespace trueup::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

const json::object* object_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

std::string text_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

FoundContainer read_container(const model::ObservedContainer& listed, const json::object& inspect) {
    FoundContainer found;
    found.service = listed.service;
    found.one_off = listed.one_off;
    const json::object* config = object_at(inspect, "Config");
    const json::object* labels = config == nullptr ? nullptr : object_at(*config, "Labels");
    if (labels != nullptr) {
        for (const auto& [key, value] : *labels) {
            if (value.is_string()) found.labels[std::string(key)] = std::string(value.get_string());
        }
    }
    const json::value* mounts = inspect.if_contains("Mounts");
    if (mounts == nullptr || !mounts->is_array()) return found;
    for (const json::value& mount : mounts->get_array()) {
        if (mount.is_object() && text_at(mount.get_object(), "Type") == "bind")
            found.bind_sources.push_back(text_at(mount.get_object(), "Source"));
    }
    return found;
}

Task<std::vector<FoundContainer>> list_project(engine::Engine& engine, std::string project) {
    engine::ContainerFilter filter;
    filter.labels.push_back(fmt::format("{}={}", model::labels::compose_project, project));
    auto listed = co_await engine.list_containers(std::move(filter));
    if (!listed) co_return listed.error();
    std::vector<FoundContainer> found;
    for (const model::ObservedContainer& container : *listed) {
        const auto inspect = co_await engine.inspect_container_raw(container.id);
        if (!inspect && inspect.error().code() == Errc::not_found) continue;
        if (!inspect) co_return inspect.error();
        found.push_back(read_container(container, *inspect));
    }
    if (found.empty()) {
        co_return Error(Errc::not_found,
                        fmt::format("no container of a compose project '{}' is on this engine "
                                    "(`docker compose ls -a` lists the projects)",
                                    project));
    }
    co_return found;
}

FoundFile look_at_file(const source::Checkout& checkout, const std::string& directory,
                       const std::string& path) {
    FoundFile file;
    file.path = path;
    if (!checkout.has(path)) return file;
    file.in_commit = fs::path(path).lexically_relative(directory).string();
    file.modified = checkout.is_modified(path);
    return file;
}

bool lies_below(const std::string& path, const std::string& directory) {
    return path.starts_with(directory + "/");
}

void look_at_binds(const std::vector<FoundContainer>& containers, const source::Checkout& checkout,
                   FoundProject& found) {
    std::set<std::pair<std::string, std::string>> seen;
    for (const FoundContainer& container : containers) {
        for (const std::string& source : container.bind_sources) {
            if (!lies_below(source, found.working_directory) || checkout.has(source)) continue;
            if (seen.emplace(container.service, source).second)
                found.outside_commit.push_back(FoundBind{container.service, source});
        }
    }
}

// The project's directory, its files and its binds, as they lie on this host.
Result<FoundProject> look_at_host(const std::vector<FoundContainer>& containers,
                                  const AdoptChoice& choice) {
    const auto labels = read_project_labels(containers);
    if (!labels) return labels.error();
    FoundProject found;
    found.project = choice.project;
    found.environment = choice.environment;
    found.environment_said = choice.environment_said;
    found.working_directory = labels->working_directory;
    const auto checkout = source::Checkout::find(found.working_directory);
    if (!checkout) {
        return checkout.error().in(
            fmt::format("project {} was started in {}, and a Stack names a git commit: commit its "
                        "compose files to a repository there, and ask again on that host",
                        choice.project, found.working_directory));
    }
    found.url = checkout->root();
    found.origin = checkout->origin();
    found.commit = checkout->commit();
    found.pushed = checkout->is_pushed();
    const auto inside = checkout->relative(found.working_directory);
    if (!inside) return inside.error();
    found.path = *inside;
    for (const std::string& path : labels->compose_files)
        found.compose_files.push_back(look_at_file(*checkout, found.working_directory, path));
    std::vector<std::string> variable_files = labels->variable_files;
    const std::string beside = found.working_directory + "/.env";
    std::error_code code;
    // Compose reads it by itself, and so do we where the commit has it.
    if (variable_files.empty() && !checkout->has(beside) && fs::exists(beside, code))
        variable_files.push_back(beside);
    for (const std::string& path : variable_files)
        found.variable_files.push_back(look_at_file(*checkout, found.working_directory, path));
    look_at_binds(containers, *checkout, found);
    found.other_origins = other_origins(containers, *labels);
    return found;
}

boost::asio::awaitable<void> list_into(engine::Engine& engine, std::string project,
                                       std::optional<Result<std::vector<FoundContainer>>>& listed) {
    auto answer = co_await list_project(engine, std::move(project));
    listed.emplace(std::move(answer));
}

std::vector<std::string> paths_of(const std::vector<v1alpha1::FilePath>& files) {
    std::vector<std::string> paths;
    for (const v1alpha1::FilePath& file : files) paths.push_back(file.path);
    return paths;
}

void look_at_access(const FoundProject& found, const std::vector<std::string>& roots,
                    const std::string& chosen_file, Draft& draft) {
    const std::string file =
        chosen_file.empty() ? std::string(v1alpha1::default_configuration_file) : chosen_file;
    std::error_code code;
    draft.lacking = lacking_access(host_needs(found), roots);
    draft.advice = to_text(draft.lacking, roots, file, fs::exists(file, code));
}

}    // namespace

Result<Draft> run_adopt(const AdoptChoice& choice) {
    auto configuration = load_configuration(choice.common);
    if (!configuration) return configuration.error();
    for (const Problem& warning : configuration->warnings) log::warning(to_string(warning));
    auto objects = Objects::make(std::move(*configuration), [](const std::string&) {});
    if (!objects) return objects.error();
    const auto engine = (*objects)->engines.find(choice.engine);
    if (engine == (*objects)->engines.end()) {
        return Error(Errc::not_found,
                     fmt::format("engine {} is not in the configuration", choice.engine));
    }
    std::optional<Result<std::vector<FoundContainer>>> listed;
    run_to_end(**objects, list_into(*engine->second.engine, choice.project, listed));
    if (!*listed) return listed->error();
    const auto found = look_at_host(**listed, choice);
    if (!found) return found.error();
    auto draft = draft_stack(*found);
    if (!draft) return draft;
    look_at_access(*found, paths_of((*objects)->configuration.host_roots),
                   choice.common.config_file, *draft);
    if (choice.engine != "default") draft->stack["spec"].get_object()["engine"] = choice.engine;
    return draft;
}

}    // namespace trueup::app
