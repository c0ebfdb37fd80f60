# SPDX-License-Identifier: Apache-2.0
"""The promises of docs/safety.md about when trueup does not act, each on a real engine."""

import json
import os
import re
import signal
import subprocess
import time

from neighbours import Safe
from support import BINARY, free_port


class OneHand(Safe):
    def text_of(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def start_second(self, name):
        """Another controller on the same engine and desired state; its log file."""
        log = os.path.join(self.work, "second.log")
        self.second_port = free_port()
        command = [BINARY, "controller", "--desired", self.desired, "--state-dir", os.path.join(self.work, "state2"),
                   "--name", name, "--listen", f"127.0.0.1:{self.second_port}", "--metrics-listen",
                   f"127.0.0.1:{free_port()}"]
        with open(log, "w", encoding="utf-8") as file:
            second = subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True)

        def end():
            second.kill()
            second.wait()
        self.addCleanup(end)
        return second, log

    def test_a_second_controller_of_one_name_stands_by_and_takes_over(self):
        first = self.deploy()
        second, log = self.start_second(self.name)
        holder = f"pid {self.daemon.pid}"
        self.eventually(lambda: "the engine is not this controller's now" in self.text_of(log), 20,
                        lambda: self.text_of(log)[-3000:])
        self.assertIn(holder, self.text_of(log))
        self.assertIsNone(second.poll())
        self.stop_daemon(signal.SIGKILL)
        commit = self.app("release two")
        self.write_stack(commit)
        self.eventually(lambda: self.read_file("/srv/app/main.txt") == "release two\n", 90,
                        lambda: self.text_of(log)[-3000:])
        self.assertNotEqual(first, commit)

    def test_a_controller_of_another_name_leaves_the_stack_alone(self):
        commit = self.deploy()
        before = self.container()
        second, log = self.start_second(self.name + "-b")
        self.wait_refused_by_second(log)
        self.assertEqual((before["Id"], before["State"]["StartedAt"]),
                         (self.container()["Id"], self.container()["State"]["StartedAt"]))
        commit = self.app("release two")
        self.write_stack(commit)
        self.wait_ready(commit)
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt"))
        self.assertEqual(self.name, self.container()["Config"]["Labels"]["dev.trueup.owner"])
        self.assertNotEqual(before["Id"], self.container()["Id"])
        after = self.container()
        self.wait_refused_by_second(log, commit)
        self.assertIsNone(second.poll(), "it was there all the time")
        self.assertEqual(after["State"]["StartedAt"], self.container()["State"]["StartedAt"])

    def wait_refused_by_second(self, log, commit=None):
        def refused():
            status, text = self.http(self.second_port, f"/apis/trueup.dev/v1alpha1/stacks/{self.name}")
            found = json.loads(text)["status"] if status == 200 else {}
            reasons = {each["type"]: each["reason"] for each in found.get("conditions", [])}
            return reasons.get("Stalled") == "DuplicateProject" and commit in (None, found.get("desiredCommit"))
        self.eventually(refused, 30, lambda: self.text_of(log)[-3000:])

    def test_a_one_shot_apply_names_the_controller_that_holds_the_engine(self):
        self.deploy()
        before = self.container_id()
        path = self.write_stack(self.app("release two"), name=self.name + "-copy",
                                spec=f"compose: {{project: {self.name}}}", text=None)
        output = self.trueup("apply", "-f", path, "--lock-timeout", "1", code=2, timeout=60)
        self.assertIn(self.name, output)
        self.assertIn("pid", output)
        self.assertEqual(before, self.container_id())

    def test_two_stacks_of_one_project_are_both_refused(self):
        commit = self.deploy()
        before = self.container()
        self.write_stack(commit, name=self.name + "-twin", spec=f"compose: {{project: {self.name}}}")
        for name in (self.name, self.name + "-twin"):
            self.wait_reason("Stalled", "DuplicateProject", name)
            self.assertIn(self.name + "-twin.yaml", self.message("Stalled", name))
        self.assertEqual(before["State"]["StartedAt"], self.container()["State"]["StartedAt"])
        os.remove(os.path.join(self.desired, self.name + "-twin.yaml"))
        self.wait_ready(commit)


