# SPDX-License-Identifier: Apache-2.0
"""What docker compose 2.26.1 started, and a stranger beside it."""

import json
import os
import subprocess

from support import BUSYBOX, Case


class ComposeCase(Case):
    """A project of docker compose, started from the checkout of a commit."""

    adopt = "adopt: true"

    def compose(self, *arguments, code=0, project=None):
        program = os.path.join(os.environ["TRUEUP_CACHE"], "trixie/compose/docker-compose")
        done = subprocess.run([program, "-p", project or self.name, *arguments], cwd=self.repository.path,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        if code is not None and done.returncode != code:
            self.fail(f"compose {arguments}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def compose_up(self, *arguments):
        self.compose("up", "-d", "--quiet-pull", *arguments)

    def identities(self):
        """Name -> (id, when it started) of the project's containers."""
        found = {}
        for each in self.engine.containers(self.name):
            state = self.engine.container(each["Id"])
            found[state["Name"].lstrip("/")] = (each["Id"], state["State"]["StartedAt"])
        return found

    def write_data(self, service, path, text):
        self.engine.run_in(self.container_id(service), "sh", "-c", f"echo {text} > {path}")

    def stranger(self):
        """A container of nobody's project with data in a volume; what must be the same afterwards."""
        volume = self.name + "-stranger"
        self.engine.request("POST", "/volumes/create", {"Name": volume})
        made = self.engine.request("POST", f"/containers/create?name={self.name}-stranger", {
            "Image": BUSYBOX, "Cmd": ["sleep", "1000000"], "HostConfig": {"Binds": [f"{volume}:/data"]}})
        self.addCleanup(self.engine.remove, made["Id"])
        self.engine.request("POST", f"/containers/{made['Id']}/start")
        self.engine.run_in(made["Id"], "sh", "-c", "echo theirs > /data/file")
        return made["Id"], self.engine.container(made["Id"])["State"]["StartedAt"]

    def assert_untouched(self, stranger):
        container, started = stranger
        self.assertEqual(started, self.engine.container(container)["State"]["StartedAt"])
        self.assertEqual("theirs", self.engine.run_in(container, "cat", "/data/file").decode().strip())

    def adopt_unchanged(self, commit, more=""):
        """Adopts, and nothing is replaced; the path of the stack's file. `more`: of its spec."""
        before = self.identities()
        path = self.write_stack(commit, spec=f"{self.adopt}\n{more}")
        actions = json.loads(self.diff(path, "-o", "json", code=1))[0]["actions"]
        self.assertEqual({"adopt-container"}, {action["action"] for action in actions}, actions)
        self.assertEqual(len(before), len(actions))
        self.assertEqual(before, self.identities(), "diff changes nothing")
        self.apply(path)
        self.assertEqual(before, self.identities())
        self.assertIn("no difference", self.diff(path))
        return path

    def give_back(self, path):
        """Plain compose goes on with what it started itself: nothing is replaced."""
        before = self.identities()
        os.remove(path)
        self.compose_up()
        self.assertEqual(before, self.identities())
