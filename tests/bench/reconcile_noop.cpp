// SPDX-License-Identifier: Apache-2.0
// What a reconcile in which nothing changed costs the controller: reconciles one Stack file until it
// is true, then again and again. Prints one line of JSON: CPU microseconds a reconcile, and the
// requests that all of them together made to the engine.
//   reconcile_noop STACK_FILE STATE_DIR TIMES
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "controller/app/application.hpp"
#include "controller/app/configuration.hpp"
#include "controller/app/parts.hpp"

namespace trueup::app {
namespace {

double cpu_microseconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// The sum of trueup_engine_request_total.
double engine_requests(const Objects& objects) {
    const std::string text = objects.metrics.text();
    double sum = 0;
    const std::string name = "\ntrueup_engine_request_total{";
    for (auto found = text.find(name); found != std::string::npos;
         found = text.find(name, found + 1)) {
        const auto end = text.find('\n', found + 1);
        const auto blank = text.rfind(' ', end);
        sum += std::atof(text.substr(blank, end - blank).c_str());
    }
    return sum;
}

[[noreturn]] void fail(const Error& error) {
    fmt::print(stderr, "{}\n", error.message());
    std::exit(1);
}

boost::asio::awaitable<void> measure(Objects& objects, reconcile::Entry entry, int times) {
    EngineObjects& engine = objects.engines.at("default");
    objects.tasks->spawn("engine cache", engine.cache->run());
    co_await engine.cache->wait_synced(Milliseconds(10'000));
    const auto taken = co_await engine.hand->take(Milliseconds(60'000), nullptr);
    if (!taken) fail(taken.error());
    objects.tasks->spawn("seat", engine.hand->keep());
    reconcile::Reconciler::OnPlan nothing = [](const reconcile::Findings&) {};
    for (int round = 0; round < 3; ++round) {
        const auto findings = co_await engine.reconciler->reconcile(entry, nothing);
        if (findings.error) fail(*findings.error);
    }
    co_await base::sleep_for(Milliseconds(500));    // what the deployment's own events cause
    const double requests = engine_requests(objects);
    const double began = cpu_microseconds();
    std::size_t actions = 0;
    for (int round = 0; round < times; ++round) {
        const auto findings = co_await engine.reconciler->reconcile(entry, nothing);
        actions += findings.plan.actions.size();
    }
    const double spent = cpu_microseconds() - began;
    fmt::print("{{\"cpu_us\": {:.1f}, \"engine_requests\": {}, \"actions\": {}}}\n", spent / times,
               engine_requests(objects) - requests, actions);
    co_await release_seat(engine, "default");
}

int run(const std::string& file, const std::string& state_directory, int times) {
    auto stacks = read_stacks(file);
    if (!stacks) fail(stacks.error());
    CommonChoice choice;
    choice.state_directory = state_directory;
    choice.controller_name = "trueup-bench";
    auto configuration = load_configuration(choice);
    if (!configuration) fail(configuration.error());
    auto objects = Objects::make(std::move(*configuration), [](const std::string&) {});
    if (!objects) fail(objects.error());
    reconcile::Entry entry;
    entry.stack = stacks->front();
    entry.file = file;
    entry.directory = std::filesystem::path(file).parent_path().string();
    run_to_end(**objects, measure(**objects, std::move(entry), times));
    return 0;
}

}    // namespace
}    // namespace trueup::app

int main(int argc, char** argv) {
    if (argc > 1 && trueup::app::is_child_argument(argv[1])) return trueup::app::run_child();
    if (argc != 4) return 2;
    return trueup::app::run(argv[1], argv[2], std::atoi(argv[3]));
}
