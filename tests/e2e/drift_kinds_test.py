# SPDX-License-Identifier: Apache-2.0
"""The other kinds of drift, each on a small stack of two twins: one that docker compose keeps, one that trueup keeps.
The same happens to both; `docker compose up -d --build` runs once in the one, trueup goes on by itself in the other."""

import os
import re

from hotfix_case import DriftCase
from support import BUSYBOX

COMPOSE = f"""\
services:
  api:
    build: .
    command: [sleep, "1000000"]
    stop_grace_period: 0s
    environment: {{LEVEL: one}}
    volumes: ["./settings.ini:/etc/settings.ini:ro"]
  old:
    image: {BUSYBOX}
    command: [sleep, "1000000"]
    stop_grace_period: 0s
"""


class EveryKind(DriftCase):
    labels = "e2e drift"

    def setUp(self):
        super().setUp()
        self.twin = self.name + "-compose"

    def deploy(self):
        """Of one commit, to both."""
        commit = self.app("one", compose=COMPOSE, files={"settings.ini": "level=one\n"})
        self.up()
        self.write_stack(commit, spec="sync: {grace: 1s}")
        self.start_daemon()
        self.wait_ready(commit)
        self.forget_events()
        return commit

    def up(self):
        self.said = self.compose("--progress", "plain", "up", "-d", "--quiet-pull", "--build", project=self.twin)

    def twins(self):
        return self.twin, self.name

    def next(self, **changes):
        """The next commit: compose gets its `up`, trueup its line of YAML."""
        commit = self.app(**{"text": "one", "compose": COMPOSE, **changes})
        self.up()
        self.write_stack(commit, spec="sync: {grace: 1s}")
        self.wait_ready(commit)
        return commit

    def read(self, project, path="/srv/app/main.txt"):
        state = self.container(project=project)
        return self.engine.run_in(state["Id"], "cat", path).decode().strip()

    def row(self, what, commit, compose, trueup, service="api"):
        self.of_compose = (self.ended(service, self.twin), compose)
        self.assert_documented(what, commit, trueup)

    def test_revision_another_commit(self):
        self.deploy()
        commit = self.next(text="two")
        self.assertEqual(["two", "two"], [self.read(project) for project in self.twins()])
        self.row("another commit is wanted", commit, "`two`", "`two`")

    def test_config_another_setting(self):
        self.deploy()
        commit = self.next(compose=COMPOSE.replace("LEVEL: one", "LEVEL: two"), files={"settings.ini": "level=one\n"})
        for project in self.twins():
            self.assertIn("LEVEL=two", self.container(project=project)["Config"]["Env"])
        self.row("another setting in the compose file", commit, "the new setting", "the new setting")

    def test_content_another_bound_file(self):
        """The checkout writes the file anew, as git does: the container of compose keeps the old one."""
        self.deploy()
        path = os.path.join(self.repository.path, "settings.ini")
        os.rename(path, path + ".old")
        commit = self.next(files={"settings.ini": "level=two\n"})
        seen = [self.read(project, "/etc/settings.ini") for project in self.twins()]
        self.assertEqual(["level=one", "level=two"], seen)
        self.row("another content of a bound file", commit, "`level=one`", "`level=two`")

    def test_runtime_disconnected_from_its_network(self):
        commit = self.deploy()
        ids = []
        for project in self.twins():
            state = self.container(project=project)
            ids.append(state["Id"])
            self.engine.request("POST", f"/networks/{project}_default/disconnect", {"Container": state["Id"]})
        self.eventually(lambda: self.container_id() != ids[1], 60)
        self.wait_ready(commit)
        self.up()
        connected = [f"{project}_default" in self.container(project=project)["NetworkSettings"]["Networks"]
                     for project in self.twins()]
        self.assertTrue(connected[1])
        words = {True: "on its network", False: "away from its network"}
        self.row("a container was disconnected from its network", commit, words[connected[0]], words[True])

    def test_state_killed(self):
        commit = self.deploy()
        for project in self.twins():
            self.engine.request("POST", f"/containers/{project}-api-1/kill")
        self.eventually(self.runs, 20)
        self.wait_ready(commit)
        self.assertFalse(self.container(project=self.twin)["State"]["Running"])
        self.up()
        self.row("a container was killed", commit, "nothing, until somebody typed it", "again, by itself")

    def test_orphan_a_service_that_is_gone(self):
        self.deploy()
        compose = re.sub(r"  old:\n.*", "", COMPOSE, flags=re.S)
        commit = self.next(compose=compose, files={"settings.ini": "level=one\n"})
        self.eventually(lambda: not self.engine.exists(f"{self.name}-old-1"), 20)
        self.assertTrue(self.container("old", project=self.twin)["State"]["Running"])
        self.assertIn("Found orphan containers", self.said)
        self.of_compose = ("a warning: Found orphan containers", "the old service, still")
        self.assert_documented("a service was taken out of the compose file", commit, "nothing of it")
