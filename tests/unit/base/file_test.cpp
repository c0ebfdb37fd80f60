// SPDX-License-Identifier: Apache-2.0
#include "controller/base/file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "tests/support/temp_directory.hpp"

namespace trueup::base {
namespace {

class File : public testing::Test {
protected:
    std::string write(const std::string& name, const std::string& content) {
        const std::string path = directory_ / name;
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    support::TempDirectory directory_;
};

TEST_F(File, IsReadWhole) {
    const std::string content("a\0b\n", 4);
    EXPECT_EQ(*read_file(write("x", content)), content);
    EXPECT_EQ(*read_file(write("empty", "")), "");
    EXPECT_EQ(*read_file(write("limit", std::string(8, 'x')), 8), std::string(8, 'x'));
    EXPECT_EQ(*read_file("/dev/null"), "");
}

TEST_F(File, IsCreatedWholeForItsUserAlone) {
    const std::string path = directory_ / "new";
    const std::string content(1U << 20U, 'x');
    EXPECT_FALSE(create_file(path, content));
    EXPECT_EQ(*read_file(path), content);
    struct ::stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_FALSE(create_file(directory_ / "synced", "", true));
}

TEST_F(File, IsNeverCreatedOverAnother) {
    const std::string path = write("there", "before");
    EXPECT_EQ(create_file(path, "after"), std::errc::file_exists);
    EXPECT_EQ(*read_file(path), "before");
    EXPECT_EQ(create_file(directory_ / "none/new", "x"), std::errc::no_such_file_or_directory);
    ASSERT_EQ(::symlink(path.c_str(), (directory_ / "link").c_str()), 0);
    EXPECT_EQ(create_file(directory_ / "link", "after"), std::errc::file_exists);
}

// Nothing half is left behind.
TEST_F(File, WhatCannotBeWrittenIsNotThere) {
    struct ::rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
    const struct ::rlimit small{16, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const std::string path = directory_ / "big";
    const std::error_code failed = create_file(path, std::string(64, 'x'));
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, ignored);
    EXPECT_EQ(failed, std::errc::file_too_large);
    EXPECT_EQ(read_file(path).error().code(), Errc::not_found);
}

TEST_F(File, WhatCannotBeReadSaysWhy) {
    const std::string missing = directory_ / "missing";
    EXPECT_EQ(read_file(missing).error().code(), Errc::not_found);
    EXPECT_EQ(read_file(missing).error().message(),
              "cannot read " + missing + ": No such file or directory");
    const auto long_file = read_file(write("long", std::string(2049, 'x')), 2048);
    EXPECT_EQ(long_file.error().code(), Errc::invalid);
    EXPECT_NE(long_file.error().message().find("longer than 2 KiB"), std::string::npos);
    EXPECT_NE(read_file("/tmp").error().message().find("it is a folder"), std::string::npos);
    const std::string pipe = directory_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_NE(read_file(pipe).error().message().find("not a regular file"), std::string::npos)
        << "nobody ever writes into it";
    EXPECT_FALSE(read_file("/dev/zero"));
}

TEST_F(File, SecretsLoseTheNewlineOfTheEditor) {
    EXPECT_EQ(*read_secret(write("a", "hunter2\n")), "hunter2");
    EXPECT_EQ(*read_secret(write("b", "hunter2\r\n")), "hunter2");
    EXPECT_EQ(*read_secret(write("c", "hunter2\n\n")), "hunter2\n");
    EXPECT_EQ(*read_secret(write("d", " hunter2 ")), " hunter2 ");
    EXPECT_EQ(read_secret(write("e", "\n")).error().code(), Errc::invalid);
    const auto junk = read_secret(write("f", std::string(100'000, 's')));
    EXPECT_EQ(junk.error().message().find("sss"), std::string::npos);
}

}    // namespace
}    // namespace trueup::base
