#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints "PASSED FAILED" of ctest JUnit reports together. A case that was skipped, disabled or not run has failed."""
import sys
import xml.etree.ElementTree as tree

cases = [case for report in sys.argv[1:] for case in tree.parse(report).getroot().findall("testcase")]
passed = sum(case.get("status") == "run" and case.find("failure") is None for case in cases)
print(passed, len(cases) - passed)
