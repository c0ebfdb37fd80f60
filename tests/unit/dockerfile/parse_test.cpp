// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/parse.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace trueup::dockerfile {
namespace {

Dockerfile parsed(std::string_view text, const model::StringMap& args = {}) {
    auto result = parse(text, "Dockerfile", args);
    EXPECT_TRUE(result) << result.error().message();
    return result ? std::move(*result) : Dockerfile();
}

// The instructions of the last stage, one a line: NAME flags words.
std::string last_stage(std::string_view text, const model::StringMap& args = {}) {
    const Dockerfile dockerfile = parsed(text, args);
    if (dockerfile.stages.empty()) return "(none)";
    std::string result;
    for (const Instruction& instruction : dockerfile.stages.back().instructions) {
        result += fmt::format("{} {}", instruction.name, fmt::join(instruction.flags, " "));
        result += instruction.flags.empty() ? "" : " ";
        result += fmt::format("{}\n", fmt::join(instruction.words, "|"));
    }
    return result;
}

std::string error_of(std::string_view text) {
    const auto result = parse(text, "Dockerfile", {});
    return result ? "accepted" : result.error().message();
}

TEST(DockerfileParse, InstructionsAndTheirPlaces) {
    const Dockerfile dockerfile = parsed(
        "# a comment\n\nfrom debian:12\n  copy a b /dst/\nRUN make  all\nCMD [\"x\", \"y z\"]\n");
    ASSERT_EQ(dockerfile.stages.size(), 1U);
    EXPECT_EQ(dockerfile.stages[0].base, "debian:12");
    EXPECT_EQ(to_string(dockerfile.stages[0].position), "Dockerfile:3:1");
    const auto& instructions = dockerfile.stages[0].instructions;
    ASSERT_EQ(instructions.size(), 3U);
    EXPECT_EQ(instructions[0].name, "COPY");
    EXPECT_EQ(instructions[0].words, (model::Strings{"a", "b", "/dst/"}));
    EXPECT_EQ(to_string(instructions[0].position), "Dockerfile:4:1");
    EXPECT_EQ(instructions[2].words, (model::Strings{"x", "y z"}));
}

TEST(DockerfileParse, FlagsOfCopyAndAdd) {
    const Dockerfile dockerfile =
        parsed("FROM x\nCOPY --from=build --chown=app:app --chmod=755 --link a /b\nADD x.tar /\n");
    const Instruction& copy = dockerfile.stages[0].instructions[0];
    EXPECT_EQ(copy.flag("from"), "build");
    EXPECT_EQ(copy.flag("chown"), "app:app");
    EXPECT_EQ(copy.flag("chmod"), "755");
    EXPECT_EQ(copy.flag("link"), "true");
    EXPECT_EQ(copy.flag("fro"), std::nullopt);
    EXPECT_EQ(copy.words, (model::Strings{"a", "/b"}));
    EXPECT_EQ(dockerfile.stages[0].instructions[1].name, "ADD");
}

TEST(DockerfileParse, QuotedAndJsonPathsMayHaveBlanks) {
    EXPECT_EQ(last_stage("FROM x\nCOPY \"a b\" c\\ d /e\nCOPY [\"f g\", \"/h i/\"]\n"),
              "COPY a b|c d|/e\nCOPY f g|/h i/\n");
}

TEST(DockerfileParse, LinesContinue) {
    EXPECT_EQ(last_stage("FROM x\nCOPY a \\\n  b \\  \n\n# in between\n   /c\n"), "COPY a|b|/c\n");
    // The blank that separates may stand on the next line.
    EXPECT_EQ(last_stage("FROM x\nCOPY a\\\n  b /c\n"), "COPY a|b|/c\n");
    EXPECT_EQ(last_stage("FROM x\nCOPY a\\\nb /c\n"), "COPY ab|/c\n");
    EXPECT_EQ(last_stage("FROM x\r\nCOPY a \\\r\n /b\r\n"), "COPY a|/b\n");
    EXPECT_EQ(last_stage("FROM x\nRUN a\\\\\nCOPY b /c"), "RUN a\\\nCOPY b|/c\n");
    EXPECT_EQ(last_stage("FROM x\nCOPY a /b \\"), "COPY a|/b\n");
}

TEST(DockerfileParse, TheEscapeDirective) {
    EXPECT_EQ(last_stage("# escape=`\nFROM x\nCOPY a `\n  C:\\b\nRUN dir C:\\\nRUN x\n"),
              "COPY a|C:\\b\nRUN dir|C:\\\nRUN x\n");
    EXPECT_EQ(error_of("# escape=x\nFROM y\n"), "Dockerfile:1:1: the escape character is \\ or `");
    // After anything else it is a comment.
    EXPECT_EQ(last_stage("# hello\n# escape=`\nFROM x\nCOPY a \\\n /b\n"), "COPY a|/b\n");
}

TEST(DockerfileParse, TheSyntaxDirective) {
    const Dockerfile dockerfile =
        parsed("\xEF\xBB\xBF#escape=\\\n# Syntax = docker/dockerfile:1.7 more\nFROM x\n");
    EXPECT_EQ(dockerfile.syntax, "docker/dockerfile:1.7");
    EXPECT_EQ(dockerfile.syntax_line, 2U);
    EXPECT_EQ(parsed("FROM x\n# syntax=y\n").syntax, "");
}

TEST(DockerfileParse, HeredocsAreNoInstructions) {
    const Dockerfile dockerfile = parsed(
        "FROM x\n"
        "RUN <<EOF\nCOPY not an instruction\n\\\nEOF\n"
        "COPY <<-'A B' <<b.txt /dst/\n\tone\n\tA B\ntwo\nb.txt\n"
        "RUN cat <<EOF > /x && 3<<OTHER true\nEOF\nOTHER\n"
        "ONBUILD RUN <<E\nE\n"
        "WORKDIR /w\n");
    const auto& instructions = dockerfile.stages[0].instructions;
    ASSERT_EQ(instructions.size(), 5U);
    EXPECT_EQ(instructions[0].heredocs.size(), 1U);
    EXPECT_EQ(instructions[1].heredocs,
              (std::vector<Heredoc>{{"A B", "one\n", false}, {"b.txt", "two\n", false}}));
    EXPECT_EQ(instructions[1].words.back(), "/dst/");
    EXPECT_EQ(instructions[2].heredocs.size(), 2U);
    EXPECT_EQ(instructions[4].name, "WORKDIR");
    EXPECT_EQ(to_string(instructions[4].position), "Dockerfile:16:1");
}

TEST(DockerfileParse, WhatOnlyLooksLikeAHeredocIsNone) {
    const Dockerfile dockerfile = parsed(
        "FROM x\nRUN echo \"a <<EOF\"\nRUN cat<<EOF\nRUN cat <<<EOF\nRUN echo $((1 << 2))\n"
        "RUN [\"sh\", \"-c\", \"cat <<EOF\"]\nCMD cat <<EOF\nLABEL a=<<EOF\n");
    for (const Instruction& instruction : dockerfile.stages[0].instructions)
        EXPECT_TRUE(instruction.heredocs.empty()) << instruction.words.back();
    EXPECT_EQ(dockerfile.stages[0].instructions.size(), 7U);
}

TEST(DockerfileParse, AHeredocMustEnd) {
    EXPECT_EQ(error_of("FROM x\nRUN <<EOF\nEOF2\n  EOF\n"),
              "Dockerfile:2:1: the heredoc 'EOF' is never closed");
}

TEST(DockerfileParse, StagesAndTheirNames) {
    const Dockerfile dockerfile = parsed(
        "FROM golang AS Build\nRUN x\nFROM --platform=$BUILDPLATFORM scratch\nCOPY --from=0 /a "
        "/a\n");
    ASSERT_EQ(dockerfile.stages.size(), 2U);
    EXPECT_EQ(dockerfile.stages[0].name, "build");
    EXPECT_EQ(dockerfile.stages[1].base, "scratch");
    EXPECT_EQ(dockerfile.stages[1].name, "");
}

TEST(DockerfileParse, ArgumentsBeforeFromAreForFrom) {
    const std::string_view text =
        "ARG TAG=12\nARG IMAGE=debian:${TAG}\nFROM $IMAGE\nCOPY a /$TAG\nARG TAG\nCOPY a /$TAG\n";
    EXPECT_EQ(parsed(text).stages[0].base, "debian:12");
    EXPECT_EQ(parsed(text, {{"TAG", "13"}}).stages[0].base, "debian:13");
    // A stage only knows those that it repeats.
    EXPECT_EQ(last_stage(text), "COPY a|/$TAG\nARG TAG\nCOPY a|/12\n");
    EXPECT_EQ(last_stage(text, {{"TAG", "13"}}), "COPY a|/$TAG\nARG TAG\nCOPY a|/13\n");
}

TEST(DockerfileParse, FromNeedsAValueForItsVariables) {
    EXPECT_EQ(error_of("ARG TAG\nFROM debian:$TAG\n"),
              "Dockerfile:2:1: FROM needs build argument 'TAG', which has no value (give it a "
              "default with ARG, or set it under build.args)");
    EXPECT_EQ(parsed("ARG TAG\nFROM debian:${TAG:-12}\n").stages[0].base, "debian:12");
    EXPECT_EQ(error_of("ARG E=\nFROM $E\n"), "Dockerfile:2:1: FROM names no image");
}

TEST(DockerfileParse, VariablesOfAStage) {
    EXPECT_EQ(last_stage("FROM x\nARG A=1\nENV B=2 C=\"3 $A\"\nENV D old form $A\n"
                         "WORKDIR /w/$B\nCOPY \"$C\" '$A' /${D}/\n"),
              "ARG A=1\nENV B=2|C=3 $A\nENV D|old|form|$A\nWORKDIR /w/2\n"
              "COPY 3 1|$A|/old form 1/\n");
}

// As BuildKit does it, whatever the reference says of ENV.
TEST(DockerfileParse, OfEnvAndArgTheLaterWins) {
    EXPECT_EQ(last_stage("FROM x\nENV A=env\nARG A=arg\nWORKDIR /$A\n", {{"A", "given"}}),
              "ENV A=env\nARG A=arg\nWORKDIR /given\n");
    EXPECT_EQ(last_stage("FROM x\nARG A=arg\nENV A=env\nWORKDIR /$A\n", {{"A", "given"}}),
              "ARG A=arg\nENV A=env\nWORKDIR /env\n");
}

TEST(DockerfileParse, TheTextOfAHeredocIsExpandedWhenItsNameIsNotQuoted) {
    const Dockerfile dockerfile = parsed(
        "FROM x\nARG V=val\nCOPY <<EOF <<-\"TWO\" <<THREE /o/\nhello $V \"q\" 's' \\$V \\n "
        "${V}x\nEOF\n"
        "\tt $V\nTWO\n$HOME\nTHREE\n");
    EXPECT_EQ(dockerfile.stages[0].instructions[1].heredocs,
              (std::vector<Heredoc>{{"EOF", "hello val \"q\" 's' $V n valx\n", false},
                                    {"TWO", "t $V\n", false},
                                    {"THREE", "$HOME\n", true}}));
}

TEST(DockerfileParse, OnbuildAddsToTheStageThatStartsFromItsOwn) {
    const std::string_view text =
        "FROM x AS one\nENV D=/first\nONBUILD COPY a $D/\nONBUILD WORKDIR /w\nFROM one\nENV "
        "D=/second\n"
        "COPY b .\n";
    EXPECT_EQ(last_stage(text), "COPY a|/first/\nWORKDIR /w\nENV D=/second\nCOPY b|.\n");
    EXPECT_EQ(to_string(parsed(text).stages[1].instructions[0].position), "Dockerfile:3:1");
    // Once: not for the stage after that.
    EXPECT_EQ(last_stage("FROM x AS one\nONBUILD COPY a /b\nFROM one AS two\nFROM two\n"), "");
    EXPECT_EQ(
        error_of("FROM x\nONBUILD FROM y\nONBUILD ONBUILD RUN z\n"),
        "Dockerfile:2:1: ONBUILD takes no 'FROM'\nDockerfile:3:1: ONBUILD takes no 'ONBUILD'");
}

TEST(DockerfileParse, ValuesOfOneEnvSeeWhatWasBeforeIt) {
    EXPECT_EQ(last_stage("FROM x\nENV A=1\nENV A=2 B=$A\nWORKDIR /$A/$B\n"),
              "ENV A=1\nENV A=2|B=$A\nWORKDIR /2/1\n");
}

TEST(DockerfileParse, VariablesOfTheBaseImageStayAsWritten) {
    EXPECT_EQ(last_stage("FROM x\nENV P=/a:$PATH\nWORKDIR $HOME\nCOPY . $HOME/app\nCOPY . $P\n"),
              "ENV P=/a:$PATH\nWORKDIR $HOME\nCOPY .|$HOME/app\nCOPY .|/a:$PATH\n");
}

TEST(DockerfileParse, AStageGoesOnWithTheVariablesOfItsParent) {
    EXPECT_EQ(last_stage("FROM x AS base\nENV APP=/srv\nARG A=1\nFROM Base\nCOPY . $APP/$A\n"),
              "COPY .|/srv/1\n");
    EXPECT_EQ(last_stage("FROM x AS base\nENV APP=/srv\nFROM x\nCOPY . $APP\n"), "COPY .|$APP\n");
}

TEST(DockerfileParse, EveryProblemHasItsLine) {
    EXPECT_EQ(error_of("COPY a /b\nFROM\nFROM a b\nFROM a AS 1x\nCPOY a /b\nCOPY a\nWORKDIR\n"
                       "COPY ${A:?why} /b\n"),
              "Dockerfile:1:1: COPY stands before the first FROM\n"
              "Dockerfile:2:1: FROM takes an image, or an image AS a name\n"
              "Dockerfile:3:1: FROM takes an image, or an image AS a name\n"
              "Dockerfile:4:1: '1x' is no name of a stage (a letter, then letters, digits, '-', "
              "'_' and '.')\n"
              "Dockerfile:5:1: unknown instruction 'CPOY' (did you mean 'COPY'?)\n"
              "Dockerfile:6:1: COPY needs a source and a destination\n"
              "Dockerfile:7:1: WORKDIR takes one path\n"
              "Dockerfile:8:1: variable A is required: why");
}

TEST(DockerfileParse, WhatIsNoDockerfileIsRefused) {
    EXPECT_EQ(error_of(""), "Dockerfile: there is no FROM in it (is this a Dockerfile?)");
    EXPECT_EQ(error_of("# only\n"), "Dockerfile: there is no FROM in it (is this a Dockerfile?)");
    EXPECT_EQ(error_of("FROM x\nRUN \xFF\n"),
              "Dockerfile:2:1: this is not valid UTF-8 (is this the right file?)");
    EXPECT_EQ(error_of(std::string((1U << 20U) + 1, ' ')),
              "Dockerfile: a Dockerfile of more than 1 MiB (is this the right file?)");
}

TEST(DockerfileParse, AMebibyteOfOneInstructionIsRead) {
    constexpr std::size_t most = 1U << 20U;
    std::string text = "FROM x\nRUN true";
    while (text.size() + 8 < most) text += " \\\n  ok";
    const Dockerfile dockerfile = parsed(text + "\n");
    ASSERT_EQ(dockerfile.stages.size(), 1U);
    ASSERT_EQ(dockerfile.stages[0].instructions.size(), 1U);
    EXPECT_EQ(to_string(dockerfile.stages[0].instructions[0].position), "Dockerfile:2:1");
}

TEST(DockerfileParse, WhatGrowsHasLimits) {
    std::string doubling = "FROM x\nENV A=0123456789\n";
    for (int line = 0; line < 60; ++line) doubling += "ENV A=$A$A\n";
    EXPECT_NE(error_of(doubling).find("longer than 64 KiB"), std::string::npos);
    std::string stages;
    for (int stage = 0; stage < 300; ++stage) stages += "FROM x\n";
    EXPECT_NE(error_of(stages).find("Dockerfile:201:1: more than 200 stages"), std::string::npos);
    std::string triggers = "FROM x AS s0\n";
    for (int line = 0; line < 9'000; ++line) triggers += "ONBUILD RUN x\n";
    EXPECT_NE(error_of(triggers + "FROM s0\nFROM s0\n").find("ONBUILD adds more than 10000"),
              std::string::npos);
    std::string copies = "FROM x\nENV A=" + std::string(60'000, 'x') + "\nCOPY";
    for (int word = 0; word < 10'000; ++word) copies += " $A";
    EXPECT_NE(
        error_of(copies + "\n").find("Dockerfile:3:1: with its variables this file is longer"),
        std::string::npos);
    std::string variables = "FROM x\n";
    for (int name = 0; name < 6000; ++name)
        variables += fmt::format("ENV N{}={}\n", name, std::string(100, 'x'));
    EXPECT_NE(error_of(variables).find("longer than 256 KiB"), std::string::npos);
}

}    // namespace
}    // namespace trueup::dockerfile
