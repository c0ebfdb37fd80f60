#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The layout of the house: a directory is a namespace is a library, and includes lower levels only.

    levels.py [ROOT]      prints "file:line: what; what to do" for every violation, exit 1 if any
    levels.py --self-test
"""
import pathlib
import re
import sys
import tempfile

LEVELS = {
    "controller/base": 0,
    "controller/model": 1, "api/v1alpha1": 1, "controller/metrics": 1,
    "controller/compose": 2, "controller/render": 2, "controller/dockerfile": 2, "controller/gateway": 2,
    "controller/promote": 2,
    "controller/plan": 3, "controller/source": 3, "controller/engine": 3, "controller/store": 3,
    "controller/code": 4, "controller/build": 4,
    "controller/rollout": 5,
    "controller/reconcile": 6,
    "api/http": 7,
    "controller/app": 8,
    "api/cli": 9,
}
PURE = {"controller/model", "controller/compose", "controller/render", "controller/dockerfile", "controller/gateway",
        "controller/promote", "controller/plan"}
IMPURE_INCLUDES = re.compile(
    r'#include\s*[<"](boost/(asio|beast)[/.]|filesystem|fstream|iostream|thread|mutex|future|unistd\.h|sys/|fcntl\.h|'
    r'spdlog/|controller/base/(log|task|task_group|offload)\.hpp)')
IMPURE_CALLS = re.compile(r"::now\(|\bgetenv\(|\bstd::(cout|cerr)\b|\blog::(debug|info|warning|error)\(")
GENERATED = {"progress.pb.h"}
BEAST_FILES = {"controller/engine/transport.cpp", "api/http/http_server.cpp"}
SPDLOG_FILES = {"controller/base/log.cpp"}
MAIN_LINES = 60


def home(path):
    return "/".join(path.split("/")[:2])


def check_file(path, lines):
    """Violations in one source file; `path` is relative to the root."""
    here = home(path)
    if path.count("/") > 2:
        yield f"{path}:1: a directory below {here}; the house has one floor, move the file up"
    if path == "controller/main.cpp":
        if len(lines) >= MAIN_LINES:
            yield f"{path}:{MAIN_LINES}: main.cpp has {len(lines)} lines; move what it does into controller/app"
        return
    if here not in LEVELS:
        yield f"{path}:1: {here} is no directory of the house; give it a level in tests/checks/levels.py, or move it"
        return
    for number, line in enumerate(lines, 1):
        yield from check_line(path, here, number, line)
    namespace = "trueup::" + here.split("/")[1]
    allowed = ("trueup", namespace) if here == "controller/base" else (namespace,)
    opened = [match[1] for match in (re.match(r"namespace (trueup[a-z0-9_:]*) \{", line) for line in lines) if match]
    for name in opened:
        if name not in allowed and not name.startswith(namespace + "::"):
            # A lower level's type may be specialised or forward-declared; its namespace is then opened briefly.
            yield f"{path}:1: opens namespace {name}; a file of {here} belongs to {namespace}"
    if not any(name == namespace or name.startswith(namespace + "::") for name in opened):
        yield f"{path}:1: opens no namespace; a file of {here} belongs to {namespace}"


def check_line(path, here, number, line):
    quoted = re.match(r'\s*#\s*include\s*[<"]([^>"]+)"', line)
    if quoted and not re.match(r"(controller|api)/[a-z0-9_]+/", quoted[1]) and quoted[1] not in GENERATED:
        yield f'{path}:{number}: includes "{quoted[1]}"; name it from the root: "controller/x/y.hpp"'
    included = re.match(r'\s*#\s*include\s*[<"]((?:controller|api)/[a-z0-9_]+)/', line)
    if included and included[1] != here:
        target = included[1]
        if target not in LEVELS:
            yield f"{path}:{number}: includes {target}, which is no directory of the house"
        elif LEVELS[target] >= LEVELS[here]:
            yield (f"{path}:{number}: level {LEVELS[here]} includes {target} of level {LEVELS[target]}; "
                   "a level may include lower levels only: pass it in, or move what both need down")
    if re.match(r'\s*#\s*include [<"]boost/beast', line) and path not in BEAST_FILES:
        yield f"{path}:{number}: Beast costs 8 s a file; keep it in {', '.join(sorted(BEAST_FILES))}"
    if re.match(r'\s*#\s*include [<"]spdlog/', line) and path not in SPDLOG_FILES:
        yield f"{path}:{number}: spdlog is included in {', '.join(SPDLOG_FILES)} only; use controller/base/log.hpp"
    if here in PURE:
        code = line.split("//", 1)[0]
        if IMPURE_INCLUDES.search(line) or IMPURE_CALLS.search(code):
            yield f"{path}:{number}: {here} is pure: no I/O, clock, log or threads; take it as an argument"


def check(root):
    violations = []
    for top in ("controller", "api"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in (".cpp", ".hpp"):
                violations += check_file(file.relative_to(root).as_posix(), file.read_text().splitlines())
        for folder in sorted((root / top).iterdir()):
            if folder.is_dir() and any(file.suffix in (".cpp", ".hpp") for file in folder.rglob("*")):
                build = folder / "CMakeLists.txt"
                if not build.exists() or f"trueup_library({folder.name}" not in build.read_text():
                    violations.append(f"{folder.relative_to(root)}:1: is no library; its CMakeLists.txt needs "
                                      f"trueup_library({folder.name} …)")
    return violations


def self_test():
    planted = {
        "controller/plan/a.cpp": ('#include "controller/rollout/rollout.hpp"\n', "lower levels only"),
        "controller/engine/b.cpp": ('#include "controller/source/git.hpp"\n', "lower levels only"),
        "controller/model/c.hpp": ("#include <fstream>\n", "is pure"),
        "controller/plan/d.cpp": ("auto t = std::chrono::system_clock::now();\n", "is pure"),
        "controller/rollout/e.cpp": ("#include <boost/beast/http.hpp>\n", "Beast costs"),
        "controller/rollout/f.cpp": ("#include <spdlog/spdlog.h>\n", "spdlog is included"),
        "controller/rollout/i.cpp": ("#include <controller/app/parts.hpp>\n", "lower levels only"),
        "controller/rollout/j.cpp": ('#include "run.hpp"\n', "name it from the root"),
        "controller/rollout/k.cpp": ('#include "tests/support/fake.hpp"\n', "name it from the root"),
        "controller/rollout/l.cpp": ("int value;\n", "opens no namespace"),
        "controller/rollout/steps/m.cpp": ("namespace trueup::rollout {\n", "a directory below"),
        "controller/gateway/n.cpp": ("const char* home = std::getenv(name);\n", "is pure"),
        "controller/promote/o.cpp": ("#include <boost/asio/steady_timer.hpp>\n", "is pure"),
        "controller/orphan.cpp": ("\n", "no directory of the house"),
        "controller/attic/g.cpp": ("\n", "no directory of the house"),
        "controller/render/h.cpp": ("namespace trueup::plan {\n", "belongs to trueup::render"),
        "controller/main.cpp": ("\n" * 60, "main.cpp has 60 lines"),
    }
    for path, (text, expected) in planted.items():
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ("controller", "api"):
                (root / name).mkdir()
            (root / path).parent.mkdir(exist_ok=True, parents=True)
            (root / path).write_text(text)
            library = (root / path).parent
            if library.name != "controller":
                (library / "CMakeLists.txt").write_text(f"trueup_library({library.name}\n")
            found = check(root)
            assert any(expected in violation for violation in found), (path, found)
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "controller/model").mkdir(parents=True)
        (root / "api").mkdir()
        (root / "controller/model/a.hpp").write_text("namespace trueup::model {\n")
        assert ["is no library" in violation for violation in check(root)] == [True], check(root)
    clean = 'namespace trueup::plan {\n#include "controller/model/project.hpp"\n// log::info( is only spoken of\n'
    assert list(check_file("controller/plan/x.cpp", clean.splitlines())) == []
    print(f"{len(planted)} planted violations found")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        sys.exit(0)
    top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    problems = check(top)
    print("\n".join(problems) if problems else "the levels hold")
    sys.exit(1 if problems else 0)
