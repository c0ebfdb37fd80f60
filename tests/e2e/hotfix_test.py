# SPDX-License-Identifier: Apache-2.0
"""The accident that trueup was written for: a hotfix is built and deployed, everything says that it is there, and the
old code goes on answering. Each case first makes it happen to plain docker compose 2.26.1, seen over HTTP; then trueup,
on the same commit, has the new code answer, and tells what it found."""

import base64
import os
import subprocess
import textwrap

from hotfix_case import HotfixCase, PLANTING, SERVER, plant


class Bytecode(HotfixCase):
    """.pyc files that CPython takes for the commit's sources."""

    labels = "e2e hotfix"

    keeps_bytecode = """\
        RUN --mount=type=cache,id=%s,target=/pyc [ -e /pyc/release.cpython-311.pyc ] || \\
            python3 -m compileall -q --invalidation-mode unchecked-hash app && cp -n app/__pycache__/* /pyc/; \\
            mkdir -p app/__pycache__ && cp /pyc/* app/__pycache__/
        """
    keeps_sourceless = """\
        RUN --mount=type=cache,id=%s,target=/pyc \\
            python3 -m compileall -q -b app && cp app/*.pyc /pyc/ && cp -n /pyc/*.pyc app/
        """

    def test_a_committed_cache_folder_whose_header_fits_the_new_source(self):
        """The context that trueup sends has no bytecode: it only has to notice what compose runs."""
        self.release("release one")
        self.accident()
        self.expect_answer("release one")
        self.release("release two")
        plant(self.checkout("app/release.py"), 'TEXT = "release one"')
        commit = self.repository.commit()
        self.assertIn("app/__pycache__/release.cpython-311.pyc", self.repository.git("ls-files"))
        self.accident()
        self.served_by_compose("release one")
        self.take_over(commit, kinds=("bytecode",))
        self.expect_answer("release two")
        self.assert_told(commit, "bytecode: app/__pycache__/release.cpython-311.pyc is not what app/release.py of")
        self.assertEqual(1, self.metric("trueup_drift_detected_total", stack=self.name, kind="bytecode"))
        self.assert_answer_documented("a `__pycache__` was committed, its header fits the new source", commit)

    def test_a_committed_archive_brings_bytecode_past_the_context(self):
        self.release("release two")
        plant(self.checkout("app/release.py"), 'TEXT = "release one"')
        with open(self.checkout("app/__pycache__/release.cpython-311.pyc"), "rb") as file:
            head, code = file.read(16), file.read()
        # The time of the checkout is compose's, the commit's is trueup's: fits any.
        unchecked = head[:4] + (1).to_bytes(4, "little") + bytes(8) + code
        subprocess.run(["rm", "-r", self.checkout("app/__pycache__")], check=True)
        pack = self.checkout("vendor")
        os.makedirs(os.path.join(pack, "__pycache__"))
        with open(os.path.join(pack, "__pycache__/release.cpython-311.pyc"), "wb") as file:
            file.write(unchecked)
        subprocess.run(["tar", "-C", pack, "-cf", self.checkout("vendor.tar"), "."], check=True)
        subprocess.run(["rm", "-r", pack], check=True)
        commit = self.release("release two", build="ADD vendor.tar /srv/app/\n")
        self.accident()
        self.served_by_compose("release one")
        # What an archive holds is not followed: the Stack says where the code lies.
        code = "code: [{service: api, from: app, to: /srv/app}, {service: api, from: serve, to: /srv/serve}]"
        self.take_over(commit, code, kinds=("bytecode",))
        self.expect_answer("release two")
        self.assert_told(commit, "BytecodePurged", "purged 1 bytecode file that is not the commit's")
        self.assertEqual(1, self.metric("trueup_bytecode_purged_total", stack=self.name))
        self.assert_answer_documented("an archive in the commit brings old bytecode along", commit)

    def test_bytecode_that_a_cache_mount_keeps_across_builds(self):
        build = self.keeps_bytecode % self.name
        self.release("release one", build)
        self.accident()
        self.expect_answer("release one")
        commit = self.release("release two", build)
        self.accident()
        self.served_by_compose("release one")
        self.take_over(commit, kinds=("bytecode",))
        self.expect_answer("release two")
        self.assert_told(commit, "BytecodePurged", "app/__pycache__/release.cpython-311.pyc is not what app/release.py")
        self.assertEqual(1, self.metric("trueup_bytecode_purged_total", stack=self.name))
        self.assertEqual(1, self.metric("trueup_build_total", stack=self.name, result="built"))
        self.assert_answer_documented("a `RUN --mount=type=cache` keeps bytecode across builds", commit)
        # The next release is built past the same cache, and what was purged stays away over a restart.
        third = self.release("release 333", build)
        self.write_stack(third, spec="adopt: true")
        self.wait_ready(third)
        self.expect_answer("release 333")
        before = self.container_id()
        self.stop_daemon()
        self.start_daemon()
        self.wait_ready(third)
        self.assertEqual("True", self.condition("Fresh"))
        self.assertEqual(before, self.container_id())

    def test_sourceless_bytecode_left_behind(self):
        build = self.keeps_sourceless % self.name
        self.release("release one", build, **{"app/override.py": 'TEXT = "override"\n'})
        self.accident()
        self.expect_answer("override")
        commit = self.release("release two", build, remove=["app/override.py"])
        self.accident()
        self.served_by_compose("override")
        self.take_over(commit, kinds=("bytecode",))
        self.expect_answer("release two")
        self.assert_told(commit, "BytecodePurged", "/srv/app/override.pyc is bytecode without a source in")
        self.assert_answer_documented("bytecode outlived its source, which the commit removed", commit)

    def test_rejected_bytecode_fails_the_build_and_what_runs_stays(self):
        build = self.keeps_bytecode % self.name
        first = self.release("release one", build)
        spec = "build: {bytecode: reject}"
        self.apply(self.write_stack(first, spec=spec))
        before = self.container_id()
        told = self.apply(self.write_stack(self.release("release two", build), spec=spec), code=2)
        self.assertIn("spec.build.bytecode is reject", told)
        self.assertIn("app/__pycache__/release.cpython-311.pyc is not what app/release.py of", told)
        self.assertEqual(before, self.container_id())
        self.expect_answer("release one")

    def test_what_the_application_compiles_itself_is_no_drift(self):
        commit = self.release("release one")
        self.write_stack(commit)
        self.start_daemon()
        self.wait_ready(commit)
        self.expect_answer("release one")
        before = self.container()
        self.engine.run_in(before["Id"], "ls", "/srv/app/__pycache__/release.cpython-311.pyc")
        self.eventually(lambda: self.metric("trueup_verification_total", stack=self.name, result="success") >= 3, 90)
        self.assertEqual("True", self.condition("Fresh"))
        self.assertEqual(before["Id"], self.container_id())
        self.assertEqual(0, self.metric("trueup_drift_detected_total", stack=self.name, kind="bytecode"))

    def test_bytecode_planted_in_a_running_container(self):
        commit = self.release("release one")
        self.write_stack(commit, spec="sync: {driftCorrection: warn}")
        self.start_daemon()
        self.wait_ready(commit)
        self.expect_answer("release one")
        before = self.container_id()
        program = base64.b64encode(textwrap.dedent(PLANTING).encode()).decode()
        self.engine.run_in(before, "python3", "-c", f"import base64; exec(base64.b64decode('{program}'))",
                           "/srv/app/release.py", 'TEXT = "planted"')
        self.eventually(lambda: self.condition("Fresh") == "False", 90)
        self.assertIn("app/__pycache__/release.cpython-311.pyc is not what app/release.py of " + commit[:7],
                      self.conditions()["Fresh"]["message"])
        self.assertEqual(1, self.metric("trueup_code_stale", stack=self.name, service="api"))
        self.assertEqual(1, self.metric("trueup_drift", stack=self.name, kind="bytecode"))
        self.assertEqual(before, self.container_id())
        self.write_stack(commit)
        self.wait_ready(commit)
        self.assertNotEqual(before, self.container_id())
        self.assertEqual("True", self.condition("Fresh"))
        self.expect_answer("release one")
