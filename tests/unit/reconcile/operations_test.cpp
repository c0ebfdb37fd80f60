// SPDX-License-Identifier: Apache-2.0
// What a person may say, and what comes of it.
#include "controller/reconcile/operations.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/run_task.hpp"
#include "tests/unit/reconcile/registry_fixture.hpp"

namespace trueup::reconcile {
namespace {

const std::string ada = store::person("ada");

class OperationsTest : public RegistryTest {
protected:
    OperationsTest() {
        put("a.yaml", with_labels("api", "{team: shop}"));
        put("b.yaml", with_labels("blog", "{team: shop}"));
        put("c.yaml", with_labels("cron", "{}"));
        apply();
    }
    static std::string with_labels(const std::string& name, const std::string& labels) {
        std::string text = stack_text(name);
        const std::string before = fmt::format("{{name: {}}}", name);
        return text.replace(text.find(before), before.size(),
                            fmt::format("{{name: {}, labels: {}}}", name, labels));
    }
    Result<Names> suspend(Choice choice, std::optional<std::chrono::seconds> time = {},
                          std::string reason = "maintenance") {
        return trueup::test::run(
            io, operations.suspend(std::move(choice), time, std::move(reason), ada));
    }
    Result<Names> resume(Choice choice) {
        return trueup::test::run(io, operations.resume(std::move(choice), ada));
    }
    Result<void> confirm(const std::string& stack, const std::string& token) {
        return trueup::test::run(io, operations.confirm(stack, token, ada));
    }
    Result<void> forget(const std::string& stack) {
        return trueup::test::run(io, operations.forget(stack, ada));
    }
    Result<void> annotate(const std::string& stack, const std::string& key,
                          std::optional<std::string> value) {
        return trueup::test::run(io, operations.annotate(stack, key, std::move(value), ada));
    }
    Result<std::string> request(const std::string& stack) {
        return trueup::test::run(io, operations.request_reconcile(stack, ada));
    }
    void wait_for(const std::string& stack, const std::string& token) {
        v1alpha1::StackStatus status = entry(stack).stack.status;
        status.confirmation = v1alpha1::ConfirmationStatus{token, "really?"};
        registry.set_status(stack, std::move(status));
    }
    std::string events() {
        const auto found = trueup::test::run(io, store->events({}));
        std::string text;
        for (const store::Event& each : *found)
            text += fmt::format("{} {} by {}; ", each.name, each.reason, each.actor);
        return text;
    }

