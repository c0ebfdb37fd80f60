// SPDX-License-Identifier: Apache-2.0
// Who is asked about byte code, how often, and what is made of answers that break off. The fake
// engine's programs answer as the script would.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <utility>

#include "controller/code/bytecode.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::code {
namespace {

using Verdicted = std::vector<Verdict>;

class JudgeBytecode : public testing::Test {
protected:
    JudgeBytecode() {
        test::FakeImage made;
        made.references = {"shop-api"};
        image = engine.add_image(std::move(made));
        engine.program = [this](const test::FakeContainer&,
                                const engine::ExecRequest& request) -> Result<engine::ExecResult> {
            return answer(request);
        };
    }

    // The files that an exec asks about, by path.
    static std::vector<std::string> asked(const engine::ExecRequest& request) {
        std::vector<std::string> paths;
        for (std::size_t at = 8; at + 2 < request.command.size(); at += 5) {
            std::string path;
            const std::string& hex = request.command[at];
            for (std::size_t digit = 0; digit < hex.size(); digit += 2)
                path += static_cast<char>(std::stoi(hex.substr(digit, 2), nullptr, 16));
            paths.push_back(path);
        }
        return paths;
    }

    engine::ExecResult answer(const engine::ExecRequest& request) {
        engine::ExecResult result;
        const auto tag = programs.find(request.command.front());
        if (tag == programs.end()) {
            result.exit_code = 127;
            result.output = "exec failed: no such file or directory\r\n";
            return result;
        }
        result.output = tag->second + " 30b07f0\n";
        for (const std::string& path : asked(request)) {
            ++questions;
            for (const auto& [word, code] : deaths) {
                if (path.find(word) == std::string::npos) continue;
                result.exit_code = code;
                return result;
            }
            const bool is_bad = path.find("bad") != std::string::npos;
            const bool is_unused = path.find("unused") != std::string::npos;
            result.output += is_bad ? "differs\n" : is_unused ? "unused\n" : "trusted\n";
        }
        return result;
    }

    std::string running(const std::vector<std::string>& command = {}) {
        boost::json::object body;
        body["Image"] = image;
        boost::json::array words;
        for (const std::string& word : command) words.emplace_back(word);
        body["Cmd"] = std::move(words);
        const auto id = test::run(io, engine.create_container("", std::move(body)));
        EXPECT_TRUE(test::run(io, engine.start_container(*id)));
        return *id;
    }

    static std::vector<BytecodeFile> files(const std::vector<std::string>& names,
                                           const std::string& tag = "cpython-311") {
        std::vector<BytecodeFile> list;
        for (const std::string& name : names) {
            BytecodeFile file;
            file.path = "/srv/__pycache__/" + name + "." + tag + ".pyc";
            file.object_id = "pyc of " + name;
            file.source = "/srv/" + name + ".py";
            file.source_id = "source of " + name;
            file.tag = tag;
            list.push_back(std::move(file));
        }
        return list;
    }

    Verdicted judge(const std::string& container, std::vector<BytecodeFile> list) {
        const auto judged =
            test::run(io, judge_container(engine, container, container, std::move(list), verdicts));
        EXPECT_TRUE(judged) << judged.error().message();
        return judged ? *judged : Verdicted();
    }

