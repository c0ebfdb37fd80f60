# SPDX-License-Identifier: Apache-2.0
"""What a host does to a controller: full disks, folders that cannot be written, clocks that jump. Each is a clear
error, and nothing that runs is lost."""

import glob
import os
import re
import subprocess

from neighbours import beside_neighbours, data_of
from private_engine import PrivateEngine
from support import BUSYBOX, Case

LIBFAKETIME = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")


class Trouble(Case):
    def mount(self, folder, size):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)

    def message(self, kind="Ready"):
        return self.conditions().get(kind, {}).get("message", "")

    def fill(self, folder):
        """Takes all the space there is; the file to remove for it to come back."""
        path = os.path.join(folder, "filler")
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
        try:
            while True:
                os.write(descriptor, b"x" * 4096)
        except OSError:
            return path
        finally:
            os.close(descriptor)

    @beside_neighbours
    def test_a_state_directory_that_cannot_be_written_is_told_at_once(self):
        self.mount(self.state, "8m")
        subprocess.run(["mount", "-o", "remount,ro", self.state], check=True)
        told = self.apply(self.write_stack(self.app()), code=2)
        self.assertIn(self.state, told)
        self.assertIn("Read-only file system", told)
        self.assertIn("--state-dir", told)
        self.assertEqual([], self.engine.containers(self.name))

    def stands(self, reason):
        """What was applied is kept as it was, while the commit that is wanted cannot be had."""
        self.eventually(lambda: self.conditions()["Ready"]["reason"] == reason, 40, self.message)
        self.assertEqual({"Synced": "False", "Healthy": "True", "Fresh": "True"},
                         {kind: self.condition(kind) for kind in ("Synced", "Healthy", "Fresh")})
        first = self.container_id()
        self.engine.run_in(first, "sh", "-c", "echo by hand > /srv/app/main.txt")
        self.eventually(lambda: self.container_id() != first and self.read_file("/srv/app/main.txt") == "release one\n",
                        40, "the edit is put right")
        # Or else the removal meets a rollout that still looks whether to put the one before back.
        self.eventually(lambda: len(self.engine.containers(self.name)) == 1, 40, "and is done with")
        self.engine.remove(self.container_id())
        self.eventually(lambda: self.engine.exists(f"{self.name}-api-1") and self.runs(), 40, "it is there again")
        self.eventually(lambda: self.condition("Fresh") == self.condition("Healthy") == "True", 40, self.message)
        self.assertEqual(reason, self.conditions()["Ready"]["reason"])

    @beside_neighbours
    def test_what_was_applied_is_kept_while_another_commit_cannot_be_had(self):
        commit = self.app()
        self.write_stack(commit)
        self.start_daemon()
        self.wait_ready(commit)
        self.write_stack("d" * 40)
        self.stands("RevisionNotFound")
        dockerfile = f"FROM {BUSYBOX}\nCOPY app /srv/app\nRUN false\n"
        self.write_stack(self.app("release two", files={"Dockerfile": dockerfile}))
        self.stands("BuildFailed")

    @beside_neighbours
    def test_a_full_state_directory_stops_no_stack_and_is_told(self):
        self.mount(self.state, "16m")
        commit = self.app()
        self.write_stack(commit)
        self.start_daemon()
        self.wait_ready(commit)
        before = self.container()
        filler = self.fill(self.state)
        second = self.app("release two")
        self.write_stack(second)
        self.eventually(lambda: "No space left on device" in self.read_log(), 40, self.read_log)
        self.assertTrue(self.runs())
        self.eventually(lambda: "[-]store failed: " in self.http(self.metrics_port, "/readyz")[1], 20)
        os.remove(filler)
        self.wait_ready(second, seconds=90)
        self.assertNotEqual(before["Id"], self.container_id())
        self.eventually(lambda: self.http(self.metrics_port, "/readyz") == (200, "ok\n"), 20)

    @beside_neighbours
    def test_a_state_directory_that_becomes_read_only_is_told_and_stops_no_stack(self):
        commit = self.app()
        self.write_stack(commit)
        self.start_daemon()
        self.wait_ready(commit)
        before = self.container()
        database = os.path.join(self.state, "state.db")
        subprocess.run(["mount", "--bind", database, database], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", database], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["mount", "-o", "remount,bind,ro", database], check=True)
        self.eventually(lambda: self.http(self.metrics_port, "/readyz")[0] == 503, 20)
        self.assertIn("Read-only file system", self.http(self.metrics_port, "/readyz/store")[1])
        self.assertEqual(200, self.http(self.metrics_port, "/readyz?exclude=store")[0])
        self.engine.request("POST", f"/containers/{before['Id']}/kill")
        self.eventually(self.runs, 30, "healed all the same")
        self.assertEqual(before["Id"], self.container_id())
        subprocess.run(["umount", database], check=True)
        self.eventually(lambda: self.http(self.metrics_port, "/readyz")[0] == 200, 20)

    @beside_neighbours
    def test_a_full_disk_for_materialised_files_changes_nothing(self):
        self.mount(self.state, "16m")
        commit = self.app()
        self.write_stack(commit)
        self.start_daemon()
        self.wait_ready(commit)
        before = self.container_id()
        big = os.urandom(6 << 20).hex()    # no compression makes it fit
        second = self.app("release two", files={"conf/big": big}, compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["./conf:/conf"]}
            """)
        self.write_stack(second)
        self.eventually(lambda: "o space left" in self.message(), 60, lambda: self.message())
        self.assertEqual(before, self.container_id())
        self.assertTrue(self.runs())

    def private_engine(self):
        """The case's engine from now on, until its end."""
        engine, before = PrivateEngine(os.path.join(self.work, "engine")), self.engine
        self.addCleanup(engine.stop)
        self.addCleanup(self.stop_daemon)
        self.addCleanup(setattr, self, "engine", before)
        self.engine = engine
        return engine

    @beside_neighbours
    def test_another_engine_in_the_stack_waits_for_confirmation(self):
        other = PrivateEngine(os.path.join(self.work, "other"))
        self.addCleanup(other.stop)
        other.start(os.path.join(self.work, "data"))
        config = os.path.join(self.work, "config.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write("apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\nengines:\n"
                       f"- {{name: default, url: '{self.engine.url}'}}\n- {{name: other, url: '{other.url}'}}\n")
        commit = self.app()
        self.write_stack(commit)
        self.start_daemon("--config", config)
        self.wait_ready(commit)
        before = self.container()
        commit = self.app("release two")
        path = self.write_stack(commit, spec="engine: other")
        self.eventually(lambda: "ran on engine default" in self.message("Stalled"))
        self.stop_daemon()
        self.assertRegex(self.apply(path, code=2, config=config),
                         f"ran on engine default.*`trueup apply -f {path} --confirm guard-[0-9a-f]+` lets exactly this")
        self.start_daemon("--config", config)
        self.eventually(lambda: "ran on engine default" in self.message("Stalled"), 30, "it outlives the controller")
        self.assertEqual([], other.containers(self.name))
        server = ("--server", f"http://127.0.0.1:{self.api_port}")
        self.trueup("confirm", self.name, "--yes", *server)
        self.wait_ready(commit)
        self.assertEqual(1, len(other.containers(self.name)))
        self.assertEqual((before["Id"], before["State"]["StartedAt"]),
                         (self.container()["Id"], self.container()["State"]["StartedAt"]))
        self.assertIn("it moves from engine default to engine other", self.trueup("events", self.name, *server))
        # And back, without a controller: that token counted.
        self.stop_daemon()
        self.engine.remove(before["Id"])
        path = self.write_stack(commit, spec="engine: default")
        asked = re.search("--confirm (guard-[0-9a-f]+)`", self.apply(path, code=2, config=config))
        self.assertTrue(asked)
        told = self.trueup("apply", "-f", path, "--config", config, "--confirm", asked[1])
        self.assertNotIn("no question is asked", told)
        self.assertTrue(self.runs())

    @beside_neighbours
    def test_a_disk_that_a_build_fills_leaves_what_runs(self):
        """What the build writes, and what it copies, have no room in the engine's data directory."""
        data = os.path.join(self.work, "small")
        self.mount(data, "48m")
        engine = self.private_engine()
        engine.start(data)
        foreign = self.start_foreign(self.name + "-foreign", {})
        first = self.app()
        self.write_stack(first)
        self.start_daemon(engine=engine.url)
        self.wait_ready(first)
        before, containers = self.container(), len(engine.containers())
        writes = {"Dockerfile": f"FROM {BUSYBOX}\nWORKDIR /srv\nCOPY app app\n"
                                "RUN dd if=/dev/zero of=/big bs=1M count=100\nCMD [\"sleep\", \"1000000\"]\n"}
        for text, files in (("release two", writes), ("release three", {"app/big": os.urandom(30 << 20).hex()})):
            commit = self.app(text, files=files)
            self.write_stack(commit)
            self.eventually(lambda: "o space left" in self.message(), 90, lambda: self.message())
            self.assertEqual("BuildFailed", self.conditions()["Ready"]["reason"])
            self.assertEqual((before["Id"], before["State"]["StartedAt"]),
                             (self.container()["Id"], self.container()["State"]["StartedAt"]))
            self.assertEqual("release one\n", self.read_file("/srv/app/main.txt"))
            self.assertEqual(containers, len(engine.containers()), "nothing half made is left")
        self.assertTrue(engine.container(foreign)["State"]["Running"])
        subprocess.run(["mount", "-o", "remount,size=512m", data], check=True)
        self.wait_ready(commit, seconds=120)
        self.assertEqual("release three\n", self.read_file("/srv/app/main.txt"))
        self.assertTrue(engine.container(foreign)["State"]["Running"])

    @beside_neighbours
    def test_another_engine_at_the_same_address_loses_nothing(self):
        engine = self.private_engine()
        one, other = os.path.join(self.work, "one"), os.path.join(self.work, "other")
        engine.start(one)
        foreign = self.start_foreign(self.name + "-foreign", {})
        commit = self.app(compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, restart: always, volumes: ["rows:/data"]}
            volumes: {rows: {}}
            """)
        self.write_stack(commit)
        self.start_daemon(engine=engine.url)
        self.wait_ready(commit)
        engine.run_in(self.container_id(), "sh", "-c", "seq 500 > /data/rows")
        before, rows = self.container_id(), data_of(engine, self.name + "_rows")
        engine.stop()
        self.eventually(lambda: self.conditions()["Ready"]["reason"] == "EngineUnavailable", 30)
        engine.start(other)
        self.eventually(lambda: self.conditions().get("Stalled", {}).get("reason") == "VolumesGone", 60)
        self.assertIn(f"none of its volumes ({self.name}_rows)", self.message())
        self.assertEqual([], engine.containers(self.name))
        server = ("--server", f"http://127.0.0.1:{self.api_port}")
        self.eventually(lambda: "EngineReplaced" in self.http(
            self.api_port, "/apis/trueup.dev/v1alpha1/events")[1], 20)
        engine.stop()
        engine.start(one)
        self.wait_ready(commit, seconds=90)
        self.assertEqual(before, self.container_id())
        self.assertEqual(rows, data_of(engine, self.name + "_rows"))
        self.assertEqual("exited", engine.container(foreign)["State"]["Status"], "as its engine left it")
        engine.stop()
        engine.start(other)
        self.eventually(lambda: self.conditions().get("Stalled", {}).get("reason") == "VolumesGone", 60)
        self.trueup("confirm", self.name, "--yes", *server)
        self.wait_ready(commit, seconds=90)
        self.assertNotEqual(rows, data_of(engine, self.name + "_rows"))

    @beside_neighbours
    def test_a_clock_that_jumps_changes_nothing(self):
        """The controller's wall clock, not its steady one, goes three days ahead and then back behind its start."""
        clock = os.path.join(self.work, "clock")

        def jump(offset):
            with open(clock + ".part", "w", encoding="utf-8") as file:
                file.write(offset + "\n")
            os.rename(clock + ".part", clock)

        jump("+0")
        first = self.app()
        self.write_stack(first)
        self.start_daemon(env={"LD_PRELOAD": LIBFAKETIME[0], "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
                               "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        self.wait_ready(first)
        before = self.container()
        for offset, text in (("+3d", "release two"), ("-3d", "release three")):
            jump(offset)
            self.engine.request("POST", f"/containers/{self.container_id()}/kill")
            self.eventually(self.runs, 30, f"started again at {offset}")
            self.assertEqual(before["Id"], self.container_id())
            commit = self.app(text)
            self.write_stack(commit)
            self.wait_ready(commit)
            before = self.container()

    @beside_neighbours
    def test_a_project_name_with_capitals_leaves_what_runs(self):
        commit = self.app()
        self.write_stack(commit)
        self.start_daemon()
        self.wait_ready(commit)
        before = self.container()
        path = self.write_stack(self.app("release two"), spec="compose: {project: Shop}")
        self.eventually(lambda: any("is invalid now" in text for text in self.stack()["status"].get("warnings", [])))
        told = self.trueup("get", "sources", "-o", "json", "--server", f"http://127.0.0.1:{self.api_port}")
        self.assertRegex(told, re.escape(path) + r":\d+:\d+: .*Shop")
        self.eventually(lambda: self.conditions()["Ready"]["reason"] == "InvalidFile")
        self.assertEqual(("True", commit), (self.condition("Synced"), self.stack()["status"]["runningCommit"]),
                         "what was in force stays")
        self.assertRegex(self.trueup("get", "--server", f"http://127.0.0.1:{self.api_port}"),
                         self.name + r" +test +\w{7} +False .*its file is invalid")
        self.assertEqual((before["Id"], before["State"]["StartedAt"]),
                         (self.container()["Id"], self.container()["State"]["StartedAt"]))
        self.stop_daemon()
        self.start_daemon()
        self.eventually(lambda: self.conditions().get("Ready", {}).get("reason") == "InvalidFile")
        self.assertEqual((before["Id"], before["State"]["StartedAt"]),
                         (self.container()["Id"], self.container()["State"]["StartedAt"]))
        commit = self.repository.git("rev-parse", "HEAD")
        self.write_stack(commit)
        self.wait_ready(commit)

    def test_a_project_name_with_capitals_is_refused_where_it_stands(self):
        path = self.write_stack(self.app(), spec="compose: {project: Shop}")
        told = self.trueup("validate", path, code=2)
        self.assertIn(f"{path}:", told)
        self.assertIn("Shop", told)
        self.assertIn("lower", told)
