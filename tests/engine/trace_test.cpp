// SPDX-License-Identifier: Apache-2.0
// The builder has the last word: each Dockerfile here is built, and the files of its image are those
// that the trace expects, all of them and nothing else.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "controller/build/build.hpp"
#include "controller/code/code.hpp"
#include "controller/code/scan.hpp"
#include "tests/support/memory_tree.hpp"
#include "tests/support/run_task.hpp"

namespace trueup::code {
namespace {

struct Case {
    const char* name;
    const char* dockerfile;    // BASE is the test's base image
    bool newer = false;        // the builder of engine 20.10 does not know what is in it
};

constexpr Case cases[] = {
    {"folders", "FROM BASE\nCOPY app /o\nADD deep /p/\nCOPY . /q/\n"},
    {"folder_of_links",
     "FROM BASE\nCOPY applink /o\nCOPY applink/lib /p\nCOPY app/inner /q\nCOPY app/i* /r/\n"},
    {"named_links", "FROM BASE\nCOPY link.py /o/\nCOPY link.py /p/name.py\nCOPY abs.py /q/\n"},
    {"files",
     "FROM BASE\nCOPY a.py /o/\nCOPY a.py /o/b/c.py\nCOPY run.sh b.py /p/\nADD x.conf "
     "/etc/y.conf\n"},
    {"file_to_file_of_scratch", "FROM scratch\nCOPY a.py /etc/thing\nCOPY b.py other\n"},
    {"file_into_known_folder",
     "FROM BASE\nCOPY app /o\nCOPY a.py /o\nWORKDIR /o/lib\nCOPY b.py ..\nCOPY x.conf /o/lib\n"},
    {"workdir",
     "FROM BASE\nWORKDIR /srv\nWORKDIR x\nCOPY a.py .\nCOPY a.py sub.py\nCOPY b.py ./\n"},
    {"workdir_of_scratch",
     "FROM scratch\nWORKDIR srv\nCOPY a.py .\nCOPY b.py /x\nCOPY a.py sub2/.\n"},
    {"wildcards",
     "FROM BASE\nCOPY *.py /o/\nCOPY ?.py /p/\nCOPY [ab].py [^a].py /q/\nCOPY d*/o*/*.txt "
     "/r/\nCOPY d* /s/\n"},
    {"stars", "FROM BASE\nCOPY **/*.py /o/\nCOPY de**/o*/a.txt /p/\n"},
    {"wildcard_to_one_file", "FROM scratch\nCOPY *.py /srv\n"},
    {"climbing", "FROM BASE\nCOPY ../a.py /o/\nCOPY app/../../b.py /o/\nCOPY /a.py /o/x/../y/\n"},
    {"later_wins", "FROM BASE\nCOPY app /o\nCOPY b.py /o/main.py\nCOPY deep/one /o/lib\n"},
    {"through_links", "FROM BASE\nCOPY app /o\nCOPY a.py /o/inner/\nCOPY b.py /o/inner\n"},
    {"variables",
     "FROM BASE\nARG A=arg\nENV E=e$A Q=/q\nCOPY a.py /o/$A/\nCOPY b.py "
     "$Q/${E:-x}/${N:-none}/${A:+set}/\n"},
    {"env_and_arg",
     "FROM BASE\nENV A=env\nARG A=arg\nCOPY a.py /o/$A/\nENV A=env2\nCOPY a.py /o/$A/\n"},
    {"variables_of_the_parent",
     "FROM BASE AS one\nARG A=arg\nENV E=e\nFROM one\nCOPY a.py /o/$A-$E/\n"},
    {"patterns_in_variables",
     "FROM BASE\nENV P=foo.tar.gz Q=/a/b/c\nCOPY a.py /o/${P%.*}/\nCOPY a.py /p/${P%%.*}/\n"
     "COPY a.py /q/${Q#*/}/\nCOPY a.py /r/${Q##*/}/\nCOPY a.py /s/${P/o/0}/\nCOPY a.py "
     "/t/${P//o/0}/\n"
     "COPY a.py /u/${P//o?/x}/\nCOPY a.py /v/${P-z}${N-z}${P+y}/\n",
     true},
    {"modes", "FROM BASE\nCOPY --chmod=755 a.py /o/\nCOPY --chmod=0600 app /p\nCOPY run.sh /q/\n"},
    {"stages",
     "FROM BASE AS one\nCOPY app /app\nCOPY a.py /x/\nFROM scratch\nCOPY --from=one /app/inner /o\n"
     "COPY --from=one /app/i* /p/\nCOPY --from=0 app /r\nCOPY --from=one /x /s/\n"},
    {"stages_on_stages",
     "FROM BASE AS one\nWORKDIR /w\nCOPY app .\nFROM one AS two\nCOPY a.py lib\nFROM two\nCOPY "
     "b.py .\n"},
    {"everything_of_a_stage",
     "FROM scratch AS one\nCOPY app /deep/x\nCOPY run.sh /y/\nFROM scratch\nCOPY --from=one / /\n"},
    {"onbuild",
     "FROM BASE AS one\nONBUILD COPY a.py /o/\nONBUILD WORKDIR /wd\nENV X=/first\nONBUILD COPY "
     "a.py $X/\n"
     "FROM one\nENV X=/second\nCOPY b.py .\n"},
    {"json", "FROM BASE\nENV D=/o\nCOPY [\"a.py\", \"with blank.txt\", \"$D/\"]\n"},
    {"escape", "# escape=`\nFROM BASE\nCOPY a.py `\n  /o/\n"},
    {"heredocs",
     "FROM BASE\nARG V=val\nCOPY <<EOF <<-\"TWO\" /o/\nhello $V \"q\" 's' \\$V \\n ${V}x\nEOF\n\tt "
     "$V\nTWO\n"
     "COPY <<EOF /p/f\nx\nEOF\nRUN <<EOF\ntrue\nEOF\n",
     true},
    {"link_flag", "FROM BASE\nCOPY --link app /o\nCOPY --link --chown=1:1 a.py /p/\n", true},
    {"steps",
     "FROM BASE AS one\nCOPY app /app\nRUN echo 9 >> /app/main.py; rm /app/t.txt\nFROM BASE\nCOPY "
     "--from=one /app /o\n"},
};

class Sink final : public engine::ByteSink {
public:
    std::string bytes;
    Task<void> write(std::string chunk) override {
        bytes += chunk;
        co_return Result<void>();
    }
};

class TraceBuilt : public testing::TestWithParam<Case> {
protected:
    TraceBuilt() {
        engine::EngineOptions options;
        options.url = engine::default_engine_url();
        engine_ = *engine::make_docker_engine(io.get_executor(), std::move(options));
        for (const auto& [path, content] :
             std::initializer_list<std::pair<const char*, const char*>>{
                 {"a.py", "A"},
                 {"b.py", "B"},
                 {"app/main.py", "M"},
                 {"app/lib/u.py", "U"},
                 {"app/t.txt", "T"},
                 {"x.conf", "X"},
                 {"deep/one/a.txt", "1"},
                 {"deep/two/b.txt", "2"},
                 {"with blank.txt", "W"},
                 {"left/out.py", "L"},
                 {".dockerignore", "left\n"}})
            tree.add(path, content);
        tree.add("run.sh", "exec\n", model::EntryKind::executable);
        for (const auto& [path, target] :
             std::initializer_list<std::pair<const char*, const char*>>{{"link.py", "a.py"},
                                                                        {"applink", "app"},
                                                                        {"app/inner", "lib"},
                                                                        {"abs.py", "/b.py"}})
            tree.add(path, target, model::EntryKind::symlink);
    }

