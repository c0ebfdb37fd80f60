// SPDX-License-Identifier: Apache-2.0
// What one service says: image, build, command, health check, restart and the plain attributes.
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

using namespace std::chrono_literals;

TEST(ComposeService, TheSmallestProject) {
    const model::Project project = project_of("services: {web: {image: nginx}}\n");
    EXPECT_EQ(project.name, "shop");
    EXPECT_EQ(project.config_files, model::Strings{"compose.yaml"});
    const model::Service& web = project.services.at("web");
    EXPECT_EQ(web.name, "web");
    EXPECT_EQ(web.image, "nginx");
    EXPECT_FALSE(web.build || web.command || web.entrypoint || web.healthcheck);
    EXPECT_EQ(web.replicas, 1);
    EXPECT_EQ(web.restart, model::RestartPolicy());
    EXPECT_EQ(to_string(web.position), "compose.yaml:1:12");
    EXPECT_TRUE(web.networks.contains("default"));
    EXPECT_EQ(project.networks.at("default").name, "shop_default");
    EXPECT_TRUE(project.warnings.empty());
}

TEST(ComposeService, PlainAttributes) {
    const model::Service web = web_of(
        "container_name: front\nhostname: front.local\nuser: 'app:1000'\nworking_dir: /srv\n"
        "stop_signal: SIGINT\nstop_grace_period: 1m30s\ninit: true\nlabels: {a: 1, b: x}\n"
        "x-team: {any: thing}\n");
    EXPECT_EQ(web.container_name, "front");
    EXPECT_EQ(web.hostname, "front.local");
    EXPECT_EQ(web.user, "app:1000");
    EXPECT_EQ(web.working_dir, "/srv");
    EXPECT_EQ(web.stop_signal, "SIGINT");
    EXPECT_EQ(web.stop_grace_period, 90s);
    EXPECT_TRUE(web.init);
    EXPECT_EQ(web.labels, (model::StringMap{{"a", "1"}, {"b", "x"}}));
}

TEST(ComposeService, WhatOnlyTrueupReadsStandsUnderItsOwnName) {
    EXPECT_FALSE(web_of("init: true\n").reloads);
    EXPECT_TRUE(web_of("x-trueup: {reloads: true}\n").reloads);
    EXPECT_FALSE(web_of("x-trueup: {reloads: false}\n").reloads);
    EXPECT_FALSE(web_of("x-trueup:\n").reloads);
    EXPECT_EQ(
        problems_of_web("x-trueup: {reload: true, x-more: 1}\n"),
        "compose.yaml:4:16: services.web.x-trueup.reload: unknown field 'reload' in x-trueup "
        "(did you mean 'reloads'?)\n"
        "compose.yaml:4:30: services.web.x-trueup.x-more: unknown field 'x-more' in x-trueup");
    EXPECT_EQ(
        problems_of_web("x-trueup: {reloads: soon}\n"),
        "compose.yaml:4:25: services.web.x-trueup.reloads: expected true or false, got a string");
}

TEST(ComposeService, LabelsAsAList) {
    EXPECT_EQ(web_of("labels: [a=1, 'b=x=y', c, a=2]\n").labels,
              (model::StringMap{{"a", "2"}, {"b", "x=y"}, {"c", ""}}));
}

TEST(ComposeService, LabelsOfComposeAndOfTrueupAreReserved) {
    EXPECT_EQ(problems_of_web("labels:\n  com.docker.compose.project: x\n  dev.trueup.owner: y\n"),
              "compose.yaml:5:7: services.web.labels: labels that start with "
              "'com.docker.compose.' are reserved (choose another name)\n"
              "compose.yaml:6:7: services.web.labels: labels that start with 'dev.trueup.' "
              "are reserved (choose another name)");
}

TEST(ComposeCommand, AStringIsSplitAndAListIsTakenAsItIs) {
    EXPECT_EQ(web_of("command: sh -c 'echo  $$HOME'\n").command,
              (model::Strings{"sh", "-c", "echo  $HOME"}));
    EXPECT_EQ(web_of("command: [sh, -c, 'echo  1']\n").command,
              (model::Strings{"sh", "-c", "echo  1"}));
    EXPECT_EQ(web_of("entrypoint: /run --fast\n").entrypoint, (model::Strings{"/run", "--fast"}));
}

