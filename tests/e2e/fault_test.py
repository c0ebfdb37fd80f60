# SPDX-License-Identifier: Apache-2.0
"""The k-th request to a real engine fails, loses its answer, or is the one at which the process is killed:
the next attempt converges. Every k is swept on the fake engine in the unit tests; here a sample, and all of
them under the label long."""

import glob
import os
import re
import signal
import socket
import subprocess
import threading

from support import BINARY, BUSYBOX, Case


class FaultyGate:
    """In front of the engine's socket; counts requests that change something and disturbs the k-th."""

    REQUEST = re.compile(rb"(POST|DELETE) /")

    def __init__(self, target, path):
        self.target, self.path = target, path
        self.count, self.fault_at, self.fault = 0, 0, lambda client, server, data: None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def arm(self, fault_at, fault):
        self.count, self.fault_at, self.fault = 0, fault_at, fault

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.target)
            threading.Thread(target=self.upstream, args=(client, server), daemon=True).start()
            threading.Thread(target=self.downstream, args=(server, client), daemon=True).start()

    def upstream(self, client, server):
        try:
            while data := client.recv(65536):
                if self.REQUEST.match(data):
                    self.count += 1
                    if self.count == self.fault_at:
                        self.fault(client, server, data)
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            self.end(client, server)

    def downstream(self, server, client):
        try:
            while data := server.recv(65536):
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            self.end(client, server)

    @staticmethod
    def end(*connections):
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def fails(self, client, server, _data):
        """The request never reaches the engine."""
        self.end(client, server)
        raise OSError

    def loses_answer(self, client, server, data):
        """The engine does it, and nobody hears."""
        self.end(client)
        server.sendall(data)
        server.recv(1)
        raise OSError

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def points(total, sample):
    """All of 1…total, or `sample` of them from first to last."""
    if sample is None:
        return range(1, total + 1)
    return sorted({1 + (total - 1) * step // (sample - 1) for step in range(sample)})


class Faults(Case):
    compose = """\
        services:
          api:
            build: .
            stop_grace_period: 0s
            depends_on: {cache: {condition: service_started}, migrate: {condition: service_completed_successfully}}
          cache: {image: "%(base)s", command: sleep %(sleep)d, stop_grace_period: 0s, volumes: ["data:/data"]}
          migrate: {image: "%(base)s", command: "true"}
        volumes: {data: {}}
        """

    def setUp(self):
        super().setUp()
        self.gate = FaultyGate(self.engine.socket, os.path.join(self.work, "gate.sock"))
        self.addCleanup(self.gate.close)
        self.sleep = 1000000

    def release(self, text):
        return self.write_stack(self.app(text, compose=self.compose % {"base": BUSYBOX, "sleep": self.sleep}))

    def start_apply(self, path):
        return subprocess.Popen([BINARY, "apply", "-f", path, "--engine", f"unix://{self.gate.path}", "--state-dir",
                                 self.state, "--name", self.name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def empty(self):
        """As before the first deployment: nothing runs, and nothing is remembered of earlier ones."""
        for file in glob.glob(os.path.join(self.state, "state.db*")):
            os.remove(file)
        for container in self.engine.containers(self.name):
            self.engine.remove(container["Id"])
        for network in self.engine.request("GET", "/networks"):
            if network["Name"].startswith(self.name):
                self.engine.request("DELETE", f"/networks/{network['Id']}")

    def expect_converged(self, path, text):
        self.apply(path)
        names = sorted(container["Names"][0] for container in self.engine.containers())
        self.assertEqual([f"/{self.name}-{service}-1" for service in ("api", "cache", "migrate")], names)
        self.assertEqual(text + "\n", self.read_file("/srv/app/main.txt"))
        self.assertTrue(self.runs("cache"))
        self.diff(path)

    def disturb(self, path, at, fault):
        if fault == "killed":
            process = self.start_apply(path)
            self.gate.arm(at, lambda *_: os.kill(process.pid, signal.SIGKILL))
            process.wait(60)
            return
        self.gate.arm(at, getattr(self.gate, fault))
        process = self.start_apply(path)
        process.wait(60)

    def requests_of(self, path):
        self.gate.arm(0, None)
        self.assertEqual(0, self.start_apply(path).wait(60))
        return self.gate.count

    def sweep(self, fault, update, sample):
        self.release("release 0")
        if update:
            self.apply(self.release("release 0"))
        number = 1
        total = self.requests_of(self.release(f"release {number}"))
        self.assertGreater(total, 8)
        for at in points(total, sample):
            with self.subTest(fault=fault, update=update, request=at, of=total):
                if not update:
                    self.empty()
                number += 1
                self.sleep += 1
                path = self.release(f"release {number}")
                self.disturb(path, at, fault)
                self.expect_converged(path, f"release {number}")

    def test_a_first_deployment_where_requests_fail(self):
        self.sweep("fails", update=False, sample=5)

    def test_a_first_deployment_that_is_killed(self):
        self.sweep("killed", update=False, sample=5)

    def test_an_update_where_requests_fail(self):
        self.sweep("fails", update=True, sample=5)

    def test_an_update_where_answers_are_lost(self):
        self.sweep("loses_answer", update=True, sample=5)

    def test_an_update_that_is_killed(self):
        self.sweep("killed", update=True, sample=5)


class FaultsEverywhere(Faults):
    labels = "long"

    def test_a_first_deployment_where_requests_fail(self):
        self.sweep("fails", update=False, sample=None)

    def test_a_first_deployment_that_is_killed(self):
        self.sweep("killed", update=False, sample=None)

    def test_an_update_where_requests_fail(self):
        self.sweep("fails", update=True, sample=None)

    def test_an_update_where_answers_are_lost(self):
        self.sweep("loses_answer", update=True, sample=None)

    def test_an_update_that_is_killed(self):
        self.sweep("killed", update=True, sample=None)
