// SPDX-License-Identifier: Apache-2.0
#include "api/cli/command_words.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "api/cli/table.hpp"
#include "controller/base/text.hpp"

namespace trueup::cli {
namespace {

// As docker, docker compose, kubectl and terraform call what we call otherwise.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> elsewhere{
    {{"ls", "get"},
     {"list", "get"},
     {"ps", "get"},
     {"status", "get"},
     {"up", "apply"},
     {"plan", "diff"},
     {"rm", "forget"}}};

std::vector<const CLI::App*> commands_of(const CLI::App& command) {
    return command.get_subcommands([](const CLI::App* each) { return !each->get_name().empty(); });
}

const CLI::App* find_command(const CLI::App& command, std::string_view word) {
    for (const CLI::App* each : commands_of(command)) {
        if (each->get_name() == word) return each;
    }
    return nullptr;
}

// "trueup code"
std::string path_of(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return (parent == nullptr ? "" : path_of(*parent) + " ") + command.get_name();
}

// The path of the command that was meant; "" when none is like it.
std::string meant(const CLI::App& command, const std::string& word) {
    std::vector<std::string> names;
    for (const CLI::App* each : commands_of(command)) names.push_back(each->get_name());
    const std::vector<std::string_view> views(names.begin(), names.end());
    if (const auto close = base::closest(word, views))
        return path_of(command) + " " + std::string(*close);
    for (const CLI::App* each : commands_of(command)) {
        if (const CLI::App* inner = find_command(*each, word)) return path_of(*inner);
    }
    for (const auto& [theirs, ours] : elsewhere) {
        const CLI::App* found = theirs == word ? find_command(command, ours) : nullptr;
        if (found != nullptr) return path_of(*found);
    }
    return "";
}

}    // namespace

NamedCommand named_command(const CLI::App& program, std::span<const char* const> words) {
    NamedCommand named;
    named.command = &program;
    for (const std::string_view word : words) {
        const bool has_commands = named.command->get_require_subcommand_min() > 0;
        if (!has_commands || word.starts_with('-')) return named;
        const CLI::App* next = find_command(*named.command, word);
        if (next == nullptr) {
            named.unknown = word;
            return named;
        }
        named.command = next;
    }
    named.incomplete = named.command->get_require_subcommand_min() > 0;
    return named;
}

std::string help_text(const NamedCommand& named) {
    const CLI::App* parent = named.command->get_parent();
    return named.command->help(parent == nullptr ? std::string() : path_of(*parent));
}

std::string misplaced_file_text(const CLI::App& program) {
    for (const CLI::App* verb : program.get_subcommands()) {
        const CLI::Option* file = verb->get_option_no_throw("--file");
        const CLI::Option* stack = verb->get_option_no_throw("stack");
        if (file == nullptr || stack == nullptr || file->count() > 0 || stack->count() != 1)
            continue;
        // No name of a Stack has one of these in it.
        const std::string& word = stack->results().front();
        if (word.find_first_of("./") == word.npos) continue;
        return fmt::format("'{}' is a file: `{} -f {}`", printable(word), path_of(*verb),
                           printable(word));
    }
    return "";
}

std::string unknown_command_text(const CLI::App& program, const NamedCommand& named) {
    const std::string close = meant(*named.command, named.unknown);
    const std::string whole =
        close.empty() && named.command != &program ? meant(program, named.unknown) : close;
    return fmt::format("'{}' is no command of {}{} `{} --help` lists all", printable(named.unknown),
                       path_of(*named.command),
                       whole.empty() ? ";" : fmt::format("; did you mean '{}'?", whole),
                       path_of(*named.command));
}

}    // namespace trueup::cli
