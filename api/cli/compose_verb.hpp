// SPDX-License-Identifier: Apache-2.0
// `trueup compose config`: the canonical model of a project on this machine's disk, as `docker compose
// config` prints it. Needs neither an engine nor git.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}    // namespace CLI

namespace trueup::cli {

struct ComposeChoice {
    std::vector<std::string> files;
    std::vector<std::string> profiles;
    std::vector<std::string> variable_files;
    std::vector<std::string> services;
    std::string project_name;
    std::string project_directory;
    std::string format = "yaml";    // yaml | json
    std::string hash;               // a service, or "*"
    bool list_services = false;
    bool list_images = false;
    bool list_volumes = false;
    bool list_profiles = false;
    bool no_interpolate = false;
    bool quiet = false;
};

void add_compose_verbs(CLI::App& app, ComposeChoice& choice);
int compose_config(const ComposeChoice& choice);

}    // namespace trueup::cli
