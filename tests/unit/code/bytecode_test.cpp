// SPDX-License-Identifier: Apache-2.0
// Which .pyc files an interpreter would load, and what a comparison says of the verdicts.
#include "controller/code/bytecode.hpp"

#include <gtest/gtest.h>

#include "tests/unit/code/pyc_bytes.hpp"

namespace trueup::code {
namespace {

using model::BytecodeFault;
using model::BytecodeFinding;
using model::CodeStatus;
using test::pyc_head;
using Paths = std::vector<std::string>;

FoundFile source(std::int64_t mtime = 100, std::uint64_t size = 10) {
    FoundFile file;
    file.object_id = "source";
    file.mtime = mtime;
    file.size = size;
    return file;
}

FoundFile pyc(const std::string& head = pyc_head(3495, 0, 100, 10)) {
    FoundFile file;
    file.object_id = "pyc";
    file.head = head;
    return file;
}

FoundFile link() {
    FoundFile file;
    file.object_id = "link";
    file.symlink = true;
    return file;
}

ExpectedCode commit_code() {
    ExpectedCode code;
    code.code_id = "id";
    code.files["/srv/x.py"].commit_path = "app/x.py";
    code.files["/srv/p/__init__.py"].commit_path = "app/p/__init__.py";
    code.ignore = {"/srv/uploads/**"};
    return code;
}

Paths in_use(const FoundFiles& found) {
    Paths paths;
    for (const BytecodeFile& file : bytecode_in_use(commit_code(), found))
        paths.push_back(file.path);
    return paths;
}

const std::string cache = "/srv/__pycache__/x.cpython-311.pyc";

// It was written all the time: no verdict is kept of what nobody knows.
TEST(BytecodeInUse, AFileThatCouldNotBeReadAsAWholeIsJudgedAnewEachTime) {
    FoundFile unread = pyc();
    unread.object_id.clear();
    auto files = bytecode_in_use(commit_code(), {{"/srv/x.py", source()}, {cache, unread}});
    ASSERT_EQ(files.size(), 1U);
    EXPECT_FALSE(files.front().reproducible);
    FoundFile unread_source = source();
    unread_source.object_id.clear();
    files = bytecode_in_use(commit_code(), {{"/srv/x.py", unread_source}, {cache, pyc()}});
    ASSERT_EQ(files.size(), 1U);
    EXPECT_FALSE(files.front().reproducible);
}

TEST(BytecodeInUse, ACachedFileWhoseHeaderFitsItsSource) {
    const auto files = bytecode_in_use(commit_code(), {{"/srv/x.py", source()}, {cache, pyc()}});
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files.front(),
              (BytecodeFile{cache, "pyc", "/srv/x.py", "source", "cpython-311", "", true}));
}

TEST(BytecodeInUse, ATimeOrSizeThatDoesNotFitMakesItCompileAnew) {
    EXPECT_EQ(in_use({{"/srv/x.py", source(101)}, {cache, pyc()}}), Paths());
    EXPECT_EQ(in_use({{"/srv/x.py", source(100, 11)}, {cache, pyc()}}), Paths());
    // Only 32 bits of either are in the header.
    const std::int64_t later = 100 + (std::int64_t(1) << 32U);
    EXPECT_EQ(in_use({{"/srv/x.py", source(later)}, {cache, pyc()}}), Paths{cache});
}

TEST(BytecodeInUse, HashFormsAreLookedAtWhateverTheTime) {
    for (const std::uint32_t flags : {1U, 3U}) {
        EXPECT_EQ(in_use({{"/srv/x.py", source(5)}, {cache, pyc(pyc_head(3495, flags, 0, 0))}}),
                  Paths{cache});
    }
}

TEST(BytecodeInUse, HeadersThatImportlibRefusesAreNot) {
    for (const std::string& head :
         {std::string("short"), std::string(16, 'x'), pyc_head(3495, 4, 100, 10)})
        EXPECT_EQ(in_use({{"/srv/x.py", source()}, {cache, pyc(head)}}), Paths());
}

TEST(BytecodeInUse, ACachedFileWithoutItsSourceIsNot) {
    EXPECT_EQ(in_use({{cache, pyc()}, {"/srv/y.py", source()}}), Paths());
}

TEST(BytecodeInUse, OptimizationLevelsOfTheInterpreterOnly) {
    const std::string first = "/srv/__pycache__/x.cpython-311.opt-1.pyc";
    const std::string second = "/srv/__pycache__/x.cpython-311.opt-2.pyc";
    EXPECT_EQ(in_use({{"/srv/x.py", source()},
                      {first, pyc()},
                      {second, pyc()},
                      {"/srv/__pycache__/x.cpython-311.opt-beartype.pyc", pyc()}}),
              (Paths{first, second}));
}

TEST(BytecodeInUse, AFileThatStandsAlone) {
    EXPECT_EQ(in_use({{"/srv/old.pyc", pyc()}, {"/srv/p/__init__.pyc", pyc()}}),
              (Paths{"/srv/old.pyc", "/srv/p/__init__.pyc"}));
    const auto files =
        bytecode_in_use(commit_code(), {{"/srv/old.pyc", pyc(pyc_head(3531, 1, 0, 0))}});
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files.front().tag, "cpython-312");
    EXPECT_EQ(files.front().source, "");
}

