# SPDX-License-Identifier: Apache-2.0
"""The controller: what it does by itself, and what it says meanwhile."""

import json
import os
import signal
import socket
import threading
import time

from neighbours import beside_neighbours
from support import Case


class Loop(Case):
    def deploy(self, spec="", **more):
        commit = self.app(**more)
        self.write_stack(commit, spec=spec)
        self.start_daemon()
        self.wait_ready(commit)
        return commit

    def test_a_file_becomes_a_stack_that_runs_and_is_proven(self):
        commit = self.deploy()
        status = self.stack()["status"]
        self.assertEqual(commit, status["runningCommit"])
        self.assertEqual("True", self.condition("Fresh"))
        self.assertEqual(0.0, self.metric("trueup_code_stale", stack=self.name, service="api"))
        self.assertEqual(1.0, self.metric("trueup_code_proof", stack=self.name, service="api", method="files"))
        self.assertEqual(1.0, self.metric("trueup_stack_condition", stack=self.name, type="Ready", status="True"))

    def test_an_edited_commit_is_rolled_out(self):
        self.deploy()
        commit = self.app("release two")
        self.write_stack(commit)
        self.wait_ready(commit)
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt"))

    def test_a_hand_edit_is_found_named_and_healed(self):
        commit = self.deploy()
        victim = self.container_id()
        self.engine.run_in(victim, "sh", "-c", "echo debugging > /srv/app/main.txt")
        self.eventually(lambda: self.container_id() != victim, 30)
        self.wait_ready(commit)
        self.assertEqual("release one\n", self.read_file("/srv/app/main.txt"))
        self.assertIn("code: app/main.txt differs", self.stack()["status"]["lastPlan"])
        self.assertEqual(1.0, self.metric("trueup_drift_detected_total", stack=self.name, kind="code"))

    def test_a_killed_container_is_started(self):
        self.deploy()
        self.engine.request("POST", f"/containers/{self.container_id()}/kill")
        self.eventually(self.runs, 20)

    def test_a_removed_container_is_replaced(self):
        commit = self.deploy()
        self.engine.remove(self.container_id())
        self.eventually(self.runs, 20)
        self.wait_ready(commit)

    def test_a_paused_container_goes_on_after_the_grace(self):
        self.deploy(spec="sync: {grace: 2s}")
        self.engine.request("POST", f"/containers/{self.container_id()}/pause")
        self.eventually(lambda: not self.container()["State"]["Paused"], 20)

    @beside_neighbours
    def test_a_stack_in_which_nothing_changed_costs_no_request(self):
        commit = self.app()
        self.write_stack(commit, spec="sync: {interval: 1s}")
        self.start_daemon()
        self.wait_ready(commit)
        requests, reconciles = self.engine_requests(), self.reconciles()
        self.eventually(lambda: self.reconciles() >= reconciles + 3, 20)
        self.assertEqual(requests, self.engine_requests())

    def engine_requests(self):
        """By operation; without the sweep, which looks at what containers changed, and the seat's sign of life,
        whatever a reconcile does."""
        lines = [line for line in self.metrics().splitlines() if line.startswith("trueup_engine_request_total{")]
        self.assertTrue(lines)
        return sorted(line for line in lines if "container_changes" not in line
                      and "container_update" not in line)

    def reconciles(self):
        return self.metric("controller_runtime_reconcile_total", result="success") or 0

    def test_a_failed_update_keeps_the_old_one_and_a_newer_commit_heals(self):
        first = self.deploy()
        before = self.container_id()
        bad = self.app("release two", compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, command: sh -c "echo no; exit 3"}
            """)
        self.write_stack(bad)
        self.eventually(lambda: self.conditions()["Ready"]["reason"] == "HealthCheckFailed", 30)
        self.assertEqual(before, self.container_id())
        self.eventually(self.runs, 10)
        self.assertEqual("release one\n", self.read_file("/srv/app/main.txt"))
        self.assertEqual(first, self.stack()["status"]["runningCommit"])
        good = self.app("release three")
        self.write_stack(good)
        self.wait_ready(good)

    def test_a_stack_whose_directory_has_two(self):
        one, two = self.app(), self.app("release two")
        other = self.name + "-b"
        self.write_stack(one)
        self.write_stack(two, name=other)
        self.start_daemon()
        self.wait_ready(one)
        self.wait_ready(two, other)
        table = self.trueup("get", "stacks", "--server", f"http://127.0.0.1:{self.api_port}")
        self.assertIn(self.name + " ", table)
        self.assertIn(other, table)
        described = self.trueup("describe", other, "--server", f"http://127.0.0.1:{self.api_port}")
        self.assertIn(two, described)

    def test_sigterm_ends_it_in_order_and_stacks_go_on(self):
        self.deploy()
        self.assertEqual(0, self.stop_daemon(signal.SIGTERM))
        self.assertTrue(self.runs())
        self.assertIn("stopped", self.read_log())

    @beside_neighbours
    def test_sigkill_at_many_moments_loses_nothing(self):
        self.start_daemon()
        self.stop_daemon()
        for moment in range(8):
            commit = self.app(f"release {moment}")
            self.write_stack(commit)
            self.start_daemon()
            time.sleep(moment * 0.12)
            self.stop_daemon(signal.SIGKILL)
        self.start_daemon()
        self.wait_ready(commit)
        self.assertEqual("release 7\n", self.read_file("/srv/app/main.txt"))
        self.eventually(lambda: [container["Names"] for container in self.engine.containers(self.name)] ==
                        [[f"/{self.name}-api-1"]], 20, "one container, and nothing beside it")

    def test_it_starts_next_to_what_runs_and_leaves_it(self):
        commit = self.deploy()
        before = self.container()
        self.stop_daemon()
        self.start_daemon()
        self.wait_ready(commit)
        self.assertEqual(before["State"]["StartedAt"], self.container()["State"]["StartedAt"])


class Around(Case):
    def test_an_engine_that_goes_away_is_unknown_and_recovers_by_itself(self):
        commit = self.app()
        self.write_stack(commit)
        gate = Gate(self.engine.socket, os.path.join(self.work, "gate.sock"))
        self.addCleanup(gate.close)
        self.start_daemon(engine=f"unix://{gate.path}")
        self.wait_ready(commit)
        gate.shut()
        self.eventually(lambda: self.condition("Ready") == "Unknown", 40, lambda: json.dumps(self.conditions()))
        self.assertEqual("Unknown", self.condition("Fresh"))
        self.assertEqual(503, self.http(self.metrics_port, "/readyz")[0])
        self.assertEqual(200, self.http(self.metrics_port, "/healthz")[0])
        self.engine.request("POST", f"/containers/{self.container_id()}/kill")
        gate.open()
        self.eventually(self.runs, 60)
        self.wait_ready(commit)

    def test_an_engine_that_is_down_at_the_start_is_waited_for(self):
        commit = self.app()
        self.write_stack(commit)
        gate = Gate(self.engine.socket, os.path.join(self.work, "gate.sock"))
        self.addCleanup(gate.close)
        gate.shut()
        self.start_daemon(engine=f"unix://{gate.path}")
        self.eventually(lambda: self.condition("Ready") == "Unknown", 20, lambda: json.dumps(self.stack()))
        gate.open()
        self.wait_ready(commit)

    def test_a_listener_beyond_loopback_is_refused(self):
        for option in ("--listen", "--metrics-listen"):
            text = self.trueup("controller", "--desired", self.desired, "--state-dir", self.state,
                               option, "0.0.0.0:0", code=2)
            self.assertIn(option, text)
            self.assertIn("loopback", text)

    def test_a_port_that_is_taken_is_told(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            text = self.trueup("controller", "--desired", self.desired, "--state-dir", self.state, "--listen",
                               f"127.0.0.1:{taken.getsockname()[1]}", "--metrics-listen", "127.0.0.1:0", code=2)
        self.assertIn("another program", text)

    def test_a_foreign_project_is_refused_and_stays(self):
        foreign = self.start_foreign(f"{self.name}-web-1", {
            "com.docker.compose.project": self.name, "com.docker.compose.service": "web",
            "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False"})
        self.write_stack(self.app())
        self.start_daemon()
        self.eventually(lambda: self.condition("Stalled") == "True", 20, lambda: json.dumps(self.conditions()))
        self.assertIn(f"{self.name}-web-1", self.conditions()["Stalled"]["message"])
        self.assertTrue(self.engine.container(foreign)["State"]["Running"])
        self.assertEqual(1, len(self.engine.containers(self.name)))

    @beside_neighbours
    def test_a_secret_reaches_no_log_metric_or_status(self):
        commit = self.app(compose="""\
            services:
              api:
                build: .
                stop_grace_period: 0s
                environment: {API_TOKEN: hunter2hunter2, EMPTY: ""}
                command: sh -c 'echo token $$API_TOKEN; exit 1'
            """)
        self.write_stack(commit)
        self.start_daemon("--log-level", "debug")
        self.eventually(lambda: self.conditions().get("Ready", {}).get("reason") == "HealthCheckFailed", 30)
        everything = self.read_log() + self.metrics() + json.dumps(self.stack())
        self.assertIn("token", everything)
        self.assertNotIn("hunter2", everything)

    def test_a_git_server_that_says_nothing_ends_in_a_clear_error(self):
        commit = self.app()
        silent = socket.socket()
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        self.addCleanup(silent.close)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/shop.git"
        path = self.write_stack(source=f"{{git: {{url: '{url}', commit: {commit}}}}}")
        text = self.trueup("apply", "-f", path, "--git-timeout", "2", code=2)
        self.assertIn("said nothing for 2s", text)
        self.assertIn(url.removeprefix("http://").removesuffix("/shop.git"), text)


class Gate:
    """A unix socket in front of the engine's that can be shut and opened."""

    def __init__(self, target, path):
        self.target, self.path = target, path
        self.listener = None
        self.connections = []
        self.open()

    def open(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.target)
            self.connections += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def shut(self):
        os.unlink(self.path)
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()
        self.connections = []

    def close(self):
        if os.path.exists(self.path):
            self.shut()
