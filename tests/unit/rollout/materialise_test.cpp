// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/materialise.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/temp_directory.hpp"
#include "tests/unit/rollout/memory_tree.hpp"

namespace trueup::rollout::test {
namespace {

namespace fs = std::filesystem;

class Materialise : public ::testing::Test {
protected:
    // What was written is read-only, folders too.
    ~Materialise() override {
        for (const auto& entry : fs::recursive_directory_iterator(directory.path())) {
            if (entry.is_directory()) fs::permissions(entry.path(), fs::perms::owner_all);
        }
    }

    static model::Mount bind(const std::string& source) {
        model::Mount mount;
        mount.kind = model::MountKind::bind;
        mount.source = source;
        mount.target = "/etc/x";
        mount.in_commit = true;
        mount.content_id = "id-of-" + source;
        return mount;
    }
    std::string root() const { return directory / "binds"; }
    std::string path(const std::string& below) const { return root() + "/" + below; }
    static std::string read(const std::string& file) {
        std::ifstream stream(file, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(stream), {});
    }
    static unsigned mode(const std::string& file) {
        struct ::stat status{};
        EXPECT_EQ(::lstat(file.c_str(), &status), 0) << file;
        return status.st_mode & 07777U;
    }
    std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(root()), fs::directory_iterator()));
    }

    support::TempDirectory directory;
    MemoryTree tree;
};

TEST_F(Materialise, a_file_is_written_read_only_under_its_content) {
    tree.nodes["nginx.conf"].content = "worker_processes 1;\n";
    const auto done = materialise(tree, bind("nginx.conf"), root());
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(read(path("id-of-nginx.conf")), "worker_processes 1;\n");
    EXPECT_EQ(mode(path("id-of-nginx.conf")), 0444U);
    EXPECT_EQ(entries(), 1U) << "nothing temporary is left";
}

TEST_F(Materialise, a_directory_is_written_whole) {
    tree.nodes["site/index.html"].content = "<p>hello";
    tree.nodes["site/bin/run"] = {model::EntryKind::executable, "#!/bin/sh\n"};
    tree.nodes["site/current"] = {model::EntryKind::symlink, "bin/run"};
    const auto done = materialise(tree, bind("site"), root());
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(read(path("id-of-site/index.html")), "<p>hello");
    EXPECT_EQ(fs::read_symlink(path("id-of-site/current")), "bin/run");
    EXPECT_EQ(mode(path("id-of-site")), 0555U);
    EXPECT_EQ(mode(path("id-of-site/index.html")), 0444U);
    EXPECT_EQ(mode(path("id-of-site/bin/run")), 0555U);
    EXPECT_EQ(entries(), 1U) << "nothing temporary is left";
}

TEST_F(Materialise, what_is_there_is_not_written_again) {
    tree.nodes["conf"].content = "one";
    ASSERT_TRUE(materialise(tree, bind("conf"), root()));
    const auto before = fs::last_write_time(path("id-of-conf"));
    tree.nodes.clear();
    ASSERT_TRUE(materialise(tree, bind("conf"), root()));
    EXPECT_EQ(fs::last_write_time(path("id-of-conf")), before);
    EXPECT_EQ(mode(path("id-of-conf")), 0444U);
}

TEST_F(Materialise, a_symbolic_link_at_the_root_is_refused) {
    tree.nodes["conf"] = {model::EntryKind::symlink, "/etc/shadow"};
    const auto done = materialise(tree, bind("conf"), root());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::invalid);
    EXPECT_EQ(entries(), 0U);
}

TEST_F(Materialise, a_submodule_inside_is_refused_and_leaves_nothing) {
    tree.nodes["site/a"].content = "a";
    tree.nodes["site/b"].kind = model::EntryKind::submodule;
    const auto done = materialise(tree, bind("site"), root());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::invalid);
    EXPECT_NE(done.error().message().find("site/b"), std::string::npos);
    EXPECT_EQ(entries(), 0U);
}

// Files that only say how long they are: it is the reader who would refuse them.
TEST_F(Materialise, all_files_of_a_bind_may_have_one_gibibyte) {
    constexpr std::size_t limit = 1'073'741'824;
    tree.nodes["site/a"].content = "abc";
    tree.nodes["site/b"] = {model::EntryKind::file, "b", limit - 3};
    EXPECT_TRUE(materialise(tree, bind("site"), root()));
    tree.nodes["large/a"].content = "abc";
    tree.nodes["large/b"] = {model::EntryKind::file, "b", limit - 2};
    const auto done = materialise(tree, bind("large"), root());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::invalid);
    EXPECT_EQ(done.error().message(),
              "a bind may have 1 GiB with all its files: large/b is too long");
    EXPECT_EQ(entries(), 1U) << "nothing of what was refused is left";
}

TEST_F(Materialise, one_file_may_have_one_gibibyte) {
    constexpr std::size_t limit = 1'073'741'824;
    tree.nodes["data"] = {model::EntryKind::file, "x", limit};
    EXPECT_TRUE(materialise(tree, bind("data"), root()));
    tree.nodes["more"] = {model::EntryKind::file, "x", limit + 1};
    EXPECT_FALSE(materialise(tree, bind("more"), root()));
}

TEST_F(Materialise, other_content_than_was_planned_is_refused) {
    tree.nodes["conf"].content = "one";
    model::Mount mount = bind("conf");
    mount.content_id = "another";
    EXPECT_FALSE(materialise(tree, mount, root()));
    EXPECT_EQ(entries(), 0U);
}

TEST_F(Materialise, a_path_that_is_not_in_the_commit_is_not_found) {
    const auto done = materialise(tree, bind("conf"), root());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::not_found);
}

TEST_F(Materialise, a_folder_that_cannot_be_made_is_an_error) {
    support::write_file(root(), "a file");
    tree.nodes["conf"].content = "one";
    EXPECT_FALSE(materialise(tree, bind("conf"), root()));
}

}    // namespace
}    // namespace trueup::rollout::test
