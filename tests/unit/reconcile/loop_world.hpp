// SPDX-License-Identifier: Apache-2.0
// The whole loop over the fake engine: a real git repository, a stack of three services, and a
// controller process that can be started, killed and started again.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/task_group.hpp"
#include "controller/reconcile/reconciler.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/git_repository.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::reconcile::test {

// One life of the controller: its memory ends with it, the engine and the repository stay.
class Process {
public:
    // seated: with a hand on the engine, which it takes at once if it can; beside the other `hands`
    // of this controller. look_deadline: of a sweep.
    Process(boost::asio::io_context& io, trueup::test::FakeEngine& engine,
            const std::string& state_directory, bool seated = false, HandOptions hand = {},
            Milliseconds look_deadline = std::chrono::minutes(2))
        : io_(io),
          cache_(io.get_executor(), engine, base::machine_clock()),
          repositories_(io.get_executor(), pool_, git_options(state_directory)),
          store_(open_store(state_directory)),
          hand_(engine, cache_, pool_, hand_clock_, hand_options(state_directory, std::move(hand))),
          reconciler_(
              parts(engine),
              heard(reconciler_options(state_directory, seated ? &hand_ : nullptr, look_deadline))),
          tasks_(io.get_executor()) {
        tasks_.spawn("cache", cache_.run());
        if (seated) trueup::test::run(io_, hand_.take(Milliseconds(0), nullptr));
    }
    ~Process() {
        tasks_.close();
        trueup::test::run(io_, finish());
        pool_.join();
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    Findings reconcile(const Entry& entry) {
        return trueup::test::run(io_, reconcile_when_synced(entry, nullptr));
    }
    // Its file says spec.suspend as soon as that holds.
    Findings reconcile_until(const Entry& entry, std::function<bool()> suspends) {
        Reconciler::Stop stop = [suspends = std::move(suspends)] {
            GateInputs inputs;
            inputs.suspended_by_file = suspends();
            return decide_gate(inputs);
        };
        return trueup::test::run(io_, reconcile_when_synced(entry, std::move(stop)));
    }
    // The cache was told that the container is in that state.
    bool settled(const std::string& name, model::ContainerState state) {
        return trueup::test::run(io_, see(name, state));
    }
    Findings preview(const Entry& entry) {
        return trueup::test::run(io_, reconciler_.preview(entry));
    }
    engine::Cache& cache() { return cache_; }
    metrics::Metrics& metrics() { return metrics_; }
    Reconciler& reconciler() { return reconciler_; }
    Hand& hand() { return hand_; }
    support::ManualClock& hand_clock() { return hand_clock_; }
    store::Store& store() { return *store_; }
    // What it told of its progress.
    const std::vector<std::string>& lines() const { return lines_; }

private:
    boost::asio::awaitable<Findings> reconcile_when_synced(Entry entry, Reconciler::Stop stop) {
        co_await cache_.wait_synced(Milliseconds(2'000));
        auto findings = co_await reconciler_.reconcile(std::move(entry), nullptr, std::move(stop));
        co_return findings;
    }
    boost::asio::awaitable<bool> see(std::string name, model::ContainerState state) {
        for (int look = 0; look < 200; ++look) {
            for (const auto& [id, container] : cache_.owned_containers()) {
                if (container.name == name && container.state == state) co_return true;
            }
            co_await cache_.changed(Milliseconds(10));
        }
        co_return false;
    }
    boost::asio::awaitable<bool> finish() {
        co_await tasks_.wait();
        co_return true;
    }
    Parts parts(trueup::test::FakeEngine& engine) {
        return Parts{engine,   cache_, repositories_, pool_, base::machine_clock(),
                     metrics_, *store_};
    }
    static source::GitOptions git_options(const std::string& state_directory) {
        source::GitOptions options;
        options.cache_directory = state_directory + "/git";
        return options;
    }
    static std::unique_ptr<store::Store> open_store(const std::string& state_directory) {
        std::filesystem::create_directories(state_directory);
        store::StoreOptions options;
        options.directory = state_directory;
        auto opened = store::Store::open(base::machine_clock(), std::move(options));
        if (!opened) throw std::runtime_error(opened.error().message());
        return std::move(*opened);
    }
    static HandOptions hand_options(const std::string& state_directory, HandOptions options) {
        options.key_file = state_directory + "/owner.key";
        options.seat.controller_name = "test";
        return options;
    }
    static ReconcilerOptions reconciler_options(const std::string& state_directory,
                                                const Hand* hand, Milliseconds look_deadline) {
        ReconcilerOptions options;
        options.hand = hand;
        options.look_deadline = look_deadline;
        options.controller_name = "test";
        options.state_directory = state_directory;
        options.grace = Milliseconds(1);
        options.keeps_standing = true;
        options.host_files = source::HostFiles({state_directory});
        options.credential_files = {state_directory + "/password"};
        return options;
    }

    ReconcilerOptions heard(ReconcilerOptions options) {
        options.progress = [this](const std::string& line) { lines_.push_back(line); };
        return options;
    }

    std::vector<std::string> lines_;
    boost::asio::io_context& io_;
    Pool pool_{1};
    metrics::Metrics metrics_{base::machine_clock()};
    engine::Cache cache_;
    source::GitRepositories repositories_;
    std::unique_ptr<store::Store> store_;
    support::ManualClock hand_clock_;
    Hand hand_;
    Reconciler reconciler_;
    TaskGroup tasks_;
};

class LoopWorld {
public:
    LoopWorld() : repository(directory / "repository") {
        engine.add_image({"", {"base:1"}, {}, {{"/bin/sh", "shell"}}, {}});
        trueup::test::FakeImage completes{"", {"tool:1"}, {}, {{"/bin/tool", "tool"}}, {}};
        completes.behaviour.exits = 0;
        engine.add_image(std::move(completes));
        engine.add_to_registry("db:1", {"", {}, {}, {{"/bin/db", "db"}}, {}});
    }

    // Commits the stack of the tests; `code` is the api's.
    std::string commit(const std::string& code, const std::string& extra = "") {
        return repository.commit_files(
            {{"Dockerfile", "FROM base:1\nWORKDIR /srv\nCOPY app app\nCOPY behaviour behaviour\n"},
             {"app/main.py", code},
             {"behaviour", "normal\n"},
             {".dockerignore", "*\n!app\n!behaviour\n!Dockerfile\n"},
             {"compose.yaml", compose(extra)}},
            "change");
    }

    static std::string compose(const std::string& extra) {
        return "services:\n"
               "  api:\n"
               "    build: .\n"
               "    deploy: {replicas: 2}\n"
               "    depends_on:\n"
               "      db: {condition: service_healthy}\n"
               "      migrate: {condition: service_completed_successfully}\n"
               "  db:\n"
               "    image: db:1\n"
               "    restart: always\n"
               "    healthcheck: {test: [CMD, ready]}\n"
               "    volumes: ['data:/data']\n" +
               extra +
               "  migrate:\n"
               "    image: tool:1\n"
               "    depends_on: [db]\n"
               "volumes: {data: {}}\n";
    }

    Entry entry(const std::string& commit_id) const {
        Entry made;
        made.stack.metadata.name = "shop";
        made.stack.spec.environment = "test";
        made.stack.spec.git.url = repository.path();
        made.stack.spec.git.commit = commit_id;
        return made;
    }

    // A fresh start of the controller.
    std::unique_ptr<Process> start(bool seated = false) {
        return std::make_unique<Process>(io, engine, directory / "state", seated);
    }

    // "shop-api-1 running", one line a container of the project.
    std::string containers() const {
        std::map<std::string, std::string> lines;
        for (const auto& [id, container] : engine.containers)
            lines[container.name] = std::string(model::to_string(container.state));
        std::string text;
        for (const auto& [name, state] : lines) text += name + " " + state + "\n";
        return text;
    }

    boost::asio::io_context io;
    trueup::test::FakeEngine engine{io.get_executor()};
    support::TempDirectory directory{"/dev/shm"};    // thousands of small writes and syncs
    support::GitRepository repository;
};

}    // namespace trueup::reconcile::test