    static std::string base_image() {
        const char* base = std::getenv("TRUEUP_TEST_BASE_BUSYBOX");
        if (base == nullptr) throw std::runtime_error("run it with tests/support/with-engine");
        return base;
    }

    model::Service service_of(std::string dockerfile) {
        for (auto at = dockerfile.find("BASE"); at != std::string::npos;
             at = dockerfile.find("BASE"))
            dockerfile.replace(at, 4, base_image());
        tree.add("Dockerfile", dockerfile);
        model::Service service;
        service.name = "api";
        service.build.emplace();
        return service;
    }

    Result<build::BuildOutcome> build(const model::Service& service) {
        build::BuildInputs inputs;
        inputs.project_name = "trueup-trace-test";
        inputs.service = service;
        inputs.tree = std::make_shared<test::MemoryTree>(tree);
        inputs.revision = std::string(40, 'c');
        inputs.commit_time = SystemTime(Seconds(1'700'000'000));
        return test::run(io, build::build_image(*engine_, pool, std::move(inputs), nullptr));
    }

    // All files of an image.
    FoundFiles files_of(const std::string& image) {
        boost::json::object body;
        body["Image"] = image;
        body["Cmd"] = boost::json::array{"/never-started"};
        const auto container = test::run(io, engine_->create_container("", std::move(body)));
        EXPECT_TRUE(container) << container.error().message();
        if (!container) return {};
        Sink sink;
        EXPECT_TRUE(test::run(io, engine_->read_archive(*container, "/", sink)));
        EXPECT_TRUE(test::run(io, engine_->remove_container(*container, true, true)));
        std::size_t at = 0;
        FoundFiles found;
        const auto scanned = scan_tar(
            "/",
            [&](char* buffer, std::size_t size) {
                const std::size_t count = std::min(size, sink.bytes.size() - at);
                std::memcpy(buffer, sink.bytes.data() + at, count);
                at += count;
                return static_cast<long>(count);
            },
            found);
        EXPECT_TRUE(scanned) << scanned.error().message();
        return found;
    }

    boost::asio::io_context io;
    base::Pool pool{1};
    test::MemoryTree tree;

private:
    std::unique_ptr<engine::Engine> engine_;
};

std::string line(const std::string& path, const std::string& id, bool executable, bool symlink) {
    return fmt::format("{} {}{}{}\n", path, id.substr(0, 7), executable ? " x" : "",
                       symlink ? " l" : "");
}

TEST_P(TraceBuilt, TheImageHoldsWhatIsExpected) {
    const model::Service service = service_of(GetParam().dockerfile);
    const auto context = dockerfile::read_context(service, tree);
    ASSERT_TRUE(context) << context.error().message();
    const dockerfile::Trace trace = dockerfile::trace(*context, *service.build);
    for (const auto& each : trace.untraced) ADD_FAILURE() << to_string(each.problem);

    const FoundFiles base = files_of(base_image());
    const auto built = build(service);
    const char* version = std::getenv("TRUEUP_TEST_ENGINE");
    if (GetParam().newer && version != nullptr && std::string_view(version) == "20.10") {
        EXPECT_FALSE(built) << "its builder knows it after all: compare it there too";
        return;
    }
    ASSERT_TRUE(built) << built.error().message();
    const FoundFiles found = files_of(built->image_id);
    std::string expected;
    std::string there;
    // A step may have changed them, and did.
    const auto is_changed = [&](const std::string& path) {
        const auto traced = trace.files.find(path);
        if (traced == trace.files.end() || !traced->second.changeable) return false;
        const auto now = found.find(path);
        return now == found.end() || now->second.object_id != traced->second.object_id;
    };
    for (const auto& [path, file] : trace.files) {
        if (!is_changed(path))
            expected += line(path, file.object_id, file.executable, file.symlink);
    }
    for (const auto& [path, file] : found) {
        if (!base.contains(path) && !is_changed(path))
            there += line(path, file.object_id, file.executable && !file.symlink, file.symlink);
    }
    EXPECT_EQ(expected, there);
}

INSTANTIATE_TEST_SUITE_P(Dockerfiles, TraceBuilt, testing::ValuesIn(cases),
                         [](const auto& each) { return std::string(each.param.name); });

}    // namespace
}    // namespace trueup::code
