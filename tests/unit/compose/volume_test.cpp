// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

using trueup::test::MemoryTree;

TEST(ComposeVolumes, NamedAndAnonymous) {
    const model::Project project =
        project_of(web_with("volumes: ['data:/data:ro', /cache, {type: volume, source: data, "
                            "target: /more/}]\n") +
                   "volumes: {data: {driver_opts: {size: 5}, labels: [a=b]}, unused: }\n");
    const auto& mounts = project.services.at("web").mounts;
    ASSERT_EQ(mounts.size(), 3U);
    EXPECT_EQ(mounts[0].source, "data");
    EXPECT_EQ(mounts[0].target, "/data");
    EXPECT_TRUE(mounts[0].read_only);
    EXPECT_EQ(mounts[1].source, "");
    EXPECT_EQ(mounts[1].target, "/cache");
    EXPECT_EQ(mounts[2].target, "/more");
    ASSERT_EQ(project.volumes.size(), 1U);    // what nobody uses is not made
    EXPECT_EQ(project.volumes.at("data").name, "shop_data");
    EXPECT_EQ(project.volumes.at("data").driver_options, (model::StringMap{{"size", "5"}}));
    EXPECT_EQ(project.volumes.at("data").labels, (model::StringMap{{"a", "b"}}));
}

TEST(ComposeVolumes, NamesAndExternalOnes) {
    const model::Project project =
        project_of(web_with("volumes: ['named:/n', 'ext:/e', 'old:/o', 'bare:/b']\n") +
                   "volumes: {named: {name: fixed}, ext: {external: true, name: theirs}, "
                   "old: {external: {name: oops}}, bare: {external: true}}\n");
    EXPECT_EQ(project.volumes.at("named").name, "fixed");
    EXPECT_FALSE(project.volumes.at("named").external);
    EXPECT_EQ(project.volumes.at("ext").name, "theirs");
    EXPECT_TRUE(project.volumes.at("ext").external);
    EXPECT_EQ(project.volumes.at("old").name, "oops");
    EXPECT_TRUE(project.volumes.at("old").external);
    EXPECT_EQ(project.volumes.at("bare").name, "bare");
}

TEST(ComposeVolumes, ABindOfTheCommitIsReadOnlyAndKnownByContent) {
    const MemoryTree tree{{"deploy/compose.yaml",
                           web_with("volumes: ['./nginx.conf:/etc/nginx.conf', '../www:/www']\n")},
                          {"deploy/nginx.conf", "events {}\n"},
                          {"www/index.html", "hello\n"}};
    LoadOptions options = shop_options();
    options.project_directory = "deploy";
    const auto mounts = project_of(tree, options).services.at("web").mounts;
    ASSERT_EQ(mounts.size(), 2U);
    EXPECT_EQ(mounts[0].kind, model::MountKind::bind);
    EXPECT_EQ(mounts[0].source, "deploy/nginx.conf");
    EXPECT_TRUE(mounts[0].in_commit && mounts[0].read_only);
    EXPECT_EQ(mounts[0].content_id, base::git_blob_id("events {}\n"));
    EXPECT_FALSE(mounts[0].content_is_directory);
    EXPECT_EQ(mounts[1].source, "www");
    EXPECT_TRUE(mounts[1].content_is_directory);
    EXPECT_EQ(mounts[1].content_id, tree.stat("www")->object_id);
}

TEST(ComposeVolumes, TheWholeCommitCanBeBound) {
    const auto mounts = web_of("volumes: ['.:/src:ro']\n").mounts;
    ASSERT_EQ(mounts.size(), 1U);
    EXPECT_EQ(mounts[0].source, "");
    EXPECT_TRUE(mounts[0].content_is_directory);
}

TEST(ComposeVolumes, BindsOfTheHostAreRefused) {
    EXPECT_EQ(problems_of_web("volumes:\n  - './gone:/a'\n  - '/srv/data:/b'\n  - '~/x:/c'\n"
                              "  - '../up:/d'\n  - {type: bind, target: /e}\n"),
              "compose.yaml:5:9: services.web.volumes[0]: 'gone' is not in the commit "
              "(commit it, use a named volume for data, or set spec.compose.hostDirectory)\n"
              "compose.yaml:7:9: services.web.volumes[2]: '~/x' starts at a home, and a "
              "controller has none (write an absolute path of the engine's host)\n"
              "compose.yaml:8:9: services.web.volumes[3]: '../up' is not in the commit "
              "(commit it, use a named volume for data, or set spec.compose.hostDirectory)\n"
              "compose.yaml:9:9: services.web.volumes[4]: this bind has no source (a path)");
}

LoadOptions with_host_directory(const std::string& project_directory) {
    LoadOptions options = shop_options();
    options.project_directory = project_directory;
    options.host_directory = "/srv/shop";
    return options;
}

TEST(ComposeVolumes, WhatIsNotInTheCommitLiesBelowTheHostDirectory) {
    for (const std::string directory : {"", "deploy"}) {
        const std::string prefix = directory.empty() ? "" : directory + "/";
        const MemoryTree tree{
            {prefix + "compose.yaml",
             web_with("volumes: ['./data:/a', './x/../data/db:/b', './here:/c', '/etc/x:/d']\n")},
            {prefix + "here", "content\n"}};
        const auto mounts =
            project_of(tree, with_host_directory(directory)).services.at("web").mounts;
        ASSERT_EQ(mounts.size(), 4U);
        EXPECT_EQ(mounts[0].source, "/srv/shop/data");
        EXPECT_FALSE(mounts[0].in_commit || mounts[0].read_only);
        EXPECT_EQ(mounts[1].source, "/srv/shop/data/db");
        EXPECT_TRUE(mounts[2].in_commit);
        EXPECT_EQ(mounts[3].source, "/etc/x");
    }
}

