// SPDX-License-Identifier: Apache-2.0
// Byte code that a real builder or a person leaves in the way of the commit's sources, judged by a
// real interpreter, and images without it.
#include <algorithm>

#include "controller/build/purge.hpp"
#include "controller/code/bytecode_script.hpp"
#include "tests/engine/prove_built.hpp"

namespace trueup::code {
namespace {

using model::BytecodeFault;
using model::BytecodeFinding;
using model::CodeStatus;
using Findings = std::vector<BytecodeFinding>;

// Python that writes other code than main.py's into its .pyc, with a header that fits main.py.
constexpr std::string_view planting =
    "import importlib.util as u, marshal, os; s = '/srv/main.py'; t = os.stat(s); "
    "p = u.cache_from_source(s); os.makedirs(os.path.dirname(p), exist_ok=True); "
    "i = lambda n: int(n).to_bytes(4, 'little'); "
    "open(p, 'wb').write(u.MAGIC_NUMBER + i(0) + i(t.st_mtime) + i(t.st_size) + "
    "marshal.dumps(compile('print(0)', s, 'exec')))";

const std::string planted_path = "app/__pycache__/main.cpython-311.pyc";

class Bytecode : public test::ProveBuilt {
protected:
    Bytecode() { base = "PYTHON"; }

    static std::string run_python(std::string_view program) {
        boost::json::array words;
        for (const std::string_view word :
             {std::string_view("python3"), std::string_view("-c"), program})
            words.emplace_back(word);
        return "RUN " + boost::json::serialize(words) + "\n";
    }

    boost::json::object config() {
        const auto raw = test::run(io, engine->inspect_image_raw(image_id));
        EXPECT_TRUE(raw) << raw.error().message();
        boost::json::object config = raw->at("Config").as_object();
        // Engines tell the image that was built from, and by what step.
        config.erase("Image");
        return config;
    }

    void purge(const Comparison& comparison) {
        build::PurgeInputs inputs;
        inputs.image_id = image_id;
        inputs.reference = "trueup-code-test-api";
        inputs.program = verdicts.any_program(image_id);
        inputs.files = comparison.untrusted;
        const auto purged = test::run(io, build::purge_image(*engine, std::move(inputs), nullptr));
        ASSERT_TRUE(purged) << purged.error().message();
        EXPECT_NE(*purged, image_id);
        image_id = *purged;
    }

    std::string running(const std::vector<std::string>& words) {
        boost::json::array command;
        for (const std::string& word : words) command.emplace_back(word);
        boost::json::object body;
        body["Image"] = image_id;
        body["Cmd"] = std::move(command);
        const auto created = test::run(io, engine->create_container("", std::move(body)));
        EXPECT_TRUE(created) << created.error().message();
        if (!created) return {};
        keep(*created);
        EXPECT_TRUE(test::run(io, engine->start_container(*created)));
        return *created;
    }

    Comparison look(const std::string& container) {
        const auto compared = test::run(
            io, compare_container(*engine, pool, container, expected, {}, verdicts, SystemTime()));
        EXPECT_TRUE(compared) << compared.error().message();
        return compared ? *compared : Comparison();
    }

