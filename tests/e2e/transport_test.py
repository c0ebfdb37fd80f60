# SPDX-License-Identifier: Apache-2.0
"""Engines over TLS and over ssh: everything that a unix socket carries, and what stands in the way told in words."""

import os
import pwd
import shutil
import socket
import subprocess
import time

from neighbours import beside_neighbours
from support import Case, free_port


class Sshd:
    """OpenSSH's own server on loopback; whoever has `key` is let in, and meant is the engine at `docker_host`."""

    def __init__(self, folder, docker_host, environment=""):
        self.port = free_port()
        self.key, host_key = os.path.join(folder, "key"), os.path.join(folder, "host")
        for path in (self.key, host_key):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
        with open(host_key + ".pub", encoding="utf-8") as file:
            self.known = f"[127.0.0.1]:{self.port} {file.read()}"
        config = os.path.join(folder, "sshd.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {host_key}\nPermitRootLogin yes\n"
                       f"AuthorizedKeysFile {self.key}.pub\nStrictModes no\nUsePAM no\nPidFile none\n"
                       f"SetEnv DOCKER_HOST={docker_host} {environment}\n")
        os.makedirs("/run/sshd", exist_ok=True)
        self.process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", config])
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def url(self):
        return f"ssh://{pwd.getpwuid(os.geteuid()).pw_name}@127.0.0.1:{self.port}"

    def close(self):
        self.process.kill()
        self.process.wait()