class NoLoops(Safe):
    def test_a_drift_that_recurs_is_no_longer_healed(self):
        self.deploy()
        for turn in range(3):
            victim = self.container_id()
            self.edit(f"edit{turn}")
            self.eventually(lambda: self.container_id() != victim and self.runs(), 40, f"healed {turn}")
            self.wait_ready()
        victim = self.container_id()
        self.edit("edit3")
        self.wait_reason("Stalled", "DriftRecurs")
        self.assertEqual(victim, self.container_id())
        self.assertEqual(1.0, self.metric("trueup_code_stale", stack=self.name, service="api"))
        self.assertGreaterEqual(self.metric("trueup_heal_suppressed_total", stack=self.name, kind="code"), 1)
        # It hides no other drift: what ends is started, as it is.
        before = self.container()["State"]["StartedAt"]
        self.engine.request("POST", f"/containers/{victim}/kill")
        self.eventually(lambda: self.container()["State"]["StartedAt"] != before and self.runs(), 20)
        self.assertEqual(victim, self.container_id())
        self.wait_reason("Stalled", "DriftRecurs")
        self.assertEqual("edit3", self.read_file("/srv/app/main.txt").strip())
        commit = self.app("release two")
        self.write_stack(commit)
        self.wait_ready(commit)

    def test_what_differed_in_a_healed_container_is_kept(self):
        self.deploy()
        victim = self.container_id()
        self.edit("a fix made at night")
        self.eventually(lambda: self.container_id() != victim and self.runs(), 40, "healed")
        self.wait_ready()
        told = self.trueup("events", self.name, *self.server())
        kept = re.search(r"(\S+/evidence/\S+): app/main.txt \(modified\); 1 of 1 copied", told)
        self.assertTrue(kept, told)
        with open(kept[1] + "/files/srv/app/main.txt", encoding="utf-8") as file:
            self.assertIn("a fix made at night", file.read())
        with open(kept[1] + "/evidence.json", encoding="utf-8") as file:
            self.assertEqual(victim, json.load(file)["containerId"])

    def test_dockers_restart_policy_owns_restarts(self):
        self.write_stack(self.app(compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, restart: always, command: sh -c "sleep 2; exit 3"}
            """))
        self.start_daemon()
        self.eventually(lambda: self.container()["RestartCount"] >= 2, 40)
        first = self.container_id()
        self.eventually(lambda: self.container()["RestartCount"] >= 4, 60)
        self.wait_reason("Healthy", "Degraded")
        self.assertEqual("False", self.condition("Healthy"))
        self.assertEqual(first, self.container_id())

    def test_unhealthy_is_reported_and_not_replaced(self):
        self.deploy(compose="""\
            services:
              api:
                build: .
                stop_grace_period: 0s
                healthcheck: {test: [CMD, test, "!", -e, /tmp/ill], interval: 1s, retries: 1, timeout: 2s}
            """)
        before = self.container()
        self.engine.run_in(before["Id"], "touch", "/tmp/ill")
        self.eventually(lambda: self.condition("Healthy") == "False", 30)
        self.assertEqual("True", self.condition("Synced"))
        time.sleep(1)
        self.assertEqual(before["State"]["StartedAt"], self.container()["State"]["StartedAt"])

    def test_a_container_that_a_person_stopped_is_put_back_after_the_grace(self):
        self.deploy(spec="sync: {grace: 4s}")
        stopped = time.monotonic()
        self.engine.request("POST", f"/containers/{self.container_id()}/stop?t=0")
        self.wait_reason("Synced", "Grace", seconds=3)
        self.eventually(self.runs, 20)
        self.assertGreaterEqual(time.monotonic() - stopped, 3.5)


class OffSwitches(Safe):
    def test_a_suspended_stack_is_looked_at_and_not_changed(self):
        commit = self.deploy()
        self.trueup("suspend", self.name, "--reason", "release freeze", *self.server())
        self.eventually(lambda: self.condition("Suspended") == "True")
        self.assertIn("release freeze", self.message("Suspended"))
        victim = self.container_id()
        self.edit("by hand")
        self.eventually(lambda: self.condition("Fresh") == "False", 30)
        self.write_stack(self.app("release two"))
        self.eventually(lambda: self.stack()["status"]["desiredCommit"] != commit, 20)
        self.assertEqual(victim, self.container_id())
        self.stop_daemon()
        self.start_daemon()
        self.eventually(lambda: self.condition("Suspended") == "True", 30, "it outlives the controller")
        self.assertEqual(victim, self.container_id())
        self.trueup("resume", self.name, *self.server())
        self.wait_ready(self.repository.git("rev-parse", "HEAD"))
        self.assertNotIn("Suspended", self.conditions())

    def test_a_suspension_for_a_time_ends_by_itself(self):
        self.deploy()
        self.trueup("suspend", self.name, "--for", "4s", *self.server())
        self.eventually(lambda: self.condition("Suspended") == "True", 3)
        commit = self.app("release two")
        self.write_stack(commit)
        self.wait_ready(commit, seconds=30)

    def test_a_suspension_for_a_time_goes_on_over_a_restart(self):
        self.deploy()
        self.trueup("suspend", self.name, "--for", "15s", *self.server())
        until = time.monotonic() + 15
        self.stop_daemon()
        commit = self.app("release two")
        self.write_stack(commit)
        self.start_daemon()
        self.eventually(lambda: self.condition("Suspended") == "True", 10)
        self.assertEqual("release one\n", self.read_file("/srv/app/main.txt"))
        self.wait_ready(commit)
        self.assertGreaterEqual(time.monotonic(), until - 1)    # it counts whole seconds

    def test_stacks_with_a_label_and_all_stacks_are_suspended(self):
        """Those of one team; then all, also one that comes later."""
        commit = self.app()
        teams = {self.name: "shop", self.name + "-b": "shop", self.name + "-c": "desk"}

        def write(commit, teams):
            for name, team in teams.items():
                text = self.stack_text(commit, name).replace("metadata: {", f"metadata: {{labels: {{team: {team}}}, ")
                self.write_stack(name=name, text=text)
        write(commit, teams)
        self.start_daemon()
        for name in teams:
            self.wait_ready(commit, name)
        self.trueup("suspend", "-l", "team=shop", *self.server())
        second = self.app("release two")
        write(second, teams)
        self.wait_ready(second, self.name + "-c")
        for name in (self.name, self.name + "-b"):
            self.eventually(lambda name=name: self.stack(name)["status"]["desiredCommit"] == second)
            self.assertEqual("True", self.condition("Suspended", name))
            self.assertEqual(commit, self.stack(name)["status"]["runningCommit"])
        self.trueup("resume", "-l", "team=shop", *self.server())
        for name in teams:
            self.wait_ready(second, name)

        self.trueup("suspend", "--all", "--reason", "move of the rack", *self.server())
        third = self.app("release three")
        write(third, {**teams, self.name + "-d": "late"})
        for name in (*teams, self.name + "-d"):
            self.eventually(lambda name=name: self.stack(name)["status"]["desiredCommit"] == third)
            self.eventually(lambda name=name: "move of the rack" in self.message("Suspended", name))
        self.assertEqual([], self.engine.containers(self.name + "-d"))
        for name in teams:
            self.assertEqual(second, self.stack(name)["status"]["runningCommit"])
        self.trueup("resume", "--all", *self.server())
        for name in (*teams, self.name + "-d"):
            self.wait_ready(third, name)

    def test_a_suspension_stops_a_rollout_at_a_safe_point(self):
        """While one service waits for its health check: it settles, and the next one is not begun."""
        compose = """\
            services:
              api:
                build: .
                stop_grace_period: 0s
                healthcheck: {test: [CMD, test, -e, /tmp/well], interval: 1s, retries: 90, timeout: 2s}
              side:
                build: .
                stop_grace_period: 0s
                depends_on: {api: {condition: service_healthy}}
            """

        def heal():
            self.engine.run_in(self.container_id(), "touch", "/tmp/well")
        first = self.app(compose=compose)
        self.write_stack(first)
        self.start_daemon()
        self.eventually(self.runs)
        heal()
        self.wait_ready(first)
        old, untouched = self.container_id(), self.container("side")
        second = self.app("release two", compose=compose)
        self.write_stack(second)
        self.eventually(lambda: self.container_id() != old and self.runs(), 60)
        self.trueup("suspend", self.name, *self.server())
        heal()
        self.eventually(lambda: self.condition("Suspended") == "True")
        self.eventually(lambda: len(self.engine.containers(self.name)) == 2, 30, "what was begun is finished")
        self.assertEqual({f"/{self.name}-api-1", f"/{self.name}-side-1"},
                         {each["Names"][0] for each in self.engine.containers(self.name)})
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt"))
        now = self.container("side")
        self.assertEqual((untouched["Id"], untouched["State"]["StartedAt"]), (now["Id"], now["State"]["StartedAt"]))
        self.trueup("resume", self.name, *self.server())
        self.wait_ready(second)
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt", "side"))

    def test_suspend_in_the_file(self):
        commit = self.deploy()
        victim = self.container_id()
        self.write_stack(self.app("release two"), spec="suspend: true")
        self.eventually(lambda: self.condition("Suspended") == "True")
        self.assertEqual(victim, self.container_id())
        self.write_stack(self.repository.git("rev-parse", "HEAD"))
        self.wait_ready(self.repository.git("rev-parse", "HEAD"))
        self.assertTrue(commit)

    def test_a_manual_stack_changes_only_when_told(self):
        self.write_stack(self.app(), spec="sync: {mode: manual}")
        self.start_daemon()
        self.wait_reason("Synced", "ManualSync")
        self.assertEqual([], self.engine.containers(self.name))
        self.trueup("reconcile", self.name, *self.server())
        self.wait_ready()
        self.assertTrue(self.runs())

    def test_drift_is_told_and_left_where_it_is_only_to_warn(self):
        self.deploy(spec="sync: {driftCorrection: warn}")
        victim = self.container_id()
        self.edit("by hand")
        self.wait_reason("Synced", "DriftWarn")
        self.assertEqual("False", self.condition("Fresh"))
        self.assertEqual(1.0, self.metric("trueup_code_stale", stack=self.name, service="api"))
        self.assertEqual(victim, self.container_id())
        commit = self.app("release two")
        self.write_stack(commit, spec="sync: {driftCorrection: warn}")
        self.wait_ready(commit)

    def test_drift_is_left_alone_where_it_is_disabled(self):
        self.deploy(spec="sync: {driftCorrection: disabled}")
        victim = self.container_id()
        self.engine.request("POST", f"/containers/{victim}/kill")
        self.wait_reason("Synced", "DriftDisabled")
        self.assertFalse(self.runs())
        commit = self.app("release two")
        self.write_stack(commit, spec="sync: {driftCorrection: disabled}")
        self.wait_ready(commit)

    def test_an_ignored_path_is_no_drift(self):
        compose = """\
            services:
              api: {build: ., stop_grace_period: 0s, environment: {DEBUG: "%s"}}
            """
        spec = "sync: {ignore: [{paths: [/services/api/environment/DEBUG]}]}"
        self.deploy(compose=compose % "0", spec=spec)
        before = self.container_id()
        commit = self.app(compose=compose % "1")
        self.write_stack(commit, spec=spec)
        self.eventually(lambda: self.stack()["status"]["desiredCommit"] == commit, 20)
        self.wait_ready()
        self.assertEqual(before, self.container_id())
