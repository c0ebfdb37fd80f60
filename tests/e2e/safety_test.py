# SPDX-License-Identifier: Apache-2.0
"""The promises of docs/safety.md, each on a real engine. Beside every case stand things that are not ours: a
container of another compose project, one of nobody, and a volume with data. They must come out as they went in."""

import hashlib
import json
import os
import signal
import subprocess
import threading
import time

from support import BINARY, BUSYBOX, Case, free_port


class Safe(Case):
    def setUp(self):
        super().setUp()
        self.volume = self.name + "-precious"
        self.engine.request("POST", "/volumes/create", {"Name": self.volume})
        self.neighbours = [
            self.start_neighbour("other", {"com.docker.compose.project": self.name + "-other",
                                           "com.docker.compose.service": "web", "com.docker.compose.oneoff": "False",
                                           "com.docker.compose.config-hash": "x"}),
            self.start_neighbour("plain", {})]
        self.engine.run_in(self.neighbours[0], "sh", "-c",
                           "seq 1000 > /data/numbers; mkdir /data/deep; echo x > /data/deep/x")
        self.before = self.look()

    def tearDown(self):
        self.assertEqual(self.before, self.look(), "what is not ours was touched")
        super().tearDown()

    def start_neighbour(self, suffix, labels):
        made = self.engine.request("POST", f"/containers/create?name={self.name}-{suffix}", {
            "Image": BUSYBOX, "Cmd": ["sleep", "1000000"], "Labels": labels,
            "HostConfig": {"Binds": [f"{self.volume}:/data"]}})
        self.addCleanup(self.engine.remove, made["Id"])
        self.engine.request("POST", f"/containers/{made['Id']}/start")
        return made["Id"]

    def look(self):
        seen = []
        for container in self.neighbours:
            full = self.engine.container(container)
            seen.append((full["Id"], full["Name"], full["State"]["StartedAt"], full["State"]["Status"],
                         full["RestartCount"], json.dumps(full["Config"], sort_keys=True),
                         json.dumps(full["HostConfig"], sort_keys=True)))
        seen.append(hashlib.sha256(self.data_of(self.volume)).hexdigest())
        return seen

    def data_of(self, volume):
        """A listing with sums of everything in it, through a container of its own."""
        script = ("cd /data && find . | sort | xargs ls -ld | awk '{print $1,$5,$NF}'; "
                  "find . -type f | sort | xargs sha256sum")
        made = self.engine.request("POST", "/containers/create", {
            "Image": BUSYBOX, "Cmd": ["sh", "-c", script],
            "HostConfig": {"Binds": [f"{volume}:/data:ro"]}, "Tty": True})
        try:
            self.engine.request("POST", f"/containers/{made['Id']}/start")
            self.engine.request("POST", f"/containers/{made['Id']}/wait")
            return self.engine.request("GET", f"/containers/{made['Id']}/logs?stdout=1")
        finally:
            self.engine.remove(made["Id"])

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


class Ownership(Safe):
    def test_a_container_without_our_labels_is_never_touched(self):
        foreign = self.start_foreign(self.name + "-api-1", {"com.docker.compose.project": self.name,
                                                            "com.docker.compose.service": "api"})
        self.write_stack(self.app())
        self.start_daemon()
        self.wait_reason("Ready", "AwaitingAdoption")
        self.assertIn(self.name + "-api-1", self.message("Ready"))
        self.assertTrue(self.engine.container(foreign)["State"]["Running"])
        self.assertEqual(1, len(self.engine.containers(self.name)))

    def test_labels_that_came_with_an_image_make_nothing_ours(self):
        self.deploy()
        ours = self.container_id()
        copy = self.name + "-copy"
        self.engine.request("POST", f"/commit?container={ours}&repo={copy}&tag=1", {})
        made = self.engine.request("POST", f"/containers/create?name={copy}", {"Image": copy + ":1"})
        self.addCleanup(self.engine.remove, made["Id"])
        self.engine.request("POST", f"/containers/{made['Id']}/start")
        self.assertIn("dev.trueup.owner", self.engine.container(made["Id"])["Config"]["Labels"])
        self.wait_reason("Ready", "AwaitingAdoption")
        self.assertIn(copy, self.message("Ready"))
        self.assertTrue(self.engine.container(made["Id"])["State"]["Running"])
        self.assertTrue(self.engine.container(ours)["State"]["Running"])

    def test_forged_labels_make_nothing_ours(self):
        self.deploy()
        labels = dict(self.container()["Config"]["Labels"])
        labels["com.docker.compose.service"] = "gone"
        forged = self.start_foreign(self.name + "-gone-1", labels)
        self.wait_reason("Ready", "AwaitingAdoption")
        self.assertTrue(self.engine.container(forged)["State"]["Running"])

    def test_a_lost_state_directory_loses_no_stack(self):
        commit = self.deploy()
        before = self.container()
        self.stop_daemon()
        for root, folders, files in os.walk(self.state, topdown=False):
            for file in files:
                os.remove(os.path.join(root, file))
            for folder in folders:
                path = os.path.join(root, folder)
                os.remove(path) if os.path.islink(path) else os.rmdir(path)
        self.start_daemon()
        self.wait_ready(commit)
        after = self.container()
        self.assertEqual((before["Id"], before["State"]["StartedAt"]), (after["Id"], after["State"]["StartedAt"]))


