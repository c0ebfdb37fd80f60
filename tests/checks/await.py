#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules that g++ 12 needs in coroutines: it destroys twice a temporary lambda with captures, or a
temporary aggregate, in an expression that contains co_await, and miscompiles an await in a loop's condition.

    await.py [ROOT]       prints "file:line: what; what to do" for every violation, exit 1 if any
    await.py --self-test

One pass sorts braces into blocks, lambda bodies and initialisers. A statement ends at a `;` that no
parenthesis holds, and at the braces of blocks; initialisers and lambdas count to the statement they stand in.
"""
import pathlib
import re
import sys

NAME_IT = "name it before the await, then std::move it in"
HIDDEN = re.compile(r'R"([^()\s\\]*)\((?:.|\n)*?\)\1"|//[^\n]*|/\*(?:.|\n)*?\*/|"(?:\\.|[^"\\\n])*"|'
                    r"(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
MARK = re.compile(r"[(){}\[\];]|\b(?:co_await|co_return|co_yield|detached)\b")
HEAD = re.compile(r"\b(namespace|class|struct|enum|union)\b[^(=]*$")
BLOCK_WORD = re.compile(r"(^|[;{}):]|\b(else|do|try|const|noexcept|override|final|extern))$")
OPERAND = re.compile(r"[\w)\]]$")
KEYWORD = re.compile(r"\b(return|co_return|co_await|co_yield)$")


def blank(text):
    """Comments, literals and preprocessor lines become spaces, so that positions stay."""
    return HIDDEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


class Frame:
    def __init__(self, kind, at, statement):
        self.kind, self.at, self.statement = kind, at, statement    # kind: ( [ block lambda init


class Statement:
    def __init__(self, begin):
        self.begin, self.awaited, self.braces = begin, None, []


class Reader:
    def __init__(self, path, source):
        self.path, self.text = path, blank(source)
        self.frames = [Frame("block", 0, None)]
        self.statement = Statement(0)
        self.opening = {}    # index of a closing bracket -> index of its opening one
        self.found = []

    def run(self):
        for match in MARK.finditer(self.text):
            mark, at = match[0], match.start()
            if mark in "([":
                self.frames.append(Frame(mark, at, None))
            elif mark == "{":
                self.open_brace(at)
            elif mark in ")]}":
                self.close(at)
            elif mark == ";":
                if self.frames[-1].kind in ("block", "lambda"):
                    self.end_statement(at + 1)
            elif mark == "detached":
                self.tell(at, "detached; every coroutine has an owner: spawn it in a TaskGroup")
            else:
                self.keyword(mark, at)
        self.end_statement(len(self.text))
        return self.found

    def tell(self, at, what):
        self.found.append(f"{self.path}:{self.text.count(chr(10), 0, at) + 1}: {what}")

    def keyword(self, mark, at):
        if any(frame.kind == "lambda" for frame in self.frames):
            self.tell(at, "a lambda coroutine outlives its captures; make it a named function that takes values")
        if mark != "co_await":
            return
        self.statement.awaited = at
        for frame in reversed(self.frames):
            if frame.kind in ("block", "lambda"):
                break
            if frame.kind == "(" and self.word_before(frame.at) in ("while", "for"):
                self.tell(at, "co_await in a loop's condition; loop for ever, await inside, break")

    def word_before(self, at):
        word = re.search(r"(\w+)\s*$", self.text[max(self.statement.begin, at - 40):at])
        return word[1] if word else ""

    def without_parameters(self, at):
        """What stands before `at` without a trailing return type, specifiers and a parameter list."""
        head = self.text[self.statement.begin:at].rstrip()
        arrow = head.rfind("->")
        if arrow > 0 and re.fullmatch(r"[\w:<>,*&\s]*", head[arrow + 2:]):
            head = head[:arrow].rstrip()
        for specifier in ("noexcept", "mutable"):
            head = head.removesuffix(specifier).rstrip()
        if head.endswith(")"):
            head = self.text[self.statement.begin:self.opening[self.statement.begin + len(head) - 1]].rstrip()
        return head

    def kind_of_brace(self, at):
        head = self.without_parameters(at)
        if head.endswith("]"):
            before = self.text[self.statement.begin:self.opening[self.statement.begin + len(head) - 1]].rstrip()
            if KEYWORD.search(before) or not OPERAND.search(before):
                return "lambda"
        if self.frames[-1].kind in ("(", "[", "init"):
            return "init"
        before = self.text[self.statement.begin:at].rstrip()
        is_function = before != head and "(" in before and not before.endswith("]")
        return "block" if BLOCK_WORD.search(before) or HEAD.search(before) or is_function else "init"

    def open_brace(self, at):
        kind = self.kind_of_brace(at)
        if kind == "block":
            self.end_statement(at + 1)
        else:
            self.statement.braces.append("a lambda" if kind == "lambda" else "a temporary {…}")
        self.frames.append(Frame(kind, at, self.statement))
        if kind == "lambda":
            self.statement = Statement(at + 1)

    def close(self, at):
        if len(self.frames) == 1:
            return
        frame = self.frames.pop()
        self.opening[at] = frame.at
        # The condition is an expression of its own; what follows it is the next.
        if frame.kind == "(" and self.word_before(frame.at) in ("if", "constexpr", "for", "while", "switch"):
            self.end_statement(at + 1)
        if frame.kind in ("block", "lambda"):
            self.end_statement(at + 1)
        if frame.kind == "lambda":
            self.statement = frame.statement

    def end_statement(self, begin):
        if self.statement.awaited is not None and self.statement.braces:
            self.tell(self.statement.awaited, f"{self.statement.braces[0]} in an expression with co_await; {NAME_IT}")
        self.statement = Statement(begin)


def check(root):
    violations = []
    for top in ("controller", "api", "tests"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in (".cpp", ".hpp"):
                violations += Reader(file.relative_to(root).as_posix(), file.read_text()).run()
    return violations


BAD = {
    "auto x = co_await run([this] { return 1; });": "a lambda",
    "auto x = co_await run(1, [&](int a) mutable { return a; });": "a lambda",
    "co_await run([](std::function<void()> f) -> int { f(); });": "a lambda",
    "co_await run([x = a[0]] { return x; });": "a lambda",
    "co_await run(Options{1, 2});": "temporary",
    "co_await run({1, 2});": "temporary",
    "g(Options{1}, co_await run());": "temporary",
    "g(Options{co_await run()});": "temporary",
    "co_return Options{co_await run()};": "temporary",
    "const std::vector<int> v = {co_await run()};": "temporary",
    "if (co_await run(1, {}); true) {}": "temporary",
    "if ((a) && co_await run({})) {}": "temporary",
    "co_return co_await f(Error{code});": "temporary",
    "co_return Error{code}, co_await f();": "temporary",
    "while (co_await more()) {}": "loop's condition",
    "do { a(); } while (co_await more());": "loop's condition",
    "for (auto x : co_await list()) {}": "loop's condition",
    "for (;;g(co_await more())) {}": "loop's condition",
    "co_spawn(io, run(), detached);": "detached",
    "auto f = [](int a) -> Task<void> { co_return; };": "lambda coroutine",
    "auto f = [this] { if (a) { co_await g(); } };": "lambda coroutine",
}
GOOD = '''
#include <map>
namespace trueup { enum class Kind : int { one };
struct A final : B { A() : a_{1}, b_(2) { x(); } int a_{}; Task<int> f() const override { co_return co_await g(); } };
auto g(int a) -> Task<void> { co_await h(); }
Task<void> f() {
    Options options{1, 2};
    auto work = [this](int a) { if (a) { b(); } return Options{a}; };
    const auto done = co_await run(std::move(options), std::move(work));  // co_await run({})
    if (!done) { co_return done.error(); } else { co_await x(); }
    for (const auto& [key, value] : map) { co_await g(key); }
    for (const auto& item : {1, 2}) co_await g(item);
    switch (a) { case 1: { co_await b(); break; } default: co_await c(); }
    try { co_await d(); } catch (...) { co_return; }
    co_await array[index](1);
    if (co_await h()) { x(); }
    while (more) { co_await h(); }
    do { co_await h(); } while (more);
    say("co_await {}", R"json(co_await run({1}))json", '{');
    co_return co_await f(1'000);
} }
'''


def self_test():
    for code, expected in BAD.items():
        found = Reader("x.cpp", "Task<void> f() {\n" + code + "\n}\n").run()
        assert len(found) == 1 and expected in found[0] and found[0].startswith("x.cpp:2:"), (code, found)
    found = Reader("x.cpp", GOOD).run()
    assert not found, found
    print(f"{len(BAD)} planted violations found")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        sys.exit(0)
    top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    problems = check(top)
    print("\n".join(problems) if problems else "the await rules hold")
    sys.exit(1 if problems else 0)
