# SPDX-License-Identifier: Apache-2.0
"""What compose files say and more than one inspected container is needed to see."""

import json
import os

from compose_case import ComposeCase
from support import BUSYBOX


class Attributes(ComposeCase):
    labels = "e2e contract"

    def test_who_shares_a_namespace_is_replaced_with_it(self):
        compose = f"""\
            services:
              one: {{image: {BUSYBOX}, command: [sleep, "1000000"], stop_grace_period: 0s, environment: {{A: "VALUE"}}}}
              two: {{image: {BUSYBOX}, command: [sleep, "1000000"], stop_grace_period: 0s, network_mode: "service:one"}}
            """
        path = self.write_stack(self.app(compose=compose.replace("VALUE", "1")))
        self.apply(path)
        first = self.container_id("one")
        self.assertEqual("container:" + first, self.container("two")["HostConfig"]["NetworkMode"])
        self.write_stack(self.app(compose=compose.replace("VALUE", "2")))
        self.apply(path)
        second = self.container_id("one")
        self.assertNotEqual(first, second)
        self.assertEqual("container:" + second, self.container("two")["HostConfig"]["NetworkMode"])
        self.assertIn("no difference", self.diff(path))

    def test_a_seccomp_profile_is_read_out_of_the_commit(self):
        compose = f"""\
            services:
              api:
                image: {BUSYBOX}
                command: [sleep, "1000000"]
                security_opt: ["seccomp=profile.json"]
            """
        profile = {"profile.json": '{"defaultAction": "SCMP_ACT_ALLOW"}'}
        path = self.write_stack(self.app(compose=compose, files=profile))
        self.apply(path)
        self.assertEqual(['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'],
                         self.container()["HostConfig"]["SecurityOpt"])
        self.write_stack(self.app(compose=compose.replace("profile.json", "gone.json")))
        self.assertIn("gone.json", self.apply(path, code=2))

    def test_anonymous_volumes_are_taken_over_but_never_hide_code(self):
        compose = """\
            services:
              api:
                build: .
                stop_grace_period: 0s
                environment: {STEP: "VALUE"}
                volumes: [/data, /srv/app, /srv/app/uploads]
            """
        path = self.write_stack(self.app("release one", compose=compose.replace("VALUE", "1")))
        self.apply(path)
        first = self.container_id()
        self.engine.run_in(first, "sh", "-c", "echo kept > /data/file; echo kept > /srv/app/uploads/file")
        self.write_stack(self.app("release two", compose=compose.replace("VALUE", "2")))
        told = self.apply(path)
        self.assertNotEqual(first, self.container_id())
        self.assertEqual("kept\n", self.read_file("/data/file"))
        self.assertEqual("kept\n", self.read_file("/srv/app/uploads/file"))
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt"))
        self.assertIn("would hide the code at /srv/app", told)
        self.assertIn("no difference", self.diff(path))

    def test_hooks_run_after_the_start_and_before_the_stop(self):
        compose = f"""\
            services:
              api:
                image: {BUSYBOX}
                command: [sleep, "1000000"]
                stop_grace_period: 0s
                environment: {{STEP: "VALUE"}}
                volumes: [data:/data]
                post_start:
                  - {{command: ["sh", "-c", "echo started $$WHO >> /data/log"], environment: {{WHO: "VALUE"}}}}
                pre_stop:
                  - command: ["sh", "-c", "echo stopping >> /data/log"]
            volumes: {{data: }}
            """
        path = self.write_stack(self.app(compose=compose.replace("VALUE", "1")))
        self.apply(path)
        self.assertEqual("started 1\n", self.read_file("/data/log"))
        self.write_stack(self.app(compose=compose.replace("VALUE", "2")))
        self.apply(path)
        self.assertEqual("started 1\nstopping\nstarted 2\n", self.read_file("/data/log"))
        self.assertIn("no difference", self.diff(path))
        before = self.container_id()
        self.write_stack(self.app(compose=compose.replace("VALUE", "3").replace("echo started", "exit 7")))
        self.assertIn("post_start: sh ended with exit code 7", self.apply(path, code=2))
        self.assertEqual(before, self.container_id(), "the previous container is back")

    FILES = f"""\
        services:
          api:
            image: {BUSYBOX}
            command: [sleep, "1000000"]
            stop_grace_period: 0s
            configs:
              - plain
              - {{source: tuned, target: /etc/tuned.ini, mode: 0440, uid: "103", gid: "104"}}
              - {{source: filed, target: /etc/filed.ini}}
            secrets: [password, {{source: key, target: key.pem}}]
        configs:
          plain: {{content: "plain text\\n"}}
          tuned: {{content: "level=${{LEVEL}}\\n"}}
          filed: {{file: conf/filed.ini}}
        secrets:
          password: {{environment: PASSWORD}}
          key: {{file: conf/key.pem}}
        """

    def test_configs_and_secrets_are_in_the_container(self):
        commit = self.app(compose=self.FILES, files={"conf/filed.ini": "filed\n", "conf/key.pem": "a key\n"})
        variables = "compose: {variables: {LEVEL: '5', PASSWORD: 'hunter2-e2e'}}"
        path = self.write_stack(commit, spec=variables)
        told = self.apply(path)
        self.assertEqual("plain text\n", self.read_file("/plain"))
        self.assertEqual("level=5\n", self.read_file("/etc/tuned.ini"))
        self.assertEqual("filed\n", self.read_file("/etc/filed.ini"))
        self.assertEqual("hunter2-e2e", self.read_file("/run/secrets/password"))
        self.assertEqual("a key\n", self.read_file("/run/secrets/key.pem"))
        shown = self.engine.run_in(self.container_id(), "stat", "-c", "%a %u %g", "/etc/tuned.ini").decode().strip()
        self.assertEqual("440 103 104", shown)
        self.assertIn("no difference", self.diff(path))
        before = self.container_id()
        self.apply(path)
        self.assertEqual(before, self.container_id(), "nothing changed")
        # Content alone is a change, and the secret stands nowhere but in its file.
        self.write_stack(commit, spec=variables.replace("hunter2-e2e", "hunter3-e2e"))
        told += self.diff(path, code=1)
        told += self.apply(path)
        self.assertNotEqual(before, self.container_id())
        self.assertEqual("hunter3-e2e", self.read_file("/run/secrets/password"))
        told += json.dumps(self.container())
        self.assertNotIn("hunter", told)
        self.assertFalse([name for name in os.listdir(self.state) if "hunter" in name])
