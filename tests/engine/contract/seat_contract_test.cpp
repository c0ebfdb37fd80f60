// SPDX-License-Identifier: Apache-2.0
// What the seat relies on.
#include "controller/engine/seat.hpp"

#include "controller/engine/seat_key.hpp"
#include "tests/engine/contract/contract.hpp"

namespace trueup::engine::contract {
namespace {

TEST_F(Contract, AnImageIsImportedFromATarAndLosesOneNameOfTwo) {
    const std::string one = prefix + ":one";
    const std::string two = prefix + "/part:two";
    const auto image = run(engine.import_image(one, tar({{"owner.key", "text"}})));
    ASSERT_TRUE(image) << image.error().message();
    EXPECT_EQ(run(engine.inspect_image(one))->id, *image);
    boost::json::object body{{"Image", *image}, {"Cmd", {"none"}}};
    const std::string id = create("a", std::move(body));
    EXPECT_EQ(file(id, "/owner.key"), "text");
    ASSERT_TRUE(run(engine.tag_image(*image, two)));
    ASSERT_TRUE(run(engine.remove_image(one))) << "a container is made from it, and it has a name";
    EXPECT_EQ(error_of(run(engine.remove_image(one))), Errc::not_found);
    EXPECT_EQ(run(engine.inspect_image(two))->id, *image);
    EXPECT_EQ(file(id, "/owner.key"), "text");
}

TEST_F(Contract, WhatIsNoTarIsNotImported) {
    EXPECT_FALSE(run(engine.import_image(prefix + ":none", std::string(4096, 'x'))));
}

class SeatContract : public Contract {
protected:
    ~SeatContract() override {
        tasks.close();
        run(ended());
        run(world->direct().remove_container("trueup.seat." + prefix, true, true));
        run(world->direct().remove_image(key_reference(prefix)));
    }
    boost::asio::awaitable<bool> ended() {
        co_await tasks.wait();
        co_return true;
    }
    SeatOptions options() const {
        SeatOptions chosen;
        chosen.controller_name = prefix;
        chosen.beat = Milliseconds(50);
        chosen.poll = Milliseconds(50);
        return chosen;
    }
    Result<std::unique_ptr<Seat>> acquire(SeatOptions chosen) {
        return run(Seat::acquire(engine, base::machine_clock(), std::move(chosen)));
    }
    std::string seat_id() {
        const auto found = run(engine.inspect_container("trueup.seat." + prefix));
        return found ? found->id : std::string();
    }
    std::int64_t retries() {
        const auto found = run(engine.inspect_container_raw("trueup.seat." + prefix));
        if (!found) return -1;
        return found->at("HostConfig")
            .at("RestartPolicy")
            .at("MaximumRetryCount")
            .to_number<std::int64_t>();
    }

    TaskGroup tasks{world->io.get_executor()};
};

TEST_F(SeatContract, OneSitsAndAnotherIsRefusedUntilItIsGivenBack) {
    auto first = acquire(options());
    ASSERT_TRUE(first) << first.error().message();
    EXPECT_TRUE((*first)->key_is_new());
    EXPECT_EQ(look("trueup.seat." + prefix).state, model::ContainerState::created);
    const auto second = acquire(options());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), Errc::conflict);
    const auto holder = run(find_seat_holder(engine, base::machine_clock(), prefix));
    ASSERT_TRUE(holder && *holder);
    EXPECT_EQ(second.error().message(), "the engine is held by " + (*holder)->describe());
    ASSERT_TRUE(run((*first)->release()));
    EXPECT_EQ(seat_id(), "");
    // Whatever the state directory remembers: the engine's copy counts.
    const std::string other(64, 'a');
    for (const std::string& known : {std::string(), (*first)->key(), other})
        EXPECT_EQ(*run(find_owner_key(engine, prefix, known)), (*first)->key());
    const auto third = acquire(options());
    ASSERT_TRUE(third) << third.error().message();
    EXPECT_EQ((*third)->key(), (*first)->key());
    EXPECT_FALSE((*third)->key_is_new());
}

TEST_F(SeatContract, ItShowsLifeAndIsTakenAgainWhenItIsPruned) {
    auto seat = acquire(options());
    ASSERT_TRUE(seat) << seat.error().message();
    const std::int64_t before = retries();
    const std::string id = seat_id();
    tasks.spawn("seat", (*seat)->run());
    ASSERT_TRUE(eventually([&] { return retries() > before; }));
    ASSERT_TRUE(run(world->direct().remove_container(id, false, true)));
    ASSERT_TRUE(eventually([&] {
        const std::string now = seat_id();
        return !now.empty() && now != id && (*seat)->held();
    }));
    EXPECT_EQ(*run(find_owner_key(engine, prefix, "")), (*seat)->key());
    tasks.close();
    run(ended());
}

TEST_F(SeatContract, WhoGivesNoSignIsSucceeded) {
    auto first = acquire(options());
    ASSERT_TRUE(first) << first.error().message();
    SeatOptions chosen = options();
    chosen.stale = Milliseconds(400);
    chosen.wait = Milliseconds(20'000);
    auto second = acquire(std::move(chosen));
    ASSERT_TRUE(second) << second.error().message();
    bool lost = false;
    (*first)->on_lost([&](const Error&) { lost = true; });
    tasks.spawn("seat", (*first)->run());
    ASSERT_TRUE(eventually([&] { return lost; }));
    EXPECT_FALSE((*first)->held());
    EXPECT_TRUE((*second)->held());
}

}    // namespace
}    // namespace trueup::engine::contract
