// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "api/cli/cli.hpp"
#include "api/cli/confirm_text.hpp"
#include "api/cli/give_back.hpp"
#include "api/cli/structured.hpp"
#include "api/cli/table.hpp"
#include "api/cli/verbs.hpp"
#include "controller/app/application.hpp"
#include "controller/plan/plan.hpp"

namespace trueup::cli {
namespace {

int fail(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message().c_str());
    return exit_error;
}

void print_findings_error(const app::OneShotResult& result) {
    const Error& error = *result.findings.error;
    const std::string& name = result.entry.stack.metadata.name;
    // What is refused for its file came to no stage, and says its place.
    if (error.problems().empty() && !result.entry.refused) {
        std::fprintf(stderr, "stack %s: %s: %s\n", name.c_str(),
                     std::string(reconcile::to_string(result.findings.stage)).c_str(),
                     error.message().c_str());
    } else {
        std::fprintf(stderr, "%s\n", error.message().c_str());
    }
}

const char* condition_message(const v1alpha1::StackStatus& status, std::string_view type) {
    const v1alpha1::Condition* condition = v1alpha1::find_condition(status, type);
    return condition == nullptr ? "" : condition->message.c_str();
}

bool is_ready(const v1alpha1::StackStatus& status) {
    const v1alpha1::Condition* ready = v1alpha1::find_condition(status, "Ready");
    return ready != nullptr && ready->status == v1alpha1::ConditionStatus::yes;
}

boost::json::object diff_to_json(const app::OneShotResult& result) {
    boost::json::object object;
    object["stack"] = result.entry.stack.metadata.name;
    object["environment"] = result.entry.stack.spec.environment;
    object["project"] = result.entry.stack.project_name();
    object["commit"] = result.findings.desired ? result.findings.desired->commit.id : std::string();
    if (result.findings.error) object["error"] = result.findings.error->message();
    object["actions"] = plan::to_json(result.findings.plan);
    object["held"] = plan::held_to_json(result.findings.plan);
    return object;
}

void print_diff(const app::OneShotResult& result, bool several) {
    if (several) std::printf("stack %s:\n", result.entry.stack.metadata.name.c_str());
    if (result.findings.plan.in_sync()) {
        if (!result.findings.error)
            std::printf("no difference: %s\n",
                        condition_message(result.entry.stack.status, "Ready"));
        return;
    }
    std::fputs(plan::to_text(result.findings.plan).c_str(), stdout);
}

std::string with_notes(const app::Draft& draft) {
    std::string text;
    for (const std::string& note : draft.notes) text += "# " + printable(note) + "\n";
    return text + to_yaml(draft.stack);
}

Error there_already(const std::string& path) {
    return Error(Errc::conflict, path + " is there already (--file names another)");
}

// Fails where the file is there already: it may be somebody's work.
Result<void> write_new_file(const std::string& path, const std::string& text) {
    std::FILE* file = std::fopen(path.c_str(), "wx");
    if (file == nullptr) {
        const std::error_code code(errno, std::generic_category());
        if (code == std::errc::file_exists) return there_already(path);
        return Error(Errc::denied, "cannot write " + path + ": " + code.message());
    }
    const bool written = std::fputs(text.c_str(), file) >= 0;
    if (std::fclose(file) == 0 && written) return Result<void>();
    std::remove(path.c_str());
    return Error(Errc::unavailable, "cannot write " + path);
}

// The look that decides whether the file is written: with adopt: true, and with what the configuration
// does not allow yet, so that all there is to do is told at once.
app::OneShotChoice look_choice(const AdoptVerbChoice& choice, const app::Draft& draft,
                               const std::string& path) {
    app::OneShotChoice look;
    look.common = choice.project.common;
    look.file = path;
    look.text = with_notes(draft);
    look.host_roots = draft.lacking.roots;
    look.adopt = true;
    return look;
}

// A Stack that does not come as far as its plan helps nobody.
bool is_loaded(const std::vector<app::OneShotResult>& results) {
    return std::all_of(results.begin(), results.end(), [](const app::OneShotResult& result) {
        return result.findings.desired != nullptr;
    });
}

int refuse_adoption(const std::string& project, const std::string& path, const std::string& advice,
                    const std::vector<app::OneShotResult>& results) {
    for (const app::OneShotResult& result : results) {
        if (result.findings.error && !result.findings.desired) print_findings_error(result);
    }
    if (!advice.empty())
        std::fprintf(stderr, "project %s cannot be adopted yet: %s\n", printable(project).c_str(),
                     printable(advice, true).c_str());
    std::fprintf(stderr, "Nothing was changed, and %s was not written.\n", printable(path).c_str());
    return exit_error;
}

// The plan's text says it already.
bool is_told_by_plan(const reconcile::Findings& findings) {
    return findings.plan.blocked && findings.error &&
           findings.error->message() == findings.plan.blocked->message;
}

int show_adoption(const std::vector<app::OneShotResult>& results, const std::string& path) {
    int code = exit_done;
    for (const app::OneShotResult& result : results) {
        std::printf("\nWith adopt: true, trueup would do this:\n");
        print_diff(result, false);
        if (!result.findings.error) continue;
        std::fflush(stdout);
        if (!is_told_by_plan(result.findings)) print_findings_error(result);
        code = exit_error;
    }
    std::printf(
        "\nNothing was changed. Read %s, set adopt: true in it, and put it where the "
        "controller looks,\nor run: trueup apply -f %s\n",
        path.c_str(), path.c_str());
    if (code != exit_done)
        std::printf("The file is valid; what it then waits for is said above.\n");
    return code;
}

// What waits for a yes says how that is given here.
void word_question(app::OneShotResult& result, const std::string& file) {
    reconcile::Findings& findings = result.findings;
    if (!findings.confirmation) return;
    const v1alpha1::ConfirmationStatus asked = *findings.confirmation;
    const std::string& name = result.entry.stack.metadata.name;
    const auto word = [&](const std::string& text) {
        return result.of_controller ? how_to_confirm_there(text, name)
                                    : how_to_confirm(text, asked, name, file);
    };
    if (findings.plan.blocked) {
        findings.plan.blocked->message = word(asked.message);
        if (findings.error)
            findings.error = Error(findings.error->code(), word(findings.error->message()));
    }
    for (plan::Held& held : findings.plan.held) {
        if (held.token == asked.token) held.rule = word(held.rule);
    }
    findings.confirmation->message = word(asked.message);
}

void tell_unmatched_tokens(const app::OneShotChoice& choice,
                           const std::vector<app::OneShotResult>& results) {
    const auto any = [&results](auto is) {
        return std::any_of(results.begin(), results.end(), is);
    };
    const bool asked = any([](const auto& each) { return each.findings.confirmation.has_value(); });
    const bool held = any([](const auto& each) { return each.of_controller; });
    for (const std::string& token : choice.confirmed) {
        if (any([&token](const auto& each) {
                return std::find(each.confirmed.begin(), each.confirmed.end(), token) !=
                       each.confirmed.end();
            }))
            continue;
        std::fprintf(stderr, "%s\n", printable(unmatched_token_text(token, asked, held)).c_str());
    }
}

}    // namespace

