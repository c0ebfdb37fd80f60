#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules that g++ 12 needs in coroutines: it destroys twice a temporary lambda with captures, or a
temporary aggregate, in an expression that contains co_await, and miscompiles an await in a loop's condition.

    await.py [ROOT]       prints "file:line: what; what to do" for every violation, exit 1 if any
    await.py --self-test

A statement is what stands between two of ; { } at the depth of parentheses 0, so braces inside the call's
parentheses belong to it.
"""
import pathlib
import re
import sys

NAME_IT = "name it before the await, then std::move it in"


def blank(text):
    """Comments and literals become spaces, so that positions stay."""
    pattern = re.compile(r'R"\((?:.|\n)*?\)"|//[^\n]*|/\*(?:.|\n)*?\*/|"(?:\\.|[^"\\\n])*"|'
                         r'(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'')
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def closing(text, start):
    """The index after the bracket that closes the one at `start`."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    depth = []
    for index in range(start, len(text)):
        if text[index] in pairs:
            depth.append(pairs[text[index]])
        elif depth and text[index] == depth[-1]:
            depth.pop()
            if not depth:
                return index + 1
    return len(text)


def statement(text, await_at):
    """The text of the expression statement around an await."""
    begin, depth = await_at, 0
    while begin > 0:
        character = text[begin - 1]
        if character in ")]":
            depth += 1
        elif character in "([":
            if depth == 0 and re.search(r"\b(if|while|for|switch)\s*$", text[:begin - 1]):
                break
            depth -= 1
        elif character in ";{}" and depth <= 0:
            break
        begin -= 1
    end, depth = await_at, 0
    while end < len(text):
        character = text[end]
        if character in "([":
            end = closing(text, end)
            continue
        if character == "{":
            # `foo{…}` is a temporary; ` {` after the statement's end is a block.
            if re.search(r"[\w>]$", text[:end].rstrip()) and not text[:end].rstrip().endswith(")"):
                end = closing(text, end)
                continue
            break
        if character in ";)":
            break
        end += 1
    return begin, text[begin:end]


def check_text(path, source):
    text = blank(source)
    line_of = lambda index: text.count("\n", 0, index) + 1
    for match in re.finditer(r"\bco_await\b", text):
        begin, expression = statement(text, match.start())
        here = f"{path}:{line_of(match.start())}"
        if re.search(r"\[[^\[\]]*\]\s*(\([^()]*\))?\s*(mutable\s*)?(->\s*[\w:<>]+\s*)?\{", expression):
            yield f"{here}: a lambda in an expression with co_await; {NAME_IT}"
        elif re.search(r"[\w>]\s*\{", expression) or re.search(r"[(,]\s*\{", expression):
            yield f"{here}: a temporary {{…}} in an expression with co_await; {NAME_IT}"
    for match in re.finditer(r"\b(while|for)\s*\(", text):
        end = closing(text, match.end() - 1)
        if re.search(r"\bco_await\b", text[match.end():end]):
            yield f"{path}:{line_of(match.start())}: co_await in a loop's condition; loop for ever, await inside, break"
    for match in re.finditer(r"\bdetached\b", text):
        yield f"{path}:{line_of(match.start())}: detached; every coroutine has an owner: spawn it in a TaskGroup"
    lambda_coroutine = r"\]\s*\([^()]*\)\s*(mutable\s*)?->\s*(boost::asio::awaitable|base::Task|Task)\s*<"
    for match in re.finditer(lambda_coroutine, text):
        yield (f"{path}:{line_of(match.start())}: a lambda coroutine outlives its captures; "
               "make it a named function that takes values")


def check(root):
    violations = []
    for top in ("controller", "api", "tests"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in (".cpp", ".hpp"):
                violations += check_text(file.relative_to(root).as_posix(), file.read_text())
    return violations


def self_test():
    bad = {
        "auto x = co_await run([this] { return 1; });": "a lambda",
        "auto x = co_await run(1, [&](int a) mutable { return a; });": "a lambda",
        "co_await run(Options{1, 2});": "temporary",
        "co_await run({1, 2});": "temporary",
        "if (co_await run(1, {}); true) {}": "temporary",
        "co_return co_await f(Error{code});": "temporary",
        "while (co_await more()) {}": "loop's condition",
        "for (auto x : co_await list()) {}": "loop's condition",
        "co_spawn(io, run(), detached);": "detached",
        "auto f = [](int a) -> Task<void> { co_return; };": "lambda coroutine",
    }
    for code, expected in bad.items():
        found = list(check_text("x.cpp", "void f() {\n" + code + "\n}\n"))
        assert any(expected in violation for violation in found), (code, found)
        assert found[0].startswith("x.cpp:2"), found
    good = """
    Task<void> f() {
        Options options{1, 2};
        auto work = [this] { return 1; };
        const auto done = co_await run(std::move(options), std::move(work));  // co_await run({})
        if (!done) { co_return done.error(); }
        for (const auto& [key, value] : map) { co_await g(key); }
        co_await array[index](1);
        if (co_await h()) { x(); }
        say("co_await {}");
        co_return co_await f(1);
    }
    """
    assert list(check_text("x.cpp", good)) == [], list(check_text("x.cpp", good))
    print(f"{len(bad)} planted violations found")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        sys.exit(0)
    top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    problems = check(top)
    print("\n".join(problems) if problems else "the await rules hold")
    sys.exit(1 if problems else 0)
