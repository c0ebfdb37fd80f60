// SPDX-License-Identifier: Apache-2.0
// Configs and secrets: of the project, and in a service.
#include "tests/unit/compose/decode_support.hpp"

namespace trueup::compose::test {
namespace {

using trueup::test::MemoryTree;

model::Project with_objects(const std::string& objects, const std::string& service) {
    return decoded(MemoryTree{{"compose.yaml", web_with(service) + objects}, {"a.txt", "content"}});
}

TEST(ComposeConfigs, FilesOfTheCommitHaveTheirContentsIdentity) {
    const model::Project project =
        with_objects("configs: {a: {file: ./a.txt}}\nsecrets: {s: {file: a.txt}}\n",
                     "configs: [a]\nsecrets: [s]\n");
    const model::FileObject& config = project.configs.at("a");
    EXPECT_EQ(config.origin, model::FileOrigin::commit);
    EXPECT_EQ(config.path, "a.txt");
    EXPECT_EQ(config.content_id, base::git_blob_id("content"));
    EXPECT_EQ(config.name, "shop_a");
    EXPECT_EQ(project.secrets.at("s").content_id, config.content_id);
}

TEST(ComposeConfigs, ContentEnvironmentAndFilesOfTheHost) {
    const model::Project project = with_objects(
        "configs: {a: {content: 'x=${SET}'}, b: {environment: SET}, c: {file: /etc/c}}\n",
        "configs: [a, b, c]\n");
    EXPECT_EQ(project.configs.at("a").origin, model::FileOrigin::content);
    EXPECT_EQ(project.configs.at("a").content, "x=value");
    EXPECT_EQ(project.configs.at("b").origin, model::FileOrigin::environment);
    EXPECT_EQ(project.configs.at("b").environment, "SET");
    EXPECT_EQ(project.configs.at("b").content, "value");
    EXPECT_EQ(project.configs.at("c").origin, model::FileOrigin::host);
    EXPECT_EQ(project.configs.at("c").path, "/etc/c");
}

TEST(ComposeConfigs, RelativeFilesThatAreNotInTheCommitAreBelowTheHostDirectory) {
    const MemoryTree tree{
        {"compose.yaml", web_with("configs: [c, t]\nsecrets: [s]\nvolumes: ['data:/data']\n") +
                             "configs: {c: {file: conf/c.ini}, t: {file: ./a.txt}}\n"
                             "secrets: {s: {file: ./secrets/db.txt}}\nvolumes:\n  data:\n"
                             "    driver: local\n    driver_opts: {type: none, o: bind, device: "
                             "./data}\n"},
        {"a.txt", "content"}};
    LoadOptions options = shop_options();
    options.host_directory = "/srv/shop";
    const model::Project project = project_of(tree, options);
    EXPECT_EQ(project.secrets.at("s").origin, model::FileOrigin::host);
    EXPECT_EQ(project.secrets.at("s").path, "/srv/shop/secrets/db.txt");
    EXPECT_EQ(project.configs.at("c").path, "/srv/shop/conf/c.ini");
    EXPECT_EQ(project.configs.at("t").origin, model::FileOrigin::commit);
    EXPECT_EQ(project.volumes.at("data").driver_options.at("device"), "/srv/shop/data");

    options.host_directory.clear();
    EXPECT_EQ(
        problems_of(tree, options),
        "compose.yaml:7:21: configs.c.file: 'conf/c.ini' is not in the commit (commit it, set "
        "spec.compose.hostDirectory, or write an absolute path of the engine's host)\n"
        "compose.yaml:8:21: secrets.s.file: 'secrets/db.txt' is not in the commit (set "
        "spec.compose.hostDirectory, write an absolute path of the engine's host, or take the "
        "secret out of a variable (environment))\n"
        "compose.yaml:12:48: volumes.data.driver_opts.device: 'data' is not in the commit "
        "(write an absolute path, or set spec.compose.hostDirectory)");
}

TEST(ComposeConfigs, TargetsHaveDefaultsAndModesAreOctal) {
    const model::Project project = with_objects(
        "configs: {a: {content: x}, b: {content: x}}\nsecrets: {s: {file: a.txt}, t: {file: "
        "a.txt}}\n",
        "configs: [a, {source: b, target: /etc/b.ini, uid: '103', gid: '104', mode: 0440}]\n"
        "secrets: [s, {source: t, target: cert.pem, mode: '0400'}]\n");
    const model::Service& web = project.services.at("web");
    EXPECT_EQ(web.configs,
              (std::vector<model::FileReference>{{"a", "/a", "", "", std::nullopt},
                                                 {"b", "/etc/b.ini", "103", "104", 0440}}));
    EXPECT_EQ(web.secrets,
              (std::vector<model::FileReference>{{"s", "/run/secrets/s", "", "", std::nullopt},
                                                 {"t", "/run/secrets/cert.pem", "", "", 0400}}));
}

TEST(ComposeConfigs, AFileOfTheCommitIsReadWhereItIsToHaveAnOwnerOrAMode) {
    const model::Project project = with_objects(
        "configs: {a: {file: a.txt}, b: {file: ./a.txt}}\nsecrets: {s: {file: a.txt}}\n",
        "configs: [{source: a, uid: '103'}, b]\nsecrets: [{source: s, mode: 0400}]\n");
    EXPECT_EQ(project.configs.at("a").content, "content");
    EXPECT_EQ(project.configs.at("b").content, "");
    EXPECT_EQ(project.secrets.at("s").content, "content");
    EXPECT_TRUE(project.warnings.empty());
}

TEST(ComposeConfigs, OwnerAndModeOfWhatCanOnlyBeMountedAreToldAndForgotten) {
    const std::string objects = "configs: {a: {file: ./a.txt}, h: {file: /etc/h}}\n";
    const auto with = [&](const std::string& lines) {
        return project_of(MemoryTree{{"compose.yaml", web_with(lines) + objects}, {"a.txt", "x"}});
    };
    const model::Project host = with("configs: [{source: h, uid: '1', mode: 0400}]\n");
    ASSERT_EQ(host.warnings.size(), 2U);
    EXPECT_EQ(to_string(host.warnings[0]),
              "compose.yaml:4:32: services.web.configs[0].uid: it has no effect: the file of the "
              "host is mounted as it is there (change the file's own owner and mode)");
    EXPECT_EQ(host.services.at("web").configs[0].mode, std::nullopt);
    EXPECT_EQ(host.services.at("web").configs[0].uid, "");
    const model::Project sealed = with("read_only: true\nconfigs: [{source: a, mode: 0400}]\n");
    ASSERT_EQ(sealed.warnings.size(), 1U);
    EXPECT_EQ(to_string(sealed.warnings[0]),
              "compose.yaml:5:33: services.web.configs[0].mode: it has no effect: the file is "
              "mounted, since nothing can be written into a container whose root is read_only "
              "(remove it, or remove read_only)");
    EXPECT_EQ(sealed.services.at("web").configs[0].mode, std::nullopt);
}

TEST(ComposeConfigs, NoOtherMountIsInTheirPlace) {
    EXPECT_EQ(problems_of(web_with("volumes: ['data:/run/secrets/s/']\n"
                                   "tmpfs: ['/a:size=1m']\n"
                                   "configs: [a, {source: b, target: /etc/x}]\n"
                                   "secrets: [s, {source: t, target: /etc/x}]\n") +
                          "configs: {a: {content: x}, b: {content: x}}\n"
                          "secrets: {s: {file: /s}, t: {file: /t}}\nvolumes: {data: }\n"),
              "compose.yaml:6:15: services.web.configs: '/a' is mounted twice (keep one; the other "
              "is at compose.yaml:5:13)\n"
              "compose.yaml:7:15: services.web.secrets: '/run/secrets/s' is mounted twice (keep "
              "one; the other is at compose.yaml:4:15)\n"
              "compose.yaml:7:18: services.web.secrets: '/etc/x' is mounted twice (keep one; the "
              "other is at compose.yaml:6:18)");
}

TEST(ComposeConfigs, WhatAnEngineCannotDoIsRefused) {
    const std::string told =
        problems_of(web_with("configs: [a]\nsecrets: [s, t]\n") +
                    "configs: {a: {external: true}}\n"
                    "secrets:\n  s: {file: gone.txt}\n  t: {environment: GONE}\n");
    EXPECT_NE(
        told.find("configs.a.external: 'external' of a config is not supported (a single engine "
                  "has no store of configs; use file, environment or content)"),
        std::string::npos)
        << told;
    const std::string stored =
        problems_of(web_with("secrets: [s]\n") + "secrets: {s: {external: true}}\n");
    EXPECT_EQ(stored,
              "compose.yaml:5:15: secrets.s.external: 'external' of a secret is not supported (a "
              "single engine has no store of secrets; use file or environment)");
    EXPECT_NE(told.find("compose.yaml:8:13: secrets.s.file: 'gone.txt' is not in the commit (set "
                        "spec.compose.hostDirectory, write an absolute path of the engine's host, "
                        "or take the secret out of a variable (environment))"),
              std::string::npos)
        << told;
    EXPECT_NE(told.find("secrets.t: the variable GONE is not set"), std::string::npos) << told;
    const std::string fixed =
        problems_of(web_with("read_only: true\nconfigs: [a]\n") + "configs: {a: {content: x}}\n");
    EXPECT_EQ(
        fixed,
        "compose.yaml:5:15: services.web.configs[0]: 'a' cannot be written into a container whose "
        "root is read_only (keep it in a file, which is mounted instead, or remove read_only)");
    const std::string named = problems_of(web_with("configs: [{source: a, uid: www}]\n") +
                                          "configs: {a: {content: x}}\n");
    EXPECT_NE(named.find("services.web: uid 'www' is no number"), std::string::npos) << named;
}

TEST(ComposeConfigs, SayWhereTheirContentComesFromOnce) {
    const std::string two =
        problems_of(web_with("secrets: [s]\n") + "secrets: {s: {file: a, environment: b}}\n");
    EXPECT_NE(two.find("secrets.s: file, environment exclude each other"), std::string::npos)
        << two;
    const std::string none = problems_of(web_with("") + "configs: {a: {}}\n");
    EXPECT_NE(none.find("configs.a: it has none of file, environment, content"), std::string::npos)
        << none;
}

TEST(ComposeConfigs, ValuesNeverStandInAMessage) {
    LoadOptions options = shop_options();
    options.variables = {{"PASSWORD", "hunter2"}};
    const std::string told = problems_of(
        MemoryTree{{"compose.yaml", web_with("secrets: [s, gone]\nenvironment: ["
                                             "'A=${PASSWORD}', 'A=${PASSWORD}', '=x']\n") +
                                        "secrets: {s: {environment: PASSWORD}}\n"}},
        options);
    EXPECT_NE(told, "loaded");
    EXPECT_EQ(told.find("hunter2"), std::string::npos) << told;
}

}    // namespace
}    // namespace trueup::compose::test