int controller(const app::ControllerChoice& choice) {
    const Result<void> ended = app::run_controller(choice);
    return ended ? exit_done : fail(ended.error());
}

int validate(const std::vector<std::string>& files) {
    int code = exit_done;
    for (const std::string& file : files) {
        const auto checked = app::check_file(file);
        if (!checked) {
            code = fail(checked.error());
            continue;
        }
        for (const Problem& warning : checked->warnings)
            std::fprintf(stderr, "warning: %s\n", to_string(warning).c_str());
        for (const v1alpha1::Stack& stack : checked->stacks) {
            std::printf("%s: stack %s (%s) is valid\n", file.c_str(), stack.metadata.name.c_str(),
                        stack.spec.environment.c_str());
        }
        if (checked->configuration) {
            std::printf("%s: the configuration of controller %s is valid\n", file.c_str(),
                        checked->configuration->name.c_str());
        } else if (checked->stacks.empty()) {
            std::printf("%s: no Stack in it\n", file.c_str());
        }
    }
    return code;
}

int diff(const DiffChoice& choice) {
    auto results = app::run_diff(choice.stacks);
    if (!results) return fail(results.error());
    int code = exit_done;
    boost::json::array array;
    for (app::OneShotResult& result : *results) {
        word_question(result, choice.stacks.file);
        const bool told = choice.output != "json" && is_told_by_plan(result.findings);
        if (choice.output == "json") {
            array.push_back(diff_to_json(result));
        } else {
            print_diff(result, results->size() > 1);
        }
        if (result.findings.error) {
            if (!told) print_findings_error(result);
            code = exit_error;
        } else if (!result.findings.plan.in_sync() && code != exit_error) {
            code = exit_difference;
        }
    }
    if (choice.output == "json") std::printf("%s\n", boost::json::serialize(array).c_str());
    return code;
}

