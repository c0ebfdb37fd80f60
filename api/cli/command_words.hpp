// SPDX-License-Identifier: Apache-2.0
// Which command the words of a command line name. CLI11 tells of an unknown one only that one is
// required. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace trueup::cli {

struct NamedCommand {
    const CLI::App* command = nullptr;    // the innermost that is named, at least the program
    std::string unknown;                  // the word behind it that names none of its commands
    bool incomplete = false;              // nothing more is said, and it does nothing by itself
};
// `words`: without the program's name.
NamedCommand named_command(const CLI::App& program, std::span<const char* const> words);

// Of that command, with the whole path to it in its usage: "Usage: trueup volumes …".
std::string help_text(const NamedCommand& named);

// What was forgotten when a file stands where a stack's name may: "'shop.yaml' is a file: `trueup apply -f
// shop.yaml`". "" = nothing of the kind. The program has parsed its words.
std::string misplaced_file_text(const CLI::App& program);

// "'dif' is no command of trueup; did you mean 'trueup diff'? `trueup --help` lists all": also a
// command of a command, and what others call it.
std::string unknown_command_text(const CLI::App& program, const NamedCommand& named);

}    // namespace trueup::cli
