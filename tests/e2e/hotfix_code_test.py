# SPDX-License-Identifier: Apache-2.0
"""Old code that no bytecode is to blame for: a cache of the builder, a container that stayed, an old volume, and hands
in a running container."""

import http.server
import os
import subprocess
import threading

from hotfix_case import HotfixCase


class Script(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.script)

    def log_message(self, *_):
        pass


def start_server(script):
    """Answers with its `script`."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Script)
    server.script = script
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class StaleCode(HotfixCase):
    """Each cause alone."""

    labels = "e2e hotfix"

    def test_a_copy_layer_that_the_cache_takes_for_the_new_one(self):
        """A checkout that keeps times: the file has the size and the time of the one before."""
        self.release("release one")
        self.accident()
        self.expect_answer("release one")
        source = self.checkout("app/release.py")
        before = os.stat(source)
        commit = self.release("release two")
        subprocess.run(["touch", "-d", f"@{before.st_mtime_ns // 10**9}.{before.st_mtime_ns % 10**9:09}", source],
                       check=True)
        self.assertEqual(before.st_size, os.stat(source).st_size)
        self.accident()
        self.assertTrue(self.is_cached("COPY app app"), self.said)
        self.served_by_compose("release one", f"`COPY app app` CACHED; {self.ended()}")
        self.take_over(commit)
        self.expect_answer("release two")
        self.assert_told(commit, "code: app/release.py differs from")
        self.assert_answer_documented("a changed file of the same size and time (`touch -d`)", commit)

    def test_an_image_rebuilt_under_its_tag_while_the_container_stays(self):
        """`up -d --build` makes this one right; `build` and `restart`, which many type, do not."""
        self.release("release one")
        self.accident()
        self.expect_answer("release one")
        self.release("release two")
        self.compose("build", "--quiet")
        self.compose("restart", "-t", "0")
        self.expect_answer("release one")
        self.accident()
        self.assertIn("Recreated", self.ended())
        self.expect_answer("release two")
        commit = self.release("release 333")
        self.compose("build", "--quiet")
        self.said = self.compose("restart", "-t", "0")
        self.served_by_compose("release two", f"`build`, `restart`: {self.ended()} (`up -d --build`: Recreated)")
        self.take_over(commit)
        self.expect_answer("release 333")
        self.assert_told(commit, "code: app/release.py differs from")
        self.assert_answer_documented("the image was rebuilt under its tag, the container stayed", commit)

    def test_an_image_built_elsewhere_moves_under_its_tag(self):
        """Nothing but the image is known of it: no file of the commit is in it."""
        tag = f"{self.name}-api:1"
        ci = {"ci.yaml": self.compose_text(api=f"build: .\nimage: {tag}")}
        self.release("release one", **ci)
        self.compose("-f", "ci.yaml", "build", "--quiet")
        commit = self.release("release one", **{"compose.yaml": self.compose_text(api=f"image: {tag}")})
        self.write_stack(commit, spec="sync: {driftCorrection: warn}")
        self.start_daemon()
        self.wait_ready(commit)
        self.expect_answer("release one")
        self.forget_events()
        self.repository.commit({"app/release.py": 'TEXT = "release two"\n'})
        self.compose("-f", "ci.yaml", "build", "--quiet")
        self.said = self.compose("restart", "-t", "0")
        self.served_by_compose("release one", f"`restart`: {self.ended()}")
        self.eventually(lambda: self.condition("Fresh") == "False", 60)
        self.assertEqual(1, self.metric("trueup_drift", stack=self.name, kind="image"))
        self.write_stack(commit)
        self.eventually(lambda: self.answer() == "release two", 60)
        self.wait_ready(commit)
        self.assertEqual("True", self.condition("Fresh"))
        self.assertEqual(0, self.metric("trueup_drift", stack=self.name, kind="image") or 0)
        self.assert_answer_documented("the tag of an image built elsewhere moved, the container stayed", commit)

    def test_an_old_anonymous_volume_over_the_code(self):
        self.release("release one", build="VOLUME /srv/app\n")
        self.accident()
        self.expect_answer("release one")
        old = self.volume()
        commit = self.release("release two", build="VOLUME /srv/app\n")
        self.accident()
        self.served_by_compose("release one")
        self.assertEqual(old, self.volume())
        self.take_over(commit)
        self.expect_answer("release two")
        self.assert_told(commit, "code: app/release.py differs from")
        self.assert_answer_documented("an anonymous volume of the old container lies over the code", commit)
        # The one that trueup's own container made does not come along either, and nobody's data is removed.
        second = self.volume()
        third = self.release("release 333", build="VOLUME /srv/app\n")
        self.write_stack(third, spec="adopt: true")
        self.wait_ready(third)
        self.expect_answer("release 333")
        self.assertEqual("True", self.condition("Fresh"))
        there = {volume["Name"] for volume in self.engine.request("GET", "/volumes")["Volumes"]}
        self.assertLessEqual({old, second, self.volume()}, there)

    def volume(self):
        mounts = self.container()["Mounts"]
        return next(mount["Name"] for mount in mounts if mount["Destination"] == "/srv/app")

    def test_a_file_edited_in_the_running_container(self):
        commit = self.release("release two")
        self.accident()
        self.expect_answer("release two")
        self.edit("sed", "-i", "s/release two/by hand/", "/srv/app/release.py")
        self.accident()
        self.served_by_compose("by hand")
        self.take_over(commit)
        self.expect_answer("release two")
        self.assert_told(commit, "code: app/release.py differs from")
        self.assert_answer_documented("a file was edited in the running container", commit)

    def test_a_file_deleted_in_the_running_container(self):
        commit = self.release("release one", **{"app/override.py": 'TEXT = "release two"\n'})
        self.accident()
        self.expect_answer("release two")
        self.edit("rm", "/srv/app/override.py")
        self.accident()
        self.served_by_compose("release one")
        self.take_over(commit)
        self.expect_answer("release two")
        self.assert_told(commit, "code: app/override.py of")
        self.assert_answer_documented("a file was deleted in the running container", commit)

    def test_a_file_added_in_the_running_container(self):
        commit = self.release("release two")
        self.accident()
        self.expect_answer("release two")
        self.edit("sh", "-c", """echo 'TEXT = "by hand"' > /srv/app/override.py""")
        self.accident()
        self.served_by_compose("by hand")
        self.take_over(commit)
        self.expect_answer("release two")
        self.assert_told(commit, "app/override.py is not in")
        self.assert_answer_documented("a source file was added in the running container", commit)

    def test_a_poisoned_layer_in_the_builders_cache(self):
        """A step took over what a server had once, and its layer is taken for every later build."""
        server = start_server(b"sed -i 's/release two/release one/' app/release.py")
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}/"
        fetch = f"python3 -c 'import urllib.request as r; print(r.urlopen(\"{url}\").read().decode())'"
        compose = self.compose_text(api="build: {context: ., network: host}")
        commit = self.release("release two", f"RUN {fetch} | sh\n", **{"compose.yaml": compose})
        self.accident()
        self.expect_answer("release one")
        server.script = b"true"
        self.accident()
        self.assertTrue(self.is_cached(f"RUN {fetch} | sh"), self.said)
        self.served_by_compose("release one", f"`RUN …` CACHED; {self.ended()}")
        self.take_over(commit)
        self.expect_answer("release two")
        self.assert_told(commit, "RebuiltWithoutCache", "app/release.py is modified): built again without cache")
        self.assertEqual(1, self.metric("trueup_build_uncached_total", stack=self.name, reason="modified"))
        self.assert_answer_documented("a build step went wrong once, its layer is in the cache", commit)

    def test_an_image_that_never_holds_the_code_is_built_twice_and_stalls(self):
        """Nothing is replaced by it, and nothing builds it for ever."""
        first = self.release("release one")
        self.write_stack(first)
        self.start_daemon()
        self.wait_ready(first)
        before = self.container_id()
        bad = self.release("release two", "RUN sed -i 's/release two/release one/' app/release.py\n")
        self.write_stack(bad)
        self.eventually(lambda: self.condition("Stalled") == "True", 60)
        stalled = self.conditions()["Stalled"]
        self.assertEqual("ProofFailed", stalled["reason"])
        self.assertIn("even without cache: app/release.py is modified", stalled["message"])
        self.assertEqual(1, self.metric("trueup_build_uncached_total", stack=self.name, reason="modified"))
        self.assertEqual(2, self.metric("trueup_build_total", stack=self.name, result="unproven"))
        self.assertIn("somebody to mend this: ProofFailed", self.trueup(
            "explain", self.name, "--server", f"http://127.0.0.1:{self.api_port}"))
        self.assertEqual(before, self.container_id())
        self.expect_answer("release one")
        good = self.release("release 333")
        self.write_stack(good)
        self.wait_ready(good)
        self.expect_answer("release 333")
