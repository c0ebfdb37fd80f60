// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/reconcile/registry_fixture.hpp"

namespace trueup::reconcile {
namespace {

TEST_F(RegistryTest, TakesStacksOfAllFiles) {
    put("b.yaml", stack_text("two"));
    put("a.yaml", stack_text("one") + "---\n" + stack_text("three"));
    EXPECT_EQ(apply(), (Names{"one", "three", "two"}));
    EXPECT_EQ(registry.names(), (Names{"one", "three", "two"}));
    EXPECT_EQ(told, (Names{"one", "three", "two"}));
    const Entry& one = entry("one");
    EXPECT_EQ(one.file, "/etc/stacks/a.yaml");
    EXPECT_EQ(one.directory, "/etc/stacks");
    EXPECT_EQ(one.stack.metadata.generation, 1);
    EXPECT_EQ(one.stack.metadata.creation_timestamp, clock.now());
    EXPECT_FALSE(one.stack.metadata.uid.empty());
    EXPECT_TRUE(registry.source().readable);
    EXPECT_EQ(registry.source().last_read, clock.now());
}

TEST_F(RegistryTest, SameSnapshotChangesNothing) {
    put("a.yaml", stack_text("shop"));
    apply();
    const auto version = registry.resource_version();
    EXPECT_EQ(apply(), Names{});
    EXPECT_EQ(told, Names{});
    EXPECT_EQ(registry.resource_version(), version);
}

TEST_F(RegistryTest, NewSpecBumpsTheGenerationAndKeepsTheRest) {
    put("a.yaml", stack_text("shop"));
    apply();
    v1alpha1::StackStatus status;
    status.running_commit = "abc";
    registry.set_status("shop", status);
    const v1alpha1::Metadata before = entry("shop").stack.metadata;
    clock.advance(Seconds(60));
    put("a.yaml", stack_text("shop", 'b'));
    EXPECT_EQ(apply(), Names{"shop"});
    const v1alpha1::Metadata after = entry("shop").stack.metadata;
    EXPECT_EQ(after.generation, 2);
    EXPECT_EQ(after.uid, before.uid);
    EXPECT_EQ(after.creation_timestamp, before.creation_timestamp);
    EXPECT_GT(after.resource_version, before.resource_version);
    EXPECT_EQ(after.resource_version, registry.resource_version());
    EXPECT_EQ(entry("shop").stack.status, status);
    EXPECT_EQ(entry("shop").stack.spec.git.commit, std::string(40, 'b'));
}

TEST_F(RegistryTest, CommentIsNoNewSpec) {
    put("a.yaml", stack_text("shop"));
    apply();
    put("a.yaml", "# who to call: ops\n" + stack_text("shop"));
    EXPECT_EQ(apply(), Names{});
    EXPECT_EQ(generation("shop"), 1);
    EXPECT_EQ(entry("shop").stack.position.line, 2U) << "messages name the new place";
}

TEST_F(RegistryTest, LabelIsToldToReadersButNeedsNoReconcile) {
    put("a.yaml", stack_text("shop"));
    apply();
    std::string labelled = stack_text("shop");
    labelled.replace(labelled.find("{name: shop}"), 12, "{name: shop, labels: {team: web}}");
    put("a.yaml", labelled);
    EXPECT_EQ(apply(), Names{});
    EXPECT_EQ(told, Names{"shop"});
    EXPECT_EQ(generation("shop"), 1);
    EXPECT_EQ(entry("shop").stack.metadata.labels.at("team"), "web");
}

TEST_F(RegistryTest, InvalidFileKeepsItsLastGoodStacksAndSaysSo) {
    put("a.yaml", stack_text("shop"));
    put("b.yaml", stack_text("blog"));
    apply();
    const SystemTime broken_at = clock.now();
    put("a.yaml", "kind: [Stack\n");
    put("b.yaml", stack_text("blog", 'b'));
    EXPECT_EQ(apply(), (Names{"blog", "shop"})) << "the rest of the source goes on";
    EXPECT_EQ(entry("shop").stack.spec.git.commit, std::string(40, 'a'));
    EXPECT_EQ(generation("shop"), 1);
    ASSERT_TRUE(entry("shop").file_error);
    EXPECT_EQ(entry("shop").file_error->problems().at(0).position.file, "/etc/stacks/a.yaml");
    EXPECT_FALSE(entry("shop").file_gone);
    EXPECT_EQ(invalid_files(), Names{"/etc/stacks/a.yaml"});

    clock.advance(Seconds(60));
    put("a.yaml", "kind: 7\n");
    apply();
    EXPECT_EQ(registry.source().invalid_files.at(0).since, broken_at);

    put("a.yaml", stack_text("shop"));
    EXPECT_EQ(apply(), Names{"shop"});
    EXPECT_FALSE(entry("shop").file_error);
    EXPECT_EQ(generation("shop"), 1) << "it says what it said before";
    EXPECT_EQ(invalid_files(), Names{});
}

TEST_F(RegistryTest, UnreadableFileKeepsItsStacks) {
    put("a.yaml", stack_text("shop"));
    apply();
    files.clear();
    make_unreadable("/a.yaml");
    EXPECT_EQ(apply(), Names{"shop"});
    EXPECT_FALSE(entry("shop").file_gone);
    ASSERT_TRUE(entry("shop").file_error);
    EXPECT_EQ(invalid_files(), Names{"/etc/stacks/a.yaml"});
}

TEST_F(RegistryTest, UnreadableFolderSpeaksForTheFilesBelowIt) {
    put("team/a.yaml", stack_text("shop"));
    put("team-two/b.yaml", stack_text("blog"));
    apply();
    files.clear();
    make_unreadable("/team");
    EXPECT_EQ(apply(), (Names{"blog", "shop"}));
    EXPECT_FALSE(entry("shop").file_gone);
    EXPECT_TRUE(entry("shop").file_error);
    EXPECT_TRUE(entry("blog").file_gone) << "/team is not the folder of /team-two/b.yaml";
}

TEST_F(RegistryTest, StackWhoseFileVanishedStays) {
    put("a.yaml", stack_text("shop"));
    apply();
    const auto uid = entry("shop").stack.metadata.uid;
    files.clear();
    EXPECT_EQ(apply(), Names{"shop"});
    EXPECT_TRUE(entry("shop").file_gone);
    EXPECT_EQ(generation("shop"), 1);
    EXPECT_EQ(apply(), Names{}) << "gone is no news the second time";

    put("other.yaml", stack_text("shop"));
    EXPECT_EQ(apply(), Names{"shop"});
    EXPECT_FALSE(entry("shop").file_gone);
    EXPECT_EQ(entry("shop").file, "/etc/stacks/other.yaml");
    EXPECT_EQ(generation("shop"), 1);
    EXPECT_EQ(entry("shop").stack.metadata.uid, uid);
}

TEST_F(RegistryTest, StackLeftOutOfItsFileIsGone) {
    put("a.yaml", stack_text("shop") + "---\n" + stack_text("blog"));
    apply();
    put("a.yaml", stack_text("shop"));
    EXPECT_EQ(apply(), Names{"blog"});
    EXPECT_TRUE(entry("blog").file_gone);
}

TEST_F(RegistryTest, MovedFileIsTheSameStack) {
    put("a.yaml", stack_text("shop"));
    apply();
    files.clear();
    put("z.yaml", stack_text("shop"));
    EXPECT_EQ(apply(), Names{"shop"}) << "relative urls may start elsewhere now";
    EXPECT_EQ(generation("shop"), 1);
    EXPECT_FALSE(entry("shop").file_gone);
}

TEST_F(RegistryTest, RenamedStackGivesItsProjectToTheOther) {
    put("a.yaml", stack_text("shop", 'a', "web"));
    apply();
    put("a.yaml", stack_text("store", 'a', "web"));
    EXPECT_EQ(apply(), (Names{"shop", "store"}));
    EXPECT_FALSE(entry("store").refused);
    EXPECT_TRUE(entry("shop").file_gone);
    ASSERT_TRUE(entry("shop").refused) << "two stacks would fight for one project";
    EXPECT_EQ(entry("shop").refused->reason, "ProjectTaken");
    EXPECT_EQ(entry("shop").refused->error.message(),
              "its file /etc/stacks/a.yaml is gone, and its compose project 'web' on engine "
              "'default' is that of Stack 'store' (/etc/stacks/a.yaml:1:1) now; what is remembered "
              "of it stays until `trueup forget shop`");
    put("a.yaml", stack_text("shop", 'a', "web"));
    apply();
    EXPECT_FALSE(entry("shop").file_gone || entry("shop").refused);
    EXPECT_TRUE(entry("store").refused);
}

TEST_F(RegistryTest, ACopyWithAnotherCommitReplacesNothing) {
    put("b.yaml", stack_text("shop", 'b') + "---\n" + stack_text("blog"));
    put("c.yaml", stack_text("wiki"));
    apply();
    put("a.yaml", stack_text("shop", 'a'));
    put("c.yaml", stack_text("wiki", 'c'));
    EXPECT_EQ(apply(), (Names{"blog", "shop", "wiki"}));
    EXPECT_EQ(entry("shop").file, "/etc/stacks/b.yaml");
    EXPECT_EQ(entry("shop").stack.spec.git.commit, std::string(40, 'b'));
    EXPECT_EQ(generation("shop"), 1);
    EXPECT_EQ(invalid_files(), (Names{"/etc/stacks/a.yaml", "/etc/stacks/b.yaml"}));
    EXPECT_EQ(registry.source().invalid_files.at(1).error.message(),
              "/etc/stacks/b.yaml:1:1: Stack 'shop' is also that of /etc/stacks/a.yaml: none of "
              "these files is taken, and what was in force stays (rename or remove one of them)");
    EXPECT_TRUE(entry("blog").file_error) << "its file is not taken, and it stays as it was";
    EXPECT_FALSE(entry("wiki").file_error);
    EXPECT_EQ(generation("wiki"), 2);
    files.erase("b.yaml");
    apply();
    EXPECT_EQ(entry("shop").stack.spec.git.commit, std::string(40, 'a'))
        << "a file that was renamed";
    EXPECT_EQ(invalid_files(), Names{});
}

TEST_F(RegistryTest, OfTwoNewFilesWithOneStackNeitherIsTaken) {
    put("a.yaml", stack_text("shop", 'a'));
    put("b.yaml", stack_text("shop", 'b'));
    EXPECT_EQ(apply(), Names{});
    EXPECT_EQ(registry.find("shop"), nullptr);
    EXPECT_EQ(invalid_files(), (Names{"/etc/stacks/a.yaml", "/etc/stacks/b.yaml"}));
    files.erase("b.yaml");
    EXPECT_EQ(apply(), Names{"shop"});
}

TEST_F(RegistryTest, AStackThatIsNamedTwiceInOneFileIsAnError) {
    put("a.yaml", stack_text("shop", 'a') + "---\n" + stack_text("shop", 'b'));
    EXPECT_EQ(apply(), Names{});
    EXPECT_EQ(invalid_files(), Names{"/etc/stacks/a.yaml"});
}

TEST_F(RegistryTest, AFileThatIsNotTakenKeepsWhatItGaveBefore) {
    put("a.yaml", stack_text("shop", 'a'));
    put("c.yaml", stack_text("blog", 'c'));
    apply();
    // shop moved to b.yaml, but a.yaml cannot be taken, so it is not known to have given it up.
    put("a.yaml", stack_text("blog", 'a'));
    put("b.yaml", stack_text("shop", 'b'));
    apply();
    EXPECT_EQ(entry("shop").stack.spec.git.commit, std::string(40, 'a'));
    EXPECT_EQ(entry("blog").stack.spec.git.commit, std::string(40, 'c'));
    EXPECT_EQ(invalid_files(),
              (Names{"/etc/stacks/a.yaml", "/etc/stacks/b.yaml", "/etc/stacks/c.yaml"}));
}

TEST_F(RegistryTest, InvalidFileDefendsItsStacksAgainstOtherFiles) {
    for (const std::string other : {"a.yaml", "z.yaml"}) {
        put("m.yaml", stack_text("shop"));
        apply();
        put("m.yaml", "nonsense");
        put(other, stack_text("shop", 'b'));
        apply();
        EXPECT_EQ(entry("shop").file, "/etc/stacks/m.yaml");
        EXPECT_EQ(entry("shop").stack.spec.git.commit, std::string(40, 'a'));
        EXPECT_EQ(invalid_files().size(), 2U) << other;
        files.erase(other);
    }
}

TEST_F(RegistryTest, EmptySourceRemovesNothing) {
    for (const std::string name : {"a", "b", "c"}) put(name + ".yaml", stack_text(name));
    apply();
    files.clear();
    apply();
    EXPECT_EQ(registry.names(), (Names{"a", "b", "c"}));
}

TEST_F(RegistryTest, FailedReadChangesOnlyTheSource) {
    put("a.yaml", stack_text("shop"));
    revision = "1111";
    apply();
    const auto version = registry.resource_version();
    const auto read_at = clock.now();
    clock.advance(Seconds(60));
    registry.source_failed(Error(Errc::unavailable, "no route to host"));
    EXPECT_FALSE(registry.source().readable);
    EXPECT_EQ(registry.source().error->message(), "no route to host");
    EXPECT_EQ(registry.source().last_read, read_at);
    EXPECT_EQ(registry.source().revision, "1111");
    EXPECT_EQ(registry.names(), Names{"shop"});
    EXPECT_EQ(registry.resource_version(), version);
    apply();
    EXPECT_TRUE(registry.source().readable);
    EXPECT_FALSE(registry.source().error);
}

TEST_F(RegistryTest, StatusBumpsTheVersionOnlyWhenItDiffers) {
    put("a.yaml", stack_text("shop"));
    apply();
    told.clear();
    v1alpha1::StackStatus status;
    status.observed_generation = 1;
    registry.set_status("shop", status);
    const auto version = registry.resource_version();
    EXPECT_EQ(told, Names{"shop"});
    EXPECT_EQ(entry("shop").stack.metadata.resource_version, version);
    registry.set_status("shop", status);
    registry.set_status("unknown", status);
    EXPECT_EQ(registry.resource_version(), version);
    EXPECT_EQ(told, Names{"shop"});
}

}    // namespace
}    // namespace trueup::reconcile
