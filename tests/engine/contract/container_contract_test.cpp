// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "tests/engine/contract/contract.hpp"

namespace trueup::engine::contract {
namespace {

using model::ContainerState;
using model::Health;

TEST_F(Contract, AContainerIsCreatedStartedStoppedAndRemoved) {
    const std::string id = create("a", world->runs());
    EXPECT_EQ(look(id).state, ContainerState::created);
    EXPECT_EQ(look(id).started_at, "");
    ASSERT_TRUE(run(engine.start_container(id)));
    const auto running = look(id);
    EXPECT_EQ(running.state, ContainerState::running);
    EXPECT_EQ(running.name, prefix + "-a");
    EXPECT_EQ(running.id, id);
    EXPECT_NE(running.started_at, "");
    EXPECT_NE(running.pid, 0);
    ASSERT_TRUE(run(engine.stop_container(id, Seconds(0))));
    EXPECT_EQ(look(id).state, ContainerState::exited);
    ASSERT_TRUE(run(engine.remove_container(id, false, true)));
    EXPECT_EQ(run(engine.inspect_container(id)).error().code(), Errc::not_found);
}

TEST_F(Contract, StartingWhatRunsAndStoppingWhatIsStoppedSucceed) {
    const std::string id = started("a", world->runs());
    EXPECT_TRUE(run(engine.start_container(id)));
    EXPECT_TRUE(run(engine.stop_container(id, Seconds(0))));
    EXPECT_TRUE(run(engine.stop_container(id, Seconds(0))));
}

TEST_F(Contract, ARestartRunsTheSameContainerAnewAndStartsOneThatDoesNotRun) {
    const std::string id = started("a", world->runs());
    const auto before = look(id);
    ASSERT_TRUE(run(engine.restart_container(id, Seconds(0))));
    const auto after = look(id);
    EXPECT_EQ(after.state, ContainerState::running);
    EXPECT_NE(after.started_at, before.started_at);
    EXPECT_EQ(after.restart_count, 0) << "counts only what the restart policy does";
    ASSERT_TRUE(run(engine.stop_container(id, Seconds(0))));
    ASSERT_TRUE(run(engine.restart_container(id, Seconds(0))));
    EXPECT_EQ(look(id).state, ContainerState::running);
}

TEST_F(Contract, AContainerIsFoundByItsName) {
    const std::string id = create("a", world->runs());
    EXPECT_EQ(look(prefix + "-a").id, id);
}

TEST_F(Contract, ATakenNameIsAConflict) {
    create("a", world->runs());
    const auto second = run(engine.create_container(prefix + "-a", world->runs()));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), Errc::conflict);
    EXPECT_NE(second.error().message().find(prefix + "-a"), std::string::npos);
}

TEST_F(Contract, AnUnknownImageIsNotFound) {
    boost::json::object body = world->runs();
    body["Image"] = "trueup-test/none:1";
    const auto made = run(engine.create_container(prefix + "-a", std::move(body)));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), Errc::not_found);
}

TEST_F(Contract, NothingCanBeDoneWithAnUnknownContainer) {
    const std::string none = prefix + "-none";
    EXPECT_EQ(error_of(run(engine.start_container(none))), Errc::not_found);
    EXPECT_EQ(error_of(run(engine.stop_container(none, std::nullopt))), Errc::not_found);
    EXPECT_EQ(error_of(run(engine.restart_container(none, std::nullopt))), Errc::not_found);
    EXPECT_EQ(error_of(run(engine.kill_container(none, "KILL"))), Errc::not_found);
    EXPECT_EQ(error_of(run(engine.unpause_container(none))), Errc::not_found);
    EXPECT_EQ(error_of(run(engine.rename_container(none, prefix + "-b"))), Errc::not_found);
    EXPECT_EQ(error_of(run(engine.update_restart_policy(none, {}))), Errc::not_found);
    EXPECT_EQ(error_of(run(engine.remove_container(none, true, true))), Errc::not_found);
    EXPECT_EQ(run(engine.container_logs(none, 1)).error().code(), Errc::not_found);
    EXPECT_EQ(run(engine.container_changes(none)).error().code(), Errc::not_found);
}

