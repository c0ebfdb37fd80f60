// SPDX-License-Identifier: Apache-2.0
// Volumes, configs and secrets in the words of the engine.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/render/small_project.hpp"

namespace trueup::render::test {
namespace {

using model::MountKind;

TEST(RenderMounts, OfEveryKind) {
    model::Project project = small_project();
    model::Volume data;
    data.key = "data";
    data.name = "shop_data";
    project.volumes = {{"data", data}};
    model::Service& api = project.services.at("api");
    const auto add = [&](MountKind kind, const char* source, const char* target, auto change) {
        model::Mount it = mount(kind, source, target);
        change(it);
        api.mounts.push_back(it);
    };
    const auto nothing = [](model::Mount&) {};
    add(MountKind::bind, "/srv/a", "/01", nothing);
    add(MountKind::bind, "/srv/a", "/02", [](model::Mount& it) { it.create_host_path = false; });
    add(MountKind::bind, "/srv/a", "/03", [](model::Mount& it) {
        it.selinux = "Z";
        it.propagation = "rshared";
        it.read_only = true;
    });
    add(MountKind::bind, "/srv/a:b", "/04", [](model::Mount& it) { it.propagation = "slave"; });
    add(MountKind::bind, "/srv/a", "/05", [](model::Mount& it) { it.recursive = "disabled"; });
    add(MountKind::bind, "/srv/a", "/06", [](model::Mount& it) { it.recursive = "writable"; });
    add(MountKind::bind, "/srv/a", "/07", [](model::Mount& it) { it.recursive = "readonly"; });
    add(MountKind::volume, "data", "/11", nothing);
    add(MountKind::volume, "data", "/12", [](model::Mount& it) { it.no_copy = true; });
    add(MountKind::volume, "data", "/13", [](model::Mount& it) { it.subpath = "x/y"; });
    add(MountKind::volume, "", "/14", [](model::Mount& it) { it.labels = {{"a", "b"}}; });
    add(MountKind::tmpfs, "", "/21", nothing);
    add(MountKind::tmpfs, "", "/22", [](model::Mount& it) {
        it.tmpfs_size = 1024;
        it.tmpfs_mode = 0755;
        it.read_only = true;
    });
    add(MountKind::image, "busybox:1", "/31", [](model::Mount& it) { it.subpath = "bin"; });
    api.tmpfs = {"/run:size=64m,mode=755", "/tmp"};
    EXPECT_EQ(
        host_of(project),
        R"({
  "Binds": ["/srv/a:/01:rw","/srv/a:/03:ro,Z,rshared","shop_data:/11:rw","shop_data:/12:rw,nocopy"],
  "Mounts": [)"
        R"({"Type":"bind","Source":"/srv/a","Target":"/02"},)"
        R"({"Type":"bind","BindOptions":{"Propagation":"slave","CreateMountpoint":true},"Source":"/srv/a:b","Target":"/04"},)"
        R"({"Type":"bind","BindOptions":{"CreateMountpoint":true,"NonRecursive":true},"Source":"/srv/a","Target":"/05"},)"
        R"({"Type":"bind","BindOptions":{"CreateMountpoint":true,"ReadOnlyNonRecursive":true},"Source":"/srv/a","Target":"/06"},)"
        R"({"Type":"bind","BindOptions":{"CreateMountpoint":true,"ReadOnlyForceRecursive":true},"Source":"/srv/a","Target":"/07"},)"
        R"({"Type":"volume","VolumeOptions":{"Subpath":"x/y"},"Source":"shop_data","Target":"/13"},)"
        R"({"Type":"volume","VolumeOptions":{"Labels":{"a":"b"}},"Target":"/14"},)"
        R"({"Type":"tmpfs","Target":"/21"},)"
        R"({"Type":"tmpfs","TmpfsOptions":{"SizeBytes":1024,"Mode":493},"Target":"/22","ReadOnly":true},)"
        R"({"Type":"image","ImageOptions":{"Subpath":"bin"},"Source":"busybox:1","Target":"/31"}],
  "Tmpfs": {
    "/run": "size=64m,mode=755",
    "/tmp": ""
  }
})");
}

TEST(RenderMounts, OfConfigsAndSecretsThatAreFiles) {
    model::Project project = small_project();
    model::FileObject of_commit;
    of_commit.origin = model::FileOrigin::commit;
    of_commit.path = "app.conf";
    of_commit.content_id = "257cc5642cb1a054f08cc83f2d943e56fd3ebe99";
    model::FileObject of_host;
    of_host.origin = model::FileOrigin::host;
    of_host.path = "/etc/shop/password";
    model::FileObject written;
    written.content = "x";
    project.configs = {{"app", of_commit}, {"inline", written}};
    project.secrets = {{"password", of_host}};
    model::Service& api = project.services.at("api");
    api.configs = {{"app", "/etc/app.conf"}, {"inline", "/etc/inline"}, {"app", "/taken"}};
    api.secrets = {{"password", "/run/secrets/password"}};
    api.mounts = {mount(MountKind::bind, "/srv", "/taken")};
    EXPECT_EQ(
        host_of(project),
        R"({
  "Binds": ["/srv:/taken:rw"],
  "Mounts": [)"
        R"({"Type":"bind","Source":"/var/lib/trueup/binds/257cc5642cb1a054f08cc83f2d943e56fd3ebe99","Target":"/etc/app.conf","ReadOnly":true},)"
        R"({"Type":"bind","Source":"/etc/shop/password","Target":"/run/secrets/password","ReadOnly":true}]
})");
}

