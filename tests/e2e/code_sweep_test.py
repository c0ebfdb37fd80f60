# SPDX-License-Identifier: Apache-2.0
"""What is looked at in containers that run, and how soon an edit is told."""

import textwrap
import time

from support import BUSYBOX, Case

# Beside its code: a file that no scan would ever come to the end of, and one that never stands still.
BUSY = f"""\
FROM {BUSYBOX}
WORKDIR /srv
COPY app app
CMD ["sh", "-c", "truncate -s 4096G app/data.bin; while :; do echo one > app/busy.db; echo more >> app/busy.db; done"]
"""
SINGLE = f"""\
FROM {BUSYBOX}
WORKDIR /srv
COPY app/main.txt app/case.txt ./
CMD ["sleep", "1000000"]
"""
SOON = 10


class CodeSweep(Case):
    def deploy(self, dockerfile, spec=""):
        commit = self.app(files={"Dockerfile": dockerfile})
        self.write_stack(commit, spec=textwrap.dedent(spec))
        self.start_daemon()
        self.wait_ready(commit)
        self.assertEqual("True", self.condition("Fresh"))

    def edit(self, path, text):
        self.engine.run_in(self.container_id(), "sh", "-c", f"echo {text} > {path}")

    def drift(self):
        return self.stack()["status"]["services"][0].get("drift", "")

    def test_what_an_application_writes_beside_its_code_stands_in_nobodys_way(self):
        self.deploy(BUSY)
        first = self.container_id()
        self.assertEqual([("files", "True")],
                         [(each["proof"], each["fresh"]) for each in self.stack()["status"]["services"]])
        self.edit("/srv/app/main.txt", "edited")
        self.eventually(lambda: self.container_id() != first and self.condition("Fresh") == "True", 60,
                        "it is replaced")
        began = time.monotonic()
        self.assertEqual(0, self.stop_daemon())
        self.assertLess(time.monotonic() - began, 15)

    def test_an_edit_of_a_single_copied_file_is_told_soon_and_so_is_the_next(self):
        self.deploy(SINGLE, "sync: {driftCorrection: warn}")
        # A look without a notice would be due after some time only.
        time.sleep(5)
        self.edit("/srv/main.txt", "edited")
        self.eventually(lambda: self.condition("Fresh") == "False", SOON, "it is told")
        self.assertEqual("app/main.txt modified", self.drift())
        self.edit("/srv/case.txt", "edited")
        self.eventually(lambda: self.drift() == "app/case.txt modified and 1 more", SOON,
                        lambda: f"both are told: {self.drift()}")
