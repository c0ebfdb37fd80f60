// SPDX-License-Identifier: Apache-2.0
#include "api/cli/give_back.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace trueup::cli {
namespace {

constexpr const char* commit = "9f3c1e2d00000000000000000000000000000000";

class GiveBack : public testing::Test {
protected:
    GiveBack() {
        stack_.metadata.name = "shop";
        desired_.commit.id = commit;
        desired_.project.name = "shop";
        desired_.project.config_files = {"compose.yaml"};
        found_.observed.emplace();
        add_service("api");
        add_service("web");
    }

    void add_service(const std::string& name, int replicas = 1) {
        desired_.project.services[name].name = name;
        for (int number = 1; number <= replicas; ++number) {
            model::ObservedContainer container;
            container.id = name + std::to_string(number);
            container.service = name;
            container.number = number;
            container.owned = true;
            found_.observed->containers.push_back(std::move(container));
        }
    }
    model::Service& service(const std::string& name) { return desired_.project.services.at(name); }
    model::ObservedContainer& container(const std::string& id) {
        for (model::ObservedContainer& each : found_.observed->containers) {
            if (each.id == id) return each;
        }
        throw std::out_of_range(id);
    }
    void bind(const std::string& name, const std::string& source, bool in_commit) {
        model::Mount mount;
        mount.kind = model::MountKind::bind;
        mount.source = source;
        mount.target = "/bound";
        mount.in_commit = in_commit;
        service(name).mounts.push_back(std::move(mount));
    }
    void plan_step(plan::Step step) {
        plan::Action action;
        action.step = std::move(step);
        found_.plan.actions.push_back(std::move(action));
    }
    std::string text() {
        found_.desired = std::make_shared<const reconcile::Desired>(desired_);
        return give_back_text(stack_, "shop.yaml", found_);
    }
    bool says(const std::string& part) { return text().find(part) != std::string::npos; }

    v1alpha1::Stack stack_;
    reconcile::Desired desired_;
    reconcile::Findings found_;
};

TEST_F(GiveBack, ComposeGoesOnWithWhatTrueupCreated) {
    EXPECT_TRUE(says("\n  api: compose goes on with what runs\n")) << text();
    EXPECT_TRUE(
        says("2. Run this in the root of a checkout of that commit:\n\n"
             "   docker compose -p shop -f compose.yaml up -d\n"))
        << text();
    EXPECT_FALSE(says("not as that commit says")) << text();
}

TEST_F(GiveBack, WhatBindsAFileOfTheCommitIsCreatedAnew) {
    bind("web", "conf/app.conf", true);
    EXPECT_TRUE(says("web: compose will create it anew: it binds conf/app.conf of the commit"))
        << text();
    EXPECT_TRUE(says("api: compose goes on with what runs")) << text();
}

TEST_F(GiveBack, WhatComposeMadeAndNobodyTouchedHasItsLabels) {
    bind("web", "conf/app.conf", true);
    service("web").post_start.emplace_back();
    container("web1").adopted = true;
    EXPECT_TRUE(says("web: compose goes on with what runs")) << text();

    // It is to be taken over, and was not yet.
    container("web1").adopted = false;
    container("web1").comparison.emplace();
    plan_step(plan::AdoptContainer());
    EXPECT_TRUE(says("web: compose goes on with what runs")) << text();
    EXPECT_FALSE(says("not as that commit says")) << text();
}

TEST_F(GiveBack, OneReplicaThatTrueupReplacedIsEnoughToCreateTheServiceAnew) {
    add_service("worker", 3);
    bind("worker", "conf/app.conf", true);
    container("worker1").adopted = container("worker2").adopted = true;
    EXPECT_TRUE(says("worker: compose will create it anew")) << text();
    container("worker3").adopted = true;
    EXPECT_TRUE(says("worker: compose goes on with what runs")) << text();
}

TEST_F(GiveBack, ACommandByHandSaysNothingOfTheService) {
    bind("web", "conf/app.conf", true);
    container("web1").adopted = true;
    model::ObservedContainer by_hand;
    by_hand.service = "web";
    by_hand.one_off = true;
    found_.observed->containers.push_back(std::move(by_hand));
    EXPECT_TRUE(says("web: compose goes on with what runs")) << text();
}

TEST_F(GiveBack, HooksNeedAnotherComposeWhichCreatesAllAnew) {
    service("api").pre_stop.emplace_back();
    EXPECT_TRUE(
        says("api: compose will create it anew: it has hooks, which docker compose 2.26.1 "
             "refuses"))
        << text();
    EXPECT_TRUE(says("web: compose will create it anew: service api has hooks")) << text();
}

TEST_F(GiveBack, FoldersOfTheHostAreFoundFromTheirOwnFolderOnly) {
    stack_.spec.compose.host_directory = "/srv/shop";
    EXPECT_TRUE(says("Run this in the root of a checkout")) << text();
    bind("web", "/srv/shop/uploads", false);
    EXPECT_TRUE(says("Run this in /srv/shop, which has to be the root of a checkout")) << text();
    stack_.spec.path = "deploy";
    EXPECT_TRUE(says("Run this in /srv/shop, which has to be deploy of a checkout")) << text();
}

TEST_F(GiveBack, WhatDiffersIsToldFirst) {
    plan_step(plan::RemoveContainer());
    EXPECT_TRUE(says("What runs is not as that commit says (`trueup diff -f shop.yaml`)"))
        << text();
    EXPECT_TRUE(says("`trueup apply -f shop.yaml` puts it right first")) << text();
}

TEST_F(GiveBack, TheCommandHasTheFilesAndTheVariablesOfTheHost) {
    stack_.spec.path = "deploy";
    stack_.spec.compose.variables = {{"GREETING", "good day"}};
    stack_.spec.compose.variable_files = {{"/etc/shop.env", true}};
    stack_.spec.compose.profiles = {"debug"};
    desired_.project.config_files = {"deploy/compose.yaml", "common.yaml"};
    EXPECT_TRUE(
        says("\n   GREETING='good day' docker compose -p shop -f compose.yaml -f "
             "../common.yaml --env-file /etc/shop.env --profile debug up -d\n"))
        << text();
}

}    // namespace
}    // namespace trueup::cli
