#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every test that a page of docs/ names (`file_test.Class.test_name`) exists in tests/e2e."""

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


def self_test():
    files = {"a_test": tests_of("class One(Case):\n    def test_x(self):\n        pass\n")}
    assert missing("`a_test.One.test_x`", files) == []
    assert missing("`a_test.One.test_y` `b_test.One.test_x`", files) == ["a_test.One.test_y", "b_test.One.test_x"]
    print("promises: the check finds what is planted")


def main():
    files = {path.stem: tests_of(path.read_text(encoding="utf-8")) for path in (ROOT / "tests/e2e").glob("*_test.py")}
    problems, named = [], 0
    for path in sorted((ROOT / "docs").glob("*.md")):
        page = path.read_text(encoding="utf-8")
        named += len(NAMED.findall(page))
        problems += [f"docs/{path.name}: there is no test {name}" for name in missing(page, files)]
    if named == 0:
        problems.append("docs/ names no test at all")
    print("\n".join(problems) or f"all {named} tests that docs/ names exist")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(self_test() if "--self-test" in sys.argv else main())