TEST(RenderMounts, NothingOfACommitsFileThatIsToHaveAnOwnerOrAMode) {
    model::Project project = small_project();
    model::FileObject file;
    file.origin = model::FileOrigin::commit;
    file.path = "app.conf";
    file.content = "text";
    file.content_id = "257cc5642cb1a054f08cc83f2d943e56fd3ebe99";
    project.secrets = {{"app", file}};
    model::Service& api = project.services.at("api");
    api.secrets = {{"app", "/run/secrets/app", "", "70", 0440}};
    EXPECT_EQ(host_of(project), "{}");
    const auto files = written_files(project, api);
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].target, "/run/secrets/app");
    EXPECT_EQ(files[0].content, "text");
    EXPECT_EQ(files[0].mode, 0440U);
    EXPECT_EQ(files[0].group, 70);
    api.secrets[0].mode.reset();
    api.secrets[0].gid.clear();
    EXPECT_TRUE(written_files(project, api).empty());
}

TEST(RenderMounts, AnonymousVolumesOfTheReplacedContainerAreMountedByName) {
    model::Project project = small_project();
    model::Service& api = project.services.at("api");
    api.mounts = {mount(MountKind::volume, "", "/cache", true),
                  mount(MountKind::volume, "", "/new"), mount(MountKind::bind, "/srv", "/srv")};
    Creation creation = created_from("i");
    creation.inherited = {{"/cache", "c0ffee"}, {"/of-image", "beef"}, {"/srv", "named-now"}};
    EXPECT_EQ(host_of(project, creation), R"({
  "Binds": ["c0ffee:/cache:ro","beef:/of-image:rw","/srv:/srv:rw"],
  "Mounts": [{"Type":"volume","Target":"/new"}]
})");
}

TEST(RenderMounts, VolumesOfOtherContainers) {
    model::Project project = small_project();
    project.services.at("api").volumes_from = {"db", "log:ro", "container:other:ro", "job"};
    Creation creation = created_from("i");
    creation.containers = {{"db", "d0"}, {"log", "e1"}};
    EXPECT_EQ(host_of(project, creation), R"({
  "VolumesFrom": ["d0","e1:ro","other:ro","job"]
})");
}

}    // namespace
}    // namespace trueup::render::test
