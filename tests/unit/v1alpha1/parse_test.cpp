// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/v1alpha1/codec.hpp"

namespace trueup::v1alpha1 {
namespace {

const std::string commit = "9f3c1e2d00000000000000000000000000000abc";

std::string minimal(const std::string& name = "shop-production") {
    return fmt::format(
        "apiVersion: trueup.dev/v1alpha1\n"
        "kind: Stack\n"
        "metadata: {{name: {}}}\n"
        "spec:\n"
        "  environment: production\n"
        "  source: {{git: {{url: https://git.example.com/shop.git, commit: {}}}}}\n",
        name, commit);
}

// The problems of a text, as the user sees them.
std::string problems_of(const std::string& text) {
    const auto stacks = parse_stacks(text, "stack.yaml");
    return stacks ? "none" : stacks.error().message();
}

TEST(ParseStacks, TheSmallestUsefulFile) {
    const auto stacks = parse_stacks(minimal(), "stack.yaml");
    ASSERT_TRUE(stacks) << stacks.error().message();
    ASSERT_EQ(stacks->size(), 1U);
    const Stack& stack = stacks->front();
    EXPECT_EQ(stack.metadata.name, "shop-production");
    EXPECT_EQ(stack.project_name(), "shop-production");
    EXPECT_EQ(stack.metadata.uid.size(), 36U);
    EXPECT_EQ(stack.metadata.uid, parse_stacks(minimal(), "other.yaml")->front().metadata.uid);
    EXPECT_EQ(stack.spec.environment, "production");
    EXPECT_EQ(stack.spec.git.commit, commit);
    EXPECT_EQ(to_string(stack.spec.git.url_position), "stack.yaml:6:23");
    EXPECT_EQ(stack.spec.path, ".");
    EXPECT_TRUE(stack.spec.sync.prune);
    EXPECT_EQ(stack.spec.sync.interval, std::chrono::minutes(1));
}

TEST(ParseStacks, EveryFieldThatIsActedOn) {
    const auto stacks = parse_stacks(R"(
apiVersion: trueup.dev/v1alpha1
kind: Stack
metadata:
  name: shop
  labels: {team: web}
  annotations: {note: 5}
spec:
  environment: test
  source:
    git: {url: ../shop, branch: feature/new, credentials: shop-git}
    path: ./deploy/
  compose:
    files: [compose.yaml, ../common.yaml]
    project: shop_test
    profiles: [web]
    variables: {API_PORT: 8001, DEBUG: true, EMPTY: "", OCTAL: 010}
    variableFiles: [.env.test, {host: /etc/shop/x.env}]
    hostDirectory: /srv/shop
  code:
    - {service: api, from: app, to: /srv/app, ignore: [uploads/**]}
  build: {mode: never, bytecode: ignore}
  rollout: {timeout: 2m}
  sync: {mode: manual, driftCorrection: warn, grace: 10s, prune: false, deletionPolicy: delete,
         ignore: [{paths: [/services/api/environment/DEBUG]}], interval: 30s}
  engine: west
  adopt: true
  suspend: true
  historyLimit: 3
)",
                                     "stack.yaml");
    ASSERT_TRUE(stacks) << stacks.error().message();
    const Stack& stack = stacks->front();
    EXPECT_EQ(stack.metadata.annotations.at("note"), "5");
    EXPECT_EQ(stack.spec.git.branch, "feature/new");
    EXPECT_EQ(stack.spec.path, "deploy");
    EXPECT_EQ(stack.project_name(), "shop_test");
    EXPECT_EQ(stack.spec.compose.files,
              (std::vector<std::string>{"compose.yaml", "../common.yaml"}));
    EXPECT_EQ(stack.spec.compose.variables,
              (std::map<std::string, std::string>{
                  {"API_PORT", "8001"}, {"DEBUG", "true"}, {"EMPTY", ""}, {"OCTAL", "010"}}));
    EXPECT_EQ(stack.spec.compose.variable_files,
              (std::vector<VariableFile>{{".env.test", false}, {"/etc/shop/x.env", true}}));
    EXPECT_EQ(stack.spec.code,
              (std::vector<CodeSpec>{CodeSpec{"api", "app", "/srv/app", {"uploads/**"}}}));
    EXPECT_EQ(stack.spec.build_mode, BuildMode::never);
    EXPECT_EQ(stack.spec.bytecode, BytecodePolicy::ignore);
    EXPECT_EQ(stack.spec.rollout_timeout, std::chrono::minutes(2));
    EXPECT_FALSE(stack.spec.sync.prune);
    EXPECT_EQ(stack.spec.sync.interval, std::chrono::seconds(30));
    EXPECT_EQ(stack.spec.sync.mode, SyncMode::manual);
    EXPECT_EQ(stack.spec.sync.drift_correction, DriftCorrection::warn);
    EXPECT_EQ(stack.spec.sync.deletion_policy, DeletionPolicy::remove);
    EXPECT_EQ(stack.spec.sync.grace, std::chrono::seconds(10));
    EXPECT_EQ(stack.spec.sync.ignore, std::vector<std::string>{"/services/api/environment/DEBUG"});
    EXPECT_EQ(stack.spec.git.credentials, "shop-git");
    EXPECT_EQ(stack.spec.compose.host_directory, "/srv/shop");
    EXPECT_EQ(stack.spec.engine, "west");
    EXPECT_TRUE(stack.spec.adopt);
    EXPECT_TRUE(stack.spec.suspend);
    EXPECT_EQ(stack.spec.history_limit, 3);
}

TEST(ParseStacks, DefaultsOfFieldsNotActedOnAreAccepted) {
    EXPECT_EQ(problems_of(R"(
apiVersion: trueup.dev/v1alpha1
kind: Stack
metadata: {name: shop, uid: x, generation: 4, resourceVersion: "9", creationTimestamp: "2026-01-01T00:00:00Z"}
spec:
  environment: test
  engine: default
  source: {git: {url: /srv/shop, branch: main, tag: null}, sameRepository: false, path: .}
  compose: {files: [], profiles: [], variables: {}, hostDirectory: }
  code: []
  images: pinned
  build: {mode: build, bytecode: purge}
  checks: {image: [], running: []}
  rollout: {strategy: auto, gateway: auto, before: [], steps: [], drain: 10s, rollback: automatic}
  sync: {mode: automatic, driftCorrection: enabled, grace: 60s, onUnhealthy: report, prune: true,
         deletionPolicy: orphan, windows: [], dependsOn: [], ignore: [], interval: 1m}
  adopt: false
  suspend: false
  historyLimit: 10
status: {anything: goes}
)"),
              "none");
}

TEST(ParseStacks, OtherValuesOfThemAreRefusedByName) {
    EXPECT_EQ(
        problems_of(R"(apiVersion: trueup.dev/v1alpha1
kind: Stack
metadata: {name: shop}
spec:
  environment: test
  source:
    git: {url: /srv/shop, tag: v1, signatures: {signedBy: [x]}}
    sameRepository: true
  images: follow
  build: {mode: pull, bytecode: keep}
  checks: {running: [{service: api}]}
  rollout: {strategy: canary, gateway: enabled, steps: [1], drain: 5s, rollback: manual}
  sync: {windows: [{kind: allow}]}
  promotion: {from: x}
)"),
        "stack.yaml:7:32: spec.source.git.tag is not supported yet by this version (leave the "
        "field out)\n"
        "stack.yaml:7:48: spec.source.git.signatures is not supported yet by this version (leave "
        "the field out)\n"
        "stack.yaml:8:21: spec.source.sameRepository: true is not supported yet by this version "
        "(leave the field out or write false)\n"
        "stack.yaml:9:11: spec.images: follow is not supported yet by this version "
        "(leave the field out or write pinned)\n"
        "stack.yaml:10:17: spec.build.mode: pull is not supported yet by this version (write build "
        "or never)\n"
        "stack.yaml:10:33: spec.build.bytecode: unknown word 'keep' (one of: purge, reject, "
        "ignore)\n"
        "stack.yaml:11:21: spec.checks.running is not supported yet by this version (leave the "
        "field out)\n"
        "stack.yaml:12:23: spec.rollout.strategy: canary is not supported yet by this version "
        "(leave the field out or write auto)\n"
        "stack.yaml:12:40: spec.rollout.gateway: enabled is not supported yet by this version "
        "(leave the field out or write auto)\n"
        "stack.yaml:12:56: spec.rollout.steps is not supported yet by this version (leave the "
        "field out)\n"
        "stack.yaml:12:68: spec.rollout.drain: 5s is not supported yet by this version "
        "(leave the field out or write 10s)\n"
        "stack.yaml:12:82: spec.rollout.rollback: manual is not supported yet by this version "
        "(leave the field out or write automatic)\n"
        "stack.yaml:13:19: spec.sync.windows is not supported yet by this version (leave the field "
        "out)\n"
        "stack.yaml:14:14: spec.promotion is not supported yet by this version (leave the field "
        "out)");
}

TEST(ParseStacks, WhatSyncCannotMeanIsTold) {
    EXPECT_EQ(
        problems_of(R"(apiVersion: trueup.dev/v1alpha1
kind: Stack
metadata: {name: shop}
spec:
  environment: test
  engine: West
  source: {git: {url: /srv/shop, branch: main, credentials: -x}}
  compose: {variableFiles: [{host: etc/x.env}, {path: y}, ../../up], hostDirectory: /srv/../etc}
  sync: {mode: auto, driftCorrection: no, grace: soon, deletionPolicy: prune,
         ignore: [{paths: [/services/api, /networks/x/name, services/a/b]}, {path: [/a]}]}
  adopt: yes
  historyLimit: 0
)"),
        R"(stack.yaml:6:11: spec.engine: 'West' is not a valid name (the name of an engine in the controller's configuration)
stack.yaml:7:61: spec.source.git.credentials: '-x' is not a valid name (the name of a credential in the controller's configuration)
stack.yaml:8:36: spec.compose.variableFiles[0].host: 'etc/x.env' is not an absolute path (begin with '/', without '.' and '..' parts and without '/' at the end)
stack.yaml:8:48: spec.compose.variableFiles[1].host is missing (an absolute path on the controller's host)
stack.yaml:8:49: unknown field 'spec.compose.variableFiles[1].path' (known here: host)
stack.yaml:8:59: spec.compose.variableFiles[2]: this is not a path in the commit (write a path relative to the project directory, or {host: /absolute/path})
stack.yaml:8:85: spec.compose.hostDirectory: '/srv/../etc' is not an absolute path (begin with '/', without '.' and '..' parts and without '/' at the end)
stack.yaml:9:16: spec.sync.mode: unknown word 'auto' (one of: automatic, manual)
stack.yaml:9:39: spec.sync.driftCorrection: unknown word 'no' (one of: enabled, warn, disabled)
stack.yaml:9:50: spec.sync.grace: 'soon' is not a duration (write a number and a unit, for example 30s, 5m or 1h30m)
stack.yaml:9:72: spec.sync.deletionPolicy: unknown word 'prune' (one of: orphan, delete)
stack.yaml:10:28: spec.sync.ignore[0].paths: '/services/api' names no attribute of a service (write /services/SERVICE/ATTRIBUTE, for example /services/api/environment/DEBUG)
stack.yaml:10:43: spec.sync.ignore[0].paths: '/networks/x/name' names no attribute of a service (write /services/SERVICE/ATTRIBUTE, for example /services/api/environment/DEBUG)
stack.yaml:10:61: spec.sync.ignore[0].paths: 'services/a/b' names no attribute of a service (write /services/SERVICE/ATTRIBUTE, for example /services/api/environment/DEBUG)
stack.yaml:10:77: spec.sync.ignore[1].paths is missing (for example [/services/api/environment/DEBUG])
stack.yaml:10:78: unknown field 'spec.sync.ignore[1].path' (did you mean 'paths'?)
stack.yaml:11:10: spec.adopt: expected true or false, got a single value (write true or false, without quotes)
stack.yaml:12:17: spec.historyLimit: '0' is not a whole number from 1 to 1000)");
}

TEST(ParseStacks, AllProblemsOfAFileAtOnce) {
    EXPECT_EQ(
        problems_of(R"(apiVersion: trueup.dev/v1
kind: Stak
metadata: {name: Shop_1}
spec:
  enviroment: production
  source:
    git: {url: https://bob:pw@host/x.git, commit: 9f3c1e2, branch: main}
    path: ../up
  compose: {files: compose.yaml, project: -x, profiles: [a], variables: {1X: y, L: [1]}}
  code: [{service: api, from: /app, to: app}, 5]
  build: [mode]
  sync: {prune: "yes", interval: 5}
)"),
        "stack.yaml:1:13: apiVersion: 'trueup.dev/v1' is not known (write trueup.dev/v1alpha1)\n"
        "stack.yaml:2:7: kind: 'Stak' is not known (did you mean 'Stack'?)\n"
        "stack.yaml:3:18: metadata.name: 'Shop_1' is not a valid name "
        "(lower-case letters, digits and inner '-', at most 63)\n"
        "stack.yaml:5:3: spec.environment is missing (for example production)\n"
        "stack.yaml:5:3: unknown field 'spec.enviroment' (did you mean 'environment'?)\n"
        "stack.yaml:7:16: spec.source.git.url: the url carries a user name or a password "
        "(remove everything before the '@'; secrets do not belong into desired-state files)\n"
        "stack.yaml:7:51: spec.source.git.commit: '9f3c1e2' is an abbreviated commit id "
        "(write all 40 digits: git rev-parse 9f3c1e2)\n"
        "stack.yaml:7:68: spec.source.git names a commit and a branch (keep one of the two)\n"
        "stack.yaml:8:11: spec.source.path: '../up' is not inside the commit "
        "(write a path relative to the root of the commit, without leaving it)\n"
        "stack.yaml:9:20: spec.compose.files: expected a list of strings, got a single value "
        "(write [a, b], or one '- a' a line)\n"
        "stack.yaml:9:43: spec.compose.project: '-x' is not a project name "
        "(lower-case letters, digits, '-' and '_', beginning with a letter or digit, at most 63)\n"
        "stack.yaml:9:58: spec.compose.profiles: 'a' is not a profile name "
        "(at least two letters, digits, '_', '.' and '-', beginning with a letter or digit)\n"
        "stack.yaml:9:74: spec.compose.variables: '1X' is not a variable name "
        "(letters, digits and '_', not beginning with a digit)\n"
        "stack.yaml:9:84: spec.compose.variables.L: expected a string, got a list\n"
        "stack.yaml:10:31: spec.code[0].from: '/app' is not inside the commit "
        "(write a path relative to the project directory, without leaving the commit)\n"
        "stack.yaml:10:41: spec.code[0].to: 'app' is not an absolute path "
        "(write the path in the container, beginning with '/')\n"
        "stack.yaml:10:47: spec.code[1]: expected a mapping, got a single value\n"
        "stack.yaml:11:10: spec.build: expected a mapping, got a list\n"
        "stack.yaml:12:17: spec.sync.prune: expected true or false, got a string "
        "(write true or false, without quotes)\n"
        "stack.yaml:12:34: spec.sync.interval: '5' is not a duration "
        "(write a number and a unit, for example 30s, 5m or 1h30m)");
}

TEST(ParseStacks, MissingPartsAreNamedOnce) {
    EXPECT_EQ(problems_of("apiVersion: trueup.dev/v1alpha1\nkind: Stack\n"),
              "stack.yaml:1:1: metadata is missing (add metadata: {name: …})\n"
              "stack.yaml:1:1: spec is missing (add spec: {environment: …, source: …})");
    EXPECT_EQ(problems_of("apiVersion: trueup.dev/v1alpha1\nkind: Stack\nmetadata: {name: x}\n"
                          "spec: {environment: e, source: {git: {url: /x}}}\n"),
              "stack.yaml:4:38: spec.source.git names no revision "
              "(add 'commit: <40 hexadecimal digits>' or 'branch: <name>')");
    EXPECT_EQ(problems_of("- a\n- b\n"),
              "stack.yaml:1:1: document: expected a mapping, got a list");
}

TEST(ParseStacks, SeveralDocuments) {
    const auto stacks =
        parse_stacks("---\n" + minimal("a") + "---\n---\n" + minimal("b") + "...\n", "s.yaml");
    ASSERT_TRUE(stacks) << stacks.error().message();
    ASSERT_EQ(stacks->size(), 2U);
    EXPECT_EQ((*stacks)[1].metadata.name, "b");
    EXPECT_EQ((*stacks)[1].position.line, 10U);
    EXPECT_EQ(
        problems_of(minimal("a") + "---\n" + minimal("a")),
        "stack.yaml:10:18: a second Stack named 'a' (the first is at stack.yaml:3:18; rename one)");
    EXPECT_TRUE(parse_stacks("", "s.yaml")->empty());
    EXPECT_TRUE(parse_stacks("# nothing\n", "s.yaml")->empty());
}

TEST(ParseStacks, CommitsOfAnyCaseAreOneCommit) {
    std::string text = minimal();
    text.replace(text.find(commit), 40, "9F3C1E2D00000000000000000000000000000ABC");
    EXPECT_EQ(parse_stacks(text, "s.yaml")->front().spec.git.commit, commit);
}

TEST(ParseStacks, TagsAndJunkAreRefused) {
    EXPECT_NE(
        problems_of(minimal() + "  adopt: !reset false\n").find("the tag !reset has no meaning"),
        std::string::npos);
    EXPECT_NE(problems_of("\xff\xfe\x00binary"), "none");
    EXPECT_NE(problems_of("a: b: c"), "none");
    EXPECT_NE(problems_of("just words"), "none");
    std::string many = minimal();
    for (int index = 0; index < 300; ++index) many += fmt::format("  field{}: 1\n", index);
    const auto stacks = parse_stacks(many, "s.yaml");
    ASSERT_FALSE(stacks);
    EXPECT_EQ(stacks.error().problems().size(), 101U);
    EXPECT_EQ(stacks.error().problems().back().message, "and 200 more problems");
}

TEST(ParseStacks, MessagesStayShortAndPrintable) {
    const std::string text =
        problems_of(minimal() + "  \"bad\\nkey" + std::string(900, 'x') + "\": 1\n");
    EXPECT_LT(text.size(), 400U);
    EXPECT_NE(text.find("bad\\x0akey"), std::string::npos) << text;
}

}    // namespace
}    // namespace trueup::v1alpha1
