// SPDX-License-Identifier: Apache-2.0
#include "api/cli/completion.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

namespace trueup::cli {
namespace {

const std::vector<CompletedVerb> verbs{
    {"suspend", "Keep trueup's hands off", {{"--all", "every stack"}, {"-l", "labels"}}, true},
    {"volumes", "Data of stacks", {}, false},
    {"volumes remove", "Remove volumes", {{"--yes", "do it"}}, false},
};

// What bash offers for a line; `trueup get stacks -o name` says two stacks.
std::string complete(const std::string& words, int current) {
    const std::string script = "trueup() { printf 'shop-test\\nshop-production\\n'; }\n" +
                               completion_script("bash", verbs) + "COMP_WORDS=(" + words +
                               "); COMP_CWORD=" + std::to_string(current) +
                               "; _trueup; echo \"${COMPREPLY[*]}\"";
    const std::string path = testing::TempDir() + "completion-test.bash";
    FILE* file = std::fopen(path.c_str(), "w");
    std::fputs(script.c_str(), file);
    std::fclose(file);
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(("bash " + path).c_str(), "r"),
                                                     ::pclose);
    std::string out;
    for (int byte = std::fgetc(pipe.get()); byte != EOF; byte = std::fgetc(pipe.get()))
        out += static_cast<char>(byte);
    return out;
}

TEST(Completion, BashOffersVerbsOptionsAndStacks) {
    EXPECT_EQ(complete("trueup ''", 1), "suspend volumes\n");
    EXPECT_EQ(complete("trueup su", 1), "suspend\n");
    EXPECT_EQ(complete("trueup suspend ''", 2), "--all -l shop-test shop-production\n");
    EXPECT_EQ(complete("trueup suspend shop-p", 2), "shop-production\n");
    EXPECT_EQ(complete("trueup suspend --", 2), "--all\n");
    EXPECT_EQ(complete("trueup volumes ''", 2), "remove\n");
    EXPECT_EQ(complete("trueup volumes remove --", 3), "--yes\n");
    EXPECT_EQ(complete("trueup volumes remove shop_data --", 4), "--yes\n");
}

TEST(Completion, ZshUsesTheSame) {
    const std::string script = completion_script("zsh", verbs);
    EXPECT_TRUE(script.starts_with("#compdef trueup\n"));
    EXPECT_TRUE(script.ends_with(completion_script("bash", verbs)));
}

TEST(Completion, FishSaysWhatEachIs) {
    EXPECT_EQ(completion_script("fish", verbs),
              "complete -c trueup -n '__fish_use_subcommand' -a suspend -d 'Keep trueup\\'s hands "
              "off'\n"
              "complete -c trueup -n '__fish_seen_subcommand_from suspend' -l all -d 'every "
              "stack'\n"
              "complete -c trueup -n '__fish_seen_subcommand_from suspend' -s l -d 'labels'\n"
              "complete -c trueup -f -n '__fish_seen_subcommand_from suspend' -a '(trueup get "
              "stacks -o name 2>/dev/null)'\n"
              "complete -c trueup -n '__fish_use_subcommand' -a volumes -d 'Data of stacks'\n"
              "complete -c trueup -n '__fish_seen_subcommand_from volumes' -a remove -d 'Remove "
              "volumes'\n"
              "complete -c trueup -n '__fish_seen_subcommand_from remove' -l yes -d 'do it'\n");
}

TEST(Completion, KnowsEveryVerbOfTheCommandLine) {
    CLI::App app("test", "trueup");
    CLI::App* suspend = app.add_subcommand("suspend", "Keep off");
    std::string text;
    bool flag = false;
    suspend->add_option("stack", text, "one stack");
    suspend->add_flag("-a,--all", flag, "every stack");
    suspend->set_help_flag();
    app.add_subcommand("volumes", "Data")->add_subcommand("remove", "Remove");
    const auto found = completed_verbs(app);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0],
              (CompletedVerb{
                  "suspend", "Keep off", {{"--all", "every stack"}, {"-a", "every stack"}}, true}));
    EXPECT_EQ(found[1].path, "volumes");
    EXPECT_FALSE(found[1].takes_stack);
    EXPECT_EQ(found[2].path, "volumes remove");
}

}    // namespace
}    // namespace trueup::cli