TEST(BytecodeInUse, AFileBesideItsSourceOrBehindAPackageIsNot) {
    EXPECT_EQ(in_use({{"/srv/x.py", source()}, {"/srv/x.pyc", pyc()}}), Paths());
    EXPECT_EQ(in_use({{"/srv/p/__init__.py", source()}, {"/srv/p.pyc", pyc()}}), Paths());
}

TEST(BytecodeInUse, WhatTheApplicationWritesItselfAndForeignPackagesAreLeftOut) {
    EXPECT_EQ(in_use({{"/srv/uploads/x.pyc", pyc()},
                      {"/srv/venv/lib/python3.11/site-packages/six.pyc", pyc()},
                      {"/srv/node_modules/gyp/x.pyc", pyc()}}),
              Paths());
}

TEST(BytecodeInUse, ASourceOfTheCommitCountsInEveryFolder) {
    ExpectedCode code = commit_code();
    const std::string folder = "/usr/lib/python3/dist-packages/shop/";
    code.files[folder + "x.py"].commit_path = "app/x.py";
    const auto files = bytecode_in_use(
        code, {{folder + "x.py", source()}, {folder + "__pycache__/x.cpython-311.pyc", pyc()}});
    EXPECT_EQ(files.size(), 1U);
}

TEST(BytecodeInUse, WhatIsBehindALinkIsAskedForEachTime) {
    const FoundFiles linked_source{{"/srv/x.py", link()}, {cache, pyc()}};
    ASSERT_EQ(in_use(linked_source), Paths{cache});
    EXPECT_FALSE(bytecode_in_use(commit_code(), linked_source).front().reproducible);
    const FoundFiles linked{{"/srv/x.py", source()}, {cache, link()}};
    ASSERT_EQ(in_use(linked), Paths{cache});
    EXPECT_FALSE(bytecode_in_use(commit_code(), linked).front().reproducible);
    EXPECT_EQ(in_use({{"/srv/__pycache__", link()}}), Paths{"/srv/__pycache__"});
}

Comparison fresh() {
    Comparison comparison;
    comparison.state.status = CodeStatus::fresh;
    return comparison;
}

BytecodeFile file_of(const std::string& path, const std::string& of) {
    BytecodeFile file;
    file.path = path;
    file.source = of;
    return file;
}

