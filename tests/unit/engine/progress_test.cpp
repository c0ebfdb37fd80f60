// SPDX-License-Identifier: Apache-2.0
// Streams as BuildKit, the classic builder and a pull write them. BuildKit's protobuf is written by
// hand, so that a wrong field number of ours would show.
#include "controller/engine/progress.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace trueup::engine {
namespace {

using Lines = std::vector<std::string>;

std::string varint(std::size_t value) {
    std::string bytes;
    for (; value >= 0x80U; value >>= 7U)
        bytes.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
    bytes.push_back(static_cast<char>(value));
    return bytes;
}

std::string bytes_field(unsigned number, const std::string& content) {
    return varint((number << 3U) | 2U) + varint(content.size()) + content;
}

std::string true_field(unsigned number) { return varint(number << 3U) + varint(1); }

// moby.buildkit.v1: StatusResponse{vertexes=1, statuses=2, logs=3}, Vertex{digest=1, inputs=2,
// name=3, cached=4, started=5, completed=6, error=7}, VertexLog{vertex=1, timestamp=2, stream=3,
// msg=4}.
std::string vertex(const std::string& digest, const std::string& name,
                   const std::string& rest = "") {
    const std::string inputs = bytes_field(2, "sha256:before");
    return bytes_field(1, bytes_field(1, digest) + inputs + bytes_field(3, name) + rest);
}

std::string log(const std::string& digest, const std::string& text) {
    const std::string stream = varint(3U << 3U) + varint(2);
    return bytes_field(3, bytes_field(1, digest) + stream + bytes_field(4, text));
}

std::string base64(const std::string& bytes) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const std::size_t from = at + i;
            group = (group << 8U) |
                    (from < bytes.size() ? static_cast<unsigned char>(bytes[from]) : 0U);
        }
        for (unsigned i = 0; i < 4; ++i) {
            const bool padding = at + i > bytes.size();
            text.push_back(padding ? '=' : digits[(group >> (18U - 6U * i)) & 0x3FU]);
        }
    }
    return text;
}

std::string trace(const std::string& response) {
    return fmt::format("{{\"id\":\"moby.buildkit.trace\",\"aux\":\"{}\"}}\r\n", base64(response));
}

constexpr std::string_view failed =
    R"({"errorDetail":{"code":2,"message":"process \"/bin/sh -c false\" did not complete"},)"
    R"("error":"process did not complete"})"
    "\r\n";

TEST(EngineProgress, ABuildKitBuildTellsItsStepsAndTheirOutput) {
    ProgressReader reader;
    EXPECT_EQ(reader.feed(trace(vertex("sha256:1", "[1/2] FROM debian"))),
              Lines{"[1/2] FROM debian"});
    EXPECT_EQ(
        reader.feed(trace(vertex("sha256:2", "[2/2] RUN make") + log("sha256:2", "cc a.c\n"))),
        (Lines{"[2/2] RUN make", "cc a.c"}));
    EXPECT_EQ(reader.feed(trace(log("sha256:2", "done\n"))), Lines{"done"});
    EXPECT_FALSE(reader.error());
}

TEST(EngineProgress, AStepIsAnnouncedOnceThoughItsStateComesOften) {
    ProgressReader reader;
    const std::string step = trace(vertex("sha256:1", "[1/2] FROM debian"));
    EXPECT_EQ(reader.feed(step), Lines{"[1/2] FROM debian"});
    EXPECT_EQ(reader.feed(step + step), Lines());
}

TEST(EngineProgress, ACachedStepSaysSo) {
    ProgressReader reader;
    EXPECT_EQ(reader.feed(trace(vertex("sha256:1", "[2/2] RUN make", true_field(4)))),
              Lines{"[2/2] RUN make (cached)"});
}

TEST(EngineProgress, AStepThatIsNotUtf8IsStillTold) {
    ProgressReader reader;
    EXPECT_EQ(reader.feed(trace(vertex("sha256:1", "[1/1] COPY caf\xe9 /"))),
              Lines{"[1/1] COPY caf\xe9 /"});
}

TEST(EngineProgress, OutputOfTwoStepsAtATimeIsNotMixedWithinALine) {
    ProgressReader reader;
    EXPECT_EQ(reader.feed(trace(log("a", "one ") + log("b", "two "))), Lines());
    EXPECT_EQ(reader.feed(trace(log("a", "line\n") + log("b", "lines\nand"))),
              (Lines{"one line", "two lines"}));
}