int apply(const app::OneShotChoice& choice) {
    const bool quiet = choice.quiet;
    auto results = app::run_apply(choice, [quiet](const std::string& line) {
        if (quiet) return;
        std::printf("%s%s", line.c_str(), line.ends_with('\n') ? "" : "\n");
        std::fflush(stdout);
    });
    if (!results) return fail(results.error());
    int code = exit_done;
    tell_unmatched_tokens(choice, *results);
    for (app::OneShotResult& result : *results) {
        word_question(result, choice.file);
        const auto& asked = result.findings.confirmation;
        // Where nothing could be done at all, the error is the question.
        if (asked && !result.findings.plan.blocked) {
            std::fprintf(stderr, "stack %s waits: %s\n", result.entry.stack.metadata.name.c_str(),
                         printable(asked->message).c_str());
        }
        const v1alpha1::StackStatus& status = result.entry.stack.status;
        if (result.findings.error) {
            print_findings_error(result);
            code = exit_error;
            continue;
        }
        std::printf("stack %s: %s\n", result.entry.stack.metadata.name.c_str(),
                    condition_message(status, "Ready"));
        if (!is_ready(status)) code = exit_error;
    }
    return code;
}

int detach(const app::OneShotChoice& choice) {
    const auto results = app::run_diff(choice);
    if (!results) return fail(results.error());
    int code = exit_done;
    for (const app::OneShotResult& result : *results) {
        if (result.findings.error) {
            print_findings_error(result);
            code = exit_error;
        } else if (result.findings.desired) {
            const std::string text =
                give_back_text(result.entry.stack, choice.file, result.findings);
            std::printf("%s\n", printable(text, true).c_str());
        }
    }
    return code;
}

int adopt(const AdoptVerbChoice& choice) {
    const auto draft = app::run_adopt(choice.project);
    if (!draft) return fail(draft.error());
    const boost::json::value& name = draft->stack.at("metadata").at("name");
    const std::string path =
        choice.file.empty() ? std::string(name.as_string()) + ".yaml" : choice.file;
    std::error_code code;
    if (std::filesystem::exists(path, code)) return fail(there_already(path));
    const auto results = app::run_diff(look_choice(choice, *draft, path));
    if (!results) {
        fail(results.error());
        return refuse_adoption(choice.project.project, path, draft->advice, {});
    }
    if (!draft->advice.empty() || !is_loaded(*results))
        return refuse_adoption(choice.project.project, path, draft->advice, *results);
    const std::string text = with_notes(*draft);
    const auto written = write_new_file(path, text);
    if (!written) return fail(written.error());
    std::printf("wrote %s:\n\n%s", path.c_str(), text.c_str());
    return show_adoption(*results, path);
}

}    // namespace trueup::cli
