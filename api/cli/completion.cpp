// SPDX-License-Identifier: Apache-2.0
#include "api/cli/completion.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>

#include "api/cli/cli.hpp"
#include "controller/base/text.hpp"

namespace trueup::cli {
namespace {

constexpr std::string_view ask_stacks = "trueup get stacks -o name 2>/dev/null";

void collect(const CLI::App& verb, const std::string& above, std::vector<CompletedVerb>& verbs) {
    const auto any = [](const CLI::App* each) { return !each->get_name().empty(); };
    for (const CLI::App* each : verb.get_subcommands(any)) {
        CompletedVerb made;
        made.path = above + each->get_name();
        made.what = each->get_description();
        for (const CLI::Option* option : each->get_options()) {
            for (const std::string& name : option->get_lnames())
                made.options.push_back({"--" + name, option->get_description()});
            for (const std::string& name : option->get_snames())
                made.options.push_back({"-" + name, option->get_description()});
            const std::string positional = option->get_name(true, false);
            if (option->get_positional() && positional == "stack") made.takes_stack = true;
        }
        verbs.push_back(made);
        collect(*each, made.path + " ", verbs);
    }
}

// The verbs that may follow "volumes", or nothing at all.
std::vector<std::string> next_verbs(const std::vector<CompletedVerb>& verbs,
                                    const std::string& path) {
    std::vector<std::string> next;
    const std::string above = path.empty() ? "" : path + " ";
    for (const CompletedVerb& verb : verbs) {
        if (!verb.path.starts_with(above)) continue;
        const std::string rest = verb.path.substr(above.size());
        if (!rest.empty() && rest.find(' ') == std::string::npos) next.push_back(rest);
    }
    return next;
}

std::string bash_script(const std::vector<CompletedVerb>& verbs) {
    std::vector<std::string> paths;
    std::string cases =
        fmt::format("        \"\") words=\"{}\" ;;\n", fmt::join(next_verbs(verbs, ""), " "));
    for (const CompletedVerb& verb : verbs) {
        paths.push_back("\"" + verb.path + "\"");
        std::vector<std::string> words = next_verbs(verbs, verb.path);
        for (const CompletedOption& option : verb.options) words.push_back(option.word);
        cases += fmt::format("        \"{}\") words=\"{}\"{} ;;\n", verb.path,
                             fmt::join(words, " "), verb.takes_stack ? " stacks=yes" : "");
    }
    return fmt::format(
        "_trueup() {{\n"
        "    local current=\"${{COMP_WORDS[COMP_CWORD]}}\" said=\"\" words=\"\" stacks=\"\" index "
        "next\n"
        "    for ((index = 1; index < COMP_CWORD; index++)); do\n"
        "        next=\"$said${{said:+ }}${{COMP_WORDS[index]}}\"\n"
        "        case \"$next\" in\n"
        "            {}) said=\"$next\" ;;\n"
        "        esac\n"
        "    done\n"
        "    case \"$said\" in\n"
        "{}"
        "    esac\n"
        "    if [[ -n \"$stacks\" && \"$current\" != -* ]]; then words=\"$words $({})\"; fi\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
        "}}\n"
        "complete -o default -F _trueup trueup\n",
        fmt::join(paths, "|"), cases, ask_stacks);
}

std::string fish_quoted(std::string_view text) {
    std::string out = "'";
    for (const char each : text) {
        if (each == '\'' || each == '\\') out += '\\';
        out += each;
    }
    return out + "'";
}

std::string fish_script(const std::vector<CompletedVerb>& verbs) {
    std::string out;
    for (const CompletedVerb& verb : verbs) {
        const std::size_t space = verb.path.find(' ');
        const std::string seen = "__fish_seen_subcommand_from " + verb.path.substr(space + 1);
        const std::string name = verb.path.substr(space + 1);
        const std::string when = space == std::string::npos
                                     ? "__fish_use_subcommand"
                                     : "__fish_seen_subcommand_from " + verb.path.substr(0, space);
        out += fmt::format("complete -c trueup -n {} -a {} -d {}\n", fish_quoted(when), name,
                           fish_quoted(verb.what));
        for (const CompletedOption& option : verb.options) {
            const bool is_long = option.word.starts_with("--");
            out += fmt::format("complete -c trueup -n {} -{} {} -d {}\n", fish_quoted(seen),
                               is_long ? 'l' : 's', option.word.substr(is_long ? 2 : 1),
                               fish_quoted(option.what));
        }
        if (verb.takes_stack)
            out += fmt::format("complete -c trueup -f -n {} -a {}\n", fish_quoted(seen),
                               fish_quoted(fmt::format("({})", ask_stacks)));
    }
    return out;
}

}    // namespace

std::vector<CompletedVerb> completed_verbs(const CLI::App& app) {
    std::vector<CompletedVerb> verbs;
    collect(app, "", verbs);
    return verbs;
}

std::string completion_script(std::string_view shell, const std::vector<CompletedVerb>& verbs) {
    if (shell == "fish") return fish_script(verbs);
    if (shell == "bash") return bash_script(verbs);
    return "#compdef trueup\nautoload -U +X compinit && compinit\n"
           "autoload -U +X bashcompinit && bashcompinit\n" +
           bash_script(verbs);
}

int print_completion(const CLI::App& app, const std::string& shell) {
    std::fputs(completion_script(shell, completed_verbs(app)).c_str(), stdout);
    return exit_done;
}

}    // namespace trueup::cli
