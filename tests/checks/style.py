#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What clang-format does not see: the SPDX line, lines over 120 columns, tabs, blanks at line ends, the final
newline, and files far beyond 300 lines. Prints "file:line: what; what to do", exit 1 if any.

    style.py [ROOT]
    style.py --self-test
"""
import pathlib
import re
import sys

SOURCES = (".cpp", ".hpp", ".py", ".proto")
COLUMNS = 120
# boost::system::result::error() of 1.81 returns a copy, which a reference to a part of it outlives.
DANGLES = re.compile(r"(&|string_view) ?\w+ = [^;]*\.error\(\)\.\w+\(\)( *;|$)|\bfor \([^;]*:[^;:]*\.error\(\)\.")
LINES = 400


def raw_lines(text):
    """Numbers of the lines that a raw string holds or touches: expected text cannot be wrapped."""
    numbers = set()
    for match in re.finditer(r'R"([^()\s\\]*)\((?:.|\n)*?\)\1"', text):
        first = text.count("\n", 0, match.start()) + 1
        numbers.update(range(first, first + match[0].count("\n") + 1))
    return numbers


def check_file(path, text):
    lines = text.split("\n")
    if "SPDX-License-Identifier: Apache-2.0" not in "".join(lines[:2]):
        yield f"{path}:1: no SPDX line; begin with // SPDX-License-Identifier: Apache-2.0"
    if text and not text.endswith("\n"):
        yield f"{path}:{len(lines)}: no newline at the end; add one"
    if len(lines) > LINES:
        yield f"{path}:{LINES}: {len(lines)} lines; split it by what changes together (aim: 300)"
    raw = raw_lines(text)
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS and number not in raw:
            yield f"{path}:{number}: {len(line)} columns; wrap at 100"
        if line != line.rstrip():
            yield f"{path}:{number}: blanks at the end of the line; remove them"
        if path.endswith("pp") and DANGLES.search(line):
            yield f"{path}:{number}: a reference into a copy: error() returns by value; name the Error first"
        if re.search(r"\t", line):
            yield f"{path}:{number}: a tab; use spaces (\\t in a literal)"


def check(root):
    violations = []
    for top in ("controller", "api", "tests", "manifests"):
        for file in sorted((root / top).rglob("*")):
            in_data = {"seeds", "shop"} & set(file.parts)
            if file.suffix in SOURCES and not in_data:
                violations += check_file(file.relative_to(root).as_posix(), file.read_text())
    return violations


def self_test():
    head = "// SPDX-License-Identifier: Apache-2.0\n"
    bad = {"int a;\n": "no SPDX", head + "int a;": "no newline",
           head + "int a; \n": "blanks", head + "\tint a;\n": "a tab",
           head + "const Problems& found = context.error().problems();\n": "into a copy",
           head + "std::string_view text = got.error().message();\n": "into a copy",
           head + "for (const Problem& it : got.error().problems())\n": "into a copy",
           head + "x" * 121 + "\n": "121 columns", head + "\n" * 400: "lines; split"}
    for text, expected in bad.items():
        found = list(check_file("x.cpp", text))
        assert len(found) == 1 and expected in found[0], (expected, found)
    assert not list(check_file("x.cpp", head + 'auto a = R"(\n' + "x" * 121 + '\n)";\n'))
    assert not list(check_file("x.cpp", head + "const std::string a = b.error().message();\n"))
    print(f"{len(bad)} planted violations found")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        sys.exit(0)
    top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    problems = check(top)
    print("\n".join(problems) if problems else "the style holds")
    sys.exit(1 if problems else 0)
