// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/contract/contract.hpp"
#include "tests/support/fake_engine.hpp"

namespace trueup::engine::contract {
namespace {

class FakeWorld final : public World {
public:
    FakeWorld() : fake_(io.get_executor()) {
        fake_.set_time(std::chrono::system_clock::now());
        fake_.add_image({"", {"base:1"}, {}, {{"/bin/sh", "shell"}}, {}});
        test::FakeImage failing{"", {"failing:1"}, {}, {{"/bin/false", ""}}, {}};
        failing.behaviour.exits = 3;
        fake_.add_image(std::move(failing));
        test::FakeImage broken{"", {"broken:1"}, {}, {{"/bin/broken", ""}}, {}};
        broken.behaviour.start_error = "exec: no such file or directory";
        fake_.add_image(std::move(broken));
        test::FakeImage greedy{"", {"greedy:1"}, {}, {{"/bin/greedy", ""}}, {}};
        greedy.behaviour.out_of_memory = true;
        fake_.add_image(std::move(greedy));
    }

    Engine& engine() override { return fake_; }
    Engine& direct() override { return fake_; }
    void cut() override { fake_.break_streams(); }
    void mend() override { fake_.revive(); }
    boost::json::object runs() override { return {{"Image", "base:1"}}; }
    boost::json::object exits_with_3() override { return {{"Image", "failing:1"}}; }
    boost::json::object prints(const std::string& line) override {
        test::FakeImage talking{"", {"talking:1"}, {}, {{"/bin/talk", line}}, {}};
        talking.behaviour.output = line + "\n";
        fake_.add_image(std::move(talking));
        return {{"Image", "talking:1"}};
    }
    boost::json::object cannot_start() override { return {{"Image", "broken:1"}}; }
    boost::json::object exhausts_memory() override { return {{"Image", "greedy:1"}}; }
    std::string base_image() override { return "base:1"; }
    void edit_file(const std::string& container, const std::string& path,
                   const std::string& content) override {
        fake_.find(container)->files[path] = content;
    }

    void person(const std::string& verb, const std::string& container) override {
        fake_.person(verb, container);
    }
    void crash(const std::string& container) override { fake_.crash(container, 137); }
    void pass(Milliseconds time) override { fake_.pass(time); }
    void restart_engine() override {
        fake_.shut_down();
        io.restart();
        io.run_for(Milliseconds(10));
        fake_.revive();
    }

private:
    test::FakeEngine fake_;
};

}    // namespace

std::unique_ptr<World> make_world() { return std::make_unique<FakeWorld>(); }

}    // namespace trueup::engine::contract