TEST_F(Contract, WhatRunsIsRemovedByForceOnly) {
    const std::string id = started("a", world->runs());
    EXPECT_EQ(error_of(run(engine.remove_container(id, false, true))), Errc::conflict);
    EXPECT_TRUE(run(engine.remove_container(id, true, true)));
}

TEST_F(Contract, KillingWhatIsStoppedIsAConflict) {
    const std::string id = started("a", world->runs());
    ASSERT_TRUE(run(engine.kill_container(id, "KILL")));
    EXPECT_TRUE(eventually([&] { return look(id).state == ContainerState::exited; }));
    EXPECT_EQ(look(id).exit_code, 137);
    EXPECT_EQ(error_of(run(engine.kill_container(id, "KILL"))), Errc::conflict);
}

TEST_F(Contract, AContainerIsRenamed) {
    const std::string id = started("a", world->runs());
    ASSERT_TRUE(run(engine.rename_container(id, prefix + "-b")));
    EXPECT_EQ(look(id).name, prefix + "-b");
    create("a", world->runs());
    EXPECT_EQ(error_of(run(engine.rename_container(id, prefix + "-a"))), Errc::conflict);
    EXPECT_EQ(look(id).name, prefix + "-b");
}

TEST_F(Contract, TheRestartPolicyIsUpdated) {
    boost::json::object body = world->runs();
    body["HostConfig"] = {{"RestartPolicy", {{"Name", "always"}}}};
    const std::string id = create("a", std::move(body));
    EXPECT_EQ(look(id).restart_policy, "always");
    ASSERT_TRUE(run(engine.update_restart_policy(id, {})));
    EXPECT_EQ(look(id).restart_policy, "no");
}

TEST_F(Contract, ExitCodesAndOutputAreTold) {
    const std::string failed = started("failed", world->exits_with_3());
    EXPECT_TRUE(eventually([&] { return look(failed).state == ContainerState::exited; }));
    EXPECT_EQ(look(failed).exit_code, 3);
    const std::string talks = started("talks", world->prints("one line"));
    EXPECT_TRUE(eventually([&] {
        const auto logs = run(engine.container_logs(talks, 10));
        return logs && logs->find("one line") != std::string::npos;
    }));
}

TEST_F(Contract, AHealthCheckTurnsHealthy) {
    boost::json::object body = world->runs();
    body["Healthcheck"] = {{"Test", {"CMD", "true"}}, {"Interval", 100'000'000}};
    const std::string id = started("a", std::move(body));
    EXPECT_TRUE(eventually([&] { return look(id).health == Health::healthy; }));
    EXPECT_EQ(look(started("b", world->runs())).health, Health::none);
}

TEST_F(Contract, ListsAreFilteredByLabelsAndState) {
    boost::json::object labelled = world->runs();
    labelled["Labels"] = {{"colour", "blue"}};
    const std::string blue = started("blue", std::move(labelled));
    const std::string plain = create("plain", world->runs());
    ContainerFilter filter;
    filter.labels = {"dev.trueup.contract=" + prefix};
    EXPECT_EQ(run(engine.list_containers(filter))->size(), 2U);
    filter.all = false;
    ASSERT_EQ(run(engine.list_containers(filter))->size(), 1U);
    EXPECT_EQ(run(engine.list_containers(filter))->front().id, blue);
    filter.all = true;
    filter.labels.emplace_back("colour");
    ASSERT_EQ(run(engine.list_containers(filter))->size(), 1U);
    const auto listed = run(engine.list_containers(filter))->front();
    EXPECT_EQ(listed.name, prefix + "-blue");
    EXPECT_EQ(listed.state, ContainerState::running);
}

TEST_F(Contract, LabelsSayWhatAContainerIs) {
    boost::json::object body = world->runs();
    body["Labels"] = {{"com.docker.compose.project", prefix},
                      {"com.docker.compose.service", "api"},
                      {"com.docker.compose.container-number", "2"},
                      {"com.docker.compose.oneoff", "False"},
                      {"dev.trueup.owner", "me"},
                      {"dev.trueup.stack", "shop"},
                      {"dev.trueup.config-hash", "hash"},
                      {"dev.trueup.seal", "wax"},
                      {"dev.trueup.name", "shop-api-2"},
                      {"dev.trueup.revision", "commit"}};
    const auto seen = look(create("a", std::move(body)));
    EXPECT_EQ(seen.project, prefix);
    EXPECT_EQ(seen.service, "api");
    EXPECT_EQ(seen.number, 2);
    EXPECT_TRUE(seen.owned);
    EXPECT_FALSE(seen.one_off);
    EXPECT_EQ(seen.owner, "me");
    EXPECT_EQ(seen.stack, "shop");
    EXPECT_EQ(seen.config_hash, "hash");
    EXPECT_EQ(seen.revision, "commit");
    EXPECT_EQ(seen.seal, "wax");
    EXPECT_EQ(seen.made_as, "shop-api-2");
}

