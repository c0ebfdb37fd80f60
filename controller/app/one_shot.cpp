// SPDX-License-Identifier: Apache-2.0
// `trueup diff` and `trueup apply`: the same stages as the daemon, once, without it.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "api/v1alpha1/codec.hpp"
#include "controller/app/application.hpp"
#include "controller/app/parts.hpp"
#include "controller/reconcile/status.hpp"

namespace trueup::app {
namespace {

constexpr std::size_t file_limit = 1U << 20U;
constexpr Milliseconds engine_deadline{10'000};
constexpr int rounds = 3;

Result<std::string> read_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::error_code code;
    if (!stream || std::filesystem::is_directory(path, code)) {
        return Error(Errc::not_found, fmt::format("cannot read {}", path));
    }
    std::string text(std::istreambuf_iterator<char>(stream), {});
    if (text.size() > file_limit)
        return Error(Errc::invalid, fmt::format("{} is larger than 1 MiB", path));
    return text;
}

Result<std::vector<reconcile::Entry>> read_entries(const OneShotChoice& choice) {
    auto stacks = read_stacks(choice.file);
    if (!stacks) return stacks.error();
    std::error_code code;
    const std::string directory =
        std::filesystem::absolute(choice.file, code).parent_path().string();
    std::vector<reconcile::Entry> entries;
    for (v1alpha1::Stack& stack : *stacks) {
        if (!choice.stack.empty() && stack.metadata.name != choice.stack) continue;
        reconcile::Entry entry;
        entry.stack = std::move(stack);
        entry.file = choice.file;
        entry.directory = directory;
        entries.push_back(std::move(entry));
    }
    if (!entries.empty()) return entries;
    return Error(Errc::not_found, choice.stack.empty() ? fmt::format("{} has no Stack", choice.file)
                                                       : fmt::format("{} has no Stack '{}'",
                                                                     choice.file, choice.stack));
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

boost::asio::awaitable<OneShotResult> apply_one(Objects& objects, reconcile::Entry entry,
                                                OnLine on_line) {
    reconcile::Reconciler::OnPlan on_plan = [&on_line](const reconcile::Findings& found) {
        on_line(plan::to_text(found.plan));
    };
    auto findings = co_await objects.reconciler->reconcile(entry, on_plan);
    // Drift that came while the plan was carried out gets a plan of its own, as in the daemon.
    for (int round = 1; round < rounds && !findings.error && !findings.remaining.empty(); ++round) {
        const std::size_t done = findings.actions_done;
        findings = co_await objects.reconciler->reconcile(entry, on_plan);
        findings.actions_done += done;
    }
    OneShotResult result = to_result(objects, entry, std::move(findings));
    // A health check that was starting already when we came: wait for its verdict, as for our own.
    const SteadyTime until = objects.clock.steady() + std::chrono::minutes(5);
    while (!result.findings.error && is_progressing(result.entry.stack.status) &&
           objects.clock.steady() < until) {
        const auto changed = co_await objects.cache->changed(Milliseconds(1'000));
        if (!changed && changed.error().code() == Errc::cancelled) break;
        auto again = co_await objects.reconciler->preview(result.entry);
        again.plan = result.findings.plan;
        again.actions_done = result.findings.actions_done;
        result = to_result(objects, result.entry, std::move(again));
    }
    co_return result;
}

enum class Verb { diff, apply };

boost::asio::awaitable<void> run_all(Objects& objects, std::vector<reconcile::Entry> entries,
                                     Verb verb, OnLine on_line,
                                     std::vector<OneShotResult>& results) {
    objects.tasks->spawn("engine cache", objects.cache->run());
    // An engine that is down is told by each stack's own findings.
    co_await objects.cache->wait_synced(engine_deadline);
    for (reconcile::Entry& entry : entries) {
        if (verb == Verb::diff) {
            auto findings = co_await objects.reconciler->preview(entry);
            results.push_back(to_result(objects, std::move(entry), std::move(findings)));
        } else {
            auto result = co_await apply_one(objects, std::move(entry), on_line);
            results.push_back(std::move(result));
        }
    }
}

Result<std::vector<OneShotResult>> run_verb(const OneShotChoice& choice, Verb verb,
                                            const OnLine& on_line) {
    auto entries = read_entries(choice);
    if (!entries) return entries.error();
    auto objects = Objects::make(choice.engine, on_line);
    if (!objects) return objects.error();
    std::vector<OneShotResult> results;
    run_to_end(**objects, run_all(**objects, std::move(*entries), verb, on_line, results));
    return results;
}

}    // namespace

Result<std::vector<v1alpha1::Stack>> read_stacks(const std::string& path) {
    const auto text = read_file(path);
    if (!text) return text.error();
    return v1alpha1::parse_stacks(*text, path);
}

Result<std::vector<OneShotResult>> run_diff(const OneShotChoice& choice) {
    return run_verb(choice, Verb::diff, [](const std::string&) {});
}

Result<std::vector<OneShotResult>> run_apply(const OneShotChoice& choice, OnLine on_line) {
    return run_verb(choice, Verb::apply, on_line);
}

bool is_child_argument(std::string_view argument) { return argument == source::git_child_argument; }

int run_child() { return source::run_git_child(); }

}    // namespace trueup::app
