// SPDX-License-Identifier: Apache-2.0
#include "api/cli/code_verbs.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include "api/cli/cli.hpp"
#include "api/cli/code_output.hpp"
#include "api/cli/output.hpp"
#include "controller/app/code_check.hpp"

namespace trueup::cli {
namespace {

struct HashChoice {
    std::string object;
    std::string repository = ".";
    std::string output = "table";
};

struct CheckChoice {
    app::CodeChoice code;
    std::string output = "table";
};

int fail(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message().c_str());
    return exit_error;
}

// -o json and yaml, else the text.
void print(const boost::json::value& value, const std::string& text, const std::string& output) {
    const auto structured = print_structured(value, parse_format(output).value_or(Format::table));
    std::fputs(structured ? structured->c_str() : text.c_str(), stdout);
}

int hash(const HashChoice& choice) {
    const auto found = app::hash_code(choice.repository, choice.object);
    if (!found) return fail(found.error());
    print(to_json(*found), found->object_id + "\n", choice.output);
    return exit_done;
}

// 0 proven, 1 differs, 2 could not be told: as errors are, since nothing was proven either.
int exit_of(const app::CodeCheck& check) {
    switch (check.status) {
        case model::CodeStatus::fresh: return exit_done;
        case model::CodeStatus::stale: return exit_difference;
        case model::CodeStatus::unknown: break;
    }
    return exit_error;
}

int verify(const CheckChoice& choice) {
    const auto check = app::check_code(choice.code);
    if (!check) return fail(check.error());
    print(to_json(*check), verdict_text(*check), choice.output);
    return exit_of(*check);
}

int diff(const CheckChoice& choice) {
    app::CodeChoice code = choice.code;
    code.contents = true;
    const auto check = app::check_code(code);
    if (!check) return fail(check.error());
    print(to_diff_json(*check), diff_text(*check), choice.output);
    if (parse_format(choice.output).value_or(Format::table) == Format::table) {
        std::fflush(stdout);
        std::fputs(beside_diff(*check).c_str(), stderr);
    }
    return exit_of(*check);
}

void add_output(CLI::App& verb, std::string& output) {
    verb.add_option("-o,--output", output, "how to print it")
        ->check(CLI::IsMember({"table", "json", "yaml"}))
        ->capture_default_str();
}

void add_hash(CLI::App& code, Chosen& chosen) {
    const auto choice = std::make_shared<HashChoice>();
    CLI::App* verb = code.add_subcommand("hash", "Print git's id of a file or folder of a commit");
    verb->footer("Example: trueup code hash HEAD:app");
    verb->add_option("object", choice->object, "COMMIT:PATH")->required();
    verb->add_option("--repo", choice->repository, "a git repository on this machine")
        ->capture_default_str();
    add_output(*verb, choice->output);
    verb->callback([choice, &chosen] { chosen = [choice] { return hash(*choice); }; });
}

void add_check(CLI::App& code, Chosen& chosen, const std::string& name, const std::string& what,
               int (*run)(const CheckChoice&)) {
    const auto choice = std::make_shared<CheckChoice>();
    CLI::App* verb = code.add_subcommand(name, what);
    verb->footer("Example: trueup code " + name + " shop-api-1 --commit HEAD --map app:/srv/app");
    verb->add_option("container", choice->code.container, "its name or id")->required();
    verb->add_option("--repo", choice->code.repository, "a git repository on this machine")
        ->capture_default_str();
    verb->add_option("--commit", choice->code.revision, "a commit, as git names one")
        ->capture_default_str();
    verb->add_option("--map", choice->code.maps,
                     "FROM:/TO, a path of the commit and where it lies in the container [from the "
                     "Dockerfile of its compose service]")
        ->allow_extra_args(false);
    verb->add_option("--engine", choice->code.engine,
                     "unix:///path, tcp://host:port, ssh://user@host [$DOCKER_HOST]");
    add_output(*verb, choice->output);
    verb->callback([choice, run, &chosen] { chosen = [choice, run] { return run(*choice); }; });
}

}    // namespace

void add_code_verbs(CLI::App& app, Chosen& chosen) {
    CLI::App* code = app.add_subcommand(
        "code", "Is the code in a container a commit's? Needs no stack and no controller");
    code->require_subcommand(1);
    add_hash(*code, chosen);
    add_check(*code, chosen, "verify",
              "Compare a container's code with a commit (exit 1: differs, 2: could not be told)",
              verify);
    add_check(*code, chosen, "diff", "Show what differs, as a unified diff (exit 1: differs)",
              diff);
}

}    // namespace trueup::cli
