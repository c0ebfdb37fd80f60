// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "api/cli/cli.hpp"
#include "controller/app/application.hpp"

int main(int argc, char** argv) {
    // A peer that closes its end must give an error, not end the process.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        if (argc > 1 && trueup::app::is_child_argument(argv[1])) return trueup::app::run_child();
        return trueup::cli::run(argc, argv);
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "trueup: a bug of ours: %s\n", exception.what());
        return 2;
    }
}
