// SPDX-License-Identifier: Apache-2.0
// .dockerignore, with the builder's word as the last one: contexts with the same files and other rules are
// built by docker compose, and what came into their images is what our context would hold.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "controller/code/archive_read.hpp"
#include "controller/dockerfile/context.hpp"
#include "tests/support/memory_tree.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_directory.hpp"

namespace trueup::code {
namespace {

using Paths = std::set<std::string>;

constexpr const char* files[] = {"a.txt",
                                 "b.txt",
                                 "c.log",
                                 "README.md",
                                 "README-1.md",
                                 "docs/a.md",
                                 "docs/x/a.md",
                                 "docs/x/y/deep.md",
                                 "src/main.py",
                                 "src/main.txt",
                                 "src/lib/a.txt",
                                 "src/lib/b.log",
                                 "modules/p/i.js",
                                 "web/modules/q/i.js",
                                 "temp",
                                 "tempa",
                                 "tempb/x",
                                 "sp ace/f.txt",
                                 "#hash",
                                 "!bang",
                                 "[abc]",
                                 "x?y",
                                 "xzy",
                                 "star*",
                                 "starred",
                                 "gr\u00fc\u00dfe.txt",
                                 "build/keep.txt",
                                 "build/drop.txt",
                                 "build/sub/k.txt",
                                 ".github/config",
                                 ".env",
                                 "x-1",
                                 "x-a",
                                 "x-!",
                                 "Upper.TXT",
                                 "dir.d/f",
                                 "dirxd/f",
                                 "a.txt|b.txt",
                                 "(a).txt",
                                 "aa",
                                 "a+",
                                 "$a"};

struct Case {
    const char* name;
    const char* rules;
};

constexpr Case cases[] = {
    {"plain", "a.txt\ndocs\n"},
    {"nothing", ""},
    {"without_last_newline", "a.txt"},
    {"blank_lines", "\n\n  \na.txt\n\n"},
    {"leading_slash", "/a.txt\n/docs\n/src/lib\n"},
    {"two_leading_slashes", "//a.txt\n"},
    {"trailing_slash", "docs/\na.txt/\n"},
    {"slashes", "docs//x\n"},
    {"dots", "./a.txt\ndocs/../b.txt\nsrc/./lib\n"},
    {"climbing", "../a.txt\nsrc/../../b.txt\n"},
    {"the_root", ".\n"},
    {"a_slash", "/\n"},
    {"star", "*.txt\n"},
    {"star_for_all", "*\n!.env\n"},
    {"star_and_dot_files", "*env\n.g*\n"},
    {"star_in_a_folder", "*/a*\n"},
    {"stars_two_levels", "*/*/a*\n"},
    {"star_stays_in_its_part", "src*a.txt\n"},
    {"question_mark", "temp?\n"},
    {"question_mark_is_no_slash", "docs?a.md\n"},
    {"two_stars_for_all", "**\n!.env\n"},
    {"two_stars_first", "**/*.log\n**/modules\n"},
    {"two_stars_between", "docs/**/a.md\n"},
    {"two_stars_last", "docs/**\n"},
    {"two_stars_in_a_word", "do**/a.md\n"},
    {"two_stars_before_a_word", "**deep.md\n"},
    {"two_stars_for_folders", "**/x/**\n"},
    {"exception", "*.md\n!README.md\n"},
    {"exception_first", "!README.md\n*.md\n"},
    {"exception_alone", "!a.txt\n"},
    {"last_one_wins", "*.md\n!README*.md\nREADME-1.md\n"},
    {"exception_wins", "*.md\nREADME-1.md\n!README*.md\n"},
    {"all_but_a_folder", "*\n!src\n"},
    {"all_but_a_folder_with_slash", "*\n!src/\n"},
    {"all_but_a_folder_from_the_root", "*\n!/src/lib\n"},
    {"all_but_a_deep_file", "**\n!docs/x/y/deep.md\n"},
    {"back_in_an_excluded_folder", "build\n!build/keep.txt\n"},
    {"back_and_out_again", "*\n!build\nbuild/sub\n"},
    {"out_of_what_came_back", "docs\n!docs/x\ndocs/x/y\n"},
    {"all_of_a_folder_but", "docs/*\n!docs/x\n"},
    {"exception_with_stars", "**\n!**/*.txt\n"},
    {"exception_with_blanks", "*\n!  src  \n"},
    {"set", "[ab].txt\n"},
    {"range", "x-[0-9]\n"},
    {"set_of_others", "x-[^0-9]\n"},
    {"set_with_a_bang", "x-[!0-9]\n"},
    {"escaped_star", "star\\*\n"},
    {"escaped_question_mark", "x\\?y\n"},
    {"escaped_brackets", "\\[abc\\]\n"},
    {"escaped_hash", "\\#hash\n"},
    {"escaped_bang", "\\!bang\n"},
    {"comment", "#hash\n# a.txt\n"},
    {"hash_behind_a_blank", " #hash\n"},
    {"blanks", "  a.txt  \n\tb.txt\t\nsp ace\n"},
    {"carriage_returns", "a.txt\r\n*.log\r\n!c.log\r\n"},
    {"byte_order_mark",
     "\xEF\xBB\xBF"
     "a.txt\n"},
    {"beyond_ascii", "gr?\u00dfe.txt\n"},
    {"upper_case", "upper.txt\n"},
    {"signs_of_regular_expressions", "a.txt|b.txt\n(a).txt\na+\n$a\ndir.d\n"},
    {"its_own_files", ".dockerignore\nDockerfile\n"},
};

class IgnoreBuilt : public testing::Test {
protected:
    IgnoreBuilt() {
        engine::EngineOptions options;
        options.url = engine::default_engine_url();
        engine_ = *engine::make_docker_engine(io_.get_executor(), std::move(options));
        std::string compose = "name: trueup-ignore-test\nservices:\n";
        for (const Case& each : cases) {
            add(each, "Dockerfile", "FROM scratch\nCOPY . /context/\n");
            add(each, ".dockerignore", each.rules);
            for (const char* file : files) add(each, file, file);
            compose += fmt::format("  {0}: {{build: ./{0}, image: 'trueup-ignore-test/{0}:1'}}\n",
                                   each.name);
        }
        support::write_file(directory_ / "compose.yaml", compose);
    }

