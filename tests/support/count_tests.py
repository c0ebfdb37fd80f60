#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints "PASSED FAILED" of a ctest JUnit report. A case that was skipped, disabled or not run has failed."""
import sys
import xml.etree.ElementTree as tree

cases = tree.parse(sys.argv[1]).getroot().findall("testcase")
passed = sum(case.get("status") == "run" and case.find("failure") is None for case in cases)
print(passed, len(cases) - passed)