TEST(ComposeCommand, EmptyClearsAndNullKeepsTheImages) {
    EXPECT_EQ(web_of("command: []\n").command, model::Strings());
    EXPECT_EQ(web_of("command: ''\n").command, model::Strings());
    EXPECT_EQ(web_of("command:\n").command, std::nullopt);
    EXPECT_EQ(web_of("entrypoint: ~\n").entrypoint, std::nullopt);
}

TEST(ComposeCommand, WhatIsNoCommandIsRefused) {
    EXPECT_EQ(problems_of_web("command: sh -c 'echo\n  1\n"),
              "compose.yaml:4:14: services.web.command: a quote is never closed (quote it, "
              "or write a list such as [sh, -c, \"…\"])");
    EXPECT_EQ(problems_of_web("entrypoint: npm run migrate && npm start\n"),
              "compose.yaml:4:17: services.web.entrypoint: '&&' is of a shell, and none reads this "
              "(quote it, or write a list such as [sh, -c, \"…\"])");
    EXPECT_EQ(problems_of_web("command: [sleep, 10]\nentrypoint: {a: b}\n"),
              "compose.yaml:4:22: services.web.command[1]: expected a string, got a number "
              "(put it in quotes)\n"
              "compose.yaml:5:17: services.web.entrypoint: expected a string or a list of "
              "strings, got a mapping");
}

TEST(ComposeBuild, ShortFormIsTheContext) {
    const model::Service api = project_of("services: {api: {build: ./api/}}\n").services.at("api");
    ASSERT_TRUE(api.build);
    EXPECT_EQ(api.build->context, "api");
    EXPECT_EQ(api.build->dockerfile, "Dockerfile");
    EXPECT_EQ(api.image, "");
}

TEST(ComposeBuild, LongForm) {
    LoadOptions options = shop_options();
    options.variables["TOKEN"] = "t";
    const model::Service web = web_of(
        "build:\n  context: .\n  dockerfile: docker/web.Dockerfile\n  target: prod\n"
        "  args: {A: 1, TOKEN: , MISSING: }\n",
        options);
    ASSERT_TRUE(web.build);
    EXPECT_EQ(web.build->context, "");
    EXPECT_EQ(web.build->dockerfile, "docker/web.Dockerfile");
    EXPECT_EQ(web.build->target, "prod");
    EXPECT_EQ(web.build->args, (model::StringMap{{"A", "1"}, {"TOKEN", "t"}}));
    EXPECT_EQ(web.image, "nginx");
    EXPECT_EQ(web_of("build: {args: [A=1, B]}\n").build->args, (model::StringMap{{"A", "1"}}));
    EXPECT_EQ(web_of("build: {dockerfile_inline: FROM x}\n").build->dockerfile_inline, "FROM x");
}

TEST(ComposeBuild, WhatABuildIsMadeWith) {
    const auto build =
        *web_of(
             "build:\n  context: .\n  labels: {team: shop}\n  tags: ['shop:1']\n"
             "  extra_hosts: ['db:10.0.0.1']\n  shm_size: 1m\n  ulimits: {nofile: 10}\n"
             "  network: none\n  no_cache: true\n  pull: true\n  platforms: [linux/amd64]\n"
             "  cache_from: ['old:1', 'type=registry,ref=older:1']\n  provenance: false\n"
             "  sbom: false\n  privileged: false\n")
             .build;
    EXPECT_EQ(build.labels, (model::StringMap{{"team", "shop"}}));
    EXPECT_EQ(build.tags, model::Strings{"shop:1"});
    EXPECT_EQ(build.extra_hosts, model::Strings{"db=10.0.0.1"});
    EXPECT_EQ(build.shm_size, 1024 * 1024);
    EXPECT_EQ(build.ulimits.at("nofile"), (model::Ulimit{10, 10}));
    EXPECT_EQ(build.network, "none");
    EXPECT_TRUE(build.no_cache && build.pull);
    EXPECT_EQ(build.platforms, model::Strings{"linux/amd64"});
    EXPECT_EQ(build.cache_from, (model::Strings{"old:1", "older:1"}));
}

