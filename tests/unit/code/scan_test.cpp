// SPDX-License-Identifier: Apache-2.0
#include "controller/code/scan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "controller/base/digest.hpp"
#include "tests/unit/code/tar_bytes.hpp"

namespace trueup::code {
namespace {

using test::TarBytes;

FoundFile plain(std::string_view content) {
    return {base::git_blob_id(content), false, false, 0, content.size(), ""};
}
FoundFile executable(std::string_view content) {
    return {base::git_blob_id(content), true, false, 0, content.size(), ""};
}
FoundFile link_to(std::string_view target) {
    return {base::git_blob_id(target), false, true, 0, 0, ""};
}

// Hands the bytes out in pieces of `piece`, as a socket does.
Result<void> scan(const std::string& root, const std::string& bytes, FoundFiles& found,
                  std::size_t piece = 1000) {
    std::size_t at = 0;
    return scan_tar(
        root,
        [&](char* buffer, std::size_t size) {
            const std::size_t count = std::min({size, piece, bytes.size() - at});
            std::memcpy(buffer, bytes.data() + at, count);
            at += count;
            return static_cast<long>(count);
        },
        found);
}

FoundFiles files_of(const std::string& root, const std::string& bytes) {
    FoundFiles found;
    const auto scanned = scan(root, bytes, found);
    EXPECT_TRUE(scanned) << scanned.error().message();
    return found;
}

TEST(ScanTar, FilesAreNamedAsGitNamesThemBelowTheRoot) {
    TarBytes tar;
    tar.directory("app/")
        .file("app/main.py", "print(1)\n")
        .directory("app/lib/")
        .directory("app/lib/deep/")
        .file("app/lib/deep/empty.py", "")
        .file("app/run.sh", "#!/bin/sh\n", 0755);
    const FoundFiles expected{{"/srv/app/lib/deep/empty.py", plain("")},
                              {"/srv/app/main.py", plain("print(1)\n")},
                              {"/srv/app/run.sh", executable("#!/bin/sh\n")}};
    EXPECT_EQ(files_of("/srv/app", tar.bytes()), expected);
    // git hash-object of the same content.
    EXPECT_EQ(plain("").object_id, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
}

TEST(ScanTar, ASingleFileIsItsOwnRoot) {
    TarBytes tar;
    tar.file("entrypoint.sh", "exec\n", 0755);
    const FoundFiles expected{{"/entrypoint.sh", executable("exec\n")}};
    EXPECT_EQ(files_of("/entrypoint.sh", tar.bytes()), expected);
}

TEST(ScanTar, NamesMayStartWithADotOrASlash) {
    TarBytes tar;
    tar.file("./app/a", "1").file("/app/b", "2").file("app/./c", "3");
    const FoundFiles expected{
        {"/app/a", plain("1")}, {"/app/b", plain("2")}, {"/app/c", plain("3")}};
    EXPECT_EQ(files_of("/app", tar.bytes()), expected);
}

TEST(ScanTar, APathThatClimbsOutOfTheArchiveIsNoFile) {
    TarBytes tar;
    tar.file("../etc/shadow", "x").file("app/../../y", "x").file("app/a", "1");
    const FoundFiles expected{{"/app/a", plain("1")}};
    EXPECT_EQ(files_of("/app", tar.bytes()), expected);
}

TEST(ScanTar, OnlyTheOwnersExecuteBitCounts) {
    TarBytes tar;
    tar.file("app/a", "", 0700)
        .file("app/b", "", 0655)
        .file("app/c", "", 0777)
        .file("app/d", "", 0600)
        .file("app/e", "", 04755);
    const FoundFiles expected{{"/app/a", executable("")},
                              {"/app/b", plain("")},
                              {"/app/c", executable("")},
                              {"/app/d", plain("")},
                              {"/app/e", executable("")}};
    EXPECT_EQ(files_of("/app", tar.bytes()), expected);
}

TEST(ScanTar, ASymlinkIsItsTarget) {
    TarBytes tar;
    tar.symlink("app/current", "releases/7").symlink("app/gone", "/no/where");
    const FoundFiles expected{{"/app/current", link_to("releases/7")},
                              {"/app/gone", link_to("/no/where")}};
    EXPECT_EQ(files_of("/app", tar.bytes()), expected);
}

TEST(ScanTar, AHardLinkHasTheContentAndModeOfWhatItLinksTo) {
    TarBytes tar;
    tar.file("app/a.py", "same\n", 0755).hard_link("app/b.py", "app/a.py");
    tar.hard_link("app/c.py", "app/not-in-the-archive");
    const FoundFiles expected{{"/srv/app/a.py", executable("same\n")},
                              {"/srv/app/b.py", executable("same\n")}};
    EXPECT_EQ(files_of("/srv/app", tar.bytes()), expected);
}

// A sparse file has any size, and an engine sends it as a whole.
TEST(ScanTar, MoreThanAnyCodeIsRefusedBeforeItIsRead) {
    TarBytes tar;
    tar.file("app/main.py", "1").pax("size", "4398046511104").file("app/data.bin", "");
    FoundFiles found;
    const auto scanned = scan("/srv/app", tar.open_bytes(), found);
    ASSERT_FALSE(scanned);
    EXPECT_EQ(scanned.error().code(), Errc::invalid);
    EXPECT_NE(scanned.error().message().find("/srv/app/data.bin: more than 64 GiB"),
              std::string::npos)
        << scanned.error().message();
}

TEST(ScanTar, TimesAndSizesAndTheHeadsOfByteCodeAreKept) {
    const std::string long_code = "header, 16 bytes" + std::string(100'000, 'c');
    TarBytes tar;
    tar.at(1'700'000'000).file("app/a.py", "12345").at(5).file("app/__pycache__/a.pyc", long_code);
    tar.file("app/b.pyc", "short").hard_link("app/c.pyc", "app/b.pyc");
    const FoundFiles found = files_of("/app", tar.bytes());
    EXPECT_EQ(found.at("/app/a.py").mtime, 1'700'000'000);
    EXPECT_EQ(found.at("/app/a.py").size, 5U);
    EXPECT_EQ(found.at("/app/a.py").head, "");
    EXPECT_EQ(found.at("/app/__pycache__/a.pyc").head, "header, 16 bytes");
    EXPECT_EQ(found.at("/app/__pycache__/a.pyc").mtime, 5);
    EXPECT_EQ(found.at("/app/b.pyc").head, "short");
    EXPECT_EQ(found.at("/app/c.pyc").head, "short");
}

TEST(ScanTar, DirectoriesAndSpecialFilesAreNoFiles) {
    TarBytes tar;
    tar.directory("app/").fifo("app/queue").file("app/a", "1");
    const FoundFiles expected{{"/app/a", plain("1")}};
    EXPECT_EQ(files_of("/app", tar.bytes()), expected);
}

TEST(ScanTar, LongNamesOfPaxAndOfGnu) {
    const std::string deep = "app/" + std::string(60, 'd') + "/" + std::string(200, 'f') + ".py";
    const std::string target(300, 't');
    TarBytes pax;
    pax.pax("path", deep).file("cut", "1").pax("linkpath", target).symlink("app/link", "cut");
    const FoundFiles expected{{"/" + deep, plain("1")}, {"/app/link", link_to(target)}};
    EXPECT_EQ(files_of("/app", pax.bytes()), expected);
    TarBytes gnu;
    gnu.gnu_long_name(deep).file("cut", "1").gnu_long_link(target).symlink("app/link", "cut");
    EXPECT_EQ(files_of("/app", gnu.bytes()), expected);
}

// Go's archive/tar, and so every engine, writes such names as pax records without hdrcharset.
TEST(ScanTar, NamesBeyondAsciiAreReadInAnyLocale) {
    const std::string name = "app/gr\u00fc\u00dfe-\u65e5\u672c.py";
    TarBytes pax;
    pax.pax("path", name).file("app/gr", "1").pax("linkpath", "\u00fcber").symlink("app/l", "x");
    pax.file("app/a.py", "2").pax("linkpath", name).hard_link("app/h", "x");
    const FoundFiles expected{{"/" + name, plain("1")},
                              {"/app/h", plain("1")},
                              {"/app/l", link_to("\u00fcber")},
                              {"/app/a.py", plain("2")}};
    EXPECT_EQ(files_of("/app", pax.bytes()), expected);
}

TEST(ScanTar, NamesThatAreNotUtf8StayTheirBytes) {
    TarBytes tar;
    tar.file("app/latin-\xe9.py", "1").pax("path", "app/long-\xff.py").file("app/x", "2");
    const FoundFiles expected{{"/app/latin-\xe9.py", plain("1")},
                              {"/app/long-\xff.py", plain("2")}};
    EXPECT_EQ(files_of("/app", tar.bytes()), expected);
}

TEST(ScanTar, ContentLargerThanEveryBufferIsHashedWhole) {
    std::string large;
    for (int line = 0; line < 120'000; ++line) large += fmt::format("{}\n", line);
    TarBytes tar;
    tar.file("app/large", large).file("app/after", "1");
    for (const std::size_t piece : {511U, 65'537U, 1U << 20U}) {
        FoundFiles found;
        ASSERT_TRUE(scan("/app", tar.bytes(), found, piece));
        const FoundFiles expected{{"/app/after", plain("1")}, {"/app/large", plain(large)}};
        EXPECT_EQ(found, expected) << piece;
    }
}

TEST(ScanTar, TheSameFileTwiceIsTheLastOne) {
    TarBytes tar;
    tar.file("app/a", "old").file("app/a", "new");
    const FoundFiles expected{{"/app/a", plain("new")}};
    EXPECT_EQ(files_of("/app", tar.bytes()), expected);
}

TEST(ScanTar, SeveralRootsAreCollectedTogether) {
    FoundFiles found;
    ASSERT_TRUE(scan("/app", TarBytes().file("app/a", "1").bytes(), found));
    ASSERT_TRUE(scan("/usr/local/bin", TarBytes().file("bin/b", "2").bytes(), found));
    const FoundFiles expected{{"/app/a", plain("1")}, {"/usr/local/bin/b", plain("2")}};
    EXPECT_EQ(found, expected);
}

TEST(ScanTar, AnArchiveThatBreaksOffIsAFailureThatMayBeTriedAgain) {
    const std::string whole = TarBytes().file("app/a", std::string(5000, 'x')).bytes();
    for (const std::size_t size : {std::size_t(100), std::size_t(700), std::size_t(5000)}) {
        FoundFiles found;
        const auto scanned = scan("/app", whole.substr(0, size), found);
        ASSERT_FALSE(scanned) << size;
        EXPECT_EQ(scanned.error().code(), Errc::unavailable);
        EXPECT_EQ(found, FoundFiles()) << "half a file is no file";
    }
}

TEST(ScanTar, WhatIsNoArchiveIsAFailure) {
    FoundFiles found;
    EXPECT_FALSE(scan("/app", std::string(2000, 'x'), found));
}

TEST(ScanTar, AReaderThatFailsIsAFailure) {
    FoundFiles found;
    const auto scanned = scan_tar("/app", [](char*, std::size_t) { return -1L; }, found);
    ASSERT_FALSE(scanned);
    EXPECT_EQ(scanned.error().code(), Errc::unavailable);
}

TEST(ScanTar, AnEmptyArchiveHasNoFiles) {
    EXPECT_EQ(files_of("/app", TarBytes().bytes()), FoundFiles());
}

TEST(ScanTar, PathsAreAtMostFourKibibytes) {
    const std::string fits = "app/" + std::string(4092, 'a');
    TarBytes tar;
    tar.pax("path", fits).file("x", "1").pax("path", fits + "a").file("x", "2");
    const FoundFiles expected{{"/" + fits, plain("1")}};
    EXPECT_EQ(files_of("/app", tar.bytes()), expected);
}

TEST(ScanTar, MoreThanHalfAMillionEntriesAreRefused) {
    const std::string entry = TarBytes().directory("app/d").open_bytes();
    std::size_t given = 0;
    FoundFiles found;
    const auto scanned = scan_tar(
        "/app",
        [&](char* buffer, std::size_t) {
            if (given > 500'001) return 0L;
            ++given;
            std::memcpy(buffer, entry.data(), entry.size());
            return static_cast<long>(entry.size());
        },
        found);
    ASSERT_FALSE(scanned);
    EXPECT_EQ(scanned.error().code(), Errc::invalid);
    EXPECT_NE(scanned.error().message().find("500000"), std::string::npos);
}

}    // namespace
}    // namespace trueup::code
