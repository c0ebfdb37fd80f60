// SPDX-License-Identifier: Apache-2.0
#include "api/cli/operator_options.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

#include "api/cli/completion.hpp"
#include "api/cli/local_verbs.hpp"
#include "api/cli/operator_verbs.hpp"
#include "api/cli/volumes.hpp"

namespace trueup::cli {
namespace {

void add_output_option(CLI::App& verb, std::string& output, std::vector<std::string> formats) {
    verb.add_option("-o,--output", output, "how to print it")
        ->check(CLI::IsMember(std::move(formats)))
        ->capture_default_str();
}

const std::vector<std::string> tables{"table", "wide", "json", "yaml"};
const std::vector<std::string> plain{"table", "json", "yaml"};

// The choices of a verb live as long as what was chosen.
template <class Choice>
std::shared_ptr<Choice> make_choice() {
    return std::make_shared<Choice>();
}

CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& what,
                   const std::string& example) {
    CLI::App* verb = app.add_subcommand(name, what);
    verb->footer("Example: " + example);
    return verb;
}

void add_stacks_choice(CLI::App& verb, StacksChoice& choice) {
    verb.add_option("stack", choice.stack, "one stack");
    verb.add_flag("--all", choice.all, "every stack, also those that come later");
    verb.add_option("-l,--selector", choice.selector, "the stacks with these labels: key=value,…");
}

void add_get(CLI::App& app, Chosen& chosen) {
    struct Get {
        ServerChoice server;
        std::string kind = "stacks";
        std::string name;
        std::string selector;
    };
    const auto choice = make_choice<Get>();
    CLI::App* verb = add_verb(app, "get", "List what the controller knows: stacks, sources",
                              "trueup get stacks -l team=shop -o wide");
    verb->add_option("kind", choice->kind)
        ->check(CLI::IsMember({"stacks", "stack", "sources"}))
        ->capture_default_str();
    verb->add_option("name", choice->name, "one stack");
    verb->add_option("-l,--selector", choice->selector,
                     "only stacks with these labels: key=value,…");
    add_output_option(*verb, choice->server.output, {"table", "wide", "json", "yaml", "name"});
    add_server_option(*verb, choice->server);
    verb->callback([choice, &chosen] {
        chosen = [choice] {
            return get(choice->server, choice->kind, choice->name, choice->selector);
        };
    });
}

struct OneStack {
    ServerChoice server;
    std::string stack;
};
using AskAboutOne = int (*)(const ServerChoice& server, const std::string& stack);

void add_question(CLI::App& app, Chosen& chosen, const std::string& name, const std::string& what,
                  const std::string& example, AskAboutOne ask) {
    const auto choice = make_choice<OneStack>();
    CLI::App* verb = add_verb(app, name, what, example);
    verb->add_option("stack", choice->stack, "its name")->required();
    add_output_option(*verb, choice->server.output, tables);
    add_server_option(*verb, choice->server);
    verb->callback([choice, ask, &chosen] {
        chosen = [choice, ask] { return ask(choice->server, choice->stack); };
    });
}

void add_events(CLI::App& app, Chosen& chosen) {
    const auto choice = make_choice<EventsChoice>();
    CLI::App* verb = add_verb(app, "events", "What happened, when, why, and who did it",
                              "trueup events shop-production --since 2h");
    verb->add_option("stack", choice->stack, "only of this one");
    verb->add_option("--since", choice->since, "only what is younger, for example 30m or 12h");
    verb->add_flag("-w,--watch", choice->watch, "go on and print what happens, a line each");
    add_output_option(*verb, choice->server.output, tables);
    add_server_option(*verb, choice->server);
    verb->callback([choice, &chosen] { chosen = [choice] { return events(*choice); }; });
}

void add_suspend(CLI::App& app, Chosen& chosen) {
    const auto choice = make_choice<SuspendChoice>();
    CLI::App* verb = add_verb(app, "suspend",
                              "Keep trueup's hands off: it looks and reports, and changes nothing",
                              "trueup suspend shop-production --for 1h --reason 'disk swap'");
    add_stacks_choice(*verb, choice->stacks);
    verb->add_option("--for", choice->time, "how long, for example 90m; without it until resumed");
    verb->add_option("--reason", choice->reason, "for those who ask why");
    add_output_option(*verb, choice->server.output, plain);
    add_server_option(*verb, choice->server);
    verb->callback([choice, &chosen] { chosen = [choice] { return suspend(*choice); }; });
}

void add_resume(CLI::App& app, Chosen& chosen) {
    const auto choice = make_choice<SuspendChoice>();
    CLI::App* verb = add_verb(app, "resume", "End a suspension", "trueup resume shop-production");
    add_stacks_choice(*verb, choice->stacks);
    add_output_option(*verb, choice->server.output, plain);
    add_server_option(*verb, choice->server);
    verb->callback([choice, &chosen] {
        chosen = [choice] { return resume(choice->server, choice->stacks); };
    });
}

void add_reconcile(CLI::App& app, Chosen& chosen) {
    const auto choice = make_choice<ReconcileChoice>();
    CLI::App* verb =
        add_verb(app, "reconcile",
                 "Reconcile a stack now and wait for the outcome (exit 0: it runs and is proven)",
                 "trueup reconcile shop-production --timeout 5m");
    verb->add_option("stack", choice->stack, "its name")->required();
    verb->add_option("--timeout", choice->timeout, "how long to wait, at most 10m")
        ->capture_default_str();
    verb->add_flag("-q,--quiet", choice->quiet, "print the outcome only");
    add_output_option(*verb, choice->server.output, plain);
    add_server_option(*verb, choice->server);
    verb->callback([choice, &chosen] { chosen = [choice] { return reconcile(*choice); }; });
}

void add_confirm(CLI::App& app, Chosen& chosen) {
    const auto choice = make_choice<ConfirmChoice>();
    CLI::App* verb =
        add_verb(app, "confirm",
                 "Show what a stack waits for a yes to, and say it; to nothing that is asked later",
                 "trueup confirm shop-production");
    verb->add_option("stack", choice->stack, "its name")->required();
    verb->add_option(
        "--token", choice->token,
        "yes to exactly this, and to nothing newer; without a terminal this or --yes is needed");
    verb->add_flag("-y,--yes", choice->yes, "do not ask back: yes to whatever it waits for now");
    add_output_option(*verb, choice->server.output, plain);
    add_server_option(*verb, choice->server);
    verb->callback([choice, &chosen] { chosen = [choice] { return confirm(*choice); }; });
}

void add_forget(CLI::App& app, Chosen& chosen) {
    struct Forget {
        ServerChoice server;
        std::string stack;
    };
    const auto choice = make_choice<Forget>();
    CLI::App* verb = add_verb(app, "forget",
                              "Drop what is remembered of a stack whose file is gone; what runs of "
                              "it is left as it is",
                              "trueup forget shop-old");
    verb->add_option("stack", choice->stack, "its name")->required();
    add_output_option(*verb, choice->server.output, plain);
    add_server_option(*verb, choice->server);
    verb->callback(
        [choice, &chosen] { chosen = [choice] { return forget(choice->server, choice->stack); }; });
}

void add_backup(CLI::App& app, Chosen& chosen) {
    struct Backup {
        std::string file;
        app::CommonChoice common;
    };
    const auto choice = make_choice<Backup>();
    CLI::App* verb = add_verb(app, "backup",
                              "Copy what the controller remembers into a file, also while it runs",
                              "trueup backup /var/backups/trueup.db");
    verb->add_option("file", choice->file, "must not exist yet")->required();
    verb->add_option("--config", choice->common.config_file,
                     "the controller's configuration [/etc/trueup/config.yaml, if there]");
    verb->add_option("--state-dir", choice->common.state_directory,
                     "the controller's [/var/lib/trueup for root]");
    verb->callback(
        [choice, &chosen] { chosen = [choice] { return backup(choice->common, choice->file); }; });
}

void add_completion(CLI::App& app, Chosen& chosen) {
    const auto shell = make_choice<std::string>();
    CLI::App* verb = add_verb(app, "completion", "Print a script that completes verbs and stacks",
                              "source <(trueup completion bash)");
    verb->add_option("shell", *shell)->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    verb->callback([shell, &app, &chosen] {
        chosen = [shell, &app] { return print_completion(app, *shell); };
    });
}

void add_volumes(CLI::App& app, Chosen& chosen) {
    CLI::App* volumes =
        app.add_subcommand("volumes", "The data of stacks, which trueup never removes");
    volumes->require_subcommand(1);
    const auto choice = make_choice<RemoveVolumesChoice>();
    CLI::App* verb =
        add_verb(*volumes, "remove", "Remove volumes of a stack for good, and what is in them",
                 "trueup volumes remove shop_cache --stack shop --yes");
    verb->add_option("names", choice->names, "their names on the engine")->required();
    verb->add_option("--stack", choice->stack, "the stack that they belong to")->required();
    verb->add_option("--project", choice->project, "its compose project, if that has another name");
    verb->add_option("--engine", choice->engine,
                     "the engine's name in the configuration, or its address [the only one]");
    verb->add_option("--config", choice->config_file,
                     "the controller's configuration [/etc/trueup/config.yaml, if there]");
    verb->add_flag("--yes", choice->yes, "without it, only say what would be removed");
    verb->callback([choice, &chosen] { chosen = [choice] { return remove_volumes(*choice); }; });
}

}    // namespace