TEST(ComposeBuild, WhatTheEnginesBuilderCannotDoIsRefusedWithWhatToUse) {
    const std::string told = problems_of_web(
        "build:\n  context: .\n  ssh: [default]\n  secrets: [token]\n  privileged: true\n"
        "  provenance: mode=max\n  sbom: true\n  isolation: hyperv\n  entitlements: [x]\n"
        "  cache_to: [y]\n  no_cache_filter: [z]\n  additional_contexts: {a: ./b}\n"
        "  network: shop\n  cache_from: ['type=local,src=/x']\n  labels: {dev.trueup.owner: me}\n"
        "secrets: []\n");
    for (const char* part :
         {"build.ssh: 'ssh' of build is not supported (the engine's API hands no secrets",
          "build.secrets: 'secrets' of build is not supported (the engine's API hands no secrets",
          "build.privileged: 'privileged' of build is not supported (the engine grants a build",
          "build.provenance: 'provenance' of build is not supported (the engine keeps no",
          "build.sbom: 'sbom' of build is not supported (the engine keeps no attestations",
          "build.isolation: 'isolation' of build is not supported (it is of Windows",
          "build.entitlements: 'entitlements' of build is not supported (the engine grants",
          "build.cache_to: 'cache_to' of build is not supported (the engine keeps the cache",
          "build.no_cache_filter: 'no_cache_filter' of build is not supported (the engine's API "
          "takes all stages or none; use no_cache)",
          "build.additional_contexts: 'additional_contexts' of build is not supported (the "
          "engine's API takes one context; copy the folder into it",
          "build.network: a build cannot be on the network 'shop' (BuildKit knows default, host "
          "and none)",
          "build.cache_from: the cache 'type=local,src=/x' needs docker buildx (name an image",
          "build.labels: labels that start with 'dev.trueup.' are reserved"})
        EXPECT_NE(told.find(part), std::string::npos) << part << "\n in " << told;
}

TEST(ComposeBuild, ContextsAreRelativeToTheProjectDirectory) {
    LoadOptions options = shop_options();
    options.project_directory = "deploy/";
    const trueup::test::MemoryTree tree{
        {"deploy/compose.yaml", "services: {a: {build: ../app}, b: {build: {context: ..}}}\n"}};
    const model::Project project = project_of(tree, options);
    EXPECT_EQ(project.services.at("a").build->context, "app");
    EXPECT_EQ(project.services.at("b").build->context, "");
    EXPECT_EQ(project.config_files, model::Strings{"deploy/compose.yaml"});
}

TEST(ComposeBuild, WhatIsNotInTheCommitIsRefused) {
    EXPECT_EQ(problems_of("services:\n"
                          "  a: {build: ../out}\n"
                          "  b: {build: /abs}\n"
                          "  c: {build: ~/home}\n"
                          "  d: {build: 'https://example.com/x.git'}\n"
                          "  e: {build: {context: app, dockerfile: ../../Dockerfile}}\n"
                          "  f: {build: {dockerfile: /Dockerfile}}\n"
                          "  g: {build: {dockerfile: D, dockerfile_inline: FROM x}}\n"),
              "compose.yaml:2:14: services.a.build.context: '../out' is outside the commit "
              "(only files of the commit can be read)\n"
              "compose.yaml:3:14: services.b.build: the build context '/abs' is outside the "
              "commit (use a path relative to the project directory)\n"
              "compose.yaml:4:14: services.c.build.context: '~/home' is outside the commit "
              "(nobody's home is known here; write another path)\n"
              "compose.yaml:5:14: services.d.build: a build context that is a URL is not "
              "supported (copy it into the project, or use the image it makes)\n"
              "compose.yaml:6:41: services.e.build: the Dockerfile '../../Dockerfile' is "
              "outside the commit (use a path relative to the build context)\n"
              "compose.yaml:7:27: services.f.build: the Dockerfile '/Dockerfile' is outside "
              "the commit (use a path relative to the build context)\n"
              "compose.yaml:8:27: services.g.build: dockerfile and dockerfile_inline exclude "
              "each other (keep one)");
}

TEST(ComposeHealthcheck, AStringIsForTheShell) {
    const model::Service web = web_of(
        "healthcheck:\n  test: curl -f localhost\n  interval: 1m30s\n  timeout: 10s\n  retries: 3\n"
        "  start_period: 40s\n  start_interval: 500ms\n");
    ASSERT_TRUE(web.healthcheck);
    EXPECT_EQ(web.healthcheck->test, (model::Strings{"CMD-SHELL", "curl -f localhost"}));
    EXPECT_EQ(web.healthcheck->interval, 90s);
    EXPECT_EQ(web.healthcheck->timeout, 10s);
    EXPECT_EQ(web.healthcheck->retries, 3);
    EXPECT_EQ(web.healthcheck->start_period, 40s);
    EXPECT_EQ(web.healthcheck->start_interval, 500ms);
    EXPECT_FALSE(web.healthcheck->disabled);
}

