# SPDX-License-Identifier: Apache-2.0
"""A dockerd of a test's own, in a network namespace of its own, with whatever data directory it is started on:
each is an engine with an identity of its own, and all of them answer at one socket."""

import os
import subprocess
import time

from support import BUSYBOX, Engine

SUPPORT = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support")
START = """\
ip link set lo up
mkdir -p /etc/docker "$1/etc"
mount --bind "$1/etc" /etc/docker
exec dockerd --shutdown-timeout 1 --data-root "$1/data" \\
  --exec-root "$2/exec" --pidfile "$2/pid" -H "unix://$2/docker.sock"
"""


class PrivateEngine(Engine):
    def __init__(self, folder):
        os.makedirs(folder)
        super().__init__(f"unix://{folder}/docker.sock")
        self.folder = folder
        self.process = None

    def start(self, data):
        """On the data below that directory; a base image is there afterwards."""
        os.makedirs(data, exist_ok=True)
        log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen(
            ["unshare", "--net", "--mount", "--propagation", "private", "bash", "-ec", START, "start", data,
             self.folder], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        log.close()
        until = time.monotonic() + 60
        while not self.answers():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError("dockerd did not start:\n" + self.read_log())
            time.sleep(0.1)
        subprocess.run([os.path.join(SUPPORT, "load-base"), "busybox", BUSYBOX], check=True,
                       env={**os.environ, "DOCKER_HOST": self.url})

    def answers(self):
        try:
            self.request("GET", "/info")
            return True
        except (OSError, RuntimeError):
            return False

    def read_log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-3000:]

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