class Volumes(Safe):
    compose = """\
        services:
          api: {build: ., stop_grace_period: 0s, volumes: ["%s:/data"]}
        volumes: {%s: {}}
        """

    def fill(self, volume):
        self.engine.run_in(self.container_id(), "sh", "-c", "seq 500 > /data/rows")
        return self.data_of(f"{self.name}_{volume}")

    def test_no_volume_is_ever_removed(self):
        self.deploy(compose=self.compose % ("rows", "rows"), spec="sync: {deletionPolicy: delete}")
        data = self.fill("rows")
        path = os.path.join(self.desired, self.name + ".yaml")
        other = self.name + "-b"    # so that one vanished file is not all of them
        for index in range(4):
            self.write_stack(self.repository.git("rev-parse", "HEAD"), name=f"{other}{index}")
        for index in range(4):
            self.wait_ready(name=f"{other}{index}")
        os.remove(path)
        self.eventually(lambda: not self.engine.containers(self.name), 30, "the stack is removed")
        self.assertEqual(data, self.data_of(self.name + "_rows"))

    def test_another_name_of_a_volume_waits_for_confirmation(self):
        self.deploy(compose=self.compose % ("rows", "rows"))
        data, before = self.fill("rows"), self.container_id()
        commit = self.app("release two", compose=self.compose % ("lines", "lines"))
        self.write_stack(commit)
        self.wait_reason("Stalled", "VolumeRenamed")
        self.assertIn("confirm", self.message("Stalled"))
        self.assertEqual(before, self.container_id())
        self.trueup("confirm", self.name, *self.server())
        self.wait_ready(commit)
        self.assertEqual(data, self.data_of(self.name + "_rows"))

    def test_another_source_of_a_writable_mount_waits_for_confirmation(self):
        for folder in ("one", "two"):
            os.makedirs(os.path.join(self.work, folder))
        compose = """\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["%s:/data"]}
            """
        self.deploy(compose=compose % os.path.join(self.work, "one"))
        before = self.container_id()
        commit = self.app("release two", compose=compose % os.path.join(self.work, "two"))
        self.write_stack(commit)
        self.wait_reason("Stalled", "MountChanged")
        self.assertEqual(before, self.container_id())
        self.trueup("confirm", self.name, *self.server())
        self.wait_ready(commit)

    def test_another_project_name_waits_for_confirmation(self):
        commit = self.deploy()
        before = self.container_id()
        renamed = self.name + "-renamed"
        self.write_stack(commit, spec=f"compose: {{project: {renamed}}}")
        self.wait_reason("Stalled", "ProjectRenamed")
        self.assertEqual(before, self.container_id())
        self.assertTrue(self.runs())
        self.trueup("confirm", self.name, *self.server())
        self.eventually(lambda: self.container(project=renamed)["State"]["Running"], 30)
        self.eventually(lambda: not self.engine.exists(before), 30, "the old project's container is gone")


class Mounts(Safe):
    def test_a_file_of_the_commit_is_bound_by_content_and_read_only(self):
        compose = """\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["./conf:/conf"]}
            """
        self.deploy(compose=compose, files={"conf/app.conf": "one\n"})
        self.assertEqual("one\n", self.read_file("/conf/app.conf"))
        with self.assertRaises(RuntimeError):
            self.engine.run_in(self.container_id(), "sh", "-c", "echo two > /conf/app.conf")

    def test_a_relative_bind_that_is_not_in_the_commit_is_refused(self):
        self.write_stack(self.app(compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["./uploads:/uploads"]}
            """))
        self.start_daemon()
        self.wait_reason("Ready", "InvalidCompose")
        self.assertIn("compose.yaml:2:", self.message("Ready"))
        self.assertIn("hostDirectory", self.message("Ready"))
        self.assertEqual([], self.engine.containers(self.name))

    def test_data_of_a_user_never_lands_in_the_state_directory(self):
        host = os.path.join(self.work, "host")
        os.makedirs(os.path.join(host, "uploads"))
        config = os.path.join(self.work, "config.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write("apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\n"
                       f"hostRoots: [{host}]\n")
        self.start_daemon("--config", config)
        self.deploy(spec=f"compose: {{hostDirectory: {host}}}", compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["./uploads:/uploads"]}
            """)
        self.engine.run_in(self.container_id(), "sh", "-c", "echo precious > /uploads/letter")
        with open(os.path.join(host, "uploads/letter"), encoding="utf-8") as file:
            self.assertEqual("precious\n", file.read())
        found = [name for _, _, names in os.walk(self.state) for name in names]
        self.assertNotIn("letter", found)


