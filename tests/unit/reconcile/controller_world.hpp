// SPDX-License-Identifier: Apache-2.0
// The daemon's loop over several engines in memory, fed by a desired state in memory.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "controller/reconcile/controller.hpp"
#include "controller/reconcile/operations.hpp"
#include "controller/reconcile/status.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/git_repository.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::reconcile {

using trueup::test::FakeEngine;
using v1alpha1::ConditionStatus;

class MemorySource final : public source::DesiredSource {
public:
    explicit MemorySource(const Executor& executor)
        : wake_(executor, boost::asio::steady_timer::time_point::max()) {}

    void put(const std::string& file, std::string content) {
        files_[file] = std::move(content);
        changed_ = true;
        wake_.cancel();
    }
    void remove(const std::string& file) {
        files_.erase(file);
        changed_ = true;
        wake_.cancel();
    }
    // From the next read on; nothing = it can be read again.
    void fail(std::optional<Error> error) {
        failure_ = std::move(error);
        changed_ = true;
        wake_.cancel();
    }
    const std::string& name() const override { return name_; }
    Task<source::DesiredSnapshot> read() override {
        changed_ = false;
        if (failure_) co_return *failure_;
        source::DesiredSnapshot snapshot;
        for (const auto& [file, content] : files_)
            snapshot.files.push_back(source::DesiredFile{file, "/desired", content});
        co_return snapshot;
    }
    Task<void> changed() override {
        if (!changed_) co_await wake_.async_wait(base::use_task);
        const bool cancelled = co_await base::is_cancelled();
        if (cancelled) co_return Error(Errc::cancelled, "stopped");
        co_return Result<void>();
    }

private:
    std::string name_ = "memory";
    std::map<std::string, std::string> files_;
    std::optional<Error> failure_;
    bool changed_ = false;    // since the last read() began
    boost::asio::steady_timer wake_;
};

struct OneEngine {
    OneEngine(boost::asio::io_context& io, source::GitRepositories& repositories, Pool& pool,
              metrics::Metrics& metrics, store::Store& store,
              const support::TempDirectory& directory, const std::string& remote_name)
        : engine(io.get_executor()),
          cache(io.get_executor(), engine, base::machine_clock()),
          reconciler(
              Parts{engine, cache, repositories, pool, base::machine_clock(), metrics, store},
              options(directory, remote_name)) {
        engine.add_to_registry("web:1", {"", {}, {}, {{"/bin/web", "web"}}, {}});
        engine.add_to_registry("web:2", {"", {}, {}, {{"/bin/web", "web two"}}, {}});
    }
    static ReconcilerOptions options(const support::TempDirectory& directory,
                                     const std::string& remote_name) {
        ReconcilerOptions chosen;
        chosen.controller_name = "test";
        chosen.state_directory = directory / "state";
        chosen.host_files = source::HostFiles({directory / "host"});
        chosen.remote_engine = remote_name;
        chosen.grace = Milliseconds(1);
        chosen.keeps_standing = true;
        return chosen;
    }
    std::string containers() const {
        std::string text;
        for (const auto& [id, container] : engine.containers)
            text += container.name + " " + std::string(model::to_string(container.state)) + "\n";
        return text;
    }

    FakeEngine engine;
    engine::Cache cache;
    Reconciler reconciler;
};

class ControllerTest : public testing::Test {
protected:
    ControllerTest() {
        commit_ = repository_.commit_files(
            {{"compose.yaml", "services: {web: {image: 'web:1', restart: always}}\n"}}, "change");
        ControllerOptions options;
        options.sweep_interval = Milliseconds(20);
        options.refresh_interval = Milliseconds(20);
        options.backoff.base = Milliseconds(5);
        options.removal_delay = Milliseconds(0);
        EngineLoops loops;
        loops.emplace("east", EngineLoop{east.cache, east.reconciler});
        loops.emplace("west", EngineLoop{west.cache, west.reconciler});
        controller_ =
            std::make_unique<Controller>(io.get_executor(), base::machine_clock(), metrics,
                                         registry, *store, source, std::move(loops), options);
        controller_->start(tasks_);
    }
    ~ControllerTest() override {
        tasks_.close();
        trueup::test::run(io, finish());
        pool_.join();
    }
    boost::asio::awaitable<bool> finish() {
        co_await tasks_.wait();
        co_return true;
    }