TEST(ComposeHealthcheck, ListsAreInTheEnginesForm) {
    EXPECT_EQ(web_of("healthcheck: {test: [CMD, curl, '-f']}\n").healthcheck->test,
              (model::Strings{"CMD", "curl", "-f"}));
    EXPECT_EQ(web_of("healthcheck: {interval: 5s}\n").healthcheck->test, model::Strings());
}

TEST(ComposeHealthcheck, IsDisabledInTwoWays) {
    for (const char* text : {"healthcheck: {disable: true}\n", "healthcheck: {test: [NONE]}\n"}) {
        const model::Service web = web_of(text);
        ASSERT_TRUE(web.healthcheck);
        EXPECT_TRUE(web.healthcheck->disabled);
        EXPECT_EQ(web.healthcheck->test, model::Strings{"NONE"});
    }
}

TEST(ComposeHealthcheck, WhatCannotRunIsRefused) {
    EXPECT_EQ(problems_of_web("healthcheck: {test: [curl, x], interval: 10, retries: many}\n"),
              "compose.yaml:4:25: services.web.healthcheck.test: a health check's list "
              "starts with NONE, CMD or CMD-SHELL, not 'curl'\n"
              "compose.yaml:4:46: services.web.healthcheck.interval: expected a string, got "
              "a number (for example 10s, 1m30s or 500ms)\n"
              "compose.yaml:4:59: services.web.healthcheck.retries: 'many' is not a whole "
              "number");
    EXPECT_EQ(problems_of_web("healthcheck: {test: [CMD]}\n"),
              "compose.yaml:4:25: services.web.healthcheck.test: this health check has no "
              "command");
    EXPECT_EQ(problems_of_web("healthcheck: curl\n"),
              "compose.yaml:4:18: services.web.healthcheck: expected a mapping, got a string");
}

model::RestartPolicy restart_of(const std::string& text) {
    return web_of("restart: " + text + "\n").restart;
}

TEST(ComposeRestart, EveryForm) {
    EXPECT_EQ(restart_of("always"), (model::RestartPolicy{"always", 0, true}));
    EXPECT_EQ(restart_of("unless-stopped"), (model::RestartPolicy{"unless-stopped", 0, true}));
    EXPECT_EQ(restart_of("on-failure"), (model::RestartPolicy{"on-failure", 0, true}));
    EXPECT_EQ(restart_of("'on-failure:5'"), (model::RestartPolicy{"on-failure", 5, true}));
    EXPECT_EQ(restart_of("no"), (model::RestartPolicy{"no", 0, true}));
    EXPECT_EQ(restart_of("'no'"), (model::RestartPolicy{"no", 0, true}));
}

TEST(ComposeRestart, WhatIsNoPolicyIsRefused) {
    EXPECT_EQ(problems_of_web("restart: sometimes\n"),
              "compose.yaml:4:14: services.web.restart: 'sometimes' is no restart policy "
              "(no, always, unless-stopped or on-failure[:N])");
    EXPECT_NE(problems_of_web("restart: always:3\n"), "loaded");
    EXPECT_EQ(problems_of_web("restart: on-failure:x\n"),
              "compose.yaml:4:14: services.web.restart: 'on-failure:x' is no restart policy "
              "(no, always, unless-stopped or on-failure[:N])");
    EXPECT_NE(problems_of_web("restart: [always]\n"), "loaded");
}

TEST(ComposeReplicas, ScaleAndDeploySayTheSame) {
    EXPECT_EQ(web_of("deploy: {replicas: 3}\n").replicas, 3);
    EXPECT_EQ(web_of("scale: 2\n").replicas, 2);
    EXPECT_EQ(web_of("scale: 0\n").replicas, 0);
    EXPECT_EQ(web_of("scale: 2\ndeploy: {replicas: 2}\n").replicas, 2);
    EXPECT_EQ(problems_of_web("scale: 2\ndeploy: {replicas: 3}\n"),
              "compose.yaml:4:12: services.web.scale: scale and deploy.replicas differ (keep "
              "one of them)");
    EXPECT_EQ(problems_of_web("deploy: {replicas: -1}\n"),
              "compose.yaml:4:24: services.web: -1 is less than 0");
    EXPECT_EQ(problems_of_web("container_name: a\nscale: 2\n"),
              "compose.yaml:4:21: services.web: a service with a container_name has one "
              "container (remove container_name or the replicas)");
}

}    // namespace
}    // namespace trueup::compose::test
