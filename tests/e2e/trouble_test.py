# SPDX-License-Identifier: Apache-2.0
"""What a host does to a controller: full disks, folders that cannot be written, clocks that jump. Each is a clear
error, and nothing that runs is lost."""

import glob
import os
import subprocess

from support import Case

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

    def test_a_state_directory_that_cannot_be_written_is_told_at_once(self):
        self.mount(self.state, "8m")
        subprocess.run(["mount", "-o", "remount,ro", self.state], check=True)
        told = self.apply(self.write_stack(self.app()), code=2)
        self.assertIn(self.state, told)
        self.assertIn("Read-only file system", told)
        self.assertIn("--state-dir", told)
        self.assertEqual([], self.engine.containers(self.name))

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
        os.remove(filler)
        self.wait_ready(second, seconds=90)
        self.assertNotEqual(before["Id"], self.container_id())

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

    def test_a_project_name_with_capitals_is_refused_where_it_stands(self):
        path = self.write_stack(self.app(), spec="compose: {project: Shop}")
        told = self.trueup("validate", path, code=2)
        self.assertIn(f"{path}:", told)
        self.assertIn("Shop", told)
        self.assertIn("lower", told)
