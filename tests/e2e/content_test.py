# SPDX-License-Identifier: Apache-2.0
"""A change of a file's content alone is drift of its own kind, and names the file; an old container keeps its
old file."""

import json

from support import BUSYBOX, Case

COMPOSE = f"""\
services:
  api:
    image: {BUSYBOX}
    command: [sleep, "1000000"]
    stop_grace_period: 0s
    env_file: [settings/api.env]
    volumes: ["./settings/bound.ini:/etc/bound.ini:ro", "./folder:/folder:ro"]
    configs: [{{source: filed, target: /etc/filed.ini}}, {{source: written, target: /etc/written.ini}}]
    secrets: [key, password]
configs:
  filed: {{file: settings/filed.ini}}
  written: {{content: "level=1\\n"}}
secrets:
  key: {{file: settings/key.pem}}
  password: {{environment: PASSWORD}}
"""
FILES = {"settings/api.env": "LEVEL=1\n", "settings/bound.ini": "bound\n", "settings/filed.ini": "filed\n",
         "settings/key.pem": "key\n", "folder/a.txt": "a\n"}
VARIABLES = "compose: {variables: {PASSWORD: 'hunter2-content'}}"


class Content(Case):
    def drift(self, path):
        (stack,) = json.loads(self.diff(path, "-o", "json", code=1))
        return {(action["drift"], action["cause"]) for action in stack["actions"]}

    def test_what_changed_is_named(self):
        path = self.write_stack(self.app(compose=COMPOSE, files=FILES), spec=VARIABLES)
        self.apply(path)
        for changed in FILES:
            with self.subTest(changed):
                commit = self.app(compose=COMPOSE, files={**FILES, changed: FILES[changed].replace("\n", "2\n")})
                self.write_stack(commit, spec=VARIABLES)
                self.assertEqual({("content", f"{changed} differs from {commit[:7]}")}, self.drift(path))
        commit = self.app(compose=COMPOSE.replace("level=1", "level=2"), files=FILES)
        self.write_stack(commit, spec=VARIABLES)
        self.assertEqual({("content", f"config written differs from {commit[:7]}")}, self.drift(path))
        commit = self.app(compose=COMPOSE, files=FILES)
        self.write_stack(commit, spec=VARIABLES.replace("hunter2", "hunter3"))
        self.assertEqual({("content", f"secret password differs from {commit[:7]}")}, self.drift(path))
        self.assertNotIn("hunter", json.dumps(self.container()))
        # Two at once; and a setting beside a content is a change of the configuration.
        files = {**FILES, "settings/api.env": "LEVEL=2\nMORE=1\n", "settings/bound.ini": "other\n"}
        commit = self.app(compose=COMPOSE, files=files)
        self.write_stack(commit, spec=VARIABLES)
        self.assertEqual({("content", f"settings/api.env and 1 more differ from {commit[:7]}")}, self.drift(path))
        self.apply(path)
        self.assertIn("LEVEL=2", self.container()["Config"]["Env"])
        self.assertEqual("other\n", self.read_file("/etc/bound.ini"))
        self.assertIn("no difference", self.diff(path))
        self.write_stack(self.app(compose=COMPOSE.replace("1000000", "2000000"), files=FILES), spec=VARIABLES)
        self.assertEqual({"config"}, {drift for drift, _ in self.drift(path)})

    def test_an_old_container_keeps_its_old_files(self):
        bound = COMPOSE.replace("    secrets: [key, password]\n", "")
        bound = bound[:bound.index("secrets:\n  key")]
        path = self.write_stack(self.app(compose=bound, files=FILES))
        self.apply(path)
        before = self.container_id()
        changed = {name: text.replace("\n", " 2\n") for name, text in FILES.items()}
        # The new one ends at once, so the old one comes back, with what it had.
        broken = bound.replace('command: [sleep, "1000000"]', 'command: ["false"]')
        self.apply(self.write_stack(self.app(compose=broken, files=changed)), code=2)
        self.assertEqual(before, self.container_id())
        for target, text in (("/etc/bound.ini", "bound\n"), ("/etc/filed.ini", "filed\n"), ("/folder/a.txt", "a\n")):
            self.assertEqual(text, self.read_file(target))
        self.apply(self.write_stack(self.app(compose=bound, files=changed)))
        self.assertEqual("bound 2\n", self.read_file("/etc/bound.ini"))
