// SPDX-License-Identifier: Apache-2.0
#include "controller/code/evidence.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "controller/base/file.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_directory.hpp"
#include "tests/unit/code/service.hpp"

namespace trueup::code {
namespace {

namespace fs = std::filesystem;
using model::FileChange;

const SystemTime now = SystemTime(Seconds(1'700'000'000));

class KeepEvidence : public testing::Test {
protected:
    std::vector<EvidenceFile> read(std::map<std::string, std::string> files) {
        test::FakeImage image;
        image.files = std::move(files);
        boost::json::object body;
        body["Image"] = engine.add_image(std::move(image));
        const auto created = test::run(io, engine.create_container("shop-api-1", std::move(body)));
        EXPECT_TRUE(created) << created.error().message();
        model::ObservedContainer container;
        container.id = *created;
        container.code = code;
        auto found = test::run(io, read_differing(engine, std::move(container), expected));
        EXPECT_TRUE(found) << found.error().message();
        return found ? *found : std::vector<EvidenceFile>();
    }

    void expect_file(const std::string& place, const std::string& commit_path,
                     std::string_view content) {
        expecting->files[place] = {base::git_blob_id(content), commit_path};
    }

    Evidence evidence(std::vector<EvidenceFile> files, SystemTime time = now) const {
        Evidence made{"shop", "api", "shop-api-1", "c1", "sha256:1", "9f3c1e2", time, {}, 0};
        made.differing = files.size();
        made.files = std::move(files);
        return made;
    }

    std::string write(const Evidence& made) {
        const auto written = write_evidence(directory.path() + "/evidence", made);
        EXPECT_TRUE(written) << written.error().message();
        return written ? *written : std::string();
    }

    static EvidenceFile file(const std::string& place, const std::string& content) {
        EvidenceFile made;
        made.path = place;
        made.what = "extra";
        made.place = place;
        made.content = content;
        return made;
    }

    static std::string text(const std::string& path) {
        const auto read = base::read_file(path);
        return read ? *read : read.error().message();
    }

    std::size_t count(const std::string& folder) const {
        const fs::directory_iterator entries(directory.path() + "/evidence/" + folder);
        return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
    }

    boost::asio::io_context io;
    test::FakeEngine engine{io.get_executor()};
    support::TempDirectory directory;
    model::CodeState code;
    std::shared_ptr<ExpectedCode> expecting = std::make_shared<ExpectedCode>();
    std::shared_ptr<const ExpectedCode> expected = expecting;
};

TEST_F(KeepEvidence, WhatDiffersIsReadWhereItLiesInTheContainer) {
    expect_file("/srv/main.py", "app/main.py", "committed");
    expect_file("/srv/gone.py", "app/gone.py", "committed");
    code.differences = {{"app/gone.py", FileChange::missing},
                        {"app/main.py", FileChange::modified},
                        {"/srv/debug.py", FileChange::extra}};
    const auto files = read({{"/srv/main.py", "edited"}, {"/srv/debug.py", "print(1)"}});
    ASSERT_EQ(files.size(), 3U);
    EXPECT_EQ(files[0].what, "missing");
    EXPECT_FALSE(files[0].content);
    EXPECT_EQ(files[1].place, "/srv/main.py");
    EXPECT_EQ(files[1].content, "edited");
    EXPECT_EQ(files[2].what, "extra");
    EXPECT_EQ(files[2].content, "print(1)");
}

TEST_F(KeepEvidence, OfAFileInSeveralPlacesOnlyThoseThatDifferAreKept) {
    expect_file("/a/main.py", "main.py", "committed");
    expect_file("/b/main.py", "main.py", "committed");
    code.differences = {{"main.py", FileChange::modified}};
    const auto files = read({{"/a/main.py", "committed"}, {"/b/main.py", "edited"}});
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].place, "/b/main.py");
}

TEST_F(KeepEvidence, BytecodeIsReadBesideItsSourceInTheContainer) {
    expect_file("/srv/main.py", "app/main.py", "1");
    code.bytecode = {
        {"app/__pycache__/main.cpython-311.pyc", "app/main.py", model::BytecodeFault::differs}};
    const auto files = read({{"/srv/__pycache__/main.cpython-311.pyc", "bytes"}});
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].what, "bytecode");
    EXPECT_EQ(files[0].content, "bytes");
}

// What a build made is told by its path in the container.
TEST_F(KeepEvidence, WhatDiffersFromWhatTheBuildMadeIsReadWhereItLies) {
    code.differences = {{"/srv/built.js", FileChange::modified},
                        {"/srv/gone.js", FileChange::missing}};
    const auto files = read({{"/srv/built.js", "by hand"}});
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[0].place, "/srv/built.js");
    EXPECT_EQ(files[0].content, "by hand");
    EXPECT_EQ(files[1].what, "missing");
    EXPECT_FALSE(files[1].content);
}

