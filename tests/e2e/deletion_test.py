# SPDX-License-Identifier: Apache-2.0
"""The promises of docs/safety.md about what goes, and what does not go by mistake, each on a real engine."""

import json
import os

from neighbours import Safe


class Deletion(Safe):
    def names(self, count):
        return [f"{self.name}-{index}" for index in range(count)]

    def deploy_many(self, count, spec):
        commit = self.app()
        for name in self.names(count):
            self.write_stack(commit, name=name, spec=spec)
        self.start_daemon()
        for name in self.names(count):
            self.wait_ready(commit, name)

    def remove_files(self, names):
        for name in names:
            os.remove(os.path.join(self.desired, name + ".yaml"))

    def test_a_vanished_file_leaves_the_stack_unless_told_otherwise(self):
        self.deploy()
        before = self.container()
        self.write_stack(self.repository.git("rev-parse", "HEAD"), name=self.name + "-b")
        self.wait_ready(name=self.name + "-b")
        self.remove_files([self.name])
        self.eventually(lambda: any("is gone" in text for text in self.stack()["status"].get("warnings", [])), 20)
        self.assertEqual(before["State"]["StartedAt"], self.container()["State"]["StartedAt"])

    def test_removing_several_stacks_at_once_waits_for_confirmation(self):
        self.deploy_many(3, "sync: {deletionPolicy: delete}")
        gone = self.names(3)[:2]
        self.remove_files(gone)
        for name in gone:
            self.eventually(lambda wanted=name: "AwaitingConfirmation" in json.dumps(self.conditions(wanted)), 20)
            self.assertTrue(self.engine.containers(name))
        self.assertIn(gone[1], self.message("Synced", gone[0]))
        self.trueup("confirm", gone[0], "--yes", *self.server())    # a yes to both: they are asked about together
        for name in gone:
            self.eventually(lambda wanted=name: not self.engine.containers(wanted), 30)
        self.assertTrue(self.engine.containers(self.names(3)[2]))

    def test_an_empty_source_removes_nothing(self):
        self.deploy_many(2, "sync: {deletionPolicy: delete}")
        before = {name: self.container(project=name)["State"]["StartedAt"] for name in self.names(2)}
        self.remove_files(self.names(2))
        self.assert_waiting(before)
        self.stop_daemon()
        self.start_daemon()
        self.assert_waiting(before)

    def assert_waiting(self, before):
        """It is told only once the time has passed after which one stack of many would have been removed."""
        for name in before:
            self.wait_reason("Synced", "AwaitingConfirmation", name)
        for name, started in before.items():
            self.assertEqual(started, self.container(project=name)["State"]["StartedAt"])

    def test_a_suspension_outlives_a_folder_that_was_empty_at_the_start(self):
        commit = self.deploy()
        before = self.container()
        self.trueup("suspend", self.name, "--reason", "release freeze", *self.server())
        self.stop_daemon()
        self.remove_files([self.name])
        self.start_daemon()
        self.eventually(lambda: "release freeze" in self.message("Suspended"))
        self.assertTrue(any("is gone" in text for text in self.stack()["status"]["warnings"]))
        commit = self.app("release two")
        self.write_stack(commit)
        self.eventually(lambda: self.stack()["status"].get("desiredCommit") == commit, 30)
        self.wait_reason("Synced", "Suspended")
        self.assertEqual((before["Id"], before["State"]["StartedAt"]),
                         (self.container()["Id"], self.container()["State"]["StartedAt"]))
        self.assertIn("only a stack whose file is gone", self.trueup("forget", self.name, *self.server(), code=2))
        self.trueup("resume", self.name, *self.server())
        self.wait_ready(commit)
        self.remove_files([self.name])
        self.eventually(lambda: any("is gone" in text for text in self.stack()["status"].get("warnings", [])))
        self.trueup("forget", self.name, *self.server())
        self.assertEqual({}, self.stack())
        self.assertTrue(self.runs())

    def test_a_copy_of_a_stack_file_changes_nothing(self):
        old = self.app()
        commit = self.deploy(text="release two")
        before = self.container()
        self.assertNotEqual(old, commit)
        copy = os.path.join(self.desired, "a-copy.yaml")
        with open(copy, "w", encoding="utf-8") as file:
            file.write(self.stack_text(old))
        files = (copy, os.path.join(self.desired, self.name + ".yaml"))
        self.eventually(lambda: all(f"{path}:1:1: Stack '{self.name}' is also that of" in
                                    self.trueup("get", "sources", "-o", "json", *self.server()) for path in files), 20)
        self.engine.request("POST", f"/containers/{before['Id']}/kill")
        self.eventually(self.runs, 30, "what was in force is kept true")
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt"))
        self.assertEqual(before["Id"], self.container_id())
        os.remove(copy)
        self.wait_ready(commit)
        self.assertEqual(before["Id"], self.container_id())
