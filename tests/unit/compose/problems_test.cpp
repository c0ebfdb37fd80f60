// SPDX-License-Identifier: Apache-2.0
// What a person reads when a file is wrong: everything at once, each with its place and advice.
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

TEST(ComposeProblems, AllKindsOfThemAtOnce) {
    LoadOptions options = shop_options();
    options.files = {"a.yaml", "b.yaml"};
    EXPECT_EQ(problems_of({{"a.yaml",
                            "services:\n"
                            "  web:\n"
                            "    imgae: nginx\n"
                            "    ports: ['x']\n"
                            "    init: perhaps\n"
                            "    use_api_socket: true\n"
                            "    depends_on: [db]\n"
                            "  api:\n"
                            "    image: ${TAG:?no tag}\n"
                            "    networks: [back]\n"},
                           {"b.yaml",
                            "services:\n"
                            "  api: {restart: never, env_file: gone.env}\n"
                            "volume: {}\n"}},
                          options),
              "a.yaml:3:5: services.web.imgae: unknown field 'imgae' in a service (did you "
              "mean 'image'?)\n"
              "a.yaml:4:13: services.web.ports[0]: 'x' is no port mapping: the container's "
              "port is a number from 1 to 65535 (write \"8000\", \"8080:8000\" or "
              "\"127.0.0.1:8080:8000/tcp\")\n"
              "a.yaml:5:11: services.web.init: 'perhaps' is not true or false\n"
              "a.yaml:6:5: services.web.use_api_socket: 'use_api_socket' of a service is not "
              "supported (it hands the engine and its registry logins to the container; bind "
              "/var/run/docker.sock where that is wanted)\n"
              "a.yaml:7:18: services.web.depends_on: it depends on 'db', which is not "
              "defined\n"
              "a.yaml:9:12: services.api.image: variable TAG is required: no tag (set it in "
              "spec.compose.variables or a variable file)\n"
              "a.yaml:10:16: services.api.networks: network 'back' is not defined\n"
              "b.yaml:2:18: services.api.restart: 'never' is no restart policy (no, always, "
              "unless-stopped or on-failure[:N])\n"
              "b.yaml:2:35: services.api.env_file: there is no gone.env in the commit (add "
              "it, or set 'required: false')\n"
              "b.yaml:3:1: volume: unknown field 'volume' in a compose file (did you mean "
              "'volumes'?)");
}

TEST(ComposeProblems, UnknownFieldsAreToldInEveryObject) {
    EXPECT_EQ(problems_of("services:\n"
                          "  web:\n"
                          "    image: x\n"
                          "    build: {contxt: .}\n"
                          "    healthcheck: {tests: x}\n"
                          "    deploy: {replica: 1}\n"
                          "    ports: [{target: 1, publish: 2}]\n"
                          "    volumes: [{type: volume, target: /a, src: b}]\n"
                          "    networks: {default: {alias: [a]}}\n"
                          "    env_file: [{path: a, required: false, optional: true}]\n"
                          "networks: {default: {drivr: x}}\n"
                          "volumes: {v: {labls: {}}}\n"),
              "compose.yaml:4:13: services.web.build.contxt: unknown field 'contxt' in build "
              "(did you mean 'context'?)\n"
              "compose.yaml:5:19: services.web.healthcheck.tests: unknown field 'tests' in "
              "healthcheck (did you mean 'test'?)\n"
              "compose.yaml:6:14: services.web.deploy.replica: unknown field 'replica' in "
              "deploy (did you mean 'replicas'?)\n"
              "compose.yaml:7:25: services.web.ports[0].publish: unknown field 'publish' in "
              "a port (did you mean 'published'?)\n"
              "compose.yaml:8:42: services.web.volumes[0].src: unknown field 'src' in a "
              "volume of a service\n"
              "compose.yaml:9:26: services.web.networks.default.alias: unknown field 'alias' "
              "in a network of a service\n"
              "compose.yaml:10:43: services.web.env_file[0].optional: unknown field "
              "'optional' in env_file\n"
              "compose.yaml:11:22: networks.default.drivr: unknown field 'drivr' in a "
              "network (did you mean 'driver'?)\n"
              "compose.yaml:12:15: volumes.v.labls: unknown field 'labls' in a volume (did "
              "you mean 'labels'?)");
}

TEST(ComposeProblems, AFileThatCannotBeReadHidesNothingOfTheOthers) {
    LoadOptions options = shop_options();
    options.files = {"a.yaml", "b.yaml", "c.yaml"};
    EXPECT_EQ(problems_of({{"a.yaml",
                            "services:\n"
                            "  web: {imgae: x, depends_on: [db]}\n"},
                           {"b.yaml",
                            "services:\n"
                            "\tdb: {image: x}\n"},
                           {"c.yaml",
                            "- a list\n"
                            "---\n"
                            "services: {web: {restart: never}}\n"}},
                          options),
              "a.yaml:2:9: services.web.imgae: unknown field 'imgae' in a service (did you mean "
              "'image'?)\n"
              "b.yaml:2:1: a tab is used for indentation, which YAML forbids (indent with spaces)\n"
              "c.yaml:1:1: a compose file is a mapping, this is a list\n"
              "c.yaml:3:27: services.web.restart: 'never' is no restart policy (no, always, "
              "unless-stopped or on-failure[:N])");
}

