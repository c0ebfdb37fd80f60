// SPDX-License-Identifier: Apache-2.0
// The command line: what may be said. What a verb does stands in its own file.
#include "api/cli/cli.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>
#include <vector>

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

void add_server_options(CLI::App& verb, ServerChoice& choice) {
    verb.add_option("--server", choice.server, "the controller's API")
        ->envname("TRUEUP_SERVER")
        ->capture_default_str();
}

struct Choices {
    app::ControllerChoice controller;
    std::vector<std::string> files;
    DiffChoice diff;
    app::OneShotChoice apply;
    ServerChoice server;
    std::string kind = "stacks";
    std::string name;
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
    apply_verb->add_flag("-q,--quiet", choices.apply.quiet, "print the outcome only");
}

void add_reading_verbs(CLI::App& app, Choices& choices) {
    CLI::App* get_verb =
        app.add_subcommand("get", "List what the controller knows: stacks, sources");
    get_verb->add_option("kind", choices.kind)
        ->check(CLI::IsMember({"stacks", "stack", "sources"}))
        ->capture_default_str();
    get_verb->add_option("name", choices.name, "one stack");
    get_verb->add_option("-o,--output", choices.server.output)
        ->check(CLI::IsMember({"table", "wide", "json", "yaml"}))
        ->capture_default_str();
    add_server_options(*get_verb, choices.server);

    CLI::App* describe_verb = app.add_subcommand("describe", "Everything about one stack");
    describe_verb->add_option("stack", choices.name)->required();
    add_server_options(*describe_verb, choices.server);
    app.add_subcommand("version", "Print the version");
}

int run_verb(const CLI::App& app, Choices& choices) {
    if (app.got_subcommand("controller")) return controller(choices.controller);
    log::configure(log::Level::warning, log::Format::text);
    if (app.got_subcommand("validate")) return validate(choices.files);
    if (app.got_subcommand("diff")) return diff(choices.diff);
    if (app.got_subcommand("apply")) return apply(choices.apply);
    if (app.got_subcommand("get")) return get(choices.server, choices.kind, choices.name);
    if (app.got_subcommand("describe")) return describe(choices.server, choices.name);
    std::printf("trueup %s\n", TRUEUP_VERSION);
    return exit_done;
}

}    // namespace

int run(int argc, char** argv) {
    CLI::App app("trueup keeps Docker Compose stacks true to a git commit.", "trueup");
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("trueup ") + TRUEUP_VERSION);
    Choices choices;
    add_controller(app, choices);
    add_one_shot_verbs(app, choices);
    add_reading_verbs(app, choices);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_done : exit_error;
    }
    return run_verb(app, choices);
}

}    // namespace trueup::cli