    // What docker compose says when it fails.
    std::string build() const {
        const char* cache = std::getenv("TRUEUP_CACHE");
        if (cache == nullptr) return "run it with tests/support/with-engine";
        const std::string command =
            fmt::format("'{}/trixie/compose/docker-compose' --progress plain -f '{}' build 2>&1",
                        cache, directory_ / "compose.yaml");
        std::FILE* pipe = ::popen(command.c_str(), "re");
        if (pipe == nullptr) return "it cannot be started";
        std::string said;
        char buffer[4096];
        while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe))
            said.append(buffer, count);
        return ::pclose(pipe) == 0 ? std::string() : said;
    }

    Paths built(const Case& each) {
        boost::json::object body;
        body["Image"] = fmt::format("trueup-ignore-test/{}:1", each.name);
        boost::json::array command;
        command.emplace_back("/never-started");
        body["Cmd"] = std::move(command);
        const auto container = test::run(io_, engine_->create_container("", std::move(body)));
        EXPECT_TRUE(container) << container.error().message();
        if (!container) return {};
        auto expected = std::make_shared<ExpectedCode>();
        expected->directories = {"/context"};
        const auto found =
            test::run(io_, read_archive(*engine_, pool_, *container,
                                        std::shared_ptr<const ExpectedCode>(expected)));
        EXPECT_TRUE(found) << found.error().message();
        EXPECT_TRUE(test::run(io_, engine_->remove_container(*container, true, true)));
        Paths paths;
        const std::string root = "/context/";
        if (!found) return paths;
        for (const auto& [path, file] : *found) paths.insert(path.substr(root.size()));
        return paths;
    }

    Paths ours(const Case& each) const {
        model::Service service;
        service.name = each.name;
        service.build.emplace();
        service.build->context = each.name;
        service.build->dockerfile = "Dockerfile";
        const auto context = dockerfile::read_context(service, tree_);
        EXPECT_TRUE(context) << context.error().message();
        Paths paths;
        if (!context) return paths;
        for (const dockerfile::ContextFile& file : context->files) paths.insert(file.path);
        return paths;
    }

private:
    void add(const Case& each, const std::string& path, const std::string& content) {
        const std::string full = fmt::format("{}/{}", each.name, path);
        tree_.add(full, content);
        support::write_file(directory_ / full, content);
    }

    boost::asio::io_context io_;
    Pool pool_{1};
    std::unique_ptr<engine::Engine> engine_;
    support::TempDirectory directory_;
    test::MemoryTree tree_;
};

TEST_F(IgnoreBuilt, AContextHoldsWhatTheBuilderSees) {
    const std::string problem = build();
    ASSERT_EQ(problem, "");
    for (const Case& each : cases)
        EXPECT_EQ(ours(each), built(each)) << each.name << ":\n" << each.rules;
}

}    // namespace
}    // namespace trueup::code