TEST_F(Contract, MountsAreToldWithWhatTheyNameAndWhetherTheyCanBeWritten) {
    ASSERT_TRUE(run(engine.create_volume({{"Name", prefix + "_data"}})));
    boost::json::object body = world->runs();
    boost::json::object scratch{{"Type", "tmpfs"}, {"Target", "/scratch"}};
    body["HostConfig"] = {
        {"Binds", {prefix + "_data:/data", "/etc:/host/etc:ro", prefix + "_data:/copy:ro"}},
        {"Mounts", {std::move(scratch)}}};
    const std::string id = create("a", std::move(body));
    using Kind = model::MountedKind;
    const std::map<std::string, model::ObservedMount> expected{
        {"/data", {Kind::volume, prefix + "_data", true}},
        {"/host/etc", {Kind::bind, "/etc", false}},
        {"/copy", {Kind::volume, prefix + "_data", false}},
        {"/scratch", {Kind::tmpfs, "", true}}};
    EXPECT_EQ(look(id).mounts, expected);
    ASSERT_TRUE(run(engine.start_container(id)));
    EXPECT_EQ(look(id).mounts, expected);
    ContainerFilter filter;
    filter.labels = {"dev.trueup.contract=" + prefix};
    EXPECT_EQ(run(engine.list_containers(filter))->front().mounts, expected);
}

TEST_F(Contract, TheReferenceItWasCreatedWithIsToldBesideTheImage) {
    const auto image = run(engine.inspect_image(world->base_image()));
    boost::json::object body = world->runs();
    const auto by_tag = look(create("tag", body));
    EXPECT_EQ(by_tag.image_reference, world->base_image());
    EXPECT_EQ(by_tag.image_id, image->id);
    body["Image"] = image->id;
    const auto by_id = look(create("id", std::move(body)));
    EXPECT_EQ(by_id.image_reference, image->id);
}

TEST_F(Contract, TheEndOfARunIsToldWithItsTime) {
    const std::string id = started("a", world->exits_with_3());
    EXPECT_TRUE(eventually([&] { return look(id).state == ContainerState::exited; }));
    const auto ended = look(id);
    EXPECT_NE(ended.finished_at, "");
    EXPECT_FALSE(ended.oom_killed);
    EXPECT_EQ(ended.error, "");
    EXPECT_EQ(look(create("b", world->runs())).finished_at, "");
}

TEST_F(Contract, WhatCannotBeStartedSaysWhy) {
    const std::string id = create("a", world->cannot_start());
    EXPECT_EQ(error_of(run(engine.start_container(id))), Errc::invalid);
    const auto failed = look(id);
    EXPECT_EQ(failed.state, ContainerState::created);
    EXPECT_NE(failed.error.find("no such file"), std::string::npos) << failed.error;
    EXPECT_EQ(failed.started_at, "");
}

TEST_F(Contract, TheWholeAnswerOfAnInspectCanBeHad) {
    boost::json::object body = world->runs();
    body["WorkingDir"] = "/srv";
    body["HostConfig"] = {{"RestartPolicy", {{"Name", "always"}}}};
    const std::string id = create("a", std::move(body));
    const auto raw = run(engine.inspect_container_raw(prefix + "-a"));
    ASSERT_TRUE(raw) << raw.error().message();
    EXPECT_EQ(raw->at("Id"), boost::json::value(id));
    EXPECT_EQ(raw->at("Config").at("WorkingDir"), "/srv");
    EXPECT_EQ(raw->at("HostConfig").at("RestartPolicy").at("Name"), "always");
    EXPECT_EQ(run(engine.inspect_container_raw(prefix + "-none")).error().code(), Errc::not_found);

    const auto image = run(engine.inspect_image_raw(world->base_image()));
    ASSERT_TRUE(image) << image.error().message();
    EXPECT_EQ(image->at("RepoTags").at(0), boost::json::value(world->base_image()));
    EXPECT_EQ(run(engine.inspect_image_raw(prefix + ":none")).error().code(), Errc::not_found);
}

