// SPDX-License-Identifier: Apache-2.0
#include "controller/app/draft_stack.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "controller/model/labels.hpp"

namespace trueup::app {
namespace {

constexpr const char* commit = "9f3c1e2d00000000000000000000000000000000";

FoundContainer container(const std::string& directory, const std::string& files) {
    FoundContainer found;
    found.service = "web";
    found.labels[std::string(model::labels::compose_working_dir)] = directory;
    found.labels[std::string(model::labels::compose_config_files)] = files;
    return found;
}

FoundProject project(const std::string& name) {
    FoundProject found;
    found.project = name;
    found.environment = "production";
    found.url = "/srv/shop";
    found.commit = commit;
    found.path = "deploy";
    found.working_directory = "/srv/shop/deploy";
    found.compose_files = {{"/srv/shop/deploy/compose.yaml", "compose.yaml", false},
                           {"/srv/shop/common.yaml", "../common.yaml", false}};
    return found;
}

std::string text_of(const FoundProject& found) {
    const auto draft = draft_stack(found);
    return draft ? boost::json::serialize(draft->stack) : draft.error().message();
}

TEST(ProjectLabels, AreThoseOfAContainerThatHasThem) {
    FoundContainer run_by_hand = container("/tmp", "/tmp/x.yaml");
    run_by_hand.one_off = true;
    FoundContainer web =
        container("/srv/shop", "/srv/shop/compose.yaml,/srv/shop/compose.prod.yaml");
    web.labels["com.docker.compose.project.environment_file"] = "/etc/shop.env";
    const auto labels = read_project_labels({run_by_hand, FoundContainer(), web});
    ASSERT_TRUE(labels);
    EXPECT_EQ(labels->working_directory, "/srv/shop");
    EXPECT_EQ(labels->compose_files,
              (std::vector<std::string>{"/srv/shop/compose.yaml", "/srv/shop/compose.prod.yaml"}));
    EXPECT_EQ(labels->variable_files, std::vector<std::string>{"/etc/shop.env"});
    EXPECT_EQ(read_project_labels({FoundContainer(), run_by_hand}).error().code(), Errc::not_found);
}

TEST(ProjectLabels, WhatOthersWereStartedFromIsToldOnce) {
    FoundContainer run_by_hand = container("/tmp", "/tmp/x.yaml");
    run_by_hand.one_off = true;
    FoundContainer mail = container("/srv/shop", "/srv/shop/mail.yaml");
    mail.service = "mail";
    FoundContainer again = mail;
    FoundContainer queue = mail;
    queue.service = "queue";
    const FoundContainer web = container("/srv/shop", "/srv/shop/compose.yaml");
    const std::vector<FoundContainer> all = {web, mail, again, queue, run_by_hand};
    EXPECT_EQ(other_origins(all, *read_project_labels(all)),
              std::vector<std::string>{"mail, queue from /srv/shop/mail.yaml in /srv/shop"});
    EXPECT_TRUE(other_origins({web, web}, *read_project_labels(all)).empty());

    FoundProject found = project("shop");
    found.other_origins = {"mail from /srv/shop/mail.yaml in /srv/shop"};
    const auto draft = draft_stack(found);
    ASSERT_TRUE(draft);
    std::string notes;
    for (const std::string& note : draft->notes) notes += note + "\n";
    EXPECT_NE(notes.find("files below: mail from /srv/shop/mail.yaml in /srv/shop (add"),
              std::string::npos)
        << notes;
}

TEST(DraftStack, SaysWhatItNeedsOfTheHost) {
    FoundProject found = project("shop");
    EXPECT_TRUE(host_needs(found).empty());
    found.variable_files = {{"/srv/shop/deploy/.env", "", false}, {"/srv/x", "../x", true}};
    found.outside_commit = {{"web", "/srv/shop/deploy/uploads"}};
    EXPECT_EQ(host_needs(found),
              (std::vector<HostNeed>{{"/srv/shop/deploy/.env", "variables", false},
                                     {"/srv/shop/deploy", "hostDirectory", true},
                                     {"/srv/shop/deploy/uploads", "bound by service web", true}}));
}

TEST(DraftStack, NamesTheCommitAndTheFiles) {
    EXPECT_EQ(text_of(project("shop")),
              R"({"apiVersion":"trueup.dev/v1alpha1","kind":"Stack","metadata":{"name":"shop"},)"
              R"("spec":{"environment":"production","source":{"git":{"url":"/srv/shop",)"
              R"("commit":"9f3c1e2d00000000000000000000000000000000"},"path":"deploy"},)"
              R"("compose":{"files":["compose.yaml","../common.yaml"]},"adopt":false}})");
}

TEST(DraftStack, KeepsAProjectNameThatNoStackCanHave) {
    const std::string text = text_of(project("_shop_test_"));
    EXPECT_NE(text.find(R"("metadata":{"name":"shop-test"})"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("project":"_shop_test_")"), std::string::npos) << text;
}

TEST(DraftStack, WhatTheCommitDoesNotHaveIsNamedOrRefused) {
    FoundProject found = project("shop");
    found.variable_files = {{"/srv/shop/deploy/.env", "", false}, {"/srv/x", "../x", true}};
    found.outside_commit = {{"web", "/srv/shop/deploy/uploads"}};
    const auto draft = draft_stack(found);
    ASSERT_TRUE(draft);
    const std::string text = boost::json::serialize(draft->stack);
    EXPECT_NE(text.find(R"("variableFiles":[{"host":"/srv/shop/deploy/.env"},"../x"])"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(R"("hostDirectory":"/srv/shop/deploy")"), std::string::npos) << text;
    std::string notes;
    for (const std::string& note : draft->notes) notes += note + "\n";
    EXPECT_NE(notes.find("/srv/x is not as commit 9f3c1e2 has it"), std::string::npos) << notes;
    EXPECT_NE(notes.find("service web binds /srv/shop/deploy/uploads"), std::string::npos) << notes;

    found.compose_files.push_back({"/srv/shop/deploy/local.yaml", "", false});
    EXPECT_EQ(text_of(found),
              "project shop was started from what commit 9f3c1e2 does not have: "
              "/srv/shop/deploy/local.yaml (commit it, and ask again)");
}

TEST(DraftStack, SaysWhatIsAGuessAndWhatIsNotPushed) {
    const auto notes_of = [](const FoundProject& found) {
        std::string notes;
        const auto draft = draft_stack(found);
        if (!draft) return draft.error().message();
        for (const std::string& note : draft->notes) notes += note + "\n";
        return notes;
    };
    FoundProject found = project("shop");
    EXPECT_EQ(notes_of(found), "environment: production is a guess (--environment says another)\n");
    found.environment_said = true;
    EXPECT_EQ(notes_of(found), "");
    found.origin = "ssh://git.example.com/shop.git";
    EXPECT_EQ(notes_of(found),
              "url: the work tree on this host; its remote ssh://git.example.com/shop.git serves "
              "other hosts too\n");
    found.pushed = false;
    EXPECT_EQ(notes_of(found),
              "url: the work tree on this host; its remote ssh://git.example.com/shop.git serves "
              "other hosts too, once commit 9f3c1e2 is pushed there: as far as the work tree "
              "knows, it is not\n");
}

}    // namespace
}    // namespace trueup::app
