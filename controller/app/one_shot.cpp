// SPDX-License-Identifier: Apache-2.0
// `trueup diff` and `trueup apply`: the same stages as the daemon, once, without it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "api/v1alpha1/codec.hpp"
#include "controller/app/application.hpp"
#include "controller/app/configuration.hpp"
#include "controller/app/parts.hpp"
#include "controller/base/file.hpp"
#include "controller/base/log.hpp"
#include "controller/engine/seat.hpp"
#include "controller/reconcile/history.hpp"
#include "controller/reconcile/moves.hpp"
#include "controller/reconcile/request.hpp"
#include "controller/reconcile/status.hpp"

namespace trueup::app {
namespace {

constexpr Milliseconds engine_deadline{10'000};
constexpr int rounds = 3;

// The chosen Stacks; those that may not be touched say why. A Stack beside a chosen one counts too
// where two claim one project.
Result<std::vector<reconcile::Entry>> read_entries(const OneShotChoice& choice,
                                                   const reconcile::Engines& engines) {
    auto stacks =
        choice.text ? v1alpha1::parse_stacks(*choice.text, choice.file) : read_stacks(choice.file);
    if (!stacks) return stacks.error();
    std::error_code code;
    const std::string directory =
        std::filesystem::absolute(choice.file, code).parent_path().string();
    std::map<std::string, reconcile::Entry> all;
    for (v1alpha1::Stack& stack : *stacks) {
        reconcile::Entry entry;
        entry.stack = std::move(stack);
        entry.file = choice.file;
        entry.directory = directory;
        // The command itself is the request that sync.mode: manual waits for.
        entry.stack.metadata.annotations[std::string(reconcile::requested_at)] =
            base::to_rfc3339(base::machine_clock().now());
        if (choice.adopt) entry.stack.spec.adopt = true;
        const std::string name = entry.stack.metadata.name;
        all.emplace(name, std::move(entry));
    }
    reconcile::refuse_claims(all, engines);
    std::vector<reconcile::Entry> entries;
    std::vector<std::string> names;
    for (auto& [name, entry] : all) {
        names.push_back(name);
        if (choice.stack.empty() || name == choice.stack) entries.push_back(std::move(entry));
    }
    if (!entries.empty()) return entries;
    if (names.empty()) return Error(Errc::not_found, fmt::format("{} has no Stack", choice.file));
    return Error(Errc::not_found, fmt::format("{} has no Stack '{}', only: {}", choice.file,
                                              choice.stack, fmt::join(names, ", ")));
}

OneShotResult to_result(const Objects& objects, reconcile::Entry entry,
                        reconcile::Findings findings) {
    entry.stack.status = reconcile::make_status(entry, findings, objects.clock.now());
    OneShotResult result;
    result.entry = std::move(entry);
    result.findings = std::move(findings);
    return result;
}

bool is_progressing(const v1alpha1::StackStatus& status) {
    const v1alpha1::Condition* healthy = v1alpha1::find_condition(status, "Healthy");
    return healthy != nullptr && healthy->reason == "Progressing";
}

// The token that says yes to it: enough of it that no other question has it. "" = none does.
std::string yes_to(const OneShotChoice& choice, const v1alpha1::ConfirmationStatus& asked) {
    constexpr std::size_t shortest = 8;
    const auto found = std::find_if(
        choice.confirmed.begin(), choice.confirmed.end(), [&asked](const std::string& token) {
            return token.size() >= shortest && asked.token.starts_with(token);
        });
    return found == choice.confirmed.end() ? std::string() : *found;
}

// Remembered as `trueup confirm` beside a controller would be.
Task<void> confirm(Objects& objects, std::string stack, v1alpha1::ConfirmationStatus asked,
                   std::string person) {
    const std::string actor = store::person(person);
    store::Event event;
    event.name = stack;
    event.reason = "Confirmed";
    event.message = "confirmed: " + asked.message;
    event.actor = actor;
    store::Changes changes;
    changes.emplace_back(std::move(event));
    changes.emplace_back(store::Confirmation{stack, asked.token, actor, objects.clock.now()});
    co_return co_await objects.store->write(std::move(changes));
}

boost::asio::awaitable<reconcile::Findings> reconcile_confirmed(
    Objects& objects, const reconcile::Entry& entry, const OneShotChoice& choice,
    const reconcile::Reconciler::OnPlan& on_plan, model::Strings& yes) {
    reconcile::Reconciler& reconciler = *objects.engines.at(entry.stack.spec.engine).reconciler;
    auto findings = co_await reconciler.reconcile(entry, on_plan);
    const std::string token =
        findings.confirmation ? yes_to(choice, *findings.confirmation) : std::string();
    if (token.empty()) co_return findings;
    yes.push_back(token);
    const auto remembered =
        co_await confirm(objects, entry.stack.metadata.name, *findings.confirmation, choice.person);
    if (!remembered) log::warning("the yes is not remembered: " + remembered.error().message());
    findings = co_await reconciler.reconcile(entry, on_plan);
    co_return findings;
}

// A controller takes the yes itself, and what this one remembered it would not hear of.
bool is_held_by_another(const EngineObjects& engine) {
    const auto ours = engine.hand->check();
    return !ours && ours.error().code() == Errc::conflict;
}

// Where a controller had the stack on another engine.
boost::asio::awaitable<std::optional<reconcile::Findings>> hold_move(Objects& objects,
                                                                     reconcile::Entry entry,
                                                                     const OneShotChoice& choice,
                                                                     model::Strings& yes) {
    const EngineObjects& engine = objects.engines.at(entry.stack.spec.engine);
    store::Changes changes;
    auto held =
        reconcile::hold_move(entry, *objects.store, *engine.cache, objects.clock.now(), changes);
    if (is_held_by_another(engine)) co_return held;
    const std::string token =
        held && held->confirmation ? yes_to(choice, *held->confirmation) : std::string();
    if (!token.empty()) {
        const auto remembered = co_await confirm(objects, entry.stack.metadata.name,
                                                 *held->confirmation, choice.person);
        if (!remembered) co_return held;
        yes.push_back(token);
        held = reconcile::hold_move(entry, *objects.store, *engine.cache, objects.clock.now(),
                                    changes);
    }
    co_await objects.store->write(std::move(changes));
    co_return held;
}

boost::asio::awaitable<OneShotResult> apply_one(Objects& objects, reconcile::Entry entry,
                                                const OneShotChoice& choice, OnLine on_line) {
    EngineObjects& engine = objects.engines.at(entry.stack.spec.engine);
    model::Strings yes;
    auto moving = co_await hold_move(objects, entry, choice, yes);
    if (moving) {
        OneShotResult waits = to_result(objects, std::move(entry), std::move(*moving));
        waits.of_controller = is_held_by_another(engine);
        co_return waits;
    }
    reconcile::Reconciler& reconciler = *engine.reconciler;
    reconcile::Reconciler::OnPlan on_plan = [&on_line](const reconcile::Findings& found) {
        on_line(plan::to_text(found.plan));
    };
    auto findings = co_await reconcile_confirmed(objects, entry, choice, on_plan, yes);
    const bool held = findings.reason == "EngineHeld";
    // Drift that came while the plan was carried out gets a plan of its own, as in the daemon.
    for (int round = 1; round < rounds && !findings.error && !findings.remaining.empty(); ++round) {
        const std::size_t done = findings.actions_done;
        findings = co_await reconciler.reconcile(entry, on_plan);
        findings.actions_done += done;
    }
    OneShotResult result = to_result(objects, entry, std::move(findings));
    // A health check that was starting already when we came: wait for its verdict, as for our own.
    const SteadyTime until = objects.clock.steady() + std::chrono::minutes(5);
    while (!result.findings.error && is_progressing(result.entry.stack.status) &&
           objects.clock.steady() < until) {
        const auto changed = co_await engine.cache->changed(Milliseconds(1'000));
        if (!changed && changed.error().code() == Errc::cancelled) break;
        auto again = co_await reconciler.preview(result.entry);
        again.plan = result.findings.plan;
        again.actions_done = result.findings.actions_done;
        result = to_result(objects, result.entry, std::move(again));
    }
    result.confirmed = std::move(yes);
    result.of_controller = held;
    co_return result;
}

enum class Verb { diff, apply };

// Without the key nobody can tell which containers are ours, nor what they were made for.
Task<void> learn_key(EngineObjects& engine) {
    if (!engine.cache->synced() || !engine.hand->owner_key().empty()) co_return Result<void>();
    const auto learned = co_await engine.hand->learn_key();
    if (learned) co_return learned;
    co_return learned.error().in("which containers are ours cannot be told");
}

OneShotResult refuse(const Objects& objects, reconcile::Entry entry) {
    reconcile::Findings refused = reconcile::refused_findings(entry);
    return to_result(objects, std::move(entry), std::move(refused));
}

boost::asio::awaitable<OneShotResult> look(Objects& objects, reconcile::Entry entry) {
    if (entry.refused) co_return refuse(objects, std::move(entry));
    EngineObjects& engine = objects.engines.at(entry.stack.spec.engine);
    const auto learned = co_await learn_key(engine);
    if (!learned) {
        reconcile::Findings unknown;
        unknown.stage = reconcile::Stage::observe;
        unknown.error = learned.error();
        co_return to_result(objects, std::move(entry), std::move(unknown));
    }
    store::Changes changes;
    auto held =
        reconcile::hold_move(entry, *objects.store, *engine.cache, objects.clock.now(), changes);
    if (held) co_return to_result(objects, std::move(entry), std::move(*held));
    auto findings = co_await engine.reconciler->preview(entry);
    co_return to_result(objects, std::move(entry), std::move(findings));
}

// What runs is what was applied last, and nothing of it is still about to become healthy.
bool is_settled(const Objects& objects, const OneShotResult& result) {
    const reconcile::Findings& findings = result.findings;
    if (findings.error || !findings.desired || !findings.plan.in_sync()) return false;
    const store::Applied* applied = objects.store->applied(result.entry.stack.metadata.name);
    return reconcile::was_applied(applied, *findings.desired) &&
           !is_progressing(result.entry.stack.status);
}

// Where it is not to be had the reconciler tells each stack who has it.
boost::asio::awaitable<void> take_engine(Objects& objects, std::string name, OnLine on_line) {
    reconcile::Hand& hand = *objects.engines.at(name).hand;
    std::function<void(const Error&)> on_wait = [&on_line](const Error& why) {
        on_line("waiting: " + why.message());
    };
    const auto wait = std::chrono::duration_cast<Milliseconds>(objects.configuration.lock_timeout);
    const auto taken = co_await hand.take(wait, std::move(on_wait));
    if (taken) objects.tasks->spawn("seat of engine " + name, hand.keep());
}

// Follows the engines that the stacks run on; their names. One that is down is told by each stack's
// findings.
boost::asio::awaitable<std::set<std::string>> follow_engines(
    Objects& objects, const std::vector<reconcile::Entry>& entries) {
    std::set<std::string> names;
    for (const reconcile::Entry& entry : entries) {
        if (!entry.refused) names.insert(entry.stack.spec.engine);
    }
    for (const std::string& name : names) {
        EngineObjects& engine = objects.engines.at(name);
        objects.tasks->spawn("cache of engine " + name, engine.cache->run());
    }
    for (const std::string& name : names) {
        EngineObjects& engine = objects.engines.at(name);
        co_await engine.cache->wait_synced(engine_deadline);
    }
    co_return names;
}

// So that the next one need not wait.
boost::asio::awaitable<void> release_engines(Objects& objects, std::set<std::string> names) {
    for (const std::string& name : names) {
        co_await release_seat(objects.engines.at(name), name);
    }
}

// A look at all of them; it ends at the first that asks for something to be done.
boost::asio::awaitable<bool> look_at_all(Objects& objects,
                                         const std::vector<reconcile::Entry>& entries,
                                         std::vector<OneShotResult>& results) {
    for (const reconcile::Entry& entry : entries) {
        auto result = co_await look(objects, entry);
        const bool settled = is_settled(objects, result);
        results.push_back(std::move(result));
        if (!settled) co_return false;
    }
    co_return true;
}

// Else it is told who does, or what somebody left behind is put away.
boost::asio::awaitable<bool> nobody_sits(Objects& objects, std::set<std::string> names) {
    const std::string& controller = objects.configuration.name;
    for (const std::string& name : names) {
        engine::Engine& engine = *objects.engines.at(name).engine;
        const auto holder = co_await engine::find_seat_holder(engine, objects.clock, controller);
        if (!holder || *holder) co_return false;
    }
    co_return true;
}

boost::asio::awaitable<void> apply_all(Objects& objects, std::vector<reconcile::Entry> entries,
                                       const OneShotChoice& choice, OnLine on_line,
                                       std::vector<OneShotResult>& results) {
    const auto names = co_await follow_engines(objects, entries);
    // To find that there is nothing to do nobody needs the engine for himself.
    bool settled = co_await look_at_all(objects, entries, results);
    if (settled) settled = co_await nobody_sits(objects, names);
    if (settled) co_return;
    results.clear();
    for (const std::string& name : names) {
        if (objects.engines.at(name).cache->synced()) co_await take_engine(objects, name, on_line);
    }
    for (reconcile::Entry& entry : entries) {
        OneShotResult result;
        if (entry.refused)
            result = refuse(objects, std::move(entry));
        else
            result = co_await apply_one(objects, std::move(entry), choice, on_line);
        results.push_back(std::move(result));
    }
    co_await release_engines(objects, names);
}

// One that lives takes every yes: an apply of ours would wait for the engine in vain.
boost::asio::awaitable<bool> is_of_controller(Objects& objects, std::string engine_name) {
    constexpr std::chrono::seconds sign_of_life{45};
    engine::Engine& asked = *objects.engines.at(engine_name).engine;
    const auto holder =
        co_await engine::find_seat_holder(asked, objects.clock, objects.configuration.name);
    if (!holder || !*holder || (*holder)->kind != "daemon") co_return false;
    const std::optional<SystemTime>& seen = (*holder)->seen_at;
    co_return !seen || objects.clock.now() - *seen < sign_of_life;
}

boost::asio::awaitable<void> diff_all(Objects& objects, std::vector<reconcile::Entry> entries,
                                      std::vector<OneShotResult>& results) {
    co_await follow_engines(objects, entries);
    for (reconcile::Entry& entry : entries) {
        auto result = co_await look(objects, std::move(entry));
        if (result.findings.confirmation) {
            result.of_controller =
                co_await is_of_controller(objects, result.entry.stack.spec.engine);
        }
        results.push_back(std::move(result));
    }
}

Result<std::vector<OneShotResult>> run_verb(const OneShotChoice& choice, Verb verb,
                                            const OnLine& on_line) {
    auto configuration = load_configuration(choice.common);
    if (!configuration) return configuration.error();
    for (const Problem& warning : configuration->warnings) log::warning(to_string(warning));
    if (choice.lock_timeout_seconds)
        configuration->lock_timeout = std::chrono::seconds(*choice.lock_timeout_seconds);
    for (const std::string& root : choice.host_roots)
        configuration->host_roots.push_back(v1alpha1::FilePath{root, {}});
    auto objects = Objects::make(std::move(*configuration), on_line);
    if (!objects) return objects.error();
    auto entries = read_entries(choice, (*objects)->engine_names());
    if (!entries) return entries.error();
    std::vector<OneShotResult> results;
    run_to_end(**objects, verb == Verb::apply
                              ? apply_all(**objects, std::move(*entries), choice, on_line, results)
                              : diff_all(**objects, std::move(*entries), results));
    return results;
}

}    // namespace

Result<std::vector<v1alpha1::Stack>> read_stacks(const std::string& path) {
    const auto text = base::read_file(path);
    if (!text) return text.error();
    return v1alpha1::parse_stacks(*text, path);
}

Result<CheckedFile> check_file(const std::string& path) {
    const auto text = base::read_file(path);
    if (!text) return text.error();
    CheckedFile checked;
    if (!v1alpha1::is_configuration(*text)) {
        auto stacks = v1alpha1::parse_stacks(*text, path);
        if (!stacks) return stacks.error();
        checked.stacks = std::move(*stacks);
        return checked;
    }
    auto configuration = check_configuration(*text, path);
    if (!configuration) return configuration.error();
    checked.warnings = std::move(configuration->warnings);
    checked.configuration = std::move(configuration->configuration);
    return checked;
}

Result<std::vector<OneShotResult>> run_diff(const OneShotChoice& choice) {
    return run_verb(choice, Verb::diff, [](const std::string&) {});
}

Result<std::vector<OneShotResult>> run_apply(const OneShotChoice& choice, OnLine on_line) {
    return run_verb(choice, Verb::apply, on_line);
}

bool is_child_argument(std::string_view argument) { return source::is_git_child(argument); }

int run_child() { return source::run_git_child(); }

}    // namespace trueup::app
