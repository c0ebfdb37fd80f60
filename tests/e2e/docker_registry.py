# SPDX-License-Identifier: Apache-2.0
"""A private registry on loopback (Debian's docker-registry), which asks everybody for a name and a password."""

import base64
import crypt
import json
import os
import socket
import subprocess
import time

from support import free_port


class DockerRegistry:
    def __init__(self, folder, user, password):
        self.user, self.password = user, password
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"    # dockerd speaks plain http to loopback
        os.makedirs(folder)
        users = os.path.join(folder, "users")
        with open(users, "w", encoding="utf-8") as file:
            file.write(f"{user}:{crypt.crypt(password, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))}\n")
        config = os.path.join(folder, "config.yml")
        with open(config, "w", encoding="utf-8") as file:
            json.dump({"version": 0.1, "storage": {"filesystem": {"rootdirectory": os.path.join(folder, "data")}},
                       "http": {"addr": self.host}, "auth": {"htpasswd": {"realm": "private", "path": users}}}, file)
        self.log = open(os.path.join(folder, "log"), "wb")
        self.process = subprocess.Popen(["docker-registry", "serve", config], stdout=self.log, stderr=self.log)
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    self.close()
                    raise
                time.sleep(0.05)

    def push(self, engine, image, name):
        """Pushes a local image under a name of this registry, and forgets that name here; the reference."""
        reference = f"{self.host}/{name}"
        repository, tag = reference.rsplit(":", 1)
        engine.request("POST", f"/images/{image}/tag?repo={repository}&tag={tag}")
        login = json.dumps({"username": self.user, "password": self.password, "serveraddress": self.host})
        answer = engine.request("POST", f"/images/{repository}/push?tag={tag}",
                                headers={"X-Registry-Auth": base64.urlsafe_b64encode(login.encode()).decode()})
        if b"errorDetail" in (answer if isinstance(answer, bytes) else json.dumps(answer).encode()):
            raise RuntimeError(f"push {reference}: {answer}")
        engine.request("DELETE", f"/images/{reference}")
        return reference

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