TEST(EngineProgress, AFailedBuildEndsWithTheLastLinesOfItsFailedStep) {
    ProgressReader reader;
    std::string output;
    for (int line = 1; line <= 50; ++line) output += fmt::format("line {}\n", line);
    reader.feed(trace(log("good", "all well\n") + log("bad", output + "no newline at the end")));
    reader.feed(trace(vertex("bad", "[2/2] RUN false", bytes_field(7, "exit code: 1"))));
    reader.feed(failed);
    const auto error = reader.error();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), Errc::invalid);
    std::string expected = "process \"/bin/sh -c false\" did not complete";
    for (int line = 31; line <= 50; ++line) expected += fmt::format("\n  line {}", line);
    EXPECT_EQ(error->message(), expected + "\n  no newline at the end");
}

TEST(EngineProgress, AFailureWithoutAStepIsItsMessageAlone) {
    ProgressReader reader;
    reader.feed(trace(log("other", "output\n")));
    reader.feed("{\"errorDetail\":{\"message\":\"dockerfile parse error\"},\"error\":\"x\"}\n");
    ASSERT_TRUE(reader.error());
    EXPECT_EQ(reader.error()->message(), "dockerfile parse error");
}

TEST(EngineProgress, AnErrorWithoutAMessageIsStillAnError) {
    for (const std::string_view line :
         {R"({"errorDetail":{}})", R"({"errorDetail":{"message":7}})",
          R"({"errorDetail":{"message":""}})", R"({"error":"short form only"})"}) {
        ProgressReader reader;
        reader.feed(std::string(line) + "\n");
        EXPECT_TRUE(reader.error()) << line;
    }
}

TEST(EngineProgress, TheImageOfABuildIsNamedByBothBuilders) {
    ProgressReader buildkit;
    buildkit.feed("{\"id\":\"moby.image.id\",\"aux\":{\"ID\":\"sha256:abc\"}}\r\n");
    EXPECT_EQ(buildkit.image_id(), "sha256:abc");
    ProgressReader classic;
    EXPECT_EQ(classic.image_id(), "");
    classic.feed(
        "{\"aux\":{\"ID\":\"sha256:def\"}}\r\n{\"stream\":\"Successfully built def\\n\"}\r\n");
    EXPECT_EQ(classic.image_id(), "sha256:def");
}

TEST(EngineProgress, TheClassicBuilderTellsLineByLine) {
    ProgressReader reader;
    EXPECT_EQ(reader.feed("{\"stream\":\"Step 1/2 : FROM debian\"}\r\n"), Lines());
    EXPECT_EQ(reader.feed("{\"stream\":\"\\n\"}\r\n"), Lines{"Step 1/2 : FROM debian"});
    EXPECT_EQ(reader.feed("{\"stream\":\" ---\\u003e 0123\\nRunning\\n\"}\r\n"),
              (Lines{" ---> 0123", "Running"}));
}

TEST(EngineProgress, AClassicFailureEndsWithTheLastLinesOfOutput) {
    ProgressReader reader;
    reader.feed("{\"stream\":\"gcc: not found\\n\"}\r\n");
    reader.feed(
        "{\"errorDetail\":{\"code\":127,\"message\":\"returned 127\"},\"error\":\"r\"}\r\n");
    ASSERT_TRUE(reader.error());
    EXPECT_EQ(reader.error()->message(), "returned 127\n  gcc: not found");
}

TEST(EngineProgress, APullTellsItsLayersButNotEveryTick) {
    ProgressReader reader;
    EXPECT_EQ(
        reader.feed("{\"status\":\"Pulling from library/nginx\",\"id\":\"1.25\"}\r\n"
                    "{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"a1\"}\r\n"
                    "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":1,\"total\":9},"
                    "\"progress\":\"[>]\",\"id\":\"a1\"}\r\n"
                    "{\"status\":\"Status: Downloaded newer image\"}\r\n"),
        (Lines{"1.25: Pulling from library/nginx", "a1: Pulling fs layer",
               "Status: Downloaded newer image"}));
    EXPECT_FALSE(reader.error());
}

