# SPDX-License-Identifier: Apache-2.0
"""The accident that trueup was written for: a hotfix is built and deployed, everything says that it is there, and the
old code goes on answering. Each case first makes it happen to plain docker compose 2.26.1, seen over HTTP; then trueup,
on the same commit, has the new code answer, and tells what it found."""

import base64
import os
import subprocess
import sys
import textwrap
import urllib.request

from compose_case import ComposeCase
from support import free_port

PYTHON = os.environ.get("TRUEUP_TEST_BASE_PYTHON", "")

SERVER = """\
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    import sys
    sys.path.insert(0, "/srv")
    try:
        from app.override import TEXT
    except ImportError:
        from app.release import TEXT

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(TEXT.encode())

        def log_message(self, *_):
            pass

    ThreadingHTTPServer(("", 8000), Answer).serve_forever()
    """

# Writes byte code of other text under a header that fits the source: argv is source, text.
PLANTING = """\
    import importlib.util, marshal, os, sys
    source, text = sys.argv[1:]
    status = os.stat(source)
    number = lambda value: int(value).to_bytes(4, "little")
    path = importlib.util.cache_from_source(source)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(importlib.util.MAGIC_NUMBER + number(0) + number(status.st_mtime) + number(status.st_size))
        file.write(marshal.dumps(compile(text, source, "exec")))
    """


class HotfixCase(ComposeCase):
    """A Python service of docker compose that answers with what its code says."""

    def setUp(self):
        super().setUp()
        if not PYTHON:
            self.fail("TRUEUP_TEST_BASE_PYTHON is not set: run this with ./dev test e2e")
        self.port = free_port()

    def release(self, text, build="", remove=(), **files):
        """Commits the service that answers `text`; `build` are Dockerfile lines behind its COPY. The commit's id."""
        return self.repository.commit({
            "Dockerfile": f"FROM {PYTHON}\nWORKDIR /srv\nCOPY app app\n{textwrap.dedent(build)}"
                          'CMD ["python3", "/srv/serve/serve.py"]\nCOPY serve serve\n',
            "serve/serve.py": SERVER,
            "app/__init__.py": "",
            "app/release.py": f'TEXT = "{text}"\n',
            "app/case.txt": self.name + "\n",
            "compose.yaml": f"""\
                services:
                  api:
                    build: .
                    stop_grace_period: 0s
                    ports: ["127.0.0.1:{self.port}:8000"]
                """,
            **files}, remove)

    def answer(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
                return answer.read().decode()
        except OSError as problem:
            return str(problem)

    def expect_answer(self, text):
        self.eventually(lambda: self.answer() == text, 20, lambda: f"the answer is {self.answer()!r}, not {text!r}")

    def accident(self):
        """docker compose builds and deploys the commit that is checked out."""
        self.compose_up("--build")

    def take_over(self, commit, spec="", seconds=90):
        """trueup gets the same commit, in one reconcile that leaves nothing to do."""
        self.write_stack(commit, spec=f"adopt: true\n{spec}")
        self.start_daemon()
        self.wait_ready(commit, seconds=seconds)

    def events(self):
        return self.trueup("events", self.name, "--server", f"http://127.0.0.1:{self.api_port}")

    def assert_told(self, commit, *words):
        """Cured: proven fresh; and what was found is in the events and counted."""
        self.assertEqual("True", self.condition("Fresh"), self.conditions().get("Fresh"))
        self.assertEqual(0, self.metric("trueup_code_stale", stack=self.name, service="api"))
        told = self.events()
        for word in (*words, commit[:7]):
            self.assertIn(word, told)


class Bytecode(HotfixCase):
    """.pyc files that CPython takes for the commit's sources."""

    keeps_bytecode = """\
        RUN --mount=type=cache,id=%s,target=/pyc [ -e /pyc/release.cpython-311.pyc ] || \\
            python3 -m compileall -q --invalidation-mode unchecked-hash app && cp -n app/__pycache__/* /pyc/; \\
            mkdir -p app/__pycache__ && cp /pyc/* app/__pycache__/
        """
    keeps_sourceless = """\
        RUN --mount=type=cache,id=%s,target=/pyc \\
            python3 -m compileall -q -b app && cp app/*.pyc /pyc/ && cp -n /pyc/*.pyc app/
        """

    def plant(self, source, text):
        subprocess.run([sys.executable, "-c", textwrap.dedent(PLANTING), source, text], check=True)

    def checkout(self, name):
        return os.path.join(self.repository.path, name)

    def test_a_committed_cache_folder_whose_header_fits_the_new_source(self):
        """The context that trueup sends has no bytecode: it only has to notice what compose runs."""
        self.release("release one")
        self.accident()
        self.expect_answer("release one")
        self.release("release two")
        self.plant(self.checkout("app/release.py"), 'TEXT = "release one"')
        commit = self.repository.commit()
        self.assertIn("app/__pycache__/release.cpython-311.pyc", self.repository.git("ls-files"))
        self.accident()
        self.expect_answer("release one")
        self.take_over(commit)
        self.expect_answer("release two")
        self.assert_told(commit, "bytecode: app/__pycache__/release.cpython-311.pyc is not what app/release.py of")
        self.assertEqual(1, self.metric("trueup_drift_detected_total", stack=self.name, kind="bytecode"))

    def test_a_committed_archive_brings_bytecode_past_the_context(self):
        self.release("release two")
        self.plant(self.checkout("app/release.py"), 'TEXT = "release one"')
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
        self.expect_answer("release one")
        self.take_over(commit)
        self.expect_answer("release two")
        self.assert_told(commit, "BytecodePurged", "purged 1 bytecode file that is not the commit's")
        self.assertEqual(1, self.metric("trueup_bytecode_purged_total", stack=self.name))

    def test_bytecode_that_a_cache_mount_keeps_across_builds(self):
        build = self.keeps_bytecode % self.name
        self.release("release one", build)
        self.accident()
        self.expect_answer("release one")
        commit = self.release("release two", build)
        self.accident()
        self.expect_answer("release one")
        self.take_over(commit)
        self.expect_answer("release two")
        self.assert_told(commit, "BytecodePurged", "app/__pycache__/release.cpython-311.pyc is not what app/release.py")
        self.assertEqual(1, self.metric("trueup_bytecode_purged_total", stack=self.name))
        self.assertEqual(1, self.metric("trueup_build_total", stack=self.name, result="built"))
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
        self.expect_answer("override")
        self.take_over(commit)
        self.expect_answer("release two")
        self.assert_told(commit, "BytecodePurged", "/srv/app/override.pyc is bytecode without a source in")

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
