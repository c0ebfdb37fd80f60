// SPDX-License-Identifier: Apache-2.0
#include "controller/code/interpreter.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "controller/code/root_scan.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::code {
namespace {

using model::Strings;

TEST(Interpreters, AreNamedByACommandOrAScript) {
    EXPECT_EQ(interpreters_in("/app/.venv/bin/python"), Strings{"/app/.venv/bin/python"});
    EXPECT_EQ(interpreters_in("#!/usr/bin/env python3\nprint()\n"), Strings{"python3"});
    EXPECT_EQ(
        interpreters_in("#!/bin/sh\n# /old/python\nexec \"/opt/python/bin/python3.12\" -m a\n"),
        Strings{"/opt/python/bin/python3.12"});
    EXPECT_EQ(interpreters_in("cd /srv && exec python3 -m app; python3 -m again"),
              Strings{"python3"});
}

TEST(Interpreters, WhatOnlyLooksLikeOneIsNone) {
    EXPECT_EQ(interpreters_in("pythonic python-config python3.x /opt/python/run bin/python "
                              "$VIRTUAL_ENV/bin/python python3."),
              Strings());
}

TEST(Interpreters, NoMoreThanAFewAreTried) {
    std::string text;
    for (int number = 0; number < 50; ++number) text += "python3." + std::to_string(number) + " ";
    EXPECT_EQ(interpreters_in(text).size(), 6U);
}

class EntryInterpreters : public testing::Test {
protected:
    // Of a container of that configuration.
    Strings found(const std::string& config, const std::map<std::string, std::string>& files = {}) {
        test::FakeImage made;
        made.references = {"shop-api"};
        boost::json::object body = boost::json::parse(config).as_object();
        body["Image"] = engine.add_image(std::move(made));
        const auto id = test::run(io, engine.create_container("", std::move(body)));
        engine.find(*id)->files = files;
        const auto programs = test::run(io, interpreters_of_container(engine, *id));
        EXPECT_TRUE(programs) << programs.error().message();
        return programs ? *programs : Strings();
    }

    boost::asio::io_context io;
    test::FakeEngine engine{io.get_executor()};
};

TEST_F(EntryInterpreters, TheWordsOfEntrypointAndCommandComeFirst) {
    EXPECT_EQ(
        found(R"({"Entrypoint": ["tini", "--"], "Cmd": ["/app/.venv/bin/python", "-m", "a"]})",
              {{"/usr/bin/tini", "#!/usr/bin/python3"}}),
        Strings{"/app/.venv/bin/python"});
    EXPECT_EQ(found(R"({"Cmd": ["sh", "-c", "exec /opt/python/bin/python -m app"]})"),
              Strings{"/opt/python/bin/python"});
}

TEST_F(EntryInterpreters, AScriptIsFoundOnThePathAndInTheWorkingDirectory) {
    EXPECT_EQ(found(R"({"Cmd": ["gunicorn"], "Env": ["A=b", "PATH=/usr/bin:/app/.venv/bin"]})",
                    {{"/app/.venv/bin/gunicorn", "#!/app/.venv/bin/python\n"}}),
              Strings{"/app/.venv/bin/python"});
    EXPECT_EQ(found(R"({"Entrypoint": ["./start.sh"], "WorkingDir": "/srv"})",
                    {{"/srv/start.sh", "#!/bin/sh\nexec /opt/python3 serve.py\n"}}),
              Strings{"/opt/python3"});
}

TEST_F(EntryInterpreters, WhatNamesNoneIsNoFailure) {
    EXPECT_EQ(found("{}"), Strings());
    EXPECT_EQ(found(R"({"Entrypoint": null, "Cmd": ["/gone", "--python"], "Env": null})"),
              Strings());
    EXPECT_EQ(found(R"({"Cmd": ["/srv/server"]})", {{"/srv/server", "python in a program"}}),
              Strings());
}

// This test and a child of it.
TEST(ProcessPrograms, AreThoseOfTheProcessAndOfWhatItStarted) {
    const auto root = ProcessRoot::of_directory("/");
    ASSERT_TRUE(root);
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe_ends[0], 0);
        ::close(pipe_ends[1]);
        ::execl("/bin/cat", "cat", nullptr);
        ::_exit(1);
    }
    ASSERT_GT(child, 0);
    ::close(pipe_ends[0]);
    bool is_seen = false;
    std::vector<std::string> programs;
    for (int attempt = 0; attempt < 1000 && !is_seen; ++attempt) {
        programs = root->programs();
        is_seen = !programs.empty() && programs.back().ends_with("/cat");
        if (!is_seen) ::usleep(10'000);
    }
    ::close(pipe_ends[1]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(is_seen);
    ASSERT_EQ(programs.size(), 2U);
    EXPECT_NE(programs.front(), programs.back());
}

}    // namespace
}    // namespace trueup::code
