// SPDX-License-Identifier: Apache-2.0
// Which files of the commit end up where; what the real builders make of such Dockerfiles is compared in
// tests/engine/trace_test.cpp.
#include "controller/dockerfile/trace.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/memory_tree.hpp"

namespace trueup::dockerfile {
namespace {

test::MemoryTree commit() {
    test::MemoryTree tree{{"app/main.py", "1"}, {"app/lib/util.py", "2"}, {"conf/a.conf", "3"},
                          {"run.sh", "4"},      {"setup.py", "5"},        {"vendor.tar.gz", "6"}};
    tree.add("app/inner", "lib", model::EntryKind::symlink);
    tree.add("link.py", "setup.py", model::EntryKind::symlink);
    tree.add("tool", "7", model::EntryKind::executable);
    return tree;
}

Trace traced(const std::string& dockerfile, test::MemoryTree tree = commit(),
             const std::string& target = "", const model::StringMap& args = {}) {
    tree.add("Dockerfile", dockerfile);
    model::Service service;
    service.name = "api";
    service.build.emplace();
    service.build->target = target;
    service.build->args = args;
    const auto context = read_context(service, tree);
    EXPECT_TRUE(context) << context.error().message();
    return context ? trace(*context, *service.build) : Trace();
}

// "/srv/main.py app/main.py", one a line; behind it "x" for executable, "l" for a link, "?" for
// changeable; then what was not followed.
std::string text_of(const Trace& trace) {
    std::string text;
    for (const auto& [path, file] : trace.files) {
        text += fmt::format("{} {}{}{}{}\n", path, file.commit_path, file.executable ? " x" : "",
                            file.symlink ? " l" : "", file.changeable ? " ?" : "");
    }
    for (const Untraced& each : trace.untraced) text += to_string(each.problem) + "\n";
    return text;
}

std::string traced_text(const std::string& dockerfile) { return text_of(traced(dockerfile)); }

std::string roots(const Trace& trace) {
    std::string text;
    for (const TracedRoot& root : trace.roots)
        text += fmt::format("{}={} ", root.path, root.commit_path);
    return text;
}

const std::string app_in_srv =
    "/srv/inner app/inner l\n/srv/lib/util.py app/lib/util.py\n/srv/main.py app/main.py\n";

TEST(Trace, AFoldersContentIsCopied) {
    for (const char* copy :
         {"COPY app /srv", "COPY app/ /srv/", "ADD ./app /srv", "COPY /app/../app /srv/.",
          "COPY [\"app\", \"/srv\"]", "COPY --chown=1:1 --link ../app /srv",
          "WORKDIR /srv\nCOPY app .", "WORKDIR /\nWORKDIR srv\nCOPY app ./",
          "ENV D=/srv\nWORKDIR ${D}\nCOPY app ../srv", "ARG D=x\nCOPY app /${D/x/srv}"}) {
        const Trace trace = traced(fmt::format("FROM a\n{}\n", copy));
        EXPECT_EQ(text_of(trace), app_in_srv) << copy;
        EXPECT_EQ(roots(trace), "/srv=app ") << copy;
    }
}

TEST(Trace, OfTheRootEachEntryIsARoot) {
    EXPECT_EQ(roots(traced("FROM a\nCOPY app /\n")),
              "/inner=app/inner /lib=app/lib /main.py=app/main.py ");
}

TEST(Trace, AFileGoesIntoAFolderOrBecomesTheDestination) {
    EXPECT_EQ(
        traced_text("FROM a\nCOPY tool /bin/\nCOPY run.sh /run.sh\nCOPY conf/a.conf /etc/b.conf\n"),
        "/bin/tool tool x\n/etc/b.conf conf/a.conf\n/run.sh run.sh\n");
    EXPECT_EQ(
        traced_text(
            "FROM a\nWORKDIR /srv/x\nCOPY run.sh .\nCOPY run.sh /srv\nCOPY run.sh setup.py y/\n"),
        "/srv/run.sh run.sh\n/srv/x/run.sh run.sh\n/srv/x/y/run.sh run.sh\n"
        "/srv/x/y/setup.py setup.py\n");
    EXPECT_EQ(traced_text("FROM scratch\nCOPY tool /etc/nginx\nCOPY tool /x/.\n"),
              "/etc/nginx tool x\n/x tool x\n");
}

TEST(Trace, WhereOnlyTheBaseImageKnowsItIsSaid) {
    EXPECT_EQ(
        traced_text("FROM a\nCOPY conf/a.conf /etc/nginx\n"),
        "Dockerfile:2:1: COPY: whether /etc/nginx is a folder, only the base image knows (end it "
        "with '/' when it is one)\n");
    EXPECT_EQ(
        traced_text("FROM a\nCOPY app .\n"),
        "Dockerfile:2:1: COPY: '.' is relative, and only the base image knows its WORKDIR (set "
        "WORKDIR to an absolute path first)\n");
    EXPECT_EQ(
        traced_text("FROM a\nWORKDIR /srv\nWORKDIR $HOME\nCOPY app x\nCOPY app $HOME\n"),
        "Dockerfile:4:1: COPY: 'x' is relative, and only the base image knows its WORKDIR (set "
        "WORKDIR to an absolute path first)\n"
        "Dockerfile:5:1: COPY: '$HOME' has a variable that only the base image may set (give it "
        "a value with ARG or ENV)\n");
    EXPECT_EQ(traced_text("FROM scratch\nCOPY app srv\n"), app_in_srv);
}

TEST(Trace, ALaterCopyWins) {
    EXPECT_EQ(traced_text("FROM a\nCOPY app /srv\nCOPY setup.py /srv/main.py\n"),
              "/srv/inner app/inner l\n/srv/lib/util.py app/lib/util.py\n/srv/main.py setup.py\n");
    EXPECT_EQ(traced_text("FROM scratch\nCOPY *.py /srv\n"), "/srv setup.py\n");
}

TEST(Trace, LinksThatAreNamedAreFollowed) {
    EXPECT_EQ(traced_text("FROM a\nCOPY link.py /o/\nCOPY app/inner /p\nCOPY app/i* /q/\n"),
              "/o/link.py setup.py\n/p/util.py app/lib/util.py\n/q/util.py app/lib/util.py\n");
    EXPECT_EQ(traced_text("FROM a\nCOPY app /srv\nCOPY run.sh /srv/inner/\n"),
              "/srv/inner app/inner l\n/srv/lib/run.sh run.sh\n/srv/lib/util.py app/lib/util.py\n"
              "/srv/main.py app/main.py\n");
    test::MemoryTree circle;
    circle.add("a", "b", model::EntryKind::symlink);
    circle.add("b", "a", model::EntryKind::symlink);
    EXPECT_EQ(text_of(traced("FROM x\nCOPY a /o/\nCOPY . /c\nCOPY b /c/a/\n", circle)),
              "/c/Dockerfile Dockerfile\n/c/a a l\n/c/b b l\n"
              "Dockerfile:4:1: COPY: the links to '/c/a/' go in a circle\n");
}

TEST(Trace, WildcardsMatchOneLevelEach) {
    EXPECT_EQ(
        traced_text(
            "FROM a\nCOPY *.py *.sh /srv/\nCOPY a*/m*.py /x/\nCOPY **/*.conf /y/\nCOPY no* /z/\n"),
        "/srv/link.py setup.py\n/srv/run.sh run.sh\n/srv/setup.py setup.py\n/x/main.py "
        "app/main.py\n"
        "/y/a.conf conf/a.conf\n");
    EXPECT_EQ(traced_text("FROM a\nCOPY app/l* /srv/\n"), "/srv/util.py app/lib/util.py\n");
    EXPECT_EQ(
        traced_text("FROM a\nCOPY *.py /srv\n"),
        "Dockerfile:2:1: COPY: whether /srv is a folder, only the base image knows (end it with "
        "'/' when it is one)\n");
}

TEST(Trace, StagesAreFollowedByNameNumberAndFrom) {
    EXPECT_EQ(traced_text("FROM a AS one\nCOPY app /x\nFROM b\nCOPY --from=one /x /srv\n"),
              app_in_srv);
    EXPECT_EQ(traced_text("FROM a\nCOPY app /x\nFROM b\nCOPY --from=0 x/ /srv/\n"), app_in_srv);
    EXPECT_EQ(traced_text("FROM a AS one\nWORKDIR /srv\nCOPY app .\nFROM one AS two\nFROM two\n"),
              app_in_srv);
    EXPECT_EQ(
        traced_text("FROM a AS One\nCOPY app /x\nFROM a AS two\nCOPY --from=oNE / /y\nFROM c\n"
                    "COPY --from=two /y/x/m*.py /\n"),
        "/main.py app/main.py\n");
    const Trace whole =
        traced("FROM a AS one\nCOPY app /deep/x\nCOPY run.sh /bin/\nFROM b\nCOPY --from=one / /\n");
    EXPECT_EQ(roots(whole), "/bin/run.sh=run.sh /deep/x=app ");
    const Trace part = traced("FROM a AS one\nCOPY app /x\nFROM b\nCOPY --from=one /x/lib /srv\n");
    EXPECT_EQ(roots(part), "/srv=app ");
}

TEST(Trace, TheRootOfTheImageIsNeverReadWhole) {
    const Trace found = traced("FROM a AS one\nCOPY app /x\nFROM b\nCOPY --from=one /x /\n");
    EXPECT_EQ(roots(found), "/inner=app /lib=app /main.py=app ");
}

TEST(Trace, TheTargetIsTheImage) {
    const std::string text = "FROM a AS one\nCOPY app /srv\nFROM a AS two\nCOPY run.sh /run.sh\n";
    EXPECT_EQ(text_of(traced(text)), "/run.sh run.sh\n");
    EXPECT_EQ(text_of(traced(text, commit(), "one")), app_in_srv);
    EXPECT_EQ(text_of(traced(text, commit(), "gone")), "");
}

TEST(Trace, WhatAStepOfAnEarlierStageMayHaveChangedIsChangeable) {
    EXPECT_EQ(traced_text("FROM a AS one\nCOPY run.sh /x/\nRUN y\nCOPY setup.py /x/\nFROM b\n"
                          "COPY --from=one /x /srv\n"),
              "/srv/run.sh run.sh ?\n/srv/setup.py setup.py\n");
    EXPECT_EQ(traced_text("FROM a\nRUN y\nCOPY run.sh /x/\n"), "/x/run.sh run.sh\n");
}

std::string changers_of(const std::string& dockerfile, const std::string& path) {
    const Trace trace = traced(dockerfile);
    const TracedFile& file = trace.files.at(path);
    EXPECT_EQ(file.changeable, file.changers.first != 0);
    return fmt::format("{}-{}", file.changers.first, file.changers.last);
}

TEST(Trace, TheStepsThatMayHaveChangedAFileAreNamed) {
    const std::string own = "FROM a AS one\nRUN x\nCOPY run.sh /x/\nRUN y\n";
    EXPECT_EQ(changers_of(own, "/x/run.sh"), "4-4");
    EXPECT_EQ(changers_of(own + "COPY setup.py /x/\nRUN z\n", "/x/run.sh"), "4-6");
    EXPECT_EQ(changers_of(own + "COPY setup.py /x/\nRUN z\n", "/x/setup.py"), "6-6");
    EXPECT_EQ(changers_of(own + "COPY setup.py /x/\n", "/x/setup.py"), "0-0");
    EXPECT_EQ(changers_of(own + "COPY run.sh /x/\n", "/x/run.sh"), "0-0");
    EXPECT_EQ(changers_of(own + "FROM one\nENV A=1\nRUN z\n", "/x/run.sh"), "4-7");
    const std::string copied = own + "FROM b\nRUN z\nCOPY --from=one /x /y\n";
    EXPECT_EQ(changers_of(copied, "/y/run.sh"), "4-4");
    EXPECT_EQ(changers_of(copied + "RUN last\n", "/y/run.sh"), "4-8");
    EXPECT_EQ(changers_of(copied + "COPY --from=nginx:1 /z /y\n", "/y/run.sh"), "4-8");
}

// "Dockerfile:3 seen: a b", one a line.
std::string mounts_of(const std::string& dockerfile, const std::string& target = "") {
    std::string text;
    for (const Untraced& each : traced(dockerfile, commit(), target).untraced) {
        if (each.origin != Untraced::Origin::mount) continue;
        text += fmt::format("{}", each.problem.position.line);
        for (const std::string& path : each.seen) text += " " + path;
        text += "\n";
    }
    return text;
}

TEST(Trace, WhatABindMountShowsToAStepIsSaid) {
    const std::string app = " app/inner app/lib/util.py app/main.py\n";
    for (const char* mount : {"type=bind,source=app,target=/src", "target=/src,source=./app/",
                              "type=bind,src=/app,dst=/src,rw"}) {
        EXPECT_EQ(mounts_of(fmt::format("FROM a\nRUN --mount={} cp -r /src /srv\n", mount)),
                  "2" + app)
            << mount;
    }
    EXPECT_EQ(mounts_of("FROM a\nRUN --mount=type=bind,source=run.sh,target=/r r\n"), "2 run.sh\n");
    const std::string all = mounts_of("FROM a\nRUN --mount=type=bind,target=/src cp x y\n");
    EXPECT_NE(all.find(" app/main.py"), std::string::npos) << all;
    EXPECT_NE(all.find(" setup.py"), std::string::npos) << all;
    EXPECT_EQ(mounts_of("FROM a\nRUN --mount=type=bind,source=$X,target=/src cp x y\n"), all);
    for (const char* mount : {"type=cache,target=/c", "type=secret,id=a", "type=tmpfs,target=/t",
                              "type=bind,source=gone,target=/g", "from=nginx:1,target=/n"})
        EXPECT_EQ(mounts_of(fmt::format("FROM a\nRUN --mount={} x\n", mount)), "") << mount;
    EXPECT_EQ(
        traced_text("FROM a\nRUN --mount=source=run.sh,target=/r cp /r /s\n"),
        "Dockerfile:2:1: RUN: --mount shows it run.sh of the commit, and what it copies of that is "
        "not followed (COPY what belongs into the image)\n");
}

TEST(Trace, AMountOfTheImagesOwnStepsCounts) {
    const std::string stages =
        "FROM a AS one\nRUN --mount=source=run.sh,target=/r cp /r /s\nFROM b AS two\n"
        "COPY app /x\nFROM c AS three\nCOPY --from=one /s /s\n"
        "RUN --mount=from=two,source=/x/lib,target=/l cp /l /srv\n";
    EXPECT_EQ(mounts_of(stages), "7 app/lib/util.py\n");
    EXPECT_EQ(mounts_of(stages + "FROM one AS four\n"), "2 run.sh\n");
    EXPECT_EQ(mounts_of(stages, "two"), "");
}

TEST(Trace, TheImageItStartsFromIsNamed) {
    const std::string stages = "FROM a AS one\nFROM b\nFROM one AS two\nRUN x\nFROM two\n";
    EXPECT_EQ(traced(stages).base.reference, "a");
    EXPECT_EQ(traced(stages).base.position.line, 1U);
    EXPECT_EQ(traced("FROM scratch\nCOPY app /\n").base.reference, "");
}

TEST(Trace, WhatAStageMadeIsNoFileOfTheCommit) {
    EXPECT_EQ(traced_text("FROM a AS one\nCOPY . /src\nRUN cc\nFROM b\nCOPY run.sh /\nCOPY "
                          "--from=one /out/app /out/b /bin/\n"),
              "/run.sh run.sh\nDockerfile:6:1: COPY: '/out/app' was made in stage one, it is no "
              "file of the commit\n");
    const Trace trace = traced(
        "FROM a AS one\nCOPY app /srv\nRUN x\nFROM b\nCOPY app /srv\nCOPY --from=one /dist "
        "/srv/lib\n");
    EXPECT_TRUE(trace.files.at("/srv/lib/util.py").changeable) << "something may lie over it";
    EXPECT_FALSE(trace.files.at("/srv/main.py").changeable);
}

TEST(Trace, WhatIsNotOfTheCommitIsSaid) {
    EXPECT_EQ(traced_text("FROM a\nCOPY --from=nginx:1 /x /y\nADD https://example.com/app /srv/\n"
                          "ADD git@github.com:a/b.git /srv/\n"),
              "Dockerfile:2:1: COPY: image nginx:1 is no file of the commit\n"
              "Dockerfile:3:1: ADD: what it fetches is no file of the commit\n"
              "Dockerfile:4:1: ADD: what it fetches is no file of the commit\n");
    test::MemoryTree tree = commit();
    tree.add("Dockerfile", "FROM base\nWORKDIR x\nCOPY --from=lib / /y\nCOPY app z\n");
    model::Service service;
    service.build.emplace();
    EXPECT_EQ(
        text_of(trace(*read_context(service, tree), *service.build)),
        "Dockerfile:3:1: COPY: image lib is no file of the commit\n"
        "Dockerfile:4:1: COPY: 'z' is relative, and only the base image knows its WORKDIR (set "
        "WORKDIR to an absolute path first)\n");
}

TEST(Trace, AnArchiveIsUnpackedByAddOnly) {
    EXPECT_EQ(
        traced_text("FROM a\nADD vendor* /srv/\n"),
        "Dockerfile:2:1: ADD: ADD unpacks vendor.tar.gz, and what is in it is not followed (COPY "
        "it, or the files themselves)\n");
    EXPECT_EQ(
        traced_text("FROM a\nCOPY vendor.tar.gz /srv/\nADD --unpack=false vendor.tar.gz /x/\n"),
        "/srv/vendor.tar.gz vendor.tar.gz\n/x/vendor.tar.gz vendor.tar.gz\n");
}

TEST(Trace, AHeredocIsAFileOfTheDockerfile) {
    const Trace trace = traced(
        "FROM a\nARG V=1\nCOPY <<one.py <<\"TWO\" run.sh /srv/\nx = $V\none.py\n$V\nTWO\n"
        "COPY <<EOF /etc/b\ny\nEOF\nCOPY <<EOF /c\n$HOME\nEOF\n");
    EXPECT_EQ(
        text_of(trace),
        "/etc/b Dockerfile\n/srv/TWO Dockerfile\n/srv/one.py Dockerfile\n/srv/run.sh run.sh\n"
        "Dockerfile:11:1: COPY: the text of <<EOF has a variable that only the base image may set "
        "(quote its name, or give the variable a value with ARG or ENV)\n");
    EXPECT_EQ(trace.files.at("/srv/one.py").object_id, base::git_blob_id("x = 1\n"));
    EXPECT_EQ(trace.files.at("/srv/TWO").object_id, base::git_blob_id("$V\n"));
}

TEST(Trace, ModesThatCopySetsAreExpected) {
    EXPECT_EQ(traced_text("FROM a\nCOPY --chmod=755 run.sh /a/\nCOPY --chmod=0644 tool /a/\n"
                          "COPY --chmod=u+x setup.py /a/\n"),
              "/a/run.sh run.sh x\n/a/setup.py setup.py\n/a/tool tool\n");
}

TEST(Trace, ParentsAreKeptWhereAsked) {
    EXPECT_EQ(traced_text("FROM a\nCOPY --parents app/lib conf/*.conf /srv/\n"),
              "/srv/app/lib/util.py app/lib/util.py\n/srv/conf/a.conf conf/a.conf\n");
    EXPECT_EQ(traced_text("FROM a\nCOPY --parents app/./lib ./**/*.conf /srv/\n"),
              "/srv/conf/a.conf conf/a.conf\n/srv/lib/util.py app/lib/util.py\n");
    EXPECT_EQ(traced_text("FROM a\nCOPY --parents=false app/lib /srv/\n"),
              "/srv/util.py app/lib/util.py\n");
}

TEST(Trace, WhatIsExcludedIsNotExpected) {
    EXPECT_EQ(traced_text("FROM a\nCOPY --exclude=*.conf --exclude=lib app conf run.sh /srv/\n"),
              "/srv/inner app/inner l\n/srv/main.py app/main.py\n/srv/run.sh run.sh\n");
    test::MemoryTree tree = commit();
    tree.add(".dockerignore", "app/lib\n*.sh\n");
    EXPECT_EQ(text_of(traced("FROM a\nCOPY app *.sh /srv/\n", tree)),
              "/srv/inner app/inner l\n/srv/main.py app/main.py\n");
}

TEST(Trace, TriggersOfAnOwnStageAreCarriedOut) {
    EXPECT_EQ(traced_text("FROM a AS one\nONBUILD WORKDIR /srv\nONBUILD COPY run.sh .\nFROM "
                          "one\nCOPY setup.py .\n"),
              "/srv/run.sh run.sh\n/srv/setup.py setup.py\n");
}

TEST(Trace, TheContextMayBeAFolderOfTheCommit) {
    test::MemoryTree tree{
        {"services/api/src/x.py", "1"},
        {"services/api/Dockerfile", "FROM a\nCOPY . /srv\nCOPY src/x.py /x.py\n"}};
    model::Service service;
    service.build.emplace();
    service.build->context = "services/api";
    const Trace found = trace(*read_context(service, tree), *service.build);
    EXPECT_EQ(text_of(found),
              "/srv/Dockerfile services/api/Dockerfile\n/srv/src/x.py services/api/src/x.py\n"
              "/x.py services/api/src/x.py\n");
    EXPECT_EQ(roots(found), "/srv=services/api /x.py=services/api/src/x.py ");
}

TEST(Trace, AHundredThousandFilesAreFollowed) {
    Context context;
    context.dockerfile = *parse(
        "FROM a AS b\nCOPY . /srv\nFROM a\nCOPY --from=b / /\nCOPY */*7 /x/\n", "Dockerfile", {});
    for (int file = 0; file < 100'000; ++file) {
        ContextFile each;
        each.path = fmt::format("{:03}/{:03}\n\xFF", file / 1000, file % 1000);
        each.tree_path = each.path;
        context.files.push_back(std::move(each));
    }
    const Trace found = trace(context, model::Build());
    EXPECT_EQ(found.files.size(), 100'000U);
    EXPECT_TRUE(found.untraced.empty());
}

TEST(Trace, WhatWouldTakeTooLongIsNotFollowed) {
    test::MemoryTree tree;
    for (int file = 0; file < 400; ++file) tree.add(fmt::format("f{}", file), "1");
    for (const std::string copy :
         {"COPY . /x/\n", "COPY *a*a*a*a*b /x/\n", "COPY --exclude=*a*a*b . /x/\n",
          "COPY --parents *a*a*b /x/\n"}) {
        std::string copies = "FROM a\n";
        while (copies.size() < 900'000) copies += copy;
        const Trace trace = traced(copies, tree);
        EXPECT_TRUE(trace.files.empty()) << copy;
        ASSERT_EQ(trace.untraced.size(), 1U) << copy;
        EXPECT_EQ(to_string(trace.untraced[0].problem),
                  "Dockerfile:1:1: which files of the commit end up in this image takes too many "
                  "steps to "
                  "follow (say it in spec.code)");
    }
}

}    // namespace
}    // namespace trueup::dockerfile
