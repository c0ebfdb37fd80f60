# SPDX-License-Identifier: Apache-2.0
"""The promises of docs/safety.md about what the controller remembers: losing it loses history, never a stack."""

import contextlib
import json
import os
import signal
import sqlite3

from neighbours import Safe


class Memory(Safe):
    def test_a_lost_database_loses_history_and_never_a_stack(self):
        commit = self.deploy()
        before = self.container()
        self.stop_daemon(signal.SIGKILL)
        for file in os.listdir(self.state):
            if file.startswith("state.db"):
                os.remove(os.path.join(self.state, file))
        self.start_daemon()
        self.wait_ready(commit)
        self.assertEqual(before["State"]["StartedAt"], self.container()["State"]["StartedAt"])
        self.eventually(lambda: "HistoryLost" in self.trueup("events", *self.server()), 20)

    def test_a_backup_during_a_rollout_is_a_way_back(self):
        first = self.deploy()
        commit = self.app("release two")
        self.write_stack(commit)
        copies = []
        while not (copies and self.is_ready(commit)):
            copies.append(os.path.join(self.work, f"copy-{len(copies)}"))
            self.assertLess(len(copies), 1000, "it is not ready")
            self.trueup("backup", copies[-1], "--state-dir", self.state)
        for copy in copies:
            with contextlib.closing(sqlite3.connect(copy)) as database:
                self.assertEqual("ok", database.execute("PRAGMA integrity_check").fetchone()[0])
                self.assertIn((first,), database.execute("SELECT commit_id FROM revisions").fetchall())
        self.trueup("suspend", self.name, "--reason", "release freeze", *self.server())
        last = os.path.join(self.work, "last")
        self.trueup("backup", last, "--state-dir", self.state)
        self.trueup("resume", self.name, *self.server())
        self.stop_daemon()
        for file in os.listdir(self.state):
            if file.startswith("state.db"):
                os.remove(os.path.join(self.state, file))
        os.rename(last, os.path.join(self.state, "state.db"))
        self.start_daemon()
        self.eventually(lambda: "release freeze" in self.message("Suspended"))
        history = json.loads(self.trueup("history", self.name, "-o", "json", *self.server()))
        self.assertEqual([commit, first], [each["commit"] for each in history["items"]])

    def test_a_suspension_outlives_a_damaged_database(self):
        self.deploy()
        before = self.container()
        self.trueup("suspend", self.name, "--reason", "release freeze", *self.server())
        self.stop_daemon()
        path = os.path.join(self.state, "state.db")
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            database.executemany("INSERT INTO events VALUES(?,'stack','filler','','Normal','Filled',?,'','',0,0,1)",
                                 [(number, "x" * 100) for number in range(10_000, 12_000)])
        with open(path, "r+b") as file:
            file.seek(os.path.getsize(path) // 2)
            file.write(os.urandom(16384))
        self.write_stack(self.app("release two"))
        self.start_daemon()
        self.eventually(lambda: "release freeze" in self.message("Suspended"))
        told = self.trueup("events", *self.server())
        self.assertIn("1 suspensions and 0 adopted containers of it are in force again", told)
        self.assertTrue(any("corrupt" in name for name in os.listdir(self.state)))
        self.wait_reason("Synced", "Suspended")
        self.assertEqual(before["Id"], self.container_id())

    def test_a_corrupt_database_is_moved_aside(self):
        commit = self.deploy()
        self.stop_daemon()
        with open(os.path.join(self.state, "state.db"), "r+b") as file:
            file.write(os.urandom(8192))
        self.start_daemon()
        self.wait_ready(commit)
        self.assertTrue(any("corrupt" in name for name in os.listdir(self.state)))
        self.assertIn("others could not be read", self.trueup("events", *self.server()))
        self.assertTrue(self.runs())
