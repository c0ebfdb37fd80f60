// SPDX-License-Identifier: Apache-2.0
// What the command line chose; nothing = as the configuration's file says.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace trueup::app {

struct CommonChoice {
    std::string config_file;                  // "" = /etc/trueup/config.yaml, when it is there
    std::optional<std::string> engine_url;    // of the engine called `default`
    std::optional<std::string> state_directory;
    std::optional<std::string> controller_name;
    std::optional<int> git_timeout_seconds;
};

struct ControllerChoice {
    CommonChoice common;
    std::optional<std::string> desired;    // DIR | FILE | git+URL//path?ref=branch
    std::optional<std::string> listen;
    std::optional<std::string> metrics_listen;
    std::optional<int> workers;
    std::optional<int> poll_seconds;    // of a desired state in git
    std::optional<std::string> log_level;
    std::optional<std::string> log_format;
};

struct OneShotChoice {
    CommonChoice common;
    std::string file;    // the Stack file
    // What would be in it, where it is not written yet, and what the configuration would have to allow.
    std::optional<std::string> text;
    std::vector<std::string> host_roots;
    std::string stack;    // one of its stacks; "" = all
    bool quiet = false;
    bool adopt = false;                         // as if each said `adopt: true`
    std::optional<int> lock_timeout_seconds;    // of apply
    // Of apply: yes to the questions whose tokens begin so, in the name of `person`.
    std::vector<std::string> confirmed;
    std::string person;
};

struct AdoptChoice {
    CommonChoice common;
    std::string project;    // of compose
    std::string environment = "production";
    bool environment_said = false;    // by a person: else the one above is a guess
    std::string engine = "default";
};

}    // namespace trueup::app