void add_server_option(CLI::App& verb, ServerChoice& choice) {
    verb.add_option("--server", choice.server, "the controller's API")
        ->envname("TRUEUP_SERVER")
        ->capture_default_str();
}

void add_reading_verbs(CLI::App& app, Chosen& chosen) {
    add_get(app, chosen);
    add_question(app, chosen, "describe", "Everything about one stack",
                 "trueup describe shop-production", describe);
    add_question(app, chosen, "explain",
                 "What runs, what it waits for, whether a push was seen, who restarted it, and why",
                 "trueup explain shop-production", explain);
    add_events(app, chosen);
    add_question(app, chosen, "history", "The states a stack was brought to, newest first",
                 "trueup history shop-production", history);
}

void add_operator_verbs(CLI::App& app, Chosen& chosen) {
    add_suspend(app, chosen);
    add_resume(app, chosen);
    add_reconcile(app, chosen);
    add_confirm(app, chosen);
    add_forget(app, chosen);
}

void add_local_verbs(CLI::App& app, Chosen& chosen) {
    add_backup(app, chosen);
    add_volumes(app, chosen);
    const auto output = make_choice<std::string>();
    *output = "table";
    CLI::App* verb = add_verb(app, "version", "Print the version", "trueup version -o json");
    add_output_option(*verb, *output, plain);
    verb->callback([output, &chosen] { chosen = [output] { return version(*output); }; });
    add_completion(app, chosen);
}

}    // namespace trueup::cli
