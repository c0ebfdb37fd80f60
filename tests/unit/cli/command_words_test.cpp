// SPDX-License-Identifier: Apache-2.0
#include "api/cli/command_words.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <vector>

#include "api/cli/cli.hpp"

namespace trueup::cli {
namespace {

// What `trueup WORDS…` prints and ends with.
struct Ran {
    int code = 0;
    std::string out;
    std::string problems;
};

Ran run_words(std::vector<std::string> words) {
    words.insert(words.begin(), "trueup");
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Ran ran;
    ran.code = run(static_cast<int>(words.size()), arguments.data());
    ran.out = testing::internal::GetCapturedStdout();
    ran.problems = testing::internal::GetCapturedStderr();
    return ran;
}

TEST(CommandWords, AnUnknownCommandIsNamedWithTheOneThatWasMeant) {
    const Ran ran = run_words({"dif", "-f", "shop.yaml"});
    EXPECT_EQ(ran.code, exit_error);
    EXPECT_EQ(ran.problems,
              "'dif' is no command of trueup; did you mean 'trueup diff'? `trueup --help` lists "
              "all\n");
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(run_words({"frobnicate"}).problems,
              "'frobnicate' is no command of trueup; `trueup --help` lists all\n");
}

TEST(CommandWords, CommandsOfCommandsAndTheNamesOfOthersAreMeantToo) {
    const auto meant = [](std::vector<std::string> words) {
        const std::string text = run_words(std::move(words)).problems;
        const std::size_t from = text.find("mean '");
        return from == text.npos ? text : text.substr(from + 6, text.find("'?") - from - 6);
    };
    EXPECT_EQ(meant({"code", "verfy"}), "trueup code verify");
    EXPECT_EQ(meant({"volumes", "rmove"}), "trueup volumes remove");
    EXPECT_EQ(meant({"verify", "shop-api-1"}), "trueup code verify");
    EXPECT_EQ(meant({"code", "suspend"}), "trueup suspend");
    EXPECT_EQ(meant({"status"}), "trueup get");
    EXPECT_EQ(meant({"up"}), "trueup apply");
}

TEST(CommandWords, NothingMoreThanACommandOfCommandsPrintsItsHelp) {
    const Ran all = run_words({});
    EXPECT_EQ(all.code, exit_done);
    EXPECT_NE(all.out.find("suspend"), std::string::npos);
    EXPECT_EQ(all.problems, "");
    EXPECT_EQ(run_words({"help"}).out, all.out);
    const Ran code = run_words({"code"});
    EXPECT_EQ(code.code, exit_done);
    EXPECT_NE(code.out.find("verify"), std::string::npos);
    EXPECT_EQ(code.out.find("suspend"), std::string::npos);
}

TEST(CommandWords, WhatIsBehindACommandIsItsOwnMatter) {
    CLI::App program("test", "trueup");
    program.require_subcommand(1);
    CLI::App* diff = program.add_subcommand("diff", "Show");
    const std::vector<const char*> words{"diff", "shop", "get"};
    const NamedCommand named = named_command(program, words);
    EXPECT_EQ(named.command, diff);
    EXPECT_EQ(named.unknown, "");
    EXPECT_FALSE(named.incomplete);
    const std::vector<const char*> option{"--version"};
    EXPECT_EQ(named_command(program, option).unknown, "");
    EXPECT_FALSE(named_command(program, option).incomplete);
    EXPECT_EQ(run_words({"--version"}).code, exit_done);
}

TEST(CommandWords, TheUsageOfACommandOfCommandsHasTheProgramInIt) {
    EXPECT_NE(run_words({"volumes"}).out.find("Usage: trueup volumes "), std::string::npos);
    EXPECT_NE(run_words({"code"}).out.find("Usage: trueup code "), std::string::npos);
    EXPECT_NE(run_words({}).out.find("Usage: trueup "), std::string::npos);
}

TEST(CommandWords, AFileInAStacksPlaceIsToldHowToBeNamed) {
    const Ran apply = run_words({"apply", "shop.yaml"});
    EXPECT_EQ(apply.code, exit_error);
    EXPECT_EQ(apply.problems, "'shop.yaml' is a file: `trueup apply -f shop.yaml`\n");
    EXPECT_EQ(run_words({"diff", "./shop"}).problems,
              "'./shop' is a file: `trueup diff -f ./shop`\n");
    EXPECT_NE(run_words({"apply", "shop"}).problems.find("--file is required"), std::string::npos);
    EXPECT_NE(run_words({"apply"}).problems.find("--file is required"), std::string::npos);
    EXPECT_EQ(run_words({"apply", "shop.yaml", "--help"}).code, exit_done);
}

TEST(CommandWords, ATimeThatIsNoneIsToldByItsOption) {
    for (const char* time : {"1x", "10", "0s", "9000h"}) {
        const Ran ran = run_words({"suspend", "shop", "--for", time});
        EXPECT_EQ(ran.code, exit_error);
        EXPECT_EQ(ran.problems,
                  std::string("--for '") + time +
                      "': not a duration from 1s to 8760h, for example 30s or 1h30m\n");
    }
}

}    // namespace
}    // namespace trueup::cli
