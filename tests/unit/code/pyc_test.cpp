// SPDX-License-Identifier: Apache-2.0
#include "controller/code/pyc.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/code/pyc_bytes.hpp"

namespace trueup::code {
namespace {

using test::pyc_head;

TEST(PycHeader, TheTimestampFormNamesTimeAndSizeOfTheSource) {
    const PycHeader header = read_pyc_header(pyc_head(3495, 0, 0x6553f100, 1234));
    EXPECT_EQ(header, (PycHeader{PycForm::timestamp, 3495, 0x6553f100, 1234, 0}));
}

TEST(PycHeader, TheHashFormsCarryTheSourcesHash) {
    const PycHeader checked = read_pyc_header(pyc_head(3495, 3, 0x89abcdef, 0x01234567));
    EXPECT_EQ(checked, (PycHeader{PycForm::checked_hash, 3495, 0, 0, 0x0123456789abcdef}));
    const PycHeader unchecked = read_pyc_header(pyc_head(3495, 1, 1, 0));
    EXPECT_EQ(unchecked, (PycHeader{PycForm::unchecked_hash, 3495, 0, 0, 1}));
}

// importlib asks for the second bit only where the first is set.
TEST(PycHeader, TheSecondFlagAloneIsNoHash) {
    EXPECT_EQ(read_pyc_header(pyc_head(3495, 2, 7, 8)).form, PycForm::timestamp);
}

TEST(PycHeader, WhatIsNoHeaderIsToldApart) {
    const std::string whole = pyc_head(3495, 0, 7, 8);
    for (const std::size_t size : {0U, 1U, 3U, 4U, 8U, 15U})
        EXPECT_EQ(read_pyc_header(whole.substr(0, size)).form, PycForm::truncated) << size;
    EXPECT_EQ(read_pyc_header("print(1) # a long text").form, PycForm::no_magic);
    EXPECT_EQ(read_pyc_header(std::string(16, '\0')).form, PycForm::no_magic);
    for (const std::uint32_t flags : {4U, 7U, 0x100U, 0x80000000U})
        EXPECT_EQ(read_pyc_header(pyc_head(3495, flags, 7, 8)).form, PycForm::unknown_flags);
    EXPECT_EQ(read_pyc_header(pyc_head(3495, 4, 7, 8)).magic, 3495);
}

TEST(PycHeader, BytesBehindTheHeaderDoNotMatter) {
    EXPECT_EQ(read_pyc_header(pyc_head(3495, 0, 7, 8) + "code"),
              read_pyc_header(pyc_head(3495, 0, 7, 8)));
}

TEST(PycHeader, EachReleaseHasItsMagicNumber) {
    const std::vector<std::pair<std::uint16_t, std::string>> releases{
        {3413, "cpython-38"},  {3425, "cpython-39"},  {3439, "cpython-310"},
        {3495, "cpython-311"}, {3531, "cpython-312"}, {3571, "cpython-313"}};
    for (const auto& [magic, tag] : releases) EXPECT_EQ(tag_of_magic(magic), tag);
    for (const std::uint16_t magic : {0, 3394, 3412, 3494, 3496, 3627, 65535})
        EXPECT_EQ(tag_of_magic(magic), "") << magic;
}

TEST(PycName, InACacheFolderItBelongsToTheSourceAboveIt) {
    EXPECT_EQ(read_pyc_name("/srv/__pycache__/x.cpython-311.pyc"),
              (PycName{"/srv/x.py", "cpython-311", "", true}));
    EXPECT_EQ(read_pyc_name("/srv/p/__pycache__/__init__.cpython-38.opt-2.pyc"),
              (PycName{"/srv/p/__init__.py", "cpython-38", "2", true}));
    EXPECT_EQ(read_pyc_name("/__pycache__/a.b.pypy39.pyc"),
              (PycName{"/a.b.py", "pypy39", "", true}));
    EXPECT_EQ(read_pyc_name("/s/__pycache__/x.cpython-311.opt-tool.pyc"),
              (PycName{"/s/x.py", "cpython-311", "tool", true}));
}

TEST(PycName, ElsewhereItTakesTheSourcesPlace) {
    EXPECT_EQ(read_pyc_name("/srv/x.pyc"), (PycName{"/srv/x.py", "", "", false}));
    EXPECT_EQ(read_pyc_name("/srv/x.cpython-311.pyc"),
              (PycName{"/srv/x.cpython-311.py", "", "", false}));
    EXPECT_EQ(read_pyc_name("/srv/my__pycache__/x.pyc"),
              (PycName{"/srv/my__pycache__/x.py", "", "", false}));
}

TEST(PycName, WhatIsNobodysIsNoName) {
    for (const char* path :
         {"/srv/x.py", "/srv/x.pyo", "/srv/.pyc", "x.pyc", "", ".pyc", "/srv/__pycache__/x.pyc",
          "/srv/__pycache__/.cpython-311.pyc", "/srv/__pycache__/x.opt-1.pyc",
          "/srv/__pycache__/x..pyc", "/srv/__pycache__/x.cpython-311.pyc.140"})
        EXPECT_EQ(read_pyc_name(path), std::nullopt) << path;
}

}    // namespace
}    // namespace trueup::code
