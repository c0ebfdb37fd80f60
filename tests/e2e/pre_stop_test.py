# SPDX-License-Identifier: Apache-2.0
"""pre_stop hooks run before every stop that trueup makes, also where the commit no longer has them."""

import os

from neighbours import beside_neighbours
from support import BUSYBOX, Case

COMPOSE = f"""\
services:
  api:
    image: {BUSYBOX}
    command: [sleep, "1000000"]
    stop_grace_period: 0s
    volumes: [log:/log]
    deploy: {{replicas: REPLICAS}}
    pre_stop:
      - command: ["sh", "-c", "echo $$WHO $$HOSTNAME >> /log/stops"]
        environment: {{WHO: "hunter2-hook"}}
  keep: {{image: {BUSYBOX}, command: [sleep, "1000000"], stop_grace_period: 0s, volumes: [log:/log]}}
volumes: {{log: }}
"""


class PreStop(Case):
    def stops(self, service="keep"):
        try:
            return self.read_file("/log/stops", service).splitlines()
        except RuntimeError:
            return []

    def deployed(self, replicas):
        path = self.write_stack(self.app(compose=COMPOSE.replace("REPLICAS", str(replicas))))
        self.apply(path)
        return path

    def kept(self):
        """What is kept of hooks in the state directory: the bytes of each file."""
        contents = []
        for folder, _, names in os.walk(os.path.join(self.state, "hooks")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    contents.append(file.read())
        return contents

    def hook_of(self, container):
        return "hunter2-hook " + container[:12]

    def test_when_there_are_to_be_fewer(self):
        self.deployed(2)
        second = self.container_id("api", 2)
        self.deployed(1)
        self.assertFalse(self.engine.exists(f"{self.name}-api-2"))
        self.assertEqual([self.hook_of(second)], self.stops())

    @beside_neighbours
    def test_when_the_service_is_gone(self):
        self.deployed(1)
        first = self.container()
        self.assertNotIn("hunter2", str(first))
        (kept,) = self.kept()
        self.assertNotIn(b"hunter2", kept)
        self.assertNotIn(b"/log/stops", kept)
        without = COMPOSE[:COMPOSE.index("  api:")] + COMPOSE[COMPOSE.index("  keep:"):]
        self.apply(self.write_stack(self.app(compose=without)))
        self.assertFalse(self.engine.exists(f"{self.name}-api-1"))
        self.assertEqual([self.hook_of(first["Id"])], self.stops())
        self.assertEqual([], self.kept())

    def test_when_the_stack_is_gone(self):
        path = self.deployed(1)
        first = self.container_id()
        made = self.engine.request("POST", f"/containers/create?name={self.name}-reader", {
            "Image": BUSYBOX, "Cmd": ["sleep", "1000000"], "HostConfig": {"Binds": [f"{self.name}_log:/log"]}})
        self.addCleanup(self.engine.remove, made["Id"])
        self.engine.request("POST", f"/containers/{made['Id']}/start")
        commit = self.repository.git("rev-parse", "HEAD")
        self.write_stack(commit, spec="sync: {deletionPolicy: delete}")
        self.start_daemon()
        self.wait_ready(commit)
        self.stop_daemon()
        self.start_daemon()    # it knows nothing of the commit's hooks any more
        self.eventually(lambda: self.stack() != {})
        os.remove(path)
        self.eventually(lambda: self.conditions()["Ready"]["reason"] == "AwaitingConfirmation")
        self.trueup("confirm", self.name, "--yes", "--server", f"http://127.0.0.1:{self.api_port}")
        self.eventually(lambda: not self.engine.containers(self.name), 60)
        told = self.engine.run_in(made["Id"], "cat", "/log/stops").decode().split()
        self.assertEqual(self.hook_of(first).split(), told)

    def test_the_hooks_of_a_replaced_container_are_its_own(self):
        self.deployed(1)
        first = self.container_id()
        changed = COMPOSE.replace("REPLICAS", "1").replace("$$WHO", "new")
        self.apply(self.write_stack(self.app(compose=changed)))
        self.assertNotEqual(first, self.container_id())
        self.assertEqual([self.hook_of(first)], self.stops())