    boost::asio::io_context io;
    std::unique_ptr<store::Store> store = *store::Store::open(clock, {});
    Names woken;
    Operations operations{*store, registry, clock,
                          [this](const std::string& stack) { woken.push_back(stack); }};
};

Choice stack(const std::string& name) {
    Choice choice;
    choice.stack = name;
    return choice;
}
Choice all() {
    Choice choice;
    choice.all = true;
    return choice;
}
Choice labelled(const std::string& key, const std::string& value) {
    Choice choice;
    choice.selector[key] = value;
    return choice;
}

TEST_F(OperationsTest, SuspendsOneStackForATimeWithAReason) {
    const auto suspended = suspend(stack("api"), std::chrono::hours(1));
    ASSERT_TRUE(suspended);
    EXPECT_EQ(*suspended, Names{"api"});
    const store::Suspension* found = store->suspension("api", clock.now());
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->until, clock.now() + std::chrono::hours(1));
    EXPECT_EQ(found->reason, "maintenance");
    EXPECT_EQ(found->actor, "person:ada");
    EXPECT_EQ(found->since, clock.now());
    EXPECT_EQ(store->suspension("blog", clock.now()), nullptr);
    EXPECT_EQ(woken, Names{"api"});
    EXPECT_EQ(events(), "api Suspended by person:ada; ");
}

TEST_F(OperationsTest, SuspendsByLabelAndAll) {
    EXPECT_EQ(*suspend(labelled("team", "shop")), (Names{"api", "blog"}));
    EXPECT_EQ(store->suspension("cron", clock.now()), nullptr);
    EXPECT_EQ(*suspend(all()), Names{"*"});
    EXPECT_NE(store->suspension("cron", clock.now()), nullptr);
    EXPECT_NE(store->suspension("one that comes later", clock.now()), nullptr);
}

TEST_F(OperationsTest, RefusesAChoiceThatIsNone) {
    EXPECT_EQ(suspend(Choice()).error().code(), Errc::invalid);
    Choice both = all();
    both.stack = "api";
    EXPECT_EQ(suspend(both).error().code(), Errc::invalid);
    EXPECT_EQ(suspend(stack("nobody")).error().code(), Errc::not_found);
    EXPECT_EQ(suspend(labelled("team", "nobody")).error().code(), Errc::not_found);
    EXPECT_EQ(suspend(stack("api"), std::chrono::seconds(0)).error().code(), Errc::invalid);
    EXPECT_EQ(suspend(stack("api"), std::chrono::seconds(-5)).error().code(), Errc::invalid);
    EXPECT_EQ(suspend(stack("api"), {}, "two\nlines").error().code(), Errc::invalid);
    EXPECT_EQ(suspend(stack("api"), {}, std::string(2'000, 'x')).error().code(), Errc::invalid);
    EXPECT_TRUE(store->suspensions().empty());
    EXPECT_EQ(events(), "");
}

TEST_F(OperationsTest, ResumesWhatItSuspended) {
    ASSERT_TRUE(suspend(labelled("team", "shop")));
    EXPECT_EQ(*resume(stack("api")), Names{"api"});
    EXPECT_EQ(store->suspension("api", clock.now()), nullptr);
    EXPECT_NE(store->suspension("blog", clock.now()), nullptr);
    ASSERT_TRUE(suspend(all()));
    EXPECT_EQ(*resume(all()), (Names{"*", "blog"}));
    EXPECT_TRUE(store->suspensions().empty());
    EXPECT_EQ(resume(stack("api")).error().code(), Errc::conflict);
    EXPECT_EQ(resume(all()).error().code(), Errc::conflict);
}

TEST_F(OperationsTest, SaysWhatKeepsAStackSuspended) {
    ASSERT_TRUE(suspend(all()));
    const auto resumed = resume(stack("api"));
    ASSERT_FALSE(resumed);
    EXPECT_EQ(resumed.error().code(), Errc::conflict);
    EXPECT_NE(resumed.error().message().find("resume with --all"), std::string::npos)
        << resumed.error().message();
    ASSERT_TRUE(resume(all()));

    put("c.yaml", stack_text("cron") + "  suspend: true\n");
    apply();
    ASSERT_TRUE(suspend(stack("cron")));
    const auto by_file = resume(stack("cron"));
    ASSERT_FALSE(by_file);
    EXPECT_NE(by_file.error().message().find("change the file"), std::string::npos);
    EXPECT_TRUE(store->suspensions().empty()) << "what it could lift is lifted";
}

TEST_F(OperationsTest, ConfirmsWhatIsWaitedForAndNothingElse) {
    EXPECT_EQ(confirm("nobody", "").error().code(), Errc::not_found);
    EXPECT_EQ(confirm("api", "").error().code(), Errc::conflict);
    wait_for("api", "token");
    EXPECT_EQ(confirm("api", "another").error().code(), Errc::conflict);
    EXPECT_EQ(store->confirmation("api", "token"), nullptr);
    ASSERT_TRUE(confirm("api", "token"));
    ASSERT_NE(store->confirmation("api", "token"), nullptr);
    EXPECT_EQ(store->confirmation("api", "token")->actor, "person:ada");
    wait_for("blog", "other");
    ASSERT_TRUE(confirm("blog", "")) << "whatever it waits for now";
    EXPECT_NE(store->confirmation("blog", "other"), nullptr);
}

TEST_F(OperationsTest, AsksForAReconcileEachTimeAnew) {
    const auto first = request("api");
    ASSERT_TRUE(first);
    EXPECT_EQ(entry("api").stack.metadata.annotations.at(std::string(requested_at)), *first);
    clock.advance(Milliseconds(1));
    const auto second = request("api");
    ASSERT_TRUE(second);
    EXPECT_NE(*first, *second);
    EXPECT_EQ(request_of(entry("api").stack), *second);
    EXPECT_EQ(woken, (Names{"api", "api"}));
    ASSERT_TRUE(suspend(stack("api")));
    const auto refused = request("api");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Errc::conflict);
    EXPECT_NE(refused.error().message().find("suspended by person:ada: maintenance"),
              std::string::npos);
    EXPECT_EQ(request("nobody").error().code(), Errc::not_found);
}

TEST_F(OperationsTest, AnnotatesBesideTheFile) {
    put("a.yaml", with_labels("api", "{team: shop}, annotations: {example.com/owner: file}"));
    apply();
    const auto version = registry.resource_version();
    ASSERT_TRUE(annotate("api", "example.com/note", "look"));
    EXPECT_GT(registry.resource_version(), version);
    EXPECT_EQ(entry("api").stack.metadata.annotations.at("example.com/note"), "look");
    EXPECT_EQ(annotate("api", "example.com/owner", "me").error().code(), Errc::conflict);
    EXPECT_EQ(annotate("api", "", "x").error().code(), Errc::invalid);
    EXPECT_EQ(annotate("api", "two words", "x").error().code(), Errc::invalid);
    EXPECT_EQ(annotate("api", "example.com/long", std::string(5'000, 'x')).error().code(),
              Errc::invalid);
    // It outlives what the file says of other things.
    put("a.yaml", with_labels("api", "{team: other}"));
    apply();
    EXPECT_EQ(entry("api").stack.metadata.annotations.at("example.com/note"), "look");
    ASSERT_TRUE(annotate("api", "example.com/note", std::nullopt));
    EXPECT_FALSE(entry("api").stack.metadata.annotations.contains("example.com/note"));
}

TEST_F(OperationsTest, ARequestOfTheFileIsOneToo) {
    ASSERT_TRUE(request("api"));
    put("a.yaml", with_labels("api", "{team: shop}, annotations: {trueup.dev/requestedAt: noon}"));
    EXPECT_EQ(apply(), Names{"api"}) << "it is to be looked at";
    EXPECT_EQ(request_of(entry("api").stack), "noon");
    const auto later = request("api");
    ASSERT_TRUE(later);
    EXPECT_EQ(request_of(entry("api").stack), *later);
    EXPECT_TRUE(apply().empty());
    EXPECT_EQ(request_of(entry("api").stack), *later);
}

TEST_F(OperationsTest, BoundsAnnotations) {
    for (int number = 0; number < 64; ++number)
        ASSERT_TRUE(annotate("cron", fmt::format("example.com/{}", number), "x"));
    EXPECT_EQ(annotate("cron", "example.com/more", "x").error().code(), Errc::conflict);
    EXPECT_TRUE(annotate("cron", "example.com/0", "y")) << "one that is there may change";
}

TEST_F(OperationsTest, OnlyAStackWhoseFileIsGoneIsForgotten) {
    ASSERT_TRUE(suspend(stack("api")));
    EXPECT_EQ(forget("none").error().code(), Errc::not_found);
    const auto kept = forget("api");
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().code(), Errc::conflict);
    EXPECT_EQ(
        kept.error().message(),
        "/etc/stacks/a.yaml names stack api: only a stack whose file is gone can be forgotten");
    files.erase("a.yaml");
    apply();
    EXPECT_NE(store->suspension("api", clock.now()), nullptr);
    ASSERT_TRUE(forget("api"));
    EXPECT_EQ(registry.find("api"), nullptr);
    EXPECT_EQ(store->suspension("api", clock.now()), nullptr);
    EXPECT_EQ(woken.back(), "api");
    EXPECT_NE(events().find("api Forgotten by person:ada; "), std::string::npos) << events();
}

TEST_F(OperationsTest, AStackThatIsToBeRemovedIsNotForgotten) {
    put("d.yaml", stack_text("data") + "  sync: {deletionPolicy: delete}\n");
    apply();
    files.erase("d.yaml");
    apply();
    ASSERT_TRUE(entry("data").removal);
    EXPECT_EQ(forget("data").error().code(), Errc::conflict);
    EXPECT_NE(registry.find("data"), nullptr);
}

}    // namespace
}    // namespace trueup::reconcile
