# SPDX-License-Identifier: Apache-2.0
"""The table of docs/drift.md: one row a case, which the case writes where TRUEUP_WRITE_DOCS is set, and which must
stand there as it would write it otherwise."""

import os
import pathlib

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/drift.md"
HEAD = "| what happened | docker compose said | it served | drift | trueup found | it served | test |"


def row_of(cells, test):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in (*cells, f"`{test}`")) + " |"


def hold(cells, test):
    """"" where the page has this row for the test, and no other; else what to do."""
    row = row_of(cells, test)
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [number for number, line in enumerate(lines) if line.startswith("| ") and f"| `{test}` |" in line]
    if [lines[number] for number in rows] == [row]:
        return ""
    if not os.environ.get("TRUEUP_WRITE_DOCS"):
        found = "\n".join(lines[number] for number in rows) or "no row of this test"
        return f"docs/drift.md is not what was seen; ./dev docs writes it anew\nseen: {row}\nthere: {found}"
    end = lines.index(HEAD) + 2
    while end < len(lines) and lines[end].startswith("| "):
        end += 1
    place = rows[0] if rows else end
    for number in reversed(rows):
        del lines[number]
    lines.insert(place, row)
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ""
