// SPDX-License-Identifier: Apache-2.0
// Which stacks may go when their files are gone, and which wait for a person.
#include "controller/reconcile/removals.hpp"

#include "tests/unit/reconcile/registry_fixture.hpp"

namespace trueup::reconcile {
namespace {

std::string going(const std::string& name) {
    return stack_text(name) + "  sync: {deletionPolicy: delete}\n";
}

class RemovalsTest : public RegistryTest {
protected:
    void put_many(int count) {
        for (int number = 1; number <= count; ++number) put(name(number), going(name(number)));
        apply();
    }
    static std::string name(int number) { return fmt::format("s{}", number); }
    Names together(const std::string& stack) {
        const Entry& found = entry(stack);
        return found.removal ? found.removal->together : Names();
    }
    bool waits(const std::string& stack) {
        const Entry& found = entry(stack);
        EXPECT_TRUE(found.removal) << stack;
        return found.removal && !found.removal->token.empty();
    }
};

TEST_F(RemovalsTest, OneOfManyGoes) {
    put_many(5);
    files.erase("s3");
    EXPECT_EQ(apply(), Names{"s3"});
    EXPECT_EQ(together("s3"), Names{"s3"});
    EXPECT_FALSE(waits("s3"));
    EXPECT_FALSE(entry("s1").removal);
}

TEST_F(RemovalsTest, TwoWaitAndNameEachOther) {
    put_many(50);
    files.erase("s3");
    files.erase("s7");
    apply();
    EXPECT_EQ(together("s3"), (Names{"s3", "s7"}));
    EXPECT_TRUE(waits("s3"));
    EXPECT_EQ(entry("s3").removal->token, entry("s7").removal->token);
    EXPECT_NE(entry("s3").removal->question.find("the files of s3, s7 are gone"), std::string::npos)
        << entry("s3").removal->question;
    EXPECT_NE(entry("s3").removal->question.find("2 of 50 stacks"), std::string::npos);
}

TEST_F(RemovalsTest, MoreThanAFifthWaits) {
    put_many(4);
    files.erase("s3");
    apply();
    EXPECT_TRUE(waits("s3"));
}

TEST_F(RemovalsTest, AnotherOneMakesItAnotherQuestion) {
    put_many(50);
    files.erase("s1");
    apply();
    EXPECT_FALSE(waits("s1"));
    files.erase("s2");
    EXPECT_EQ(apply(), (Names{"s1", "s2"}));
    EXPECT_TRUE(waits("s1"));
    const std::string before = entry("s1").removal->token;
    files.erase("s3");
    apply();
    EXPECT_NE(entry("s1").removal->token, before);
    put("s2", going("s2"));
    put("s3", going("s3"));
    apply();
    EXPECT_FALSE(waits("s1"));
    EXPECT_FALSE(entry("s2").removal);
}

TEST_F(RemovalsTest, AnEmptyDesiredStateWaits) {
    put_many(50);
    files.clear();
    apply();
    EXPECT_TRUE(waits("s1"));
    EXPECT_EQ(together("s1").size(), 50U);
    EXPECT_NE(entry("s1").removal->question.find("names no stack any more"), std::string::npos);
}

TEST_F(RemovalsTest, OrphansStay) {
    put_many(10);
    put("orphan", stack_text("orphan"));
    apply();
    files.erase("orphan");
    apply();
    EXPECT_TRUE(entry("orphan").file_gone);
    EXPECT_FALSE(entry("orphan").removal);
}

TEST_F(RemovalsTest, WhatCannotBeReadIsNotGone) {
    put_many(10);
    make_unreadable("/s3");
    apply();
    EXPECT_FALSE(entry("s3").removal);
    put("s4", "kind: [broken");
    apply();
    EXPECT_FALSE(entry("s4").removal);
    EXPECT_TRUE(entry("s4").file_error);
}

// --- after a restart ---

store::KnownStack known(const std::string& name, const std::string& policy) {
    return store::KnownStack{name, "/etc/stacks/" + name, "test", name, "default", policy};
}

TEST_F(RemovalsTest, WhatWentWhileNobodyLookedIsMissed) {
    std::map<std::string, store::KnownStack> stacks;
    for (int number = 1; number <= 6; ++number)
        stacks.emplace(name(number), known(name(number), "delete"));
    registry.remember(stacks);
    for (int number = 1; number <= 5; ++number) put(name(number), going(name(number)));
    apply();
    EXPECT_EQ(together("s6"), Names{"s6"});
    EXPECT_FALSE(waits("s6"));
    EXPECT_EQ(entry("s6").stack.project_name(), "s6");
    EXPECT_FALSE(entry("s1").remembered);
    EXPECT_EQ(generation("s1"), 2) << "its spec is known only now";
}

TEST_F(RemovalsTest, ManyThatWentWhileNobodyLookedWait) {
    std::map<std::string, store::KnownStack> stacks;
    for (int number = 1; number <= 6; ++number)
        stacks.emplace(name(number), known(name(number), "delete"));
    registry.remember(stacks);
    apply();
    EXPECT_EQ(together("s6").size(), 6U);
    EXPECT_TRUE(waits("s6"));
}

TEST_F(RemovalsTest, ARememberedOrphanStays) {
    registry.remember({{"old", known("old", "orphan")}});
    put("s1", going("s1"));
    EXPECT_EQ(apply(), (Names{"old", "s1"}));
    EXPECT_TRUE(entry("old").file_gone && entry("old").remembered);
    EXPECT_FALSE(entry("old").removal || entry("old").refused);
    EXPECT_TRUE(apply().empty());
    put("old", stack_text("old"));
    EXPECT_EQ(apply(), Names{"old"});
    EXPECT_FALSE(entry("old").file_gone || entry("old").remembered);
}

TEST_F(RemovalsTest, OrphansMakeARemovalNoSmallerPart) {
    std::map<std::string, store::KnownStack> stacks;
    for (int number = 1; number <= 20; ++number)
        stacks.emplace(name(number), known(name(number), "orphan"));
    registry.remember(stacks);
    for (const char* each : {"one", "two", "three"}) put(each, going(each));
    apply();
    files.erase("one");
    apply();
    EXPECT_TRUE(waits("one"));
    EXPECT_NE(entry("one").removal->question.find("1 of 3 stacks"), std::string::npos)
        << entry("one").removal->question;
    files.clear();
    apply();
    EXPECT_NE(entry("one").removal->question.find("names no stack any more"), std::string::npos)
        << entry("one").removal->question;
}

TEST_F(RemovalsTest, ARememberedStackOfABrokenFileIsLeftAlone) {
    registry.remember({{"s1", known("s1", "delete")}, {"s2", known("s2", "orphan")}});
    put("s1", "kind: [broken");
    make_unreadable("/s2");
    apply();
    for (const std::string stack : {"s1", "s2"}) {
        EXPECT_FALSE(entry(stack).removal) << stack;
        ASSERT_TRUE(entry(stack).refused) << stack;
        EXPECT_EQ(entry(stack).refused->reason, "InvalidFile");
    }
    put("s1", going("s1"));
    apply();
    EXPECT_FALSE(entry("s1").refused);
}

TEST_F(RemovalsTest, ARemovedStackIsGone) {
    put_many(6);
    files.erase("s1");
    apply();
    registry.remove("s1");
    EXPECT_EQ(registry.find("s1"), nullptr);
    EXPECT_TRUE(apply().empty());
    EXPECT_EQ(registry.find("s1"), nullptr);
}

}    // namespace
}    // namespace trueup::reconcile