TEST_F(Contract, FilesAreWrittenIntoWhatWasOnlyCreated) {
    const std::string id = create("a", world->runs());
    const std::string files = tar({{"etc/trueup-test/deep/x.ini", "hello"}});
    ASSERT_TRUE(run(engine.write_archive(id, "/", files)));
    ASSERT_TRUE(run(engine.start_container(id)));
    EXPECT_EQ(file(id, "/etc/trueup-test/deep/x.ini"), "hello");
    EXPECT_EQ(error_of(run(engine.write_archive(prefix + "-none", "/", files))), Errc::not_found);
    boost::json::object body = world->runs();
    if (!body.contains("HostConfig")) body["HostConfig"] = boost::json::object();
    body["HostConfig"].as_object()["ReadonlyRootfs"] = true;
    const std::string fixed = create("b", std::move(body));
    EXPECT_FALSE(run(engine.write_archive(fixed, "/", files)));
}

TEST_F(Contract, AProgramIsRunInWhatRuns) {
    const std::string id = started("a", world->runs());
    ExecRequest request;
    request.command = {"sh", "-c", "exit 3"};
    request.environment["A"] = "b";
    const auto failed = run(engine.run_in_container(id, request));
    EXPECT_TRUE(failed && *failed == 3);
    request.command = {"sh", "-c", "true"};
    const auto done = run(engine.run_in_container(id, request));
    EXPECT_TRUE(done && *done == 0);
    ASSERT_TRUE(run(engine.stop_container(id, Seconds(0))));
    const auto stopped = run(engine.run_in_container(id, request));
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code(), Errc::conflict);
    const auto none = run(engine.run_in_container(prefix + "-none", request));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code(), Errc::not_found);
}

TEST_F(Contract, WhatAProgramPrintsIsRead) {
    const std::string id = started("a", world->runs());
    ExecRequest request;
    request.command = {"sh", "-c", "echo hello"};
    const auto read = run(engine.read_from_container(id, request, 100));
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->output, "hello\n");
    EXPECT_EQ(read->exit_code, 0);
    const auto longer = run(engine.read_from_container(id, request, 3));
    ASSERT_FALSE(longer);
    EXPECT_EQ(longer.error().code(), Errc::invalid);
    request.command.back() = "exit 3";
    const auto failed = run(engine.read_from_container(id, request, 100));
    EXPECT_TRUE(failed && failed->exit_code == 3 && failed->output.empty());
    request.command = {"/no/such/program"};
    const auto absent = run(engine.read_from_container(id, request, 1000));
    ASSERT_TRUE(absent) << absent.error().message();
    EXPECT_TRUE(absent->exit_code == 126 || absent->exit_code == 127) << absent->exit_code;
    ASSERT_TRUE(run(engine.stop_container(id, Seconds(0))));
    const auto stopped = run(engine.read_from_container(id, request, 100));
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code(), Errc::conflict);
}

TEST_F(Contract, FilesAreReadAndChangesTold) {
    ASSERT_TRUE(build({{"Dockerfile", "FROM " + world->base_image() + "\nCOPY app /srv/app\n"},
                       {"app/main.py", "release = 1\n"}}));
    boost::json::object body = world->runs();
    body["Image"] = prefix + ":1";
    const std::string id = create("a", std::move(body));
    EXPECT_EQ(file(id, "/srv/app/main.py"), "release = 1\n") << "before it was ever started";
    EXPECT_EQ(file(id, "/srv/none"), std::nullopt);
    ASSERT_TRUE(run(engine.start_container(id)));
    world->edit_file(id, "/srv/app/main.py", "debugging\n");
    EXPECT_EQ(file(id, "/srv/app/main.py"), "debugging\n");
    const auto changes = run(engine.container_changes(id));
    ASSERT_TRUE(changes);
    EXPECT_TRUE(std::any_of(changes->begin(), changes->end(), [](const ChangedPath& changed) {
        return changed.path == "/srv/app/main.py" && changed.change == PathChange::modified;
    }));
}

}    // namespace
}    // namespace trueup::engine::contract