TEST_F(KeepEvidence, AFileThatIsTooLongIsNamedAndNotCopied) {
    code.differences = {{"/srv/big.py", FileChange::extra}, {"/srv/small.py", FileChange::extra}};
    const auto files =
        read({{"/srv/big.py", std::string(evidence_file_limit + 1, 'x')}, {"/srv/small.py", "1"}});
    ASSERT_EQ(files.size(), 2U);
    EXPECT_FALSE(files[0].content);
    EXPECT_EQ(files[0].remark, "longer than 1 MiB, or no regular file");
    EXPECT_EQ(files[1].content, "1");
}

TEST_F(KeepEvidence, NoMoreThanTheLimitIsReadInAll) {
    std::map<std::string, std::string> image;
    for (int number = 0; number < 10; ++number) {
        const std::string path = "/srv/" + std::to_string(number) + ".py";
        image[path] = std::string(evidence_file_limit, 'x');
        code.differences.push_back({path, FileChange::extra});
    }
    const auto files = read(image);
    ASSERT_EQ(files.size(), 10U);
    EXPECT_EQ(std::count_if(files.begin(), files.end(),
                            [](const EvidenceFile& each) { return each.content.has_value(); }),
              8);
    EXPECT_EQ(files[9].remark, "8 MiB were kept already");
}

TEST_F(KeepEvidence, AFolderHoldsTheFilesAndSaysWhatTheyAre) {
    EvidenceFile missing;
    missing.path = "app/gone.py";
    missing.what = "missing";
    const std::string folder = write(evidence({file("/srv/main.py", "edited"), missing}));
    EXPECT_EQ(folder, directory.path() + "/evidence/shop/2023-11-14T22:13:20Z-shop-api-1");
    EXPECT_EQ(text(folder + "/files/srv/main.py"), "edited");
    const auto told = boost::json::parse(text(folder + "/evidence.json"));
    EXPECT_EQ(told.at("commit"), "9f3c1e2");
    EXPECT_EQ(told.at("files").as_array().size(), 2U);
    EXPECT_EQ(told.at("files").at(0).at("kept"), "files/srv/main.py");
    EXPECT_EQ(told.at("files").at(1).at("what"), "missing");
}

TEST_F(KeepEvidence, OnlyTheControllersUserMayReadIt) {
    const std::string folder = write(evidence({file("/srv/main.py", "edited")}));
    struct ::stat status{};
    ASSERT_EQ(::stat((folder + "/files/srv/main.py").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat((directory.path() + "/evidence").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(KeepEvidence, APathThatLeavesTheFolderIsNumbered) {
    const std::string folder = write(
        evidence({file("/srv/../../../../escaped", "1"), file("/" + std::string(300, 'n'), "2"),
                  file("relative", "3"), file("/srv", "4"), file("/srv/a", "5")}));
    EXPECT_EQ(text(folder + "/files/1"), "1");
    EXPECT_EQ(text(folder + "/files/2"), "2");
    EXPECT_EQ(text(folder + "/files/3"), "3");
    EXPECT_EQ(text(folder + "/files/srv"), "4");
    EXPECT_EQ(text(folder + "/files/5"), "5");    // its folder's name is taken by a file
    EXPECT_EQ(count("shop"), 1U);
    EXPECT_FALSE(fs::exists(directory.path() + "/escaped"));
}

TEST_F(KeepEvidence, ANameThatIsNoTextIsWrittenEscaped) {
    const std::string folder = write(evidence({file("/srv/\xff\n.py", "1")}));
    const auto told = boost::json::parse(text(folder + "/evidence.json"));
    EXPECT_EQ(told.at("files").at(0).at("place"), "/srv/\\xff\n.py");
    EXPECT_EQ(text(folder + "/files/srv/\xff\n.py"), "1");
}

TEST_F(KeepEvidence, TheLastTenOfAStackAreKept) {
    for (int second = 0; second < 13; ++second)
        write(evidence({file("/srv/main.py", "1")}, now + Seconds(second)));
    EXPECT_EQ(count("shop"), kept_evidence);
    EXPECT_FALSE(fs::exists(directory.path() + "/evidence/shop/2023-11-14T22:13:22Z-shop-api-1"));
    EXPECT_TRUE(fs::exists(directory.path() + "/evidence/shop/2023-11-14T22:13:32Z-shop-api-1"));
}

TEST_F(KeepEvidence, TwoOfOneSecondAreBothKept) {
    write(evidence({file("/srv/main.py", "1")}));
    const std::string second = write(evidence({file("/srv/main.py", "2")}));
    EXPECT_EQ(count("shop"), 2U);
    EXPECT_EQ(text(second + "/files/srv/main.py"), "2");
}

TEST_F(KeepEvidence, WhatAKilledAttemptLeftGoesWithTheNext) {
    fs::create_directories(directory.path() + "/evidence/shop/.2023-part");
    write(evidence({file("/srv/main.py", "1")}));
    EXPECT_EQ(count("shop"), 1U);
}

TEST_F(KeepEvidence, AFolderThatCannotBeMadeIsAnErrorThatNamesIt) {
    const auto written = write_evidence("/proc/self/none", evidence({file("/a", "1")}));
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message().find("/proc/self/none/shop"), std::string::npos);
}

}    // namespace
}    // namespace trueup::code
