# SPDX-License-Identifier: Apache-2.0
"""What operators ask and say at two o'clock in the morning, each caused for real and answered by the binary."""

import json
import os
import signal

from neighbours import beside_neighbours
from support import Case


class Answering(Case):
    def deploy(self, compose=None, spec="", **more):
        commit = self.app(compose=compose, **more)
        self.write_stack(commit, spec=spec)
        self.start_daemon()
        self.wait_ready(commit)
        return commit

    def ask(self, *arguments, code=0):
        return self.trueup(*arguments, "--server", f"http://127.0.0.1:{self.api_port}", code=code)

    def answers(self):
        explanation = json.loads(self.ask("explain", self.name, "-o", "json"))
        return {answer["topic"]: answer for answer in explanation["status"]["answers"]}

    def answer(self, topic):
        found = self.answers()[topic]
        return found["answer"] + " | " + " | ".join(each["text"] for each in found["evidence"])

    def answered(self, topic, *words, seconds=30):
        self.eventually(lambda: all(word in self.answer(topic) for word in words), seconds,
                        lambda: f"{topic}: {self.answer(topic)}\nwithout all of {words}")


class Explain(Answering):
    def test_what_runs_is_told_with_its_proof(self):
        commit = self.deploy()
        text = self.ask("explain", self.name)
        self.assertIn("What runs, and is it proven?", text)
        self.assertIn(f"Commit {commit[:7]} runs; the code of 1 of 1 service is proven", text)
        self.assertIn("Nothing: what runs is what commit", text)

    def test_a_push_that_was_not_seen_yet(self):
        first = self.app()
        self.write_stack(source=f"{{git: {{url: {self.repository.path}, branch: main}}}}", spec="sync: {interval: 1h}")
        self.start_daemon()
        self.wait_ready(first)
        second = self.app("release two")
        self.answered("push", f"Up to commit {first[:7]}", "A push after that is not seen yet")
        self.ask("reconcile", self.name)
        self.wait_ready(second)
        self.answered("push", f"Up to commit {second[:7]}")

    @beside_neighbours
    def test_a_file_that_became_unreadable(self):
        self.deploy()
        path = self.write_stack(text="kind: Stack\nnonsense: [\n")
        self.answered("push", f"No: {path} is invalid", f"{path} is invalid: {path}:")

    def test_a_missing_image_is_no_way_back(self):
        self.deploy()
        self.assertIn("No: no earlier state", self.answer("rollback"))
        old = self.container()["Image"]
        second = self.app("release two")
        self.write_stack(second)
        self.wait_ready(second)
        self.answered("rollback", "Yes, to revision 1")
        self.write_stack("d" * 40)
        self.answered("rollback", "Yes, to revision 2", "it runs already")
        self.write_stack(second)
        self.wait_ready(second)
        self.engine.request("DELETE", f"/images/{old}?force=1")
        self.answered("rollback", "Not at once", "missing 1 image: " + old.removeprefix("sha256:")[:12])

    def test_a_container_that_a_person_stopped(self):
        self.deploy(spec="sync: {grace: 1h}")
        self.engine.request("POST", f"/containers/{self.container_id()}/stop?t=0")
        self.answered("restarts", f"{self.name}-api-1", "was stopped by a person or another program")
        self.answered("waits", "sync.grace")
        self.assertFalse(self.runs())

    def test_a_container_that_the_kernel_ended(self):
        """It waits for /tmp/go, and then takes memory until there is none."""
        self.deploy(compose="""\
            services:
              api:
                build: .
                stop_grace_period: 0s
                command: sh -c "while [ ! -e /tmp/go ]; do sleep 0.1; done; exec tail /dev/zero"
            """)
        self.engine.request("POST", f"/containers/{self.container_id()}/update",
                            {"Memory": 8 << 20, "MemorySwap": 8 << 20})
        self.engine.run_in(self.container_id(), "touch", "/tmp/go")
        self.answered("restarts", f"{self.name}-api-1", "was ended by the kernel: out of memory")

    def test_a_container_that_crashed(self):
        self.deploy(compose="""\
            services:
              api:
                build: .
                stop_grace_period: 0s
                command: sh -c "while [ ! -e /tmp/go ]; do sleep 0.1; done; exit 3"
            """, spec="sync: {driftCorrection: warn}")
        self.engine.run_in(self.container_id(), "touch", "/tmp/go")
        self.answered("restarts", f"{self.name}-api-1", "ended by itself with code 3")

    def test_dockers_restart_policy_after_a_crash(self):
        compose = """\
            services:
              api: {build: ., stop_grace_period: 0s, restart: always}
            """
        self.deploy(compose=compose)
        os.kill(self.container()["State"]["Pid"], signal.SIGKILL)
        self.answered("restarts", f"{self.name}-api-1", "Docker's restart policy has started it once")

    def test_a_container_that_trueup_started_again_and_why(self):
        self.deploy()
        self.engine.request("POST", f"/containers/{self.container_id()}/kill")
        self.answered("restarts", "ContainerStarted (trueup)", "because of state: exited with code 137")