TEST(ComposeProblems, WhatImpliesADependencyIsNamed) {
    EXPECT_EQ(
        problems_of("services:\n"
                    "  web:\n"
                    "    image: x\n"
                    "    links: [api, bd]\n"
                    "    volumes_from: ['stoage:ro']\n"
                    "    pid: service:gone\n"
                    "    depends_on: [aip]\n"
                    "  api: {image: x}\n"
                    "  db: {image: x}\n"
                    "  storage: {image: x}\n"),
        "compose.yaml:4:18: services.web.links: it depends on 'bd', which is not defined (did "
        "you mean 'db'?)\n"
        "compose.yaml:5:20: services.web.volumes_from: it depends on 'stoage', which is not "
        "defined (did you mean 'storage'?)\n"
        "compose.yaml:6:10: services.web.pid: it depends on 'gone', which is not defined\n"
        "compose.yaml:7:18: services.web.depends_on: it depends on 'aip', which is not defined "
        "(did you mean 'api'?)");
}

TEST(ComposeProblems, ExtensionsAreFreeEverywhere) {
    EXPECT_EQ(
        problems_of("x-a: [1]\n"
                    "services:\n  web: {image: x, x-b: {c: d}, healthcheck: {test: y, x-e: 1}, "
                    "deploy: {x-f: 1}, ports: [{target: 1, x-g: 1}]}\n"
                    "networks: {default: {x-h: 1}}\n"),
        "loaded");
}

TEST(ComposeProblems, WhatIsNotSupportedSaysWhatToUseInstead) {
    EXPECT_EQ(
        problems_of("configs: {a: {file: x}}\n"
                    "services:\n  web: {image: x, pre_start: [{command: y}]}\n"),
        "compose.yaml:3:19: services.web.pre_start: 'pre_start' of a service is not supported "
        "(nothing but a container of its own can run before another one starts: write it as a "
        "service, and name that in `depends_on` with `condition: service_completed_successfully`)");
}

TEST(ComposeProblems, WhatAnIncludeWouldBringIsNotMissed) {
    EXPECT_EQ(problems_of("include: [x.yaml]\nservices: {web: {image: x, depends_on: [db]}}\n"),
              "compose.yaml:1:11: include[0]: there is no x.yaml in the commit (is this the right "
              "file?)");
}

TEST(ComposeProblems, WrongTypesOfTheLargeParts) {
    EXPECT_EQ(problems_of("services: [web]\nnetworks: x\nvolumes: [a]\n"),
              "compose.yaml:1:11: services: expected a mapping, got a list\n"
              "compose.yaml:2:11: networks: expected a mapping, got a string\n"
              "compose.yaml:3:10: volumes: expected a mapping, got a list");
    EXPECT_EQ(problems_of("services:\n  a: nginx\n  b:\nnetworks: {n: x}\n"),
              "compose.yaml:2:6: services.a: expected a mapping, got a string\n"
              "compose.yaml:3:3: services.b: expected a mapping, got nothing\n"
              "compose.yaml:4:15: networks.n: expected a mapping, got a string");
}

TEST(ComposeProblems, AFileWithoutServicesIsRefused) {
    EXPECT_EQ(problems_of("services:\n"),
              "compose.yaml:1:1: services: expected a mapping, got nothing");
    for (const char* text : {"", "services: {}\n", "x-a: 1\n", "# nothing\n"}) {
        EXPECT_NE(problems_of(text).find("there is no service in it"), std::string::npos) << text;
    }
}

TEST(ComposeProblems, AServiceNeedsAnImageOrABuild) {
    EXPECT_EQ(problems_of("services: {web: {hostname: a}}\n"),
              "compose.yaml:1:12: services.web: it has neither image nor build (add one of "
              "them)");
}

TEST(ComposeProblems, NumbersWhereTextBelongsAreToldToBeQuoted) {
    EXPECT_EQ(problems_of("services: {web: {image: 1.5, user: 1000, hostname: true}}\n"),
              "compose.yaml:1:25: services.web.image: expected a string, got a number (put "
              "it in quotes)\n"
              "compose.yaml:1:36: services.web.user: expected a string, got a number (put it "
              "in quotes)\n"
              "compose.yaml:1:52: services.web.hostname: expected a string, got true or "
              "false (put it in quotes)");
}

TEST(ComposeProblems, DuplicateKeysAreToldWithBothPlaces) {
    EXPECT_EQ(problems_of("services:\n  web: {image: x}\n  web: {image: y}\n"),
              "compose.yaml:3:3: 'web' is given twice, first in line 2 (keep one)");
}

TEST(ComposeProblems, TagsThatMeanNothingAreRefused) {
    EXPECT_EQ(problems_of("services: {web: {image: !secret x, hostname: !!binary aGk=, user: "
                          "!!str 5}}\n"),
              "compose.yaml:1:25: the tag '!secret' is not supported (!reset and !override are)\n"
              "compose.yaml:1:46: the tag 'tag:yaml.org,2002:binary' is not supported (!reset and "
              "!override are)");
}

TEST(ComposeProblems, NobodyWaitsForTheHealthOfWhatIsNotChecked) {
    const auto file = [](const std::string& dependency, const std::string& check) {
        return "services:\n  web:\n    image: x\n    depends_on:\n      db: {" + dependency +
               "}\n  db: {image: x" + check + "}\n";
    };
    for (const std::string check :
         {", healthcheck: {disable: true}", ", healthcheck: {test: [NONE]}"}) {
        EXPECT_EQ(problems_of(file("condition: service_healthy", check)),
                  "compose.yaml:5:23: services.web.depends_on.db: it waits for the health of 'db', "
                  "whose health check is disabled (give it a health check, or wait for "
                  "service_started)");
        EXPECT_EQ(problems_of(file("condition: service_started", check)), "loaded");
        EXPECT_EQ(problems_of(file("condition: service_healthy, required: false", check)),
                  "loaded");
    }
    // The image may have one.
    EXPECT_EQ(problems_of(file("condition: service_healthy", "")), "loaded");
}

}    // namespace
}    // namespace trueup::compose::test