    std::size_t proof_containers() {
        engine::ContainerFilter filter;
        filter.labels.emplace_back(proof_label);
        return test::run(io, engine->list_containers(filter))->size();
    }
};

TEST_F(Bytecode, WhatTheInterpreterItselfMakesIsTrustedInEveryForm) {
    ASSERT_NO_FATAL_FAILURE(
        build("COPY app /srv\n"
              "RUN python3 -m compileall -q -o 0 -o 1 -o 2 /srv\n"
              "RUN python3 -m compileall -q --invalidation-mode unchecked-hash /srv/lib\n"));
    const Comparison built = image();
    expect_fresh(built, 6);
    EXPECT_EQ(built.state.bytecode, Findings());
    EXPECT_EQ(proof_containers(), 0U);
}

// The judge itself listens to no such variable of the image.
TEST_F(Bytecode, WhatTheInterpreterMakesWithoutColumnsOfItsLinesIsTrusted) {
    ASSERT_NO_FATAL_FAILURE(
        build("COPY app /srv\nENV PYTHONNODEBUGRANGES=1\nRUN python3 -m compileall -q /srv\n"));
    const Comparison built = image();
    expect_fresh(built, 6);
    EXPECT_EQ(built.state.bytecode, Findings());
    ASSERT_NO_FATAL_FAILURE(
        build("COPY app /srv\nENV PYTHONNODEBUGRANGES=1\n" + run_python(planting)));
    EXPECT_EQ(image().state.bytecode,
              (Findings{{planted_path, "app/main.py", BytecodeFault::differs}}));
}

TEST_F(Bytecode, AHeaderThatFitsDoesNotMakeOtherCodeTheCommits) {
    ASSERT_NO_FATAL_FAILURE(build("COPY app /srv\n" + run_python(planting)));
    const Comparison built = image();
    EXPECT_EQ(built.state.status, CodeStatus::stale);
    EXPECT_EQ(built.state.bytecode,
              (Findings{{planted_path, "app/main.py", BytecodeFault::differs}}));
    EXPECT_EQ(built.untrusted, (std::vector<std::string>{"/srv/__pycache__/main.cpython-311.pyc"}));
}

TEST_F(Bytecode, APurgedImageIsTheSameButForThoseFiles) {
    ASSERT_NO_FATAL_FAILURE(
        build("COPY app /srv\n" + run_python(planting) +
              run_python("import py_compile; py_compile.compile('/srv/lib/util.py'); "
                         "py_compile.compile('/srv/main.py', '/srv/$old \\'x.pyc')") +
              "ENV A='b $c' PYTHONDONTWRITEBYTECODE=1\nUSER 1000:1000\nWORKDIR /srv\nEXPOSE 80\n"
              "VOLUME /srv/data\nHEALTHCHECK --interval=7s CMD true\nLABEL x='$y z'\n"
              "SHELL [\"/bin/sh\", \"-ec\"]\nSTOPSIGNAL SIGINT\n"
              "ENTRYPOINT [\"python3\"]\nCMD [\"main.py\"]\n"));
    const boost::json::object before = config();
    const Comparison built = image();
    EXPECT_EQ(built.state.bytecode,
              (Findings{{planted_path, "app/main.py", BytecodeFault::differs},
                        {"/srv/$old 'x.pyc", "", BytecodeFault::sourceless}}));
    const std::string first = image_id;
    ASSERT_NO_FATAL_FAILURE(purge(built));
    EXPECT_EQ(config(), before);
    const Comparison purged = image();
    expect_fresh(purged, 6);
    EXPECT_EQ(purged.state.bytecode, Findings());
    EXPECT_EQ(test::run(io, engine->inspect_image(first)).error().code(), Errc::not_found);
}

TEST_F(Bytecode, WhereMemoryEndsTheJudgeGoesBeforeTheApplication) {
    ASSERT_NO_FATAL_FAILURE(build("COPY app /srv\n"));
    const std::string container = running({"sleep", "1000"});
    engine::ExecRequest request;
    request.command = {
        "python3",
        "-I",
        "-S",
        "-B",
        "-c",
        std::string(bytecode_script) + "print(open('/proc/self/oom_score_adj').read())\n"};
    constexpr std::size_t limit = 4096;
    const auto said = test::run(io, engine->read_from_container(container, request, limit));
    ASSERT_TRUE(said) << said.error().message();
    EXPECT_NE(said->output.find("\n1000\n"), std::string::npos) << said->output;
}

TEST_F(Bytecode, WhatAnApplicationWritesAtItsStartIsTrustedAndWhatAPersonPlantsIsNot) {
    ASSERT_NO_FATAL_FAILURE(build("COPY app /srv\n"));
    const std::string container =
        running({"python3", "-c",
                 "import sys, time; sys.path.insert(0, '/srv'); import main; "
                 "open('/ready', 'w').close(); time.sleep(1000)"});
    engine::ExecRequest request;
    request.command = {"test", "-e", "/ready"};
    ASSERT_TRUE(test::eventually(
        [&] {
            const auto ready = test::run(io, engine->run_in_container(container, request));
            return ready && *ready == 0;
        },
        std::chrono::seconds(20)));
    const Comparison honest = look(container);
    expect_fresh(honest, 6);
    request.command = {"test", "-e", "/srv/__pycache__/main.cpython-311.pyc"};
    EXPECT_EQ(*test::run(io, engine->run_in_container(container, request)), 0);
    request.command = {"python3", "-c", std::string(planting)};
    ASSERT_EQ(*test::run(io, engine->run_in_container(container, request)), 0);
    const Comparison changed = look(container);
    EXPECT_EQ(changed.state.status, CodeStatus::stale);
    EXPECT_EQ(changed.state.difference_count, 0U);
    EXPECT_EQ(changed.state.bytecode,
              (Findings{{planted_path, "app/main.py", BytecodeFault::differs}}));
}

TEST_F(Bytecode, WhereNoInterpreterIsAnImageIsPurgedAndAContainerIsNotCalledFresh) {
    base = "BUSYBOX";
    ASSERT_NO_FATAL_FAILURE(build(
        "COPY app /srv\n"
        "RUN printf '\\247\\r\\r\\n\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0abc' > /srv/old.pyc\n"));
    const Comparison built = image();
    EXPECT_EQ(built.state.status, CodeStatus::stale);
    EXPECT_EQ(built.state.bytecode, (Findings{{"/srv/old.pyc", "", BytecodeFault::unproven}}));
    EXPECT_EQ(look(running({"sleep", "1000"})).state.status, CodeStatus::unknown);
    ASSERT_NO_FATAL_FAILURE(purge(built));
    expect_fresh(image(), 6);
}

// Its standard library stays where it is: it knows that place.
TEST_F(Bytecode, AnInterpreterThatIsNotOnThePathIsFoundByWhatStartsOrRunsIt) {
    ASSERT_NO_FATAL_FAILURE(
        build("COPY app /srv\n" + run_python(planting) +
              "RUN mkdir -p /opt/python/bin && mv /usr/bin/python3.11 /opt/python/bin/python && "
              "rm -f /usr/bin/python3 /usr/bin/python && "
              "printf '#!/bin/sh\\nexec /opt/python/bin/python \"$@\"\\n' > /entry && "
              "chmod 755 /entry\n"
              "ENTRYPOINT [\"/entry\"]\nCMD [\"/srv/main.py\"]\n"));
    const Findings planted{{planted_path, "app/main.py", BytecodeFault::differs}};
    const Comparison built = image();
    EXPECT_EQ(built.state.bytecode, planted);
    EXPECT_EQ(verdicts.any_program(image_id), "/opt/python/bin/python");
    // A container of it, whose words name none: by its script, or by the process itself.
    EXPECT_EQ(look(running({"-c", "import time; time.sleep(1000)"})).state.bytecode, planted);
    ASSERT_NO_FATAL_FAILURE(purge(built));
    expect_fresh(image(), 6);
}

TEST_F(Bytecode, CodeThatEndsTheInterpreterIsBrokenAndTheRestIsJudgedAllTheSame) {
    tree.add("app/abc.py", "4");
    // marshal's reference to an object that is not there yet, in a code object that is cut off.
    const std::string breaking =
        "import importlib.util as u, os; s = '/srv/abc.py'; t = os.stat(s); "
        "p = u.cache_from_source(s); os.makedirs(os.path.dirname(p), exist_ok=True); "
        "i = lambda n: int(n).to_bytes(4, 'little'); "
        "open(p, 'wb').write(u.MAGIC_NUMBER + i(0) + i(t.st_mtime) + i(t.st_size) + "
        "b'\\xe3' + bytes(20))";
    ASSERT_NO_FATAL_FAILURE(build("COPY app /srv\n" + run_python(breaking) + run_python(planting)));
    const Comparison built = image();
    EXPECT_EQ(
        built.state.bytecode,
        (Findings{{planted_path, "app/main.py", BytecodeFault::differs},
                  {"app/__pycache__/abc.cpython-311.pyc", "app/abc.py", BytecodeFault::broken}}));
}

}    // namespace
}    // namespace trueup::code
