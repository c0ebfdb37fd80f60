#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every test that a page of docs/ names (`file_test.Class.test_name`) exists in tests/e2e; and those that
docs/safety.md names run beside what is not ours, which must come out as it went in."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(\w+_test)\.(\w+)\.(test_\w+)`")


def tests_of(text):
    """(class, test) of a file of unittest cases."""
    found, current = set(), ""
    for line in text.splitlines():
        if match := re.match(r"class (\w+)", line):
            current = match[1]
        elif match := re.match(r"    def (test_\w+)", line):
            found.add((current, match[1]))
    return found


def missing(page, files):
    return [f"{file}.{case}.{test}" for file, case, test in NAMED.findall(page)
            if (case, test) not in files.get(file, set())]


def alone(page, texts):
    """Named tests that neither are of a Safe case nor marked @beside_neighbours."""
    bases = {}
    for text in texts.values():
        bases.update(re.findall(r"^class (\w+)\((\w+)\)", text, re.M))

    def is_safe(case):
        while case and case != "Safe":
            case = bases.get(case)
        return bool(case)

    return [f"{file}.{case}.{test}" for file, case, test in NAMED.findall(page)
            if not is_safe(case) and f"    @beside_neighbours\n    def {test}(" not in texts.get(file, "")]


def self_test():
    files = {"a_test": tests_of("class One(Case):\n    def test_x(self):\n        pass\n")}
    assert missing("`a_test.One.test_x`", files) == []
    assert missing("`a_test.One.test_y` `b_test.One.test_x`", files) == ["a_test.One.test_y", "b_test.One.test_x"]
    texts = {"a_test": "class Of(Safe):\n    def test_x(self):\nclass One(Of):\n    def test_y(self):\n"
                       "class Two(Case):\n    @beside_neighbours\n    def test_z(self):\n    def test_w(self):\n"}
    assert alone("`a_test.Of.test_x` `a_test.One.test_y` `a_test.Two.test_z`", texts) == []
    assert alone("`a_test.Two.test_w` `a_test.Three.test_v`", texts) == ["a_test.Two.test_w", "a_test.Three.test_v"]
    print("promises: the check finds what is planted")


def main():
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "tests/e2e").glob("*.py")}
    files = {name: tests_of(text) for name, text in texts.items()}
    problems, named = [], 0
    for path in sorted((ROOT / "docs").glob("*.md")):
        page = path.read_text(encoding="utf-8")
        named += len(NAMED.findall(page))
        problems += [f"docs/{path.name}: there is no test {name}" for name in missing(page, files)]
    page = (ROOT / "docs/safety.md").read_text(encoding="utf-8")
    problems += [f"docs/safety.md: {name} does not run beside neighbours" for name in alone(page, texts)]
    if named == 0:
        problems.append("docs/ names no test at all")
    print("\n".join(problems) or f"all {named} tests that docs/ names exist")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(self_test() if "--self-test" in sys.argv else main())