TEST(ComposeVolumes, NothingLeadsOutOfTheHostDirectory) {
    const std::string file = web_with("volumes: ['../up:/a', '../deployed/x:/b']\n");
    const std::string root_problems =
        problems_of(MemoryTree{{"compose.yaml", file}}, with_host_directory(""));
    EXPECT_EQ(root_problems,
              "compose.yaml:4:15: services.web.volumes[0]: '../up' leads out of the project's "
              "folder, so it is not below spec.compose.hostDirectory (write an absolute path of "
              "the engine's host)\n"
              "compose.yaml:4:27: services.web.volumes[1]: '../deployed/x' leads out of the "
              "project's folder, so it is not below spec.compose.hostDirectory (write an absolute "
              "path of the engine's host)");
    const std::string below =
        problems_of(MemoryTree{{"deploy/compose.yaml", file}}, with_host_directory("deploy"));
    EXPECT_NE(below.find("'up' leads out of the project's folder"), std::string::npos) << below;
    EXPECT_NE(below.find("'deployed/x' leads out"), std::string::npos) << below;
}

TEST(ComposeVolumes, LinksOutOfTheCommitAndSubmodulesCannotBeBound) {
    MemoryTree tree{{"compose.yaml", web_with("volumes: ['./link:/a', './sub:/b']\n")}};
    tree.add("link", "/etc/shadow", model::EntryKind::symlink);
    tree.add("sub", "", model::EntryKind::submodule);
    EXPECT_EQ(problems_of(tree),
              "compose.yaml:4:15: services.web.volumes[0]: link is a symbolic link that leads out "
              "of the commit (write the path that it leads to)\n"
              "compose.yaml:4:28: services.web.volumes[1]: 'sub' is a git submodule, which "
              "is not supported yet by this version (bind a file or a folder of the commit)");
}

TEST(ComposeVolumes, WhatCannotBeMountedIsRefused) {
    EXPECT_EQ(problems_of(web_with("volumes:\n"
                                   "  - 'data'\n"
                                   "  - 'data:/a:z'\n"
                                   "  - 'data::/a'\n"
                                   "  - 'a:b:c:d'\n"
                                   "  - 'C:/x:/y'\n"
                                   "  - {type: tmpfs, target: /t}\n"
                                   "  - {target: /t}\n"
                                   "  - 'data:/same'\n"
                                   "  - 'data:/x/../same/'\n"
                                   "  - '/'\n") +
                          "volumes: {data: }\n"),
              "compose.yaml:5:9: services.web.volumes[0]: the target 'data' is no absolute "
              "path in the container\n"
              "compose.yaml:7:9: services.web.volumes[2]: 'data::/a' is no volume: a part is "
              "empty (write \"name:/path\", \"./file:/path:ro\" or \"/path\")\n"
              "compose.yaml:8:9: services.web.volumes[3]: the target 'c:d' is no absolute "
              "path in the container (a name of one letter reads like a drive of Windows: "
              "use a longer one)\n"
              "compose.yaml:9:9: services.web.volumes[4]: 'C:/x' is a path of Windows (a "
              "name of one letter reads like a drive: use a longer one)\n"
              "compose.yaml:11:9: services.web.volumes[5]: 'type' is missing in a volume of "
              "a service (bind, volume, tmpfs, cluster, npipe or image)\n"
              "compose.yaml:13:9: services.web.volumes: '/same' is mounted twice (keep one; the "
              "other is at compose.yaml:12:9)\n"
              "compose.yaml:14:9: services.web.volumes[8]: the target '/' is no absolute "
              "path in the container");
}

TEST(ComposeVolumes, AVolumeMustBeDefined) {
    EXPECT_EQ(problems_of_web("volumes: ['data:/data']\n"),
              "compose.yaml:4:15: services.web.volumes: volume 'data' is not defined (add it "
              "under the top-level 'volumes:'; a path starts with './')");
}

TEST(ComposeVolumes, ExternalOnesSayNothingElse) {
    EXPECT_EQ(problems_of(web_with("volumes: ['ext:/a', 'two:/b']\n") +
                          "volumes:\n  ext: {external: true, driver: local}\n"
                          "  two: {external: {name: a, x: y}, name: b}\n"),
              "compose.yaml:6:33: volumes.ext: 'driver' of an external resource has no "
              "effect (remove this, or 'external')\n"
              "compose.yaml:7:19: volumes.two: external.name and name say the same (keep "
              "name)\n"
              "compose.yaml:7:29: volumes.two.external.x: unknown field 'x' in external");
}

TEST(ComposeVolumes, ARelativeDeviceOfTheHostIsRefused) {
    EXPECT_EQ(
        problems_of(web_with("volumes: ['data:/a']\n") +
                    "volumes:\n  data:\n    driver_opts: {o: bind, device: ./data}\n"),
        "compose.yaml:7:36: volumes.data.driver_opts.device: the device './data' is a "
        "relative path of the host (write an absolute path, or `driver: local` and `o: bind`)");
}

}    // namespace
}    // namespace trueup::compose::test