TEST(BytecodeFindings, AreNamedAsTheCommitNamesThem) {
    Comparison comparison = fresh();
    add_findings(comparison, commit_code(),
                 {file_of(cache, "/srv/x.py"), file_of("/srv/old.pyc", ""),
                  file_of("/srv/__pycache__/made.cpython-311.pyc", "/srv/made.py")},
                 {Verdict::differs, Verdict::sourceless, Verdict::broken}, false);
    EXPECT_EQ(comparison.state.status, CodeStatus::stale);
    EXPECT_EQ(
        comparison.state.bytecode,
        (std::vector<BytecodeFinding>{
            {"app/__pycache__/x.cpython-311.pyc", "app/x.py", BytecodeFault::differs},
            {"/srv/old.pyc", "", BytecodeFault::sourceless},
            {"/srv/__pycache__/made.cpython-311.pyc", "/srv/made.py", BytecodeFault::broken}}));
    EXPECT_EQ(comparison.untrusted,
              (Paths{cache, "/srv/old.pyc", "/srv/__pycache__/made.cpython-311.pyc"}));
    EXPECT_EQ(model::to_text(comparison.state.bytecode.front(), "9f3c1e2"),
              "app/__pycache__/x.cpython-311.pyc is not what app/x.py of 9f3c1e2 compiles to");
}

TEST(BytecodeFindings, TrustedAndUnusedFilesAreNone) {
    Comparison comparison = fresh();
    add_findings(comparison, commit_code(),
                 {file_of(cache, "/srv/x.py"), file_of("/srv/old.pyc", "")},
                 {Verdict::trusted, Verdict::unused}, true);
    EXPECT_EQ(comparison.state, fresh().state);
    EXPECT_EQ(comparison.untrusted, Paths());
}

TEST(BytecodeFindings, WhatNobodyCouldTellIsNotFreshAndNoDrift) {
    Comparison comparison = fresh();
    add_findings(comparison, commit_code(), {file_of(cache, "/srv/x.py")}, {Verdict::unproven},
                 false);
    EXPECT_EQ(comparison.state.status, CodeStatus::unknown);
    EXPECT_EQ(comparison.state.bytecode_count, 1U);
    Comparison image = fresh();
    add_findings(image, commit_code(), {file_of(cache, "/srv/x.py")}, {Verdict::unproven}, true);
    EXPECT_EQ(image.state.status, CodeStatus::stale);
}

TEST(BytecodeFindings, OfManyTheWrongOnesAreKeptAndAllAreCounted) {
    std::vector<BytecodeFile> files(30, file_of(cache, "/srv/x.py"));
    std::vector<Verdict> verdicts(30, Verdict::unproven);
    verdicts.back() = Verdict::differs;
    Comparison comparison = fresh();
    add_findings(comparison, commit_code(), files, verdicts, false);
    EXPECT_EQ(comparison.state.status, CodeStatus::stale);
    EXPECT_EQ(comparison.state.bytecode_count, 30U);
    EXPECT_EQ(comparison.state.bytecode.size(), 20U);
    EXPECT_EQ(comparison.state.bytecode.front().fault, BytecodeFault::differs);
    EXPECT_EQ(comparison.untrusted.size(), 30U);
}

TEST(BytecodeAnswer, IsReadAsFarAsItCame) {
    const auto whole = read_answer("cpython-311 30b07f0\ntrusted\ndiffers\nother\n");
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->tag, "cpython-311");
    EXPECT_EQ(whole->identity, "cpython-311 30b07f0");
    EXPECT_EQ(whole->verdicts,
              (std::vector<Verdict>{Verdict::trusted, Verdict::differs, Verdict::unused}));
    const auto cut = read_answer("cpython-311 30b07f0\ntrusted\nbro");
    ASSERT_TRUE(cut);
    EXPECT_EQ(cut->verdicts, std::vector<Verdict>{Verdict::trusted});
}

TEST(BytecodeAnswer, WhatIsNoneIsNone) {
    for (const char* text :
         {"", "\n", "cpython-311\n", "cpython-311 30b07f0", " 30b07f0\n", "cpython-311 zz\n",
          "OCI runtime exec failed: exec failed: no such file\n", "cpython-311 30b07f0\nmaybe\n"})
        EXPECT_FALSE(read_answer(text)) << text;
}

}    // namespace
}    // namespace trueup::code