    boost::asio::io_context io;
    test::FakeEngine engine{io.get_executor()};
    Verdicts verdicts;
    std::string image;
    std::map<std::string, std::string> programs{{"python3.11", "cpython-311"}};
    // Over files of such names the interpreter dies so.
    const std::map<std::string, int> deaths{
        {"crash", 128 + SIGSEGV}, {"endless", 128 + SIGPROF}, {"late", 128 + SIGALRM}};
    int questions = 0;
};

TEST_F(JudgeBytecode, EachFileIsAskedForOnceForAnyNumberOfContainers) {
    const std::string first = running();
    EXPECT_EQ(judge(first, files({"a", "bad"})), (Verdicted{Verdict::trusted, Verdict::differs}));
    EXPECT_EQ(questions, 2);
    engine.calls.clear();
    EXPECT_EQ(judge(first, files({"a", "bad"})), (Verdicted{Verdict::trusted, Verdict::differs}));
    EXPECT_TRUE(engine.calls.empty()) << "all was known";
    EXPECT_EQ(judge(first, files({"a", "b"})), (Verdicted{Verdict::trusted, Verdict::trusted}));
    EXPECT_EQ(questions, 3);
}

TEST_F(JudgeBytecode, OtherContentOfEitherFileIsAskedForAgain) {
    const std::string container = running();
    auto list = files({"a"});
    judge(container, list);
    list.front().object_id = "another pyc";
    judge(container, list);
    list.front().source_id = "another source";
    judge(container, list);
    EXPECT_EQ(questions, 3);
    list.front().reproducible = false;
    judge(container, list);
    judge(container, list);
    EXPECT_EQ(questions, 5);
}

TEST_F(JudgeBytecode, ByteCodeOfAnotherInterpreterThanTheContainersOwnIsUnused) {
    const std::string container = running({"python3", "/srv/main.py"});
    programs["python3"] = "cpython-311";
    EXPECT_EQ(judge(container, files({"bad"}, "cpython-312")), Verdicted{Verdict::unused});
}

// The Python that runs it may be another than the one on the PATH.
TEST_F(JudgeBytecode, WhereTheContainersOwnInterpreterIsNotFoundNothingIsCalledUnused) {
    const std::string container = running({"/srv/start"});
    programs["python3"] = "cpython-311";
    EXPECT_EQ(judge(container, files({"bad"}, "cpython-312")), Verdicted{Verdict::unproven});
    auto alone = files({"unused"});
    alone.front().path = "/srv/unused.pyc";
    alone.front().source.clear();
    alone.front().tag.clear();
    EXPECT_EQ(judge(container, alone), Verdicted{Verdict::unproven});
    EXPECT_EQ(judge(running({"python3", "/srv/main.py"}), alone), Verdicted{Verdict::unused});
}

TEST_F(JudgeBytecode, TheContainersOwnInterpreterComesBeforeThePath) {
    programs = {{"python3.11", "cpython-311"}, {"/app/.venv/bin/python", "cpython-312"}};
    EXPECT_EQ(judge(running({"/app/.venv/bin/python", "-m", "app"}), files({"bad"}, "cpython-312")),
              Verdicted{Verdict::differs});
}

TEST_F(JudgeBytecode, TheContainersOwnInterpreterIsNamedByItsScript) {
    programs = {{"/opt/python/bin/python3.12", "cpython-312"}};
    const std::string container = running({"/srv/bin/gunicorn", "app:main"});
    engine.find(container)->files["/srv/bin/gunicorn"] =
        "#!/opt/python/bin/python3.12\nimport re\n";
    EXPECT_EQ(judge(container, files({"bad"}, "cpython-312")), Verdicted{Verdict::differs});
}

TEST_F(JudgeBytecode, AnInterpreterThatComesLaterIsFoundThen) {
    const std::string container = running();
    const auto there = std::exchange(programs, {});
    EXPECT_EQ(judge(container, files({"a"})), Verdicted{Verdict::unproven});
    programs = there;
    EXPECT_EQ(judge(container, files({"a"})), Verdicted{Verdict::trusted});
}

TEST_F(JudgeBytecode, TheInterpreterIsFoundUnderOtherNames) {
    programs = {{"python", "cpython-311"}};
    EXPECT_EQ(judge(running(), files({"bad"})), Verdicted{Verdict::differs});
}

TEST_F(JudgeBytecode, WithoutAnyInterpreterNothingIsProven) {
    programs.clear();
    EXPECT_EQ(judge(running(), files({"a"})), Verdicted{Verdict::unproven});
}

TEST_F(JudgeBytecode, AContainerThatDoesNotRunIsAskedAgainLater) {
    const std::string container = running();
    engine.kill(container);
    const auto judged =
        test::run(io, judge_container(engine, container, container, files({"a"}), verdicts));
    ASSERT_FALSE(judged);
    EXPECT_EQ(judged.error().code(), Errc::conflict);
    ASSERT_TRUE(test::run(io, engine.start_container(container)));
    EXPECT_EQ(judge(container, files({"a"})), Verdicted{Verdict::trusted});
}

TEST_F(JudgeBytecode, AFileOverWhichTheInterpreterDiesIsBrokenAndTheOthersAreJudged) {
    EXPECT_EQ(judge(running(), files({"a", "crash", "bad", "z"})),
              (Verdicted{Verdict::trusted, Verdict::broken, Verdict::differs, Verdict::trusted}));
}

TEST_F(JudgeBytecode, AnInterpreterThatDiesOverEverythingIsNotAskedForEver) {
    std::vector<std::string> names;
    for (int number = 0; number < 50; ++number) names.push_back(fmt::format("crash{}", number));
    const Verdicted judged = judge(running(), files(names));
    EXPECT_EQ(questions, 8);
    EXPECT_EQ(std::count(judged.begin(), judged.end(), Verdict::broken), 8);
    EXPECT_EQ(std::count(judged.begin(), judged.end(), Verdict::unproven), 42);
}

TEST_F(JudgeBytecode, WhatTheInterpreterDoesNotComeToAnEndWithIsNotAskedForAgain) {
    const std::string container = running();
    const Verdicted expected{Verdict::trusted, Verdict::endless, Verdict::trusted};
    EXPECT_EQ(judge(container, files({"a", "endless", "z"})), expected);
    engine.calls.clear();
    EXPECT_EQ(judge(container, files({"a", "endless", "z"})), expected);
    EXPECT_TRUE(engine.calls.empty());
}

// The machine may have been at its limit: that tells nothing of the file.
TEST_F(JudgeBytecode, WhatWasNotDoneWhenAllTimeWasOverIsAskedForAgain) {
    const std::string container = running();
    EXPECT_EQ(judge(container, files({"a", "late"})),
              (Verdicted{Verdict::trusted, Verdict::unproven}));
    judge(container, files({"a", "late"}));
    EXPECT_EQ(questions, 3);
}

TEST_F(JudgeBytecode, ManyFilesGoInPortionsThatFitOnACommandLine) {
    std::vector<std::string> names;
    for (int number = 0; number < 2000; ++number)
        names.push_back(fmt::format("{}{}", std::string(100, 'n'), number));
    std::size_t longest = 0;
    engine.program = [&](const test::FakeContainer&,
                         const engine::ExecRequest& request) -> Result<engine::ExecResult> {
        std::size_t bytes = 0;
        for (const std::string& word : request.command) bytes += word.size() + 1;
        longest = std::max(longest, bytes);
        return answer(request);
    };
    EXPECT_EQ(judge(running(), files(names)), Verdicted(2000, Verdict::trusted));
    EXPECT_LT(longest, 128U << 10U);
    EXPECT_EQ(questions, 2000);
}

TEST_F(JudgeBytecode, AnEngineThatIsAwayIsAnErrorAndNoVerdict) {
    const std::string container = running();
    engine.disconnect();
    const auto judged =
        test::run(io, judge_container(engine, container, container, files({"a"}), verdicts));
    ASSERT_FALSE(judged);
    EXPECT_EQ(judged.error().code(), Errc::unavailable);
}

TEST_F(JudgeBytecode, AnImageIsJudgedInAContainerThatCanDoNothingAndIsRemoved) {
    boost::json::object body;
    engine.program = [&](const test::FakeContainer& container,
                         const engine::ExecRequest& request) -> Result<engine::ExecResult> {
        body = container.body;
        return answer(request);
    };
    const auto judged =
        test::run(io, judge_image(engine, image, "a/shop", files({"a", "bad"}), verdicts));
    ASSERT_TRUE(judged) << judged.error().message();
    EXPECT_EQ(*judged, (Verdicted{Verdict::trusted, Verdict::differs}));
    EXPECT_TRUE(engine.containers.empty());
    EXPECT_EQ(body.at("Entrypoint").at(0), "python3.11");
    EXPECT_EQ(body.at("HostConfig").at("NetworkMode"), "none");
    EXPECT_EQ(body.at("HostConfig").at("ReadonlyRootfs"), true);
    EXPECT_FALSE(body.at("HostConfig").as_object().contains("Binds"));
    EXPECT_EQ(body.at("Labels").at("dev.trueup.proof"), "a/shop");
    EXPECT_EQ(body.at("Labels").at("com.docker.compose.project"), "");
    EXPECT_FALSE(body.contains("Env"));
    EXPECT_EQ(verdicts.any_program(image), "python3.11");
}

TEST_F(JudgeBytecode, WhatAnImagesProofLeftRunningIsRemovedByItsNameAndLabel) {
    boost::json::object labels;
    labels["dev.trueup.proof"] = "a/shop";
    boost::json::object body;
    body["Image"] = image;
    body["Labels"] = std::move(labels);
    const auto ours = test::run(io, engine.create_container("trueup-proof-1", body));
    const auto copied = test::run(io, engine.create_container("somebody's", body));
    ASSERT_TRUE(test::run(io, engine.start_container(*ours)));
    ASSERT_TRUE(test::run(io, engine.start_container(*copied)));
    ASSERT_TRUE(test::run(io, remove_leftovers(engine, "a/shop")));
    EXPECT_EQ(engine.find(*ours), nullptr);
    EXPECT_NE(engine.find(*copied), nullptr);
}

}    // namespace
}    // namespace trueup::code
