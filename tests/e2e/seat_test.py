# SPDX-License-Identifier: Apache-2.0
"""One controller an engine, and what is its own there: the seat and the owner key, on a real engine."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time

from neighbours import Safe
from support import BINARY, BUSYBOX, free_port


class Seat(Safe):
    def seat(self):
        return self.engine.container(f"trueup.seat.{self.name}")

    def has_seat(self):
        return self.engine.exists(f"trueup.seat.{self.name}")

    def start_second(self):
        """A second controller of the same name, with a state directory of its own; its ports and log."""
        api, metrics = free_port(), free_port()
        log = os.path.join(self.work, "second.log")
        with open(log, "a", encoding="utf-8") as file:
            process = subprocess.Popen(
                [BINARY, "controller", "--listen", f"127.0.0.1:{api}", "--metrics-listen", f"127.0.0.1:{metrics}",
                 "--desired", self.desired, "--state-dir", self.state + "-second", "--name", self.name],
                stdout=file, stderr=file, start_new_session=True)
        self.addCleanup(self.end, process)
        self.eventually(lambda: self.http(metrics, "/healthz")[0] == 200, 20, "the second controller lives")
        return api, metrics, process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()

    def ready_of(self, port):
        status, text = self.http(port, f"/apis/trueup.dev/v1alpha1/stacks/{self.name}")
        found = json.loads(text).get("status", {}).get("conditions", []) if status == 200 else []
        return next((each for each in found if each["type"] == "Ready"), {})

    def deployed(self):
        commit = self.app()
        path = self.write_stack(commit)
        self.start_daemon()
        self.wait_ready(commit)
        return commit, path

    def test_a_second_controller_waits_says_for_whom_and_takes_over_when_it_was_killed(self):
        commit, _ = self.deployed()
        self.assertIn('leader_election_master_status{name="default"} 1', self.metrics())
        first = self.daemon.pid
        api, metrics, _ = self.start_second()
        self.eventually(lambda: self.ready_of(api).get("reason") == "EngineHeld", 20)
        self.assertEqual("Unknown", self.ready_of(api)["status"])
        self.assertIn(f"controller {self.name} (daemon) on host ", self.ready_of(api)["message"])
        self.assertIn(f"pid {first}", self.ready_of(api)["message"])
        self.assertIn('leader_election_master_status{name="default"} 0', self.http(metrics, "/metrics")[1])
        explained = self.trueup("explain", self.name, "--server", f"http://127.0.0.1:{api}")
        self.assertIn(f"pid {first}", explained)
        # A few retries later: to stand by is told once, and as no failure.
        time.sleep(1)
        with open(os.path.join(self.work, "second.log"), encoding="utf-8") as file:
            log = file.read()
        self.assertEqual(1, log.count("the stack waits for its engine"))
        self.assertNotRegex(log, "reconcile failed.*is held by")
        before = self.container_id()
        self.stop_daemon(signal.SIGKILL)
        killed = time.monotonic()
        self.eventually(lambda: self.ready_of(api).get("status") == "True", 30)
        self.assertLess(time.monotonic() - killed, 10)
        self.assertEqual(before, self.container_id())
        self.assertNotEqual(str(first), self.seat()["Config"]["Labels"]["dev.trueup.seat.pid"])
        self.assertIn('leader_election_master_status{name="default"} 1', self.http(metrics, "/metrics")[1])

    def test_a_controller_that_ends_in_order_gives_the_engine_back(self):
        _, path = self.deployed()
        self.assertTrue(self.has_seat())
        self.stop_daemon()
        self.assertFalse(self.has_seat())
        self.apply(path)
        self.assertFalse(self.has_seat())

    def test_apply_beside_a_controller_names_it_and_changes_nothing(self):
        _, path = self.deployed()
        before = self.container_id()
        self.write_stack(self.app("release two"), name=self.name + "-b")
        other = os.path.join(self.work, "other.yaml")
        os.rename(os.path.join(self.desired, self.name + "-b.yaml"), other)
        text = self.trueup("apply", "-f", other, "--lock-timeout", "1", code=2)
        self.assertIn(f"the engine is held by controller {self.name} (daemon)", text)
        self.assertIn(f"pid {self.daemon.pid}", text)
        self.assertEqual([], self.engine.containers(self.name + "-b"))
        self.trueup("diff", "-f", other, code=1)
        self.trueup("diff", "-f", path)
        self.assertEqual(before, self.container_id())

    def test_a_removed_seat_is_taken_again_at_once(self):
        commit, path = self.deployed()
        before = self.seat()["Id"]
        self.engine.request("DELETE", f"/containers/{before}")
        self.eventually(lambda: self.seat()["Id"] != before, 5)
        self.assertEqual(str(self.daemon.pid), self.seat()["Config"]["Labels"]["dev.trueup.seat.pid"])
        self.engine.remove(self.container_id())
        self.eventually(self.runs, 20)
        self.wait_ready(commit)
        self.assertIn("held by", self.trueup("apply", "-f", path, "--lock-timeout", "0", code=2))

    def test_the_owner_key_outlives_the_state_directory(self):
        commit, path = self.deployed()
        self.stop_daemon()
        before = self.container_id()
        with open(os.path.join(self.state, "owner.key"), encoding="ascii") as file:
            key = file.read().strip()
        self.assertEqual(0o600, os.stat(os.path.join(self.state, "owner.key")).st_mode & 0o777)
        everything = json.dumps([self.container(), self.stack_text(commit)]) + self.read_log()
        self.assertNotIn(key, everything)
        shutil.rmtree(self.state)
        self.assertIn("no difference", self.diff(path))
        self.start_daemon()
        self.wait_ready(commit)
        self.assertEqual(before, self.container_id())
        with open(os.path.join(self.state, "owner.key"), encoding="ascii") as file:
            self.assertEqual(key, file.read().strip())

    def test_with_both_copies_of_the_key_lost_adoption_keeps_every_container(self):
        commit, path = self.deployed()
        self.stop_daemon()
        before = self.container_id()
        os.remove(os.path.join(self.state, "owner.key"))
        self.engine.request("DELETE", f"/images/trueup.seat/{self.name}:key")
        self.start_daemon()
        self.eventually(lambda: self.conditions()["Ready"]["reason"] == "AwaitingAdoption", 20)
        self.assertEqual(before, self.container_id())
        self.write_stack(commit, spec="adopt: true")
        self.wait_ready(commit)
        self.assertEqual(before, self.container_id())
        self.assertTrue(self.runs())

    def test_a_container_with_forged_labels_is_left_as_it_is(self):
        _, path = self.deployed()
        self.stop_daemon()
        labels = dict(self.container()["Config"]["Labels"])
        labels["com.docker.compose.container-number"] = "2"
        victim = self.start_foreign(f"{self.name}-api-2", labels)
        self.engine.run_in(victim, "sh", "-c", "echo precious > /data")
        before = self.fingerprint(victim)
        text = self.apply(path, code=2)
        self.assertIn(f"{self.name}-api-2 (it has trueup's labels without the seal", text)
        self.write_stack(self.app("release two"))
        self.apply(path, code=2)
        self.assertEqual(before, self.fingerprint(victim))

    def fingerprint(self, container):
        state = self.engine.container(container)
        archive = self.engine.request("GET", f"/containers/{container}/archive?path=/data")
        return (state["Id"], state["Name"], state["State"]["StartedAt"], state["HostConfig"]["RestartPolicy"],
                hashlib.sha256(bytes(archive)).hexdigest())

    def test_two_controllers_of_different_names_leave_each_others_stacks_alone(self):
        self.deployed()
        before = self.container_id()
        path = os.path.join(self.work, "other.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.stack_text(self.app("release two")))
        other = subprocess.run([BINARY, "apply", "-f", path, "--name", self.name + "-other", "--state-dir",
                                self.state + "-other"], capture_output=True, text=True, timeout=60, check=False)
        text = other.stdout + other.stderr
        self.assertEqual(2, other.returncode, text)
        self.assertIn(f"controller {self.name} created it", text)
        self.assertIn(f"Controller {self.name} has project {self.name}, and one of the two has to give it up", text)
        self.assertNotIn("trueup adopt", text)
        self.assertEqual(before, self.container_id())
        self.assertTrue(self.runs())


class OwnContainer(Safe):
    """The controller in a container, on a root directory borrowed from this machine."""

    def start_in_container(self, name, state, binds=(), labels=None):
        self.api_port, self.metrics_port = free_port(), free_port()
        binds = [f"{path}:{path}:ro" for path in ("/usr", "/lib", "/lib64", os.path.dirname(BINARY))] + \
                [f"{self.engine.socket}:{self.engine.socket}", f"{self.repository.path}:{self.repository.path}:ro",
                 f"{self.desired}:{self.desired}:ro", *binds]
        made = self.engine.request("POST", f"/containers/create?name={name}", {
            "Image": BUSYBOX, "Labels": labels or {}, "Env": [f"DOCKER_HOST={os.environ['DOCKER_HOST']}"],
            "Cmd": [BINARY, "controller", "--listen", f"127.0.0.1:{self.api_port}", "--metrics-listen",
                    f"127.0.0.1:{self.metrics_port}", "--desired", self.desired, "--state-dir", state,
                    "--name", self.name],
            "HostConfig": {"Binds": binds, "NetworkMode": "host"}})
        self.addCleanup(self.engine.remove, made["Id"])
        self.engine.request("POST", f"/containers/{made['Id']}/start")
        self.eventually(lambda: self.http(self.metrics_port, "/healthz")[0] == 200, 20,
                        lambda: self.logs(made["Id"]))
        return made["Id"]

    def logs(self, container):
        return self.engine.request("GET", f"/containers/{container}/logs?stdout=1&stderr=1").decode(errors="replace")

    def test_the_controllers_own_container_is_never_replaced(self):
        commit = self.app(compose="""\
            services:
              controller: {image: "%s", command: sleep 1000000, stop_grace_period: 0s}
            """ % BUSYBOX)
        self.write_stack(commit, spec="adopt: true")
        os.makedirs(self.state)
        own = self.start_in_container(f"{self.name}-controller-1", self.state, [f"{self.state}:{self.state}"], {
            "com.docker.compose.project": self.name, "com.docker.compose.service": "controller",
            "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False"})
        self.eventually(lambda: self.conditions().get("Synced", {}).get("reason") == "Protected", 30)
        self.assertIn("the controller's own container", self.conditions()["Synced"]["message"])
        found = self.engine.container(f"{self.name}-controller-1")
        self.assertEqual(own, found["Id"])
        self.assertTrue(found["State"]["Running"])
        self.assertEqual(own, self.engine.container(f"trueup.seat.{self.name}")["Config"]["Labels"]
                         ["dev.trueup.seat.container"])

    def test_a_state_directory_at_another_path_is_told_and_nothing_of_it_is_bound(self):
        commit = self.app(files={"settings.txt": "one\n"}, compose="""\
            services:
              api: {image: "%s", command: sleep 1000000, volumes: ["./settings.txt:/settings.txt:ro"]}
            """ % BUSYBOX)
        self.write_stack(commit)
        os.makedirs(self.state)
        own = self.start_in_container(f"{self.name}-c", "/elsewhere", [f"{self.state}:/elsewhere"])
        self.eventually(lambda: self.conditions().get("Ready", {}).get("reason") == "InvalidCompose", 30)
        advice = f"the state directory /elsewhere of container {self.name}-c is at {self.state} on the engine's host"
        self.assertIn(advice, self.conditions()["Ready"]["message"])
        self.assertIn(advice, self.logs(own))
        self.assertEqual([], self.engine.containers(self.name))
        self.engine.remove(own)
        self.start_in_container(f"{self.name}-d", self.state, [f"{self.state}:{self.state}"])
        self.wait_ready(commit)
        self.assertEqual("one\n", self.read_file("/settings.txt"), "as it was told to be mounted")

    def test_where_the_state_directory_lies_is_told_at_the_start_without_any_stack(self):
        os.makedirs(self.state)
        own = self.start_in_container(f"{self.name}-c", "/elsewhere", [f"{self.state}:/elsewhere"])
        self.eventually(lambda: f"is at {self.state} on the engine's host" in self.logs(own), 20)
