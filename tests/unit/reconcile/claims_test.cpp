// SPDX-License-Identifier: Apache-2.0
// Which Stacks are this controller's at all.
#include "tests/unit/reconcile/registry_fixture.hpp"

namespace trueup::reconcile {
namespace {

class TwoEngines : public RegistryTest {
protected:
    TwoEngines() : RegistryTest(Engines{{"default", "west"}, false}) {}
};

class OnlyWest : public RegistryTest {
protected:
    OnlyWest() : RegistryTest(Engines{{"west"}, false}) {}
};

class OnlyEast : public RegistryTest {
protected:
    OnlyEast() : RegistryTest(Engines{{"east"}, true}) {}
};

TEST_F(RegistryTest, ProjectClaimedTwiceIsRefusedToBothAndNamesBothPlaces) {
    put("a.yaml", stack_text("shop"));
    put("c.yaml", stack_text("other"));
    apply();
    EXPECT_FALSE(entry("shop").refused);
    put("b.yaml", stack_text("blog") + "---\n" + stack_text("store", 'a', "shop"));
    EXPECT_EQ(apply(), (Names{"blog", "shop", "store"})) << "shop has to hear of it too";
    EXPECT_EQ(invalid_files(), Names{});
    EXPECT_FALSE(entry("blog").refused);
    EXPECT_FALSE(entry("other").refused);
    ASSERT_TRUE(entry("shop").refused && entry("store").refused);
    EXPECT_EQ(entry("shop").refused->reason, "DuplicateProject");
    EXPECT_EQ(
        entry("shop").refused->error.message(),
        "/etc/stacks/a.yaml:1:1: the compose project 'shop' on engine 'default' is also that of "
        "Stack 'store' (/etc/stacks/b.yaml:8:1); nothing of it is touched until one of them "
        "gets another spec.compose.project");
    EXPECT_TRUE(entry("store").refused->error.message().starts_with("/etc/stacks/b.yaml:8:1: "));
    EXPECT_TRUE(is_terminal(entry("store").refused->error));
    put("b.yaml", stack_text("blog"));
    EXPECT_EQ(apply(), (Names{"shop", "store"}));
    EXPECT_FALSE(entry("shop").refused);
    ASSERT_TRUE(entry("store").refused) << "its project is the other's";
    EXPECT_EQ(entry("store").refused->reason, "ProjectTaken");
}

TEST_F(RegistryTest, ThreeClaimsNameOneAnother) {
    put("a.yaml", stack_text("one", 'a', "web") + "---\n" + stack_text("two", 'a', "web") +
                      "---\n" + stack_text("three", 'a', "web"));
    apply();
    EXPECT_NE(
        entry("two").refused->error.message().find(
            "Stack 'one' (/etc/stacks/a.yaml:1:1) and Stack 'three' (/etc/stacks/a.yaml:17:1)"),
        std::string::npos)
        << entry("two").refused->error.message();
}

TEST_F(TwoEngines, OneProjectOnBothIsTwo) {
    put("a.yaml", stack_text("one", 'a', "web"));
    put("b.yaml", stack_text("two", 'a', "web", "west"));
    apply();
    EXPECT_FALSE(entry("one").refused);
    EXPECT_FALSE(entry("two").refused);
}

TEST_F(RegistryTest, EngineThatIsNotThereIsAnErrorOfItsStacks) {
    put("a.yaml", stack_text("one"));
    put("b.yaml", stack_text("two", 'a', "", "west"));
    apply();
    EXPECT_FALSE(entry("one").refused);
    ASSERT_TRUE(entry("two").refused);
    EXPECT_EQ(entry("two").refused->reason, "EngineUnknown");
    EXPECT_EQ(
        entry("two").refused->error.message(),
        "/etc/stacks/b.yaml:7:11: there is no engine 'west' in the controller's configuration, "
        "which has default; nothing of the stack is touched");
    files.erase("b.yaml");
    apply();
    EXPECT_TRUE(entry("two").refused) << "nobody could look after it now either";
}

TEST_F(OnlyWest, AnEngineThatNoFileNamesIsToldAtTheStack) {
    put("a.yaml", stack_text("one"));
    apply();
    ASSERT_TRUE(entry("one").refused);
    EXPECT_TRUE(entry("one").refused->error.message().starts_with(
        "/etc/stacks/a.yaml:1:1: there is no engine 'default'"));
}

TEST_F(OnlyEast, StacksOfOtherEnginesAreOtherControllers) {
    put("a.yaml", stack_text("proxy", 'a', "", "east"));
    put("b.yaml", stack_text("proxy", 'b', "", "west") + "---\n" + stack_text("blog", 'b'));
    put("c.yaml", "nonsense");
    EXPECT_EQ(apply(), Names{"proxy"});
    EXPECT_EQ(registry.names(), Names{"proxy"});
    EXPECT_EQ(entry("proxy").file, "/etc/stacks/a.yaml");
    EXPECT_FALSE(entry("proxy").refused);
    using Others = std::map<std::string, Names>;
    EXPECT_EQ(registry.source().other_engines,
              (Others{{"default", {"blog"}}, {"west", {"proxy"}}}));
    EXPECT_EQ(invalid_files(), Names{"/etc/stacks/c.yaml"}) << "an error is everybody's";
}

TEST_F(OnlyEast, StackThatMovesToAnotherControllersEngineIsLeftBehind) {
    put("a.yaml", stack_text("shop", 'a', "", "east"));
    apply();
    put("a.yaml", stack_text("shop", 'a', "", "west"));
    EXPECT_EQ(apply(), Names{"shop"});
    EXPECT_TRUE(entry("shop").file_gone);
    EXPECT_EQ(entry("shop").moved_to, "west");
    EXPECT_EQ(entry("shop").stack.spec.engine, "east");
    EXPECT_EQ(apply(), Names{});
    put("a.yaml", stack_text("shop", 'a', "", "east"));
    EXPECT_EQ(apply(), Names{"shop"});
    EXPECT_FALSE(entry("shop").file_gone);
    EXPECT_EQ(entry("shop").moved_to, "");
}

}    // namespace
}    // namespace trueup::reconcile
