# SPDX-License-Identifier: Apache-2.0
"""What docker compose 2.26.1 leaves when it is killed while it recreates a container."""

import os
import re
import signal
import subprocess

from compose_case import ComposeCase
from support import BUSYBOX


class LeftOver(ComposeCase):
    def compose_text(self, step):
        return f"""\
            services:
              api:
                image: "{BUSYBOX}"
                command: sh -c "trap '' TERM; while true; do sleep 1; done"
                stop_grace_period: 3s
                environment: {{STEP: "{step}"}}
            """

    def interrupt(self):
        """Commits, before and after; the container compose had made first, and the one it left."""
        first = self.app(compose=self.compose_text("one"))
        self.compose_up()
        old = self.container_id()
        second = self.app(compose=self.compose_text("two"))
        program = os.path.join(os.environ["TRUEUP_CACHE"], "trixie/compose/docker-compose")
        running = subprocess.Popen([program, "-p", self.name, "up", "-d"], cwd=self.repository.path,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        left = f"{old[:12]}_{self.name}-api-1"
        self.eventually(lambda: self.engine.exists(left), 30)
        running.send_signal(signal.SIGKILL)
        running.wait()
        # Compose's next call, unless it came to it.
        self.engine.request("POST", f"/containers/{old}/stop?t=1")
        self.assertTrue(re.fullmatch(r"/[0-9a-f]{12}_.*", self.engine.container(left)["Name"]))
        return first, second, old, self.engine.container(left)["Id"]

    def names(self):
        return [each["Names"][0].lstrip("/") for each in self.engine.containers(self.name)]

    def test_beside_the_old_one_it_goes_and_the_old_one_runs_again(self):
        first, _, old, _ = self.interrupt()
        path = self.write_stack(first, spec=self.adopt)
        self.assertIn("left over by an interrupted recreate of docker compose", self.diff(path, code=1))
        self.apply(path)
        self.assertEqual([f"{self.name}-api-1"], self.names())
        self.assertEqual(old, self.container_id())
        self.assertTrue(self.runs())
        self.assertIn("no difference", self.diff(path))

    def test_beside_an_old_one_that_is_wrong_both_make_room_for_a_right_one(self):
        _, second, _, _ = self.interrupt()
        path = self.write_stack(second, spec=self.adopt)
        self.apply(path)
        self.assertEqual([f"{self.name}-api-1"], self.names())
        self.assertIn("STEP=two", self.container()["Config"]["Env"])
        self.assertTrue(self.runs())
        self.assertIn("no difference", self.diff(path))

    def test_alone_it_gets_its_name_and_runs(self):
        _, second, old, left = self.interrupt()
        self.engine.remove(old)    # compose's next call, had it come to it
        path = self.write_stack(second, spec=self.adopt)
        self.assertIn(f"rename container {old[:12]}_{self.name}-api-1 to {self.name}-api-1", self.diff(path, code=1))
        self.apply(path)
        self.assertEqual([f"{self.name}-api-1"], self.names())
        self.assertEqual(left, self.container_id())
        self.assertTrue(self.runs())
        self.assertIn("no difference", self.diff(path))

    def test_without_adopt_it_is_named_for_what_it_is(self):
        first, _, _, left = self.interrupt()
        told = self.apply(self.write_stack(first), code=2)
        self.assertIn("left over by an interrupted recreate of docker compose", told)
        self.assertEqual("created", self.engine.container(left)["State"]["Status"])
