// SPDX-License-Identifier: Apache-2.0
// What the command line chose.
#pragma once

#include <string>
#include <vector>

#include "controller/base/clock.hpp"

namespace trueup::app {

struct EngineChoice {
    std::string url;                  // "" = $DOCKER_HOST, else the default socket
    std::string state_directory;      // "" = see default_state_directory()
    int git_timeout_seconds = 120;    // of one fetch; then the child process that fetches is ended
    std::string controller_name = "trueup";
};

struct ControllerChoice {
    EngineChoice engine;
    std::string desired;    // DIR | FILE | git+URL//path?ref=branch
    std::string listen = "127.0.0.1:9180";
    std::string metrics_listen = "127.0.0.1:9181";
    int workers = 4;
    Milliseconds poll_interval{60'000};    // of a desired state in git
    Milliseconds sweep_interval{2'000};
    Milliseconds stop_grace{10'000};    // for work in progress after SIGTERM
};

struct OneShotChoice {
    EngineChoice engine;
    std::string file;     // the Stack file
    std::string stack;    // one of its stacks; "" = all
    bool quiet = false;
};

// /var/lib/trueup for root, else $XDG_STATE_HOME/trueup or ~/.local/state/trueup.
std::string default_state_directory();

}    // namespace trueup::app