class OneHand(Safe):
    def start_second(self, name):
        """Another controller on the same engine and desired state; its log file."""
        log = os.path.join(self.work, "second.log")
        command = [BINARY, "controller", "--desired", self.desired, "--state-dir", os.path.join(self.work, "state2"),
                   "--name", name, "--listen", f"127.0.0.1:{free_port()}", "--metrics-listen",
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
        self.eventually(lambda: "stand" in open(log, encoding="utf-8").read(), 20, "it says that it stands by")
        self.assertIsNone(second.poll())
        self.stop_daemon(signal.SIGKILL)
        commit = self.app("release two")
        self.write_stack(commit)
        self.eventually(lambda: self.read_file("/srv/app/main.txt") == "release two\n", 90,
                        lambda: open(log, encoding="utf-8").read()[-3000:])
        self.assertNotEqual(first, commit)

    def test_a_controller_of_another_name_leaves_the_stack_alone(self):
        commit = self.deploy()
        before = self.container()
        self.start_second(self.name + "-b")
        time.sleep(0.2)
        self.write_stack(self.app("release two"))
        self.eventually(lambda: self.read_file("/srv/app/main.txt") == "release two\n", 60)
        self.assertEqual(self.name, self.container()["Config"]["Labels"]["dev.trueup.owner"])
        self.assertNotEqual(before["Id"], self.container()["Id"])
        self.assertTrue(commit)

    def test_a_one_shot_apply_names_the_controller_that_holds_the_engine(self):
        self.deploy()
        before = self.container_id()
        path = self.write_stack(self.app("release two"), name=self.name + "-copy",
                                spec=f"compose: {{project: {self.name}}}", text=None)
        output = self.apply(path, code=2, timeout=60)
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
        commit = self.app("release two")
        self.write_stack(commit)
        self.wait_ready(commit)

    def test_dockers_restart_policy_owns_restarts(self):
        self.write_stack(self.app(compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, restart: always, command: sh -c "sleep 2; exit 3"}
            """))
        self.start_daemon()
        self.eventually(lambda: self.container()["RestartCount"] >= 2, 40)
        first = self.container_id()
        self.eventually(lambda: self.container()["RestartCount"] >= 4, 60)
        self.assertEqual(first, self.container_id())
        self.eventually(lambda: self.condition("Healthy") == "False", 30)

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


class Deletion(Safe):
    def names(self, count):
        return [f"{self.name}-{index}" for index in range(count)]

    def deploy_many(self, count, spec):
        commit = self.app()
        for name in self.names(count):
            self.write_stack(commit, name=name, spec=spec)
        self.start_daemon()
        for name in self.names(count):
            self.wait_ready(commit, name)

    def remove_files(self, names):
        for name in names:
            os.remove(os.path.join(self.desired, name + ".yaml"))

    def test_a_vanished_file_leaves_the_stack_unless_told_otherwise(self):
        self.deploy()
        before = self.container()
        self.write_stack(self.repository.git("rev-parse", "HEAD"), name=self.name + "-b")
        self.wait_ready(name=self.name + "-b")
        self.remove_files([self.name])
        self.eventually(lambda: any("is gone" in text for text in self.stack()["status"].get("warnings", [])), 20)
        self.assertEqual(before["State"]["StartedAt"], self.container()["State"]["StartedAt"])

    def test_removing_several_stacks_at_once_waits_for_confirmation(self):
        self.deploy_many(3, "sync: {deletionPolicy: delete}")
        gone = self.names(3)[:2]
        self.remove_files(gone)
        for name in gone:
            self.eventually(lambda wanted=name: "AwaitingConfirmation" in json.dumps(self.conditions(wanted)), 20)
            self.assertTrue(self.engine.containers(name))
        self.assertIn(gone[1], self.message("Synced", gone[0]))
        self.trueup("confirm", gone[0], *self.server())    # a yes to both: they are asked about together
        for name in gone:
            self.eventually(lambda wanted=name: not self.engine.containers(wanted), 30)
        self.assertTrue(self.engine.containers(self.names(3)[2]))

    def test_an_empty_source_removes_nothing(self):
        self.deploy_many(2, "sync: {deletionPolicy: delete}")
        self.remove_files(self.names(2))
        threading.Event().wait(2)
        for name in self.names(2):
            self.assertEqual(1, len(self.engine.containers(name)))


class Memory(Safe):
    def test_a_lost_database_loses_history_and_never_a_stack(self):
        commit = self.deploy()
        before = self.container()
        self.stop_daemon(signal.SIGKILL)
        for file in os.listdir(self.state):
            if file.startswith("state.db"):
                os.remove(os.path.join(self.state, file))
        self.start_daemon()
        self.wait_ready(commit)
        self.assertEqual(before["State"]["StartedAt"], self.container()["State"]["StartedAt"])

    def test_a_corrupt_database_is_moved_aside(self):
        commit = self.deploy()
        self.stop_daemon()
        with open(os.path.join(self.state, "state.db"), "r+b") as file:
            file.write(os.urandom(8192))
        self.start_daemon()
        self.wait_ready(commit)
        self.assertTrue(any("corrupt" in name for name in os.listdir(self.state)))
        self.assertTrue(self.runs())