    void put(const std::string& name, const std::string& engine, const std::string& more = "") {
        source.put(name + ".yaml", fmt::format("apiVersion: trueup.dev/v1alpha1\n"
                                               "kind: Stack\n"
                                               "metadata: {{name: {}}}\n"
                                               "spec:\n"
                                               "  environment: test\n"
                                               "  engine: {}\n"
                                               "  source: {{git: {{url: {}, commit: {}}}}}\n{}",
                                               name, engine, repository_.path(), commit_, more));
    }

    boost::asio::awaitable<bool> poll(std::function<bool()> check) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        bool holds = check();
        while (!holds && std::chrono::steady_clock::now() < until) {
            co_await base::sleep_for(Milliseconds(2));
            holds = check();
        }
        co_return holds;
    }
    bool eventually(std::function<bool()> check) {
        return trueup::test::run(io, poll(std::move(check)));
    }
    // "True Succeeded" of the condition; "" when it is not set.
    std::string condition(const std::string& stack, const std::string& type) const {
        const Entry* entry = registry.find(stack);
        if (entry == nullptr) return {};
        const auto* found = v1alpha1::find_condition(entry->stack.status, type);
        return found == nullptr
                   ? std::string()
                   : fmt::format("{} {}", v1alpha1::to_string(found->status), found->reason);
    }
    std::string message(const std::string& stack, const std::string& type) const {
        const Entry* entry = registry.find(stack);
        const auto* found =
            entry == nullptr ? nullptr : v1alpha1::find_condition(entry->stack.status, type);
        return found == nullptr ? std::string() : found->message;
    }
    void write_host(const std::string& name, const std::string& content) {
        std::filesystem::create_directories(directory_ / "host");
        std::ofstream(directory_ / ("host/" + name)) << content;
    }
    void commit_compose(const std::string& compose) {
        commit_ =
            repository_.commit_files({{"compose.yaml", compose}, {"web.conf", "x"}}, "change");
    }
    std::string host_file(const std::string& name) const {
        return fmt::format("  compose: {{variableFiles: [{{host: {}}}]}}\n",
                           directory_ / ("host/" + name));
    }
    // "EngineDisconnected EngineConnected ", of everything but stacks.
    std::string noted() {
        std::string text;
        auto events = trueup::test::run(io, store->events(store::EventQuery()));
        for (const store::Event& event : *events) {
            if (event.about != store::About::stack) text += event.reason + " ";
        }
        return text;
    }
    // The reasons of the stack's events.
    std::set<std::string> told_of(const std::string& stack) {
        store::EventQuery query;
        query.name = stack;
        auto events = trueup::test::run(io, store->events(std::move(query)));
        std::set<std::string> reasons;
        for (const store::Event& event : *events) reasons.insert(event.reason);
        return reasons;
    }
    bool is_ready(const std::string& stack) const {
        return condition(stack, "Ready") == "True ReconciliationSucceeded";
    }

    boost::asio::io_context io;
    Pool pool_{1};
    metrics::Metrics metrics{base::machine_clock()};
    support::TempDirectory directory_;
    support::GitRepository repository_{directory_ / "repository"};
    source::GitRepositories repositories_{io.get_executor(), pool_,
                                          source::GitOptions{directory_ / "git"}};
    std::unique_ptr<store::Store> store = *store::Store::open(base::machine_clock(), {});
    OneEngine east{io, repositories_, pool_, metrics, *store, directory_, ""};
    OneEngine west{io, repositories_, pool_, metrics, *store, directory_, "west"};
    Registry registry{base::machine_clock(), Engines{{"east", "west"}, false}};
    MemorySource source{io.get_executor()};
    std::string commit_;
    Operations operations_{*store, registry, base::machine_clock(),
                           [this](const std::string& stack) { controller_->look_at(stack); }};
    TaskGroup tasks_{io.get_executor()};
    std::unique_ptr<Controller> controller_;
};

}    // namespace trueup::reconcile
