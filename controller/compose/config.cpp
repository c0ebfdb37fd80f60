// SPDX-License-Identifier: Apache-2.0
// Variables are needed to find the files (COMPOSE_FILE may stand in .env), and the files to find the
// variables (.env lies beside them): so .env is read from the working directory first, then from the
// project's. The process's own variables always win.
#include "controller/compose/config.hpp"

#include <fmt/format.h>

#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/find_files.hpp"
#include "controller/compose/load_files.hpp"
#include "controller/compose/places.hpp"
#include "controller/compose/report.hpp"
#include "controller/compose/units.hpp"

namespace trueup::compose {
namespace {

class Finder {
public:
    Finder(const ConfigOptions& options, Session& session)
        : variables(options.environment), options_(options), session_(session) {}

    model::StringMap variables;
    model::Strings files;
    std::string directory;

    Result<void> run() {
        files = absolute(options_.files);
        read_variables();
        if (files.empty()) files = absolute(files_in_variable(variables));
        if (files.empty()) {
            auto found = discover(session_.places, start(), session_.warnings);
            if (!found) return found.error();
            files = std::move(*found);
        }
        directory = start();
        read_variables();
        return {};
    }

private:
    std::string variable(const std::string& name) const {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
    }

    model::Strings absolute(const model::Strings& paths) const {
        model::Strings all;
        for (const std::string& path : paths)
            all.push_back(session_.places.resolve(options_.working_directory, path).value_or(path));
        return all;
    }

    // The project's folder, as far as it is known.
    std::string start() const {
        if (!options_.project_directory.empty()) return absolute({options_.project_directory})[0];
        return files.empty() ? options_.working_directory : directory_of(files[0]);
    }

    void read_variables() {
        model::Strings paths = absolute(options_.variable_files);
        const std::string named = variable("COMPOSE_ENV_FILES");
        if (paths.empty() && !named.empty()) {
            model::Strings list;
            for (const std::string_view path : base::split(named, ',')) list.emplace_back(path);
            paths = absolute(list);
        }
        const bool disabled = parse_flag(variable("COMPOSE_DISABLE_ENV_FILE")).value_or(false) ||
                              variable("COMPOSE_DISABLE_ENV_FILE") == "1";
        if (paths.empty() && !disabled) {
            const std::string dotenv = session_.places.join(start(), ".env").value_or("");
            const bool is_file =
                session_.places.exists(dotenv) && !session_.places.is_directory(dotenv);
            if (is_file) paths.push_back(dotenv);
        }
        if (paths == read_) return;    // the same ones again
        read_ = paths;
        variables = read_variable_files(paths, variables, Place(), session_);
    }

    const ConfigOptions& options_;
    Session& session_;
    model::Strings read_;
};

}    // namespace

Result<Config> load_config(const model::Tree& file_system, const ConfigOptions& options) {
    const auto home = options.environment.find("HOME");
    const Places places(file_system, true,
                        home == options.environment.end() ? std::string() : home->second);
    Session session(places, options.interpolate);
    session.as_written = options.as_written;
    Finder finder(options, session);
    const auto found = finder.run();
    if (!found) return found.error();
    if (!session.problems.empty()) return error_of(std::move(session.problems));

    ProjectFileOptions wanted;
    wanted.name = options.project_name;
    wanted.directory = finder.directory;
    wanted.files = std::move(finder.files);
    wanted.variables = std::move(finder.variables);
    wanted.profiles = options.profiles;
    wanted.services = options.services;
    Config config;
    config.project = load_project_file(wanted, session);
    Problems problems = settle(session);
    if (!problems.empty()) return error_of(std::move(problems));
    config.warnings = in_order(std::move(session.warnings));
    return config;
}

}    // namespace trueup::compose
