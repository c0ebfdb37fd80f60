# SPDX-License-Identifier: Apache-2.0
"""pull_policy against a registry in which a tag moves."""

import json
import os
import time
import urllib.parse

from docker_registry import DockerRegistry
from support import BUSYBOX, Case


class PullPolicy(Case):
    def setUp(self):
        super().setUp()
        self.registry = DockerRegistry(os.path.join(self.work, "registry"), "pull", "pull-password")
        self.addCleanup(self.registry.close)
        self.began = int(time.time())
        self.first = self.engine.request("GET", f"/images/{BUSYBOX}/json")["Id"]
        self.reference = self.registry.push(self.engine, BUSYBOX, f"{self.name}/web:1")
        self.addCleanup(self.forget_image)
        password = os.path.join(self.work, "password")
        with open(password, "w", encoding="utf-8") as file:
            file.write("pull-password\n")
        os.chmod(password, 0o600)
        self.config = os.path.join(self.work, "config.yaml")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"""\
apiVersion: trueup.dev/v1alpha1
kind: ControllerConfiguration
name: {self.name}
stateDirectory: {self.state}
desiredState: {{source: {self.desired}}}
engines: [{{name: default, url: "{self.engine.url}"}}]
registryCredentials: [{{registry: '{self.registry.host}', username: pull, passwordFile: {password}}}]
""")

    def forget_image(self):
        self.stop_daemon()
        for container in self.engine.containers(self.name):
            self.engine.remove(container["Id"])
        for image in (self.reference, getattr(self, "second", "")):
            try:
                self.engine.request("DELETE", f"/images/{image}?force=1")
            except RuntimeError:
                pass    # it was never there

    def move_tag(self):
        """The registry has another image of that name; the engine knows nothing of it yet."""
        made = self.engine.request("POST", "/containers/create", {"Image": BUSYBOX, "Cmd": ["true"]})["Id"]
        self.second = self.engine.request("POST", f"/commit?container={made}&comment={self.name}", {})["Id"]
        self.engine.remove(made)
        self.registry.push(self.engine, self.second, f"{self.name}/web:1")
        repository, tag = self.reference.rsplit(":", 1)
        self.engine.request("POST", f"/images/{self.first}/tag?repo={repository}&tag={tag}")

    def commit(self, policy, **files):
        return self.app(files=files, compose=f"""\
            services:
              web:
                image: {self.reference}
                pull_policy: {policy}
                command: [sleep, "1000000"]
                stop_grace_period: 0s
            """)

    def pulls(self):
        filters = urllib.parse.quote(json.dumps({"event": ["pull"], "type": ["image"]}))
        told = self.engine.request("GET", f"/events?since={self.began}&until={int(time.time()) + 1}&filters={filters}")
        lines = (told if isinstance(told, bytes) else json.dumps(told or "").encode()).splitlines()
        return sum(self.reference.encode() in line for line in lines)

    def image(self):
        return self.container("web")["Image"]

    def apply_it(self, path, **more):
        return self.apply(path, config=self.config, **more)

    def test_always_is_once_for_each_commit_and_a_moved_tag_replaces(self):
        path = self.write_stack(self.commit("always"))
        self.apply_it(path)
        self.assertEqual((1, self.first), (self.pulls(), self.image()))
        self.move_tag()
        before = self.container_id("web")
        self.apply_it(path)
        self.assertEqual((1, before), (self.pulls(), self.container_id("web")), "pulled for this commit already")
        self.write_stack(self.commit("always", **{"NOTES.md": "words\n"}))
        self.assertIn("image: pull_policy of", self.diff(path, "--config", self.config, code=1))
        told = self.apply_it(path)
        self.assertEqual((2, self.second), (self.pulls(), self.image()), told)
        self.assertIn("no difference", self.diff(path, "--config", self.config))

    def test_a_controller_does_not_pull_in_a_loop(self):
        commit = self.commit("always")
        self.write_stack(commit, spec="sync: {interval: 1s}")
        self.start_daemon("--config", self.config, from_config=True)
        self.wait_ready(commit)
        self.engine.run_in(self.container_id("web"), "sleep", "4")    # several looks
        self.assertEqual(1, self.pulls())

    def test_what_speaks_of_time_is_pulled_when_it_is_over(self):
        path = self.write_stack(self.commit("every_3s"))
        self.apply_it(path)
        self.assertEqual(1, self.pulls())
        self.move_tag()
        self.eventually(lambda: "and it was pulled last at" in self.diff(path, "--config", self.config, code=None), 20)
        told = self.apply_it(path)
        self.assertEqual(self.second, self.image(), told)
        self.assertIn("is image", told)

    def test_missing_and_if_not_present_never_pull_what_is_there(self):
        path = self.write_stack(self.commit("missing"))
        self.apply_it(path)
        self.move_tag()
        self.write_stack(self.commit("if_not_present"))
        self.apply_it(path)
        self.assertEqual((1, self.first), (self.pulls(), self.image()))

    def test_never_names_what_is_not_there(self):
        told = self.apply_it(self.write_stack(self.commit("never")), code=2)
        self.assertIn("pull_policy of service web is never", told)
        self.assertEqual(0, self.pulls())
