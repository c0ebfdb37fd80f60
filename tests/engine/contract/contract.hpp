// SPDX-License-Identifier: Apache-2.0
// What the contract suite needs of an engine beyond its interface; the fake's and the real one's
// version are linked into an executable each.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <string>

#include "controller/base/task_group.hpp"
#include "controller/engine/cache.hpp"
#include "controller/engine/engine.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::engine::contract {

class World {
public:
    virtual ~World() = default;

    // Through the line that cut() cuts, and past it.
    virtual Engine& engine() = 0;
    virtual Engine& direct() = 0;
    virtual void cut() = 0;
    virtual void mend() = 0;

    // Bodies of containers: one that runs on, one that ends with 3, one that prints a line and runs on.
    virtual boost::json::object runs() = 0;
    virtual boost::json::object exits_with_3() = 0;
    virtual boost::json::object prints(const std::string& line) = 0;
    virtual boost::json::object cannot_start() = 0;    // its program does not exist
    virtual boost::json::object exhausts_memory() = 0;
    // A reference whose image is on the engine.
    virtual std::string base_image() = 0;
    // As a person would, inside the container.
    virtual void edit_file(const std::string& container, const std::string& path,
                           const std::string& content) = 0;
    // `docker VERB CONTAINER`, as a person would: stop, start, restart, kill, pause, unpause.
    virtual void person(const std::string& verb, const std::string& container) = 0;
    // Its process is killed past the engine.
    virtual void crash(const std::string& container) = 0;
    // Ends in order and starts again.
    virtual void restart_engine() = 0;
    // Until the engine's clock is so much later.
    virtual void pass(Milliseconds time) = 0;

    boost::asio::io_context io;
};

std::unique_ptr<World> make_world();

class Contract : public testing::Test {
protected:
    Contract();
    ~Contract() override;

    template <class T>
    T run(boost::asio::awaitable<T> task) {
        return test::run(world->io, std::move(task));
    }
    // Runs the loop until the check holds.
    bool eventually(const std::function<bool()>& check);

    // A created container of this case, with its label; fails the case where it cannot be made.
    std::string create(const std::string& name, boost::json::object body);
    std::string started(const std::string& name, boost::json::object body);
    model::ObservedContainer look(const std::string& id);
    Errc error_of(const Result<void>& result) { return result ? Errc{} : result.error().code(); }
    // A tar of a context.
    static std::string tar(const std::map<std::string, std::string>& files);
    Result<std::string> build(const std::map<std::string, std::string>& files,
                              BuildRequest request = {});
    // The content of one file of the container; nothing when the engine has none.
    std::optional<std::string> file(const std::string& id, const std::string& path);

    std::unique_ptr<World> world;
    Engine& engine;
    std::string prefix;    // of every name of this case

private:
    void clean_up();
};

// With a cache that may follow the engine.
class ContractCache : public Contract {
protected:
    ContractCache();
    ~ContractCache() override;

    // With the labels of a compose project of this case, and ours.
    boost::json::object of_project(boost::json::object body) const;
    // "a running\n", one line a container.
    std::string names() const;
    void follow();

    TaskGroup tasks;
    Cache cache;
    model::Project project;
};

}    // namespace trueup::engine::contract
