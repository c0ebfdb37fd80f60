# SPDX-License-Identifier: Apache-2.0
"""A file of the host that is mounted into a service changes under the running process: docker compose has nothing to
do, and the old content goes on answering. trueup restarts the process, and says why."""

import json
import os
import subprocess
import textwrap

from hotfix_case import LOADS_LIVE, HotfixCase


class ProcessAge(HotfixCase):
    """Hotfix of a module that lies beside the commit, on the host."""

    labels = "e2e drift"

    def service(self, compose="", mount="./live:/srv/live:ro"):
        """Commits a service that answers with what it loads from the mount; the commit's id."""
        return self.release("release", **{
            ".gitignore": "/live*\n",
            "serve/serve.py": LOADS_LIVE,
            "compose.yaml": textwrap.dedent(f"""\
                services:
                  api:
                    build: .
                    stop_grace_period: 0s
                    environment: {{PYTHONDONTWRITEBYTECODE: "1"}}
                    ports: ["127.0.0.1:{self.port}:8000"]
                    volumes: ["{mount}"]
                """) + compose})

    def deploy(self, commit, sync=""):
        self.write_stack(commit, spec=f"compose: {{hostDirectory: {self.repository.path}}}\n{sync}")
        if self.daemon is None:
            self.start_daemon("--config", self.config)
        self.wait_ready(commit, seconds=90)

    def started(self, service="api"):
        return self.container(service)["State"]["StartedAt"]

    def expect_restart(self, service, before):
        """The same container, started anew, and at rest afterwards."""
        self.eventually(lambda: self.started(service) != before["State"]["StartedAt"], 20,
                        lambda: f"{service} is started anew: {self.conditions()}")
        self.assertEqual(before["Id"], self.container_id(service))
        self.wait_ready()

    def expect_counted(self, times):
        self.assertEqual(times, self.metric("trueup_drift_detected_total", stack=self.name, kind="process"))
        self.assertEqual(times, self.metric("trueup_action_total", stack=self.name, action="restart-container",
                                            result="success"))

    def test_a_module_on_the_host_that_changed_under_docker_compose(self):
        self.live("release one")
        commit = self.service()
        self.accident()
        self.expect_answer("release one")
        before = self.container()
        self.live("release two")
        self.accident()
        self.assertEqual("release one", self.answer(), "docker compose leaves it as it is")
        self.assertEqual(before["State"]["StartedAt"], self.started())
        self.served_by_compose("release one")
        self.write_stack(commit, spec=f"adopt: true\ncompose: {{hostDirectory: {self.repository.path}}}")
        self.start_daemon("--config", self.config)
        self.expect_answer("release two")
        self.wait_ready(commit)
        self.assertEqual(before["Id"], self.container_id())
        self.assertEqual("True", self.condition("Fresh"))
        told = self.events()
        self.assertIn("ContainerRestarted", told)
        self.assertIn("/srv/live/answer.py changed", told)
        self.expect_counted(1)
        self.assert_answer_documented("a module of the host that is mounted read-only changed under the process",
                                      commit)

    def test_a_change_is_noticed_and_the_process_restarted_with_its_hook(self):
        self.live("release one")
        self.deploy(self.service("    pre_stop: [{command: [touch, /srv/asked]}]\n"))
        self.expect_answer("release one")
        before = self.container()
        self.live("release two")
        self.expect_restart("api", before)
        self.expect_answer("release two")
        self.engine.run_in(before["Id"], "ls", "/srv/asked")
        self.assertIn(f"process: started {before['State']['StartedAt'][:19]}Z, /srv/live/answer.py changed ",
                      self.events())
        self.expect_counted(1)
        # A controller that starts anew knows what the process was started with.
        again = self.container()
        path = self.live("release two")
        os.chmod(path, 0o640)
        os.chmod(path, 0o644)
        self.stop_daemon()
        self.start_daemon("--config", self.config)
        self.wait_ready()
        self.assertEqual(again["State"]["StartedAt"], self.started())
        self.live("release 333")
        self.expect_restart("api", again)
        self.expect_answer("release 333")
        self.expect_counted(1)

    def test_it_is_told_and_left_where_drift_is_only_to_warn(self):
        self.live("release one")
        commit = self.service()
        self.deploy(commit, "sync: {driftCorrection: warn}")
        self.expect_answer("release one")    # it runs before it has loaded anything
        before = self.started()
        self.live("release two")
        self.eventually(lambda: self.conditions()["Fresh"]["reason"] == "ProcessOutdated", 20)
        self.assertIn("service api: started ", self.conditions()["Fresh"]["message"])
        self.assertEqual("False", self.condition("Synced"))
        self.assertEqual(1, self.metric("trueup_drift", stack=self.name, kind="process"))
        self.assertEqual(1, self.metric("trueup_code_stale", stack=self.name, service="api"))
        explained = self.trueup("explain", self.name, "--server", f"http://127.0.0.1:{self.api_port}")
        self.assertIn("its process is outdated: started ", explained)
        self.assertIn("restart container", explained)
        self.assertEqual(before, self.started())
        self.assertEqual("release one", self.answer())
        # What the process has comes back: nothing is left to do.
        self.live("release one")
        self.eventually(lambda: self.condition("Fresh") == "True", 20)
        self.assertEqual(0, self.metric("trueup_drift", stack=self.name, kind="process") or 0)
        self.assertEqual(before, self.started())

    def test_a_file_that_an_editor_replaces_and_one_with_an_old_time(self):
        """The mount goes on showing the file that was replaced: a restart binds the new one."""
        self.live("release one")
        self.deploy(self.service(mount="./live/answer.py:/srv/live/answer.py:ro"))
        self.expect_answer("release one")
        before = self.container()
        path = self.live("release two", "live/.answer.py.new")
        os.replace(path, os.path.join(self.repository.path, "live/answer.py"))
        self.expect_restart("api", before)
        self.expect_answer("release two")
        before = self.container()
        path = self.live("release six", "live/.answer.py.new")
        subprocess.run(["touch", "-d", "2020-01-01", path], check=True)
        os.replace(path, os.path.join(self.repository.path, "live/answer.py"))
        self.expect_restart("api", before)
        self.expect_answer("release six")
        self.expect_counted(2)

    def test_what_reloads_by_itself_and_what_may_be_written_is_left_alone(self):
        """The witness is restarted for the same change; the others had their chance by then."""
        self.live("release one")
        self.deploy(self.release("release", **{
            ".gitignore": "/live*\n",
            "compose.yaml": """\
                services:
                  reloads:
                    build: .
                    stop_grace_period: 0s
                    volumes: ["./live:/srv/live:ro"]
                    x-trueup: {reloads: true}
                  writes:
                    build: .
                    stop_grace_period: 0s
                    volumes: ["./live:/srv/live"]
                  witness:
                    build: .
                    stop_grace_period: 0s
                    volumes: ["./live:/srv/live:ro"]
                """}))
        before = {service: self.container(service) for service in ("reloads", "writes", "witness")}
        self.live("release two")
        self.expect_restart("witness", before["witness"])
        for service in ("reloads", "writes"):
            self.assertEqual(before[service]["State"]["StartedAt"], self.started(service), service)
        self.assertEqual("True", self.condition("Fresh"))
        self.expect_counted(1)

    def test_other_times_and_files_that_nobody_loads_are_nothing(self):
        path = self.live("release one")
        self.live("witness", "live-too/answer.py")
        self.deploy(self.service("""\
  witness:
    build: .
    stop_grace_period: 0s
    volumes: ["./live-too:/srv/live:ro"]
"""))
        before = {service: self.container(service) for service in ("api", "witness")}
        os.utime(path)
        os.chmod(path, 0o600)
        os.chmod(path, 0o644)
        self.live("release one")
        subprocess.run(["touch", "-d", "2037-01-01", path], check=True)
        self.live("data", "live/access.log")
        self.live("witness two", "live-too/answer.py")
        self.expect_restart("witness", before["witness"])
        self.assertEqual(before["api"]["State"]["StartedAt"], self.started())
        self.expect_counted(1)

    def test_a_secret_of_the_host_that_changed(self):
        """A config or secret with a file of the host; the diff names it and nothing of its content."""
        self.live("release one")
        secret = os.path.join(self.repository.path, "live/token")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("first-word\n")
        commit = self.release("release", **{
            ".gitignore": "/live*\n",
            "compose.yaml": """\
                services:
                  api: {build: ., stop_grace_period: 0s, secrets: [token]}
                secrets: {token: {file: ./live/token}}
                """})
        self.deploy(commit, "sync: {driftCorrection: warn}")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("second-word\n")
        self.eventually(lambda: self.metric("trueup_drift", stack=self.name, kind="process") == 1, 20)
        told = json.dumps(self.stack()) + self.events() + self.read_log()
        self.assertIn("/run/secrets/token changed", told)
        self.assertNotIn("first-word", told)
        self.assertNotIn("second-word", told)