class Transport(Case):
    def config(self, engine):
        path = os.path.join(self.work, "config.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\n"
                       f"engines: [{{name: default, {engine}}}]\n")
        return path

    def tls(self, **other):
        files = {"caFile": "ca.pem", "certificateFile": "cert.pem", "keyFile": "key.pem", **other}
        folder = os.environ["TRUEUP_TEST_CERTIFICATES"]
        pairs = ", ".join(f"{key}: {os.path.join(folder, name)}" for key, name in files.items() if name)
        return f"url: '{os.environ['TRUEUP_TEST_ENGINE_TLS']}', tls: {{{pairs}}}"

    def ssh(self, environment="", known=None):
        self.sshd = sshd = Sshd(self.work, self.engine.url, environment)
        self.addCleanup(sshd.close)
        hosts = os.path.join(self.work, "known_hosts")
        with open(hosts, "w", encoding="utf-8") as file:
            file.write(sshd.known if known is None else known)
        return f"url: '{sshd.url()}', ssh: {{identityFile: {sshd.key}, knownHostsFile: {hosts}}}"

    def lives(self, engine):
        """Deployed, proven, updated, followed by its events and healed."""
        first = self.app()
        self.write_stack(first)
        self.start_daemon("--config", self.config(engine))
        self.wait_ready(first)
        self.assertEqual("True", self.condition("Fresh"))
        second = self.app("release two")
        self.write_stack(second)
        self.wait_ready(second)
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt"))
        before = self.container_id()
        self.engine.remove(before)
        self.eventually(lambda: self.container_id() != before, 30)
        self.wait_ready(second)
        self.assertEqual(0, self.stop_daemon())
        self.diff(self.write_stack(second), "--config", self.config(engine))

    def test_a_stack_lives_over_tls(self):
        self.lives(self.tls())

    def test_a_stack_lives_over_ssh(self):
        self.lives(self.ssh())

    def test_dockers_own_variables_are_enough_for_tls(self):
        path = self.write_stack(self.app())
        environment = {"DOCKER_HOST": os.environ["TRUEUP_TEST_ENGINE_TLS"], "DOCKER_TLS_VERIFY": "1",
                       "DOCKER_CERT_PATH": os.environ["TRUEUP_TEST_CERTIFICATES"]}
        self.apply(path, env=environment)
        self.assertTrue(self.runs())
        text = self.apply(path, env={**environment, "DOCKER_TLS_VERIFY": ""}, code=2)
        self.assertIn("Client sent an HTTP request to an HTTPS server", text)

    @beside_neighbours
    def test_a_file_of_the_commit_cannot_be_bound_on_another_host(self):
        commit = self.app(compose="""\
            services:
              api:
                build: .
                volumes: ["./conf:/etc/shop:ro"]
            """, files={"conf/shop.ini": "a=1\n"})
        path = self.write_stack(commit)
        for engine in (self.tls(), self.ssh()):
            text = self.apply(path, config=self.config(engine), code=2)
            self.assertIn("conf", text)
            self.assertIn("engine default", text)
            self.assertEqual([], self.engine.containers(self.name))

    def test_a_tls_engine_that_is_not_set_up_right_says_what_is_wrong(self):
        path = self.write_stack(self.app())
        for engine, words in (
                (self.tls(caFile="cert.pem"), "is signed by nobody who is trusted here: name its authority with "
                                              "tls.caFile"),
                (self.tls(certificateFile=None, keyFile=None), "wants to be shown a certificate: name one with "
                                                               "tls.certificateFile and tls.keyFile"),
                (self.tls(keyFile="server-key.pem"), "server-key.pem is not that of the certificate"),
                (self.tls().replace("127.0.0.1", "ip6-localhost"), "ip6-localhost")):
            self.assertIn(words, self.apply(path, config=self.config(engine), code=2))

    @beside_neighbours
    def test_a_certificate_that_is_put_right_counts_without_a_restart(self):
        commit = self.app()
        self.write_stack(commit)
        authority = os.path.join(self.work, "ca.pem")
        folder = os.environ["TRUEUP_TEST_CERTIFICATES"]
        shutil.copy(os.path.join(folder, "cert.pem"), authority)
        self.start_daemon("--config", self.config(self.tls(caFile=authority)))
        self.eventually(lambda: "name its authority with tls.caFile" in self.conditions()["Ready"]["message"], 20)
        self.assertIn("signed by nobody who is trusted here", self.http(self.metrics_port, "/readyz")[1])
        self.is_only_not_there_for_now()
        shutil.copy(os.path.join(folder, "ca.pem"), authority)
        self.wait_ready(commit)

    def is_only_not_there_for_now(self):
        ready = self.conditions()["Ready"]
        self.assertEqual(("Unknown", "EngineUnavailable"), (ready["status"], ready["reason"]))
        self.assertNotIn("Stalled", self.conditions())

    @beside_neighbours
    def test_an_ssh_host_that_becomes_known_counts_without_a_restart(self):
        commit = self.app()
        self.write_stack(commit)
        engine = self.ssh(known="")
        self.start_daemon("--config", self.config(engine))
        self.eventually(lambda: "is not known: it shows ssh-ed25519" in self.conditions()["Ready"]["message"], 20)
        self.is_only_not_there_for_now()
        with open(os.path.join(self.work, "known_hosts"), "w", encoding="utf-8") as file:
            file.write(self.sshd.known)
        self.wait_ready(commit)

    def test_an_ssh_host_that_is_not_known_is_not_trusted(self):
        text = self.apply(self.write_stack(self.app()), config=self.config(self.ssh(known="")), code=2)
        self.assertIn("the host key of 127.0.0.1:", text)
        self.assertIn("is not known: it shows ssh-ed25519 SHA256:", text)
        self.assertIn("Add it with ssh-keyscan -p ", text)

    def test_an_ssh_key_that_is_refused_and_a_host_without_docker_are_told(self):
        path = self.write_stack(self.app())
        engine = self.ssh("PATH=/nowhere")
        self.assertIn("there is no docker command at ", self.apply(path, config=self.config(engine), code=2))
        os.remove(os.path.join(self.work, "key.pub"))
        text = self.apply(path, config=self.config(engine), code=2)
        self.assertIn(f"refuses the key {self.work}/key; add its public key to the authorized keys", text)

    @beside_neighbours
    def test_one_engine_behind_two_addresses_is_refused_on_both_sides(self):
        commit = self.app()
        path = self.write_stack(commit)
        self.apply(path)
        before = self.container_id()
        self.write_stack(commit, name=self.name + "-b", spec="engine: far\n")
        config = self.config(f"url: '{self.engine.url}'}}, {{name: far, {self.tls()}")
        self.start_daemon("--config", config)
        for name in (self.name, self.name + "-b"):
            self.eventually(lambda: self.conditions(name).get("Stalled", {}).get("reason") == "DuplicateEngine", 20)
            ready = self.conditions(name)["Ready"]
            self.assertEqual(("False", "DuplicateEngine"), (ready["status"], ready["reason"]))
            for words in (f"'default' ({config}:3:", f"'far' ({config}:3:", "are one and the same"):
                self.assertIn(words, ready["message"])
        self.engine.request("POST", f"/containers/{before}/kill")
        self.assertEqual([], self.engine.containers(self.name + "-b"))
        self.stop_daemon()
        self.assertFalse(self.runs())
        os.remove(os.path.join(self.desired, self.name + "-b.yaml"))
        self.start_daemon("--config", self.config(f"url: '{self.engine.url}'"))
        self.wait_ready(commit)
        self.assertEqual(before, self.container_id())

    def test_an_ssh_connection_that_is_cut_comes_back(self):
        commit = self.app()
        self.write_stack(commit)
        engine = self.ssh()
        self.start_daemon("--config", self.config(engine))
        self.wait_ready(commit)
        subprocess.run(["pkill", "-KILL", "-P", str(self.daemon.pid), "-x", "ssh"], check=True)
        before = self.container_id()
        self.engine.remove(before)
        self.eventually(lambda: self.container_id() != before, 30)
        self.wait_ready(commit)
