// SPDX-License-Identifier: Apache-2.0
// Completion scripts for shells, made from the verbs there are, so that none is ever forgotten.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace trueup::cli {

struct CompletedOption {
    std::string word;    // "--for"
    std::string what;    // the help's line
    bool operator==(const CompletedOption&) const = default;
};

struct CompletedVerb {
    std::string path;    // "suspend", "volumes remove"
    std::string what;
    std::vector<CompletedOption> options;
    bool takes_stack = false;    // completes names of stacks, as the controller knows them
    bool operator==(const CompletedVerb&) const = default;
};

// Every verb of the command line, verbs of verbs included. In the order of definition.
std::vector<CompletedVerb> completed_verbs(const CLI::App& app);

// `shell`: bash, zsh or fish. Pure.
std::string completion_script(std::string_view shell, const std::vector<CompletedVerb>& verbs);

int print_completion(const CLI::App& app, const std::string& shell);

}    // namespace trueup::cli
