# SPDX-License-Identifier: Apache-2.0
"""A case beside things that are not ours: a container of another compose project, one of nobody, and a volume
with data. They must come out as they went in."""

import functools
import hashlib
import json
import os

from support import BUSYBOX, Case


class Neighbours:
    def __init__(self, case):
        self.case, self.engine, self.name = case, case.engine, case.name
        self.volume = self.name + "-precious"
        self.engine.request("POST", "/volumes/create", {"Name": self.volume})
        self.containers = [
            self.start("other", {"com.docker.compose.project": self.name + "-other",
                                 "com.docker.compose.service": "web", "com.docker.compose.oneoff": "False",
                                 "com.docker.compose.config-hash": "x"}),
            self.start("plain", {})]
        self.engine.run_in(self.containers[0], "sh", "-c",
                           "seq 1000 > /data/numbers; mkdir /data/deep; echo x > /data/deep/x")
        self.before = self.look()

    def assert_untouched(self):
        self.case.assertEqual(self.before, self.look(), "what is not ours was touched")

    def start(self, suffix, labels):
        made = self.engine.request("POST", f"/containers/create?name={self.name}-{suffix}", {
            "Image": BUSYBOX, "Cmd": ["sleep", "1000000"], "Labels": labels,
            "HostConfig": {"Binds": [f"{self.volume}:/data"]}})
        self.case.addCleanup(self.engine.remove, made["Id"])
        self.engine.request("POST", f"/containers/{made['Id']}/start")
        return made["Id"]

    def look(self):
        seen = []
        for container in self.containers:
            full = self.engine.container(container)
            seen.append((full["Id"], full["Name"], full["State"]["StartedAt"], full["State"]["Status"],
                         full["RestartCount"], json.dumps(full["Config"], sort_keys=True),
                         json.dumps(full["HostConfig"], sort_keys=True)))
        seen.append(hashlib.sha256(data_of(self.engine, self.volume)).hexdigest())
        return seen


def data_of(engine, volume):
    """A listing with sums of everything in it, through a container of its own."""
    script = ("cd /data && find . | sort | xargs ls -ld | awk '{print $1,$5,$NF}'; "
              "find . -type f | sort | xargs sha256sum")
    made = engine.request("POST", "/containers/create", {
        "Image": BUSYBOX, "Cmd": ["sh", "-c", script],
        "HostConfig": {"Binds": [f"{volume}:/data:ro"]}, "Tty": True})
    try:
        engine.request("POST", f"/containers/{made['Id']}/start")
        engine.request("POST", f"/containers/{made['Id']}/wait")
        return engine.request("GET", f"/containers/{made['Id']}/logs?stdout=1")
    finally:
        engine.remove(made["Id"])


def beside_neighbours(test):
    """For one test of a case that is not Safe as a whole."""
    @functools.wraps(test)
    def run(self):
        neighbours = Neighbours(self)
        test(self)
        neighbours.assert_untouched()
    return run


class Safe(Case):
    def setUp(self):
        super().setUp()
        self.neighbours = Neighbours(self)

    def tearDown(self):
        self.neighbours.assert_untouched()
        super().tearDown()

    def data_of(self, volume):
        return data_of(self.engine, volume)

    def server(self):
        return ("--server", f"http://127.0.0.1:{self.api_port}")

    def deploy(self, spec="", **more):
        commit = self.app(**more)
        self.write_stack(commit, spec=spec)
        if self.daemon is None:
            self.start_daemon()
        self.wait_ready(commit)
        return commit

    def reason(self, kind, name=None):
        return self.conditions(name).get(kind, {}).get("reason", "")

    def message(self, kind, name=None):
        return self.conditions(name).get(kind, {}).get("message", "")

    def wait_reason(self, kind, reason, name=None, seconds=30):
        self.eventually(lambda: self.reason(kind, name) == reason, seconds)

    def edit(self, text):
        self.engine.run_in(self.container_id(), "sh", "-c", f"echo {text} > /srv/app/main.txt")
