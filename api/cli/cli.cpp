// SPDX-License-Identifier: Apache-2.0
// The command line: what may be said. What a verb does stands in its own file.
#include "api/cli/cli.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "api/cli/client.hpp"
#include "api/cli/code_verbs.hpp"
#include "api/cli/command_words.hpp"
#include "api/cli/compose_verb.hpp"
#include "api/cli/operator_options.hpp"
#include "api/cli/verbs.hpp"
#include "controller/base/log.hpp"

namespace trueup::cli {
namespace {

void add_common_options(CLI::App& verb, app::CommonChoice& choice) {
    verb.add_option("--config", choice.config_file,
                    "the controller's configuration [/etc/trueup/config.yaml, if there]");
    verb.add_option("--engine", choice.engine_url,
                    "the engine called `default`: unix:///path, tcp://host:port, ssh://user@host "
                    "[$DOCKER_HOST]");
    verb.add_option("--state-dir", choice.state_directory,
                    "where git mirrors and materialised files are kept [/var/lib/trueup for root]");
    verb.add_option("--git-timeout", choice.git_timeout_seconds,
                    "seconds one git fetch may take [120]")
        ->check(CLI::Range(1, 3600));
    verb.add_option("--name", choice.controller_name,
                    "this controller's name: what it creates carries it [trueup]");
}

void add_stack_options(CLI::App& verb, app::OneShotChoice& choice) {
    verb.add_option("-f,--file", choice.file, "the Stack file")->required();
    verb.add_option("stack", choice.stack, "only this one of the file's Stacks");
    add_common_options(verb, choice.common);
}

struct Choices {
    app::ControllerChoice controller;
    std::vector<std::string> files;
    DiffChoice diff;
    app::OneShotChoice apply;
    AdoptVerbChoice adopt;
    app::OneShotChoice detach;
    ComposeChoice compose;
};

void add_controller(CLI::App& app, Choices& choices) {
    CLI::App* verb = app.add_subcommand("controller", "Keep stacks true until stopped");
    app::ControllerChoice& choice = choices.controller;
    verb->add_option("--desired", choice.desired,
                     "DIR, FILE or git+URL//path?ref=branch with Stack files");
    add_common_options(*verb, choice.common);
    verb->add_option("--listen", choice.listen, "API, loopback only [127.0.0.1:9180]");
    verb->add_option("--metrics-listen", choice.metrics_listen,
                     "/metrics, /healthz and /readyz, loopback only [127.0.0.1:9181]");
    verb->add_option("--workers", choice.workers, "stacks reconciled at a time [4]")
        ->check(CLI::Range(1, 64));
    verb->add_option("--poll", choice.poll_seconds,
                     "seconds between two looks at a git desired state [60]")
        ->check(CLI::Range(1, 86'400));
    verb->add_option("--log-level", choice.log_level, "[info]")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
    verb->add_option("--log-format", choice.log_format, "[text]")
        ->check(CLI::IsMember({"text", "json"}));
}

void add_one_shot_verbs(CLI::App& app, Choices& choices) {
    CLI::App* validate_verb = app.add_subcommand(
        "validate", "Check Stack files and configurations; every problem with its place");
    validate_verb->add_option("files", choices.files, "the files")->required();

    CLI::App* diff_verb =
        app.add_subcommand("diff", "Show what differs, and why; change nothing (exit 1: differs)");
    add_stack_options(*diff_verb, choices.diff.stacks);
    diff_verb->add_option("-o,--output", choices.diff.output)
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();

    CLI::App* apply_verb =
        app.add_subcommand("apply", "Reconcile once; exit 0 when it runs and is proven");
    add_stack_options(*apply_verb, choices.apply);
    apply_verb
        ->add_option("--lock-timeout", choices.apply.lock_timeout_seconds,
                     "seconds to wait while another controller has the engine [60]")
        ->check(CLI::Range(0, 86'400));
    apply_verb->add_option("--confirm", choices.apply.confirmed,
                           "yes to exactly what an apply before asked, by the token that it told");
    apply_verb->add_flag("-q,--quiet", choices.apply.quiet, "print the outcome only");

    CLI::App* adopt_verb = app.add_subcommand(
        "adopt", "Write the Stack of a compose project that runs; show what taking over would do");
    AdoptVerbChoice& adopt = choices.adopt;
    adopt_verb
        ->add_option("project", adopt.project.project, "its name, as `docker compose ls` has it")
        ->required();
    adopt_verb->add_option("-f,--file", adopt.file, "the file to write [STACK.yaml]");
    adopt_verb->add_option("--environment", adopt.project.environment)->capture_default_str();
    adopt_verb
        ->add_option("--engine-name", adopt.project.engine,
                     "the engine it runs on, by its name in the configuration")
        ->capture_default_str();
    add_common_options(*adopt_verb, adopt.project.common);

    CLI::App* detach_verb = app.add_subcommand(
        "detach", "Show how to give a stack back to plain docker compose; change nothing");
    add_stack_options(*detach_verb, choices.detach);
}

int run_verb(const CLI::App& app, Choices& choices) {
    if (app.got_subcommand("controller")) return controller(choices.controller);
    log::configure(log::Level::warning, log::Format::text);
    if (app.got_subcommand("validate")) return validate(choices.files);
    if (app.got_subcommand("diff")) return diff(choices.diff);
    if (app.got_subcommand("adopt")) {
        choices.adopt.project.environment_said =
            app.get_subcommand("adopt")->count("--environment") > 0;
        return adopt(choices.adopt);
    }
    if (app.got_subcommand("detach")) return detach(choices.detach);
    if (app.got_subcommand("apply")) {
        choices.apply.person = local_person();
        return apply(choices.apply);
    }
    return compose_config(choices.compose);
}

}    // namespace

int run(int argc, char** argv) {
    CLI::App app("trueup keeps Docker Compose stacks true to a git commit.", "trueup");
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("trueup ") + TRUEUP_VERSION);
    Choices choices;
    add_controller(app, choices);
    add_one_shot_verbs(app, choices);
    add_compose_verbs(app, choices.compose);
    Chosen chosen;
    add_reading_verbs(app, chosen);
    add_operator_verbs(app, chosen);
    add_local_verbs(app, chosen);
    add_code_verbs(app, chosen);
    const std::span<const char* const> all(argv, static_cast<std::size_t>(argc));
    const auto words = all.empty() ? all : all.subspan(1);
    const NamedCommand named = named_command(app, words);
    const bool helps = named.incomplete || named.unknown == "help";
    if (!helps && !named.unknown.empty()) {
        std::fprintf(stderr, "%s\n", unknown_command_text(app, named).c_str());
        return exit_error;
    }
    if (helps) {
        std::fputs(help_text(named).c_str(), stdout);
        return exit_done;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const std::string misplaced = misplaced_file_text(app);
        if (error.get_exit_code() != 0 && !misplaced.empty()) {
            std::fprintf(stderr, "%s\n", misplaced.c_str());
            return exit_error;
        }
        return app.exit(error) == 0 ? exit_done : exit_error;
    }
    if (!chosen) return run_verb(app, choices);
    log::configure(log::Level::warning, log::Format::text);
    return chosen();
}

}    // namespace trueup::cli
