// SPDX-License-Identifier: Apache-2.0
#include "api/cli/confirm_text.hpp"

#include <fmt/format.h>

#include "api/cli/verbs.hpp"

namespace trueup::cli {
namespace {

std::string said_there(const std::string& stack) {
    return fmt::format("`trueup confirm {}`", stack);
}

}    // namespace

std::string how_to_confirm(std::string text, const v1alpha1::ConfirmationStatus& asked,
                           const std::string& stack, const std::string& file) {
    // Of the token, behind the word it may begin with; no two questions of a stack share them.
    constexpr std::size_t digits = 12;
    const std::size_t shown = asked.token.rfind('-') + 1 + digits;
    const std::string beside = said_there(stack);
    const std::string here =
        fmt::format("`trueup apply -f {} --confirm {}`", file, asked.token.substr(0, shown));
    const std::size_t at = text.find(beside);
    if (at == std::string::npos) return text + "; " + here + " says yes to it";
    return text.replace(at, beside.size(), here);
}

std::string how_to_confirm_there(std::string text, const std::string& stack) {
    const std::string there = said_there(stack);
    return text.find(there) == std::string::npos ? text + "; " + there + " says yes to it" : text;
}

std::string unmatched_token_text(const std::string& token, bool asked, bool of_controller) {
    const std::string said = fmt::format("--confirm {}: ", token);
    if (of_controller) {
        return said +
               "nobody was asked: a controller holds the engine, and `trueup confirm STACK` says "
               "yes to what that asks";
    }
    if (asked) {
        return said +
               "that is the token of no question that is asked now (it is another one by now, or "
               "the token is not whole); this one is asked:";
    }
    return said + "no question is asked (any more)";
}

std::string confirming_command(const v1alpha1::ConfirmationStatus& asked, const std::string& stack,
                               const std::string& server) {
    std::string command = fmt::format("trueup confirm {} --token {}", stack, asked.token);
    if (server != ServerChoice().server) command += " --server " + server;
    return command;
}

}    // namespace trueup::cli