class Saying(Answering):
    def test_a_suspended_stack_is_left_alone_until_resumed(self):
        self.deploy()
        said = self.ask("suspend", self.name, "--for", "1h", "--reason", "disk swap")
        self.assertIn(f"stack {self.name} is suspended for 1h", said)
        self.answered("waits", "the end of its suspension", "disk swap", "(claimed)")
        self.engine.request("POST", f"/containers/{self.container_id()}/kill")
        self.answered("differs", "to do")
        self.assertFalse(self.runs())
        self.assertRegex(self.ask("get"), self.name + r" .* True +\d+\w+ +suspended by person:")
        self.assertIn("disk swap", self.ask("describe", self.name))
        self.ask("resume", self.name)
        self.eventually(self.runs, 90)
        reasons = self.ask("events", self.name)
        for reason in ("Suspended", "Resumed", "ContainerStarted"):
            self.assertIn(reason, reasons)

    def test_resume_without_a_suspension_and_unknown_stacks_are_refused(self):
        self.deploy()
        self.assertIn("nothing is suspended", self.ask("resume", self.name, code=2))
        self.assertIn("there is no stack 'nobody'; `trueup get` lists all", self.ask("suspend", "nobody", code=2))
        near = self.ask("describe", self.name + "x", code=2)
        self.assertIn(f"there is no stack '{self.name}x'; did you mean '{self.name}'?", near)
        self.assertIn("name exactly one of", self.ask("suspend", code=2))

    def test_reconcile_waits_and_tells_the_outcome(self):
        commit = self.deploy()
        self.assertIn(f"commit {commit[:7]} runs, proven", self.ask("reconcile", self.name))
        bad = self.app("release two", files={"Dockerfile": "FROM scratch\nCOPY nowhere /\n"})
        self.write_stack(bad)
        self.eventually(lambda: self.stack()["status"].get("desiredCommit") == bad, 30)
        self.ask("reconcile", self.name, code=2)

    def test_reconcile_is_about_what_was_saved_just_before(self):
        self.deploy()
        for number in range(3):
            commit = self.app(f"release {number}")
            self.write_stack(commit)
            self.assertIn(f"commit {commit[:7]} runs, proven", self.ask("reconcile", self.name))
        path = self.write_stack(commit, spec="sync: {gracee: 1m}")
        told = self.ask("reconcile", self.name, code=2)
        self.assertIn(os.path.basename(path), told)
        self.assertIn("gracee", told)

    def test_history_and_backup(self):
        first = self.deploy()
        second = self.app("release two")
        self.write_stack(second)
        self.wait_ready(second)
        history = self.ask("history", self.name)
        self.assertIn(first[:7], history)
        self.assertIn(second[:7], history)
        copy = os.path.join(self.work, "copy.db")
        self.trueup("backup", copy, "--state-dir", self.state)
        with open(copy, "rb") as file:
            self.assertEqual(b"SQLite format 3\0", file.read(16))
        self.assertIn("exist", self.trueup("backup", copy, "--state-dir", self.state, code=2))

    @beside_neighbours
    def test_a_volume_goes_only_by_its_name_and_with_a_yes(self):
        compose = """\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["data:/data"]}
            volumes: {data: {}}
            """
        self.deploy(compose=compose)
        volume = f"{self.name}_data"
        remove = ("volumes", "remove", volume, "--stack", self.name)
        used = self.trueup(*remove, "--yes", code=2)
        for step in ("it is in use by", f"trueup suspend {self.name}", f"docker rm -f {self.name}-api-1",
                     f"trueup resume {self.name}"):
            self.assertIn(step, used)
        self.stop_daemon()
        self.engine.remove(self.container_id())
        self.assertIn("it belongs to", self.trueup("volumes", "remove", volume, "--stack", "other", "--yes", code=2))
        told = self.trueup(*remove, code=1)
        self.assertIn("say --yes", told)
        self.assertIn(f"on engine default ({self.engine.url}):", told)
        self.engine.request("GET", f"/volumes/{volume}")
        self.assertIn(f"removed {volume}", self.trueup(*remove, "--yes"))
        with self.assertRaises(RuntimeError):
            self.engine.request("GET", f"/volumes/{volume}")

    @beside_neighbours
    def test_a_volume_goes_from_the_engine_that_the_configuration_names(self):
        """$DOCKER_HOST is where the volume is; the controller's engine is another one."""
        volume = f"{self.name}_data"
        self.engine.request("POST", "/volumes/create",
                            {"Name": volume, "Labels": {"com.docker.compose.project": self.name}})
        path = os.path.join(self.work, "config.yaml")
        engines = [f'{{name: far, url: "unix://{self.work}/nobody.sock"}}', f'{{name: near, url: "{self.engine.url}"}}']
        remove = ("volumes", "remove", volume, "--stack", self.name, "--yes", "--config", path)

        def configure(*listed):
            with open(path, "w", encoding="utf-8") as file:
                file.write("apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\n"
                           f"engines: [{', '.join(listed)}]\n")
        configure(engines[0])
        self.assertIn("on engine far (", self.trueup(*remove, code=2))
        configure(*engines)
        self.assertIn("which one is meant: far, near?", self.trueup(*remove, code=2))
        self.assertIn("no engine middle, only: far, near", self.trueup(*remove, "--engine", "middle", code=2))
        self.engine.request("GET", f"/volumes/{volume}")
        self.assertIn(f"removed {volume}", self.trueup(*remove, "--engine", "near"))
        with self.assertRaises(RuntimeError):
            self.engine.request("GET", f"/volumes/{volume}")