TEST(EngineProgress, TheStreamMayBeSplitAnywhere) {
    const std::string whole = trace(vertex("bad", "[1/1] RUN false") + log("bad", "out\n")) +
                              "{\"stream\":\"classic\\n\"}\n{\"status\":\"pulling\"}\r\n"
                              "{\"id\":\"moby.image.id\",\"aux\":{\"ID\":\"sha256:abc\"}}\n" +
                              trace(vertex("bad", "[1/1] RUN false", bytes_field(7, "x"))) +
                              std::string(failed);
    ProgressReader at_once;
    const Lines expected = at_once.feed(whole);
    EXPECT_EQ(expected, (Lines{"[1/1] RUN false", "out", "classic", "pulling"}));
    ASSERT_TRUE(at_once.error());
    for (std::size_t at = 0; at <= whole.size(); ++at) {
        ProgressReader reader;
        Lines told = reader.feed(std::string_view(whole).substr(0, at));
        const Lines rest = reader.feed(std::string_view(whole).substr(at));
        told.insert(told.end(), rest.begin(), rest.end());
        ASSERT_EQ(told, expected) << "split at " << at;
        ASSERT_EQ(reader.error(), at_once.error()) << "split at " << at;
        ASSERT_EQ(reader.image_id(), "sha256:abc") << "split at " << at;
    }
}

TEST(EngineProgress, AnErrorInALastLineWithoutItsEndIsNotLost) {
    ProgressReader reader;
    reader.feed(failed.substr(0, failed.size() - 2));
    ASSERT_TRUE(reader.error());
    EXPECT_EQ(reader.error()->message(), "process \"/bin/sh -c false\" did not complete");
}

TEST(EngineProgress, AnOverLongLineIsSkippedAndTheNextOneRead) {
    const std::string flood = "{\"stream\":\"" + std::string(5U << 20U, 'x') + "\\n\"}\n";
    const std::string after = "{\"stream\":\"after\\n\"}\n";
    ProgressReader at_once;
    EXPECT_EQ(at_once.feed(flood + after), Lines{"after"});
    ProgressReader in_pieces;
    Lines told;
    const std::string whole = flood + after;
    for (std::size_t at = 0; at < whole.size(); at += 65'536) {
        for (std::string& line : in_pieces.feed(std::string_view(whole).substr(at, 65'536)))
            told.push_back(std::move(line));
    }
    EXPECT_EQ(told, Lines{"after"});
}

TEST(EngineProgress, AnOverLongLineOfOutputIsCutNotKeptWhole) {
    ProgressReader reader;
    for (int piece = 0; piece < 100; ++piece)
        EXPECT_EQ(reader.feed(trace(log("a", std::string(1000, 'x')))), Lines());
    const Lines told = reader.feed(trace(log("a", "\nnext\n")));
    ASSERT_EQ(told.size(), 2U);
    EXPECT_GE(told.front().size(), 4096U);
    EXPECT_LT(told.front().size(), 8192U);
    EXPECT_EQ(told.back(), "next");
    ProgressReader other;
    const Lines cut = other.feed(trace(log("a", std::string(1'000'000, 'x') + "\n")));
    ASSERT_EQ(cut.size(), 1U);
    EXPECT_LT(cut.front().size(), 8192U);
}

TEST(EngineProgress, JunkIsPassedOver) {
    ProgressReader reader;
    const std::string good = trace(vertex("a", "step"));
    for (const std::string_view junk :
         {"\n", "\r\n", "not json\n", "[1,2]\n", "{\"stream\":7}\n", "{\"id\":7,\"aux\":[]}\n",
          "{\"id\":\"moby.buildkit.trace\",\"aux\":\"***=\"}\n",
          "{\"id\":\"moby.buildkit.trace\",\"aux\":\"AAA\"}\n",
          "{\"id\":\"moby.buildkit.trace\",\"aux\":\"====\"}\n",
          "{\"id\":\"moby.buildkit.trace\",\"aux\":\"/////w==\"}\n",
          "{\"id\":\"moby.buildkit.trace\",\"aux\":{\"ID\":\"x\"}}\n"}) {
        EXPECT_EQ(reader.feed(junk), Lines()) << junk;
    }
    EXPECT_EQ(reader.feed(good), Lines{"step"});
    EXPECT_FALSE(reader.error());
    EXPECT_EQ(reader.image_id(), "");
}

}    // namespace
}    // namespace trueup::engine
