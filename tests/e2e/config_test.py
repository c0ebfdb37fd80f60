# SPDX-License-Identifier: Apache-2.0
"""The controller's own configuration: from its file, by its flags, and what it refuses."""

import json
import os
import re

from neighbours import beside_neighbours
from support import Case, free_port

HEAD = "apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\n"


class Configuration(Case):
    def write_config(self, text, name="config.yaml"):
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(HEAD + text)
        return path

    def secret(self, name, text, mode=0o600):
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def test_the_file_says_everything_and_flags_win(self):
        commit = self.app()
        self.write_stack(commit)
        path = self.write_config(f"""\
name: {self.name}
stateDirectory: state
desiredState: {{source: {self.desired}}}
api: {{listen: "127.0.0.1:1"}}
metrics: {{listen: "127.0.0.1:1"}}
log: {{format: json}}
engines:
  - {{name: default, url: "{self.engine.url}"}}
""")
        self.start_daemon("--config", path, from_config=True)
        self.wait_ready(commit)
        self.assertTrue(os.path.isdir(os.path.join(self.state, "git")))
        self.assertEqual(self.name, self.container()["Config"]["Labels"]["dev.trueup.owner"])
        self.assertEqual("info", json.loads(self.read_log().splitlines()[0])["level"])

    def test_validate_tells_every_problem_and_what_the_files_are(self):
        secret = self.secret("token", "hunter2\n", 0o644)
        good = self.write_config(f"gitCredentials: [{{name: a, url: https://git.example.com/, username: x, "
                                 f"passwordFile: {secret}}}]\n", "good.yaml")
        text = self.trueup("validate", good)
        self.assertIn("is valid", text)
        self.assertIn(f"warning: {good}:3:", text)
        self.assertIn("may be read by everybody (chmod 600", text)
        os.chmod(secret, 0o600)
        self.assertNotIn("warning", self.trueup("validate", good))
        bad = self.write_config("""\
engins: []
workers: many
gitCredentials: [{name: a, url: https://git.example.com/, username: x, password: hunter2}]
""", "bad.yaml")
        text = self.trueup("validate", bad, code=2)
        for place in (f"{bad}:3:1: unknown field 'engins' (did you mean 'engines'?)", f"{bad}:4:10: ", f"{bad}:5:"):
            self.assertIn(place, text)
        self.assertNotIn("hunter2", text)
        headless = os.path.join(self.work, "headless.yaml")
        with open(headless, "w", encoding="utf-8") as file:
            file.write("engines: []\nspce: {}\n")
        text = self.trueup("validate", headless, code=2)
        self.assertIn("add kind: ControllerConfiguration", text)
        self.assertNotIn("add kind: Stack", text)
        missing = self.write_config("gitCredentials: [{name: a, url: https://git.example.com/, username: x, "
                                    "passwordFile: nowhere}]\n", "missing.yaml")
        self.assertIn(f"the secret {self.work}/nowhere cannot be read: No such file",
                      self.trueup("validate", missing, code=2))

    def test_what_cannot_start_says_why(self):
        base = ["controller", "--state-dir", self.state, "--name", self.name]
        listen = ["--listen", f"127.0.0.1:{free_port()}", "--metrics-listen", f"127.0.0.1:{free_port()}"]
        self.assertIn("--config: cannot read /nowhere/config.yaml: No such file",
                      self.trueup(*base, "--config", "/nowhere/config.yaml", code=2))
        self.assertIn("--config: cannot read /tmp: it is a folder", self.trueup(*base, "--config", "/tmp", code=2))
        self.assertIn("no desired state is named", self.trueup(*base, "--config", self.write_config(""), code=2))
        path = self.write_config("engines: [{name: default, url: 'tcp://nowhere'}]\n")
        self.assertIn("'tcp://nowhere' is no address: write unix:///path",
                      self.trueup(*base, *listen, "--desired", self.desired, "--config", path, code=2))
        read_only = self.trueup("controller", "--desired", self.desired, *listen, "--state-dir", "/proc/nothing",
                                code=2)
        self.assertIn("cannot create the state directory /proc/nothing", read_only)

    def test_what_is_not_acted_on_is_refused(self):
        path = self.write_config("""\
ownerKeyFile: key
""")
        stack = self.write_stack(self.app())
        for text in (self.trueup("validate", path, code=2), self.apply(stack, code=2, config=path)):
            self.assertIn(f"{path}:3:15: ownerKeyFile is not read", text)
            self.assertNotIn("cannot be read", text)

    def test_what_the_controller_refuses_is_not_valid(self):
        path = self.write_config("api: {listen: '0.0.0.0:9180'}\nworkers: 0\n")
        text = self.trueup("validate", path, code=2)
        self.assertIn(f"{path}:3:15: api.listen (--listen): '0.0.0.0' is not a loopback address", text)
        self.assertIn(f"{path}:4:10: workers: '0' is not", text)

    def test_an_unknown_engine_is_told_with_those_that_exist(self):
        path = self.write_stack(self.app(), spec="engine: west\n")
        config = self.write_config(f"engines: [{{name: default, url: '{self.engine.url}'}}, "
                                   "{name: far, url: 'tcp://127.0.0.1:1'}]\n")
        text = self.apply(path, code=2, config=config)
        with open(path, encoding="utf-8") as file:
            line = file.read().split("engine: west")[0].count("\n") + 1
        self.assertRegex(text, f"(?m)^{re.escape(path)}:{line}:\\d+: there is no engine 'west' in the controller's "
                         "configuration, which has default, far;")
        self.assertEqual([], self.engine.containers(self.name))

    @beside_neighbours
    def test_stacks_of_other_engines_are_left_to_others(self):
        commit = self.app()
        self.write_stack(commit, spec="engine: here\n")
        self.write_stack(commit, name=self.name + "-there", spec="engine: there\n")
        config = self.write_config(f"engines: [{{name: here, url: '{self.engine.url}'}}]\nignoreOtherEngines: true\n")
        self.start_daemon("--config", config)
        self.wait_ready(commit)
        self.assertEqual({}, self.stack(self.name + "-there"))
        sources = self.trueup("get", "sources", "--server", f"http://127.0.0.1:{self.api_port}")
        self.assertIn(f"there: {self.name}-there", sources)
        self.assertEqual([], self.engine.containers(self.name + "-there"))

    def test_an_engine_that_is_down_is_only_its_own_stacks_matter(self):
        commit = self.app()
        self.write_stack(commit)
        self.write_stack(commit, name=self.name + "-far", spec="engine: far\n")
        config = self.write_config(f"engines: [{{name: default, url: '{self.engine.url}'}}, "
                                   "{name: far, url: 'tcp://127.0.0.1:1'}]\n")
        self.start_daemon("--config", config)
        self.wait_ready(commit)
        self.eventually(lambda: self.condition("Ready", self.name + "-far") == "Unknown", 20)
        self.assertEqual("EngineUnavailable", self.conditions(self.name + "-far")["Ready"]["reason"])
        status, text = self.http(self.metrics_port, "/readyz")
        self.assertEqual(503, status)
        self.assertIn("engine far is not followed", text)
        self.assertNotIn("engine default", text)
        self.assertEqual(1, self.metric("trueup_engine_synced", engine="default"))
        self.assertEqual(0, self.metric("trueup_engine_synced", engine="far"))

    def test_a_project_that_two_stacks_claim_is_touched_by_neither(self):
        commit = self.app()
        path = self.write_stack(commit)
        self.start_daemon()
        self.wait_ready(commit)
        before = self.container_id()
        other = self.write_stack(self.app("release two"), name=self.name + "-too",
                                 spec=f"compose: {{project: {self.name}}}\n")
        for name in (self.name, self.name + "-too"):
            self.eventually(lambda: self.conditions(name).get("Stalled", {}).get("reason") == "DuplicateProject", 20)
        message = self.conditions()["Stalled"]["message"]
        self.assertIn(path, message)
        self.assertIn(other, message)
        self.assertEqual(before, self.container_id())
        stacks = self.trueup("get", "stacks", "--server", f"http://127.0.0.1:{self.api_port}")
        self.assertEqual(2, stacks.count("the compose project"))
        os.remove(other)
        self.wait_ready(commit)
        self.assertEqual(before, self.container_id())
