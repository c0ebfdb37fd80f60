# SPDX-License-Identifier: Apache-2.0
"""The whole accident: one release, a service for each cause, one reconcile."""

import os

from hotfix_case import LOADS_LIVE, HotfixCase, plant
from support import free_port

OLD, NEW = "release one", "release two"


class Together(HotfixCase):
    labels = "e2e hotfix"

    # Cause by cause: Dockerfile lines behind the COPY, what compose serves in the end, the drift, what trueup names.
    accidents = {
        "layer": ("", OLD, "code", "layer/app/release.py differs from"),
        "tag": ("", OLD, "code", "tag/app/release.py differs from"),
        "volume": ("VOLUME /srv/app\n", OLD, "code", "volume/app/release.py differs from"),
        "edited": ("", "by hand", "code", "edited/app/release.py differs from"),
        "deleted": ("", OLD, "code", "deleted/app/override.py of"),
        "added": ("", "by hand", "code", "/srv/app/override.py is not in"),
        "committed": ("", OLD, "bytecode", "committed/app/__pycache__/release.cpython-311.pyc is not what"),
        "mounted": ("""\
            RUN --mount=type=cache,id=%s,target=/pyc [ -e /pyc/release.cpython-311.pyc ] || \\
                python3 -m compileall -q --invalidation-mode unchecked-hash app && cp -n app/__pycache__/* /pyc/; \\
                mkdir -p app/__pycache__ && cp /pyc/* app/__pycache__/
            """, OLD, "bytecode", "mounted/app/__pycache__/release.cpython-311.pyc is not what"),
        "sourceless": ("""\
            RUN --mount=type=cache,id=%s-sourceless,target=/pyc \\
                python3 -m compileall -q -b app && cp app/*.pyc /pyc/ && cp -n /pyc/*.pyc app/
            """, OLD, "bytecode", "/srv/app/override.pyc is bytecode without a source in"),
    }

    # Beside them: a module on the host, which changes under the process that has loaded it.
    bound = """\
        build: ./bound
        environment: {PYTHONDONTWRITEBYTECODE: "1"}
        volumes: ["./live:/srv/live:ro"]
        """

    def setUp(self):
        super().setUp()
        self.ports = {service: free_port() for service in (*self.accidents, "bound")}

    def commit(self, text, remove=(), **override):
        services = {name: f"build: ./{name}" for name in self.accidents}
        files = {"compose.yaml": self.compose_text(**services, bound=self.bound), ".gitignore": "/live\n",
                 **self.files_of("release", folder="bound/"), "bound/serve/serve.py": LOADS_LIVE}
        for service, (build, *_) in self.accidents.items():
            files.update(self.files_of(text, build % self.name if "%s" in build else build, f"{service}/"))
            if service in override:
                files[f"{service}/app/override.py"] = f'TEXT = "{override[service]}"\n'
        return self.repository.commit(files, remove)

    def deploy_two_releases(self):
        """The second one's commit."""
        self.live(OLD)
        self.commit(OLD, deleted=NEW, sourceless=OLD)
        self.accident()
        for service in self.accidents:
            self.expect_answer(NEW if service == "deleted" else OLD, service)
        source = self.checkout("layer/app/release.py")
        before = os.stat(source)
        self.commit(NEW, remove=["sourceless/app/override.py"])
        self.repository.commit({"deleted/app/release.py": f'TEXT = "{OLD}"\n'})
        plant(self.checkout("committed/app/release.py"), f'TEXT = "{OLD}"')
        os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
        commit = self.repository.commit()
        self.compose("build", "--quiet", "tag")
        self.compose("restart", "-t", "0", "tag")
        self.deploy_all_but_tag()
        return commit

    def deploy_all_but_tag(self):
        self.accident(*(service for service in (*self.accidents, "bound") if service != "tag"))

    def change_by_hand(self):
        for service, command in (("edited", ("sed", "-i", f"s/{NEW}/by hand/", "/srv/app/release.py")),
                                 ("deleted", ("rm", "/srv/app/override.py")),
                                 ("added", ("sh", "-c", """echo 'TEXT = "by hand"' > /srv/app/override.py"""))):
            self.expect_answer(NEW, service)
            self.edit(*command, service=service)
        self.expect_answer(OLD, "bound")
        self.live(NEW)
        self.deploy_all_but_tag()

    def expect_accidents(self):
        for service, (_, served, *_) in self.accidents.items():
            self.expect_answer(served, service)
            self.assertEqual("" if service == "tag" else "Running", self.ended(service))
        self.expect_answer(OLD, "bound")
        self.assertEqual("Running", self.ended("bound"))

    def test_every_cause_in_one_stack_is_cured_in_one_reconcile(self):
        commit = self.deploy_two_releases()
        self.change_by_hand()
        self.expect_accidents()
        # How old a process is, is asked of those that are trueup's: it is told once they are.
        self.take_over(commit, f"compose: {{hostDirectory: {self.repository.path}}}\n", ("code", "bytecode"),
                       tuple(self.accidents))
        for service in (*self.accidents, "bound"):
            self.expect_answer(NEW, service)
        self.wait_ready(commit)
        self.assert_told(commit, "/srv/live/answer.py changed", *(word for *_, word in self.accidents.values()),
                         services=(*self.accidents, "bound"))
        for kind in ("code", "bytecode"):
            count = sum(drift == kind for *_, drift, _ in self.accidents.values())
            self.assertEqual(count, self.metric("trueup_drift_detected_total", stack=self.name, kind=kind))
        self.assertEqual(1, self.metric("trueup_drift_detected_total", stack=self.name, kind="process"))
        self.assertEqual(1, self.actions("restart-container"))
        total = len(self.accidents) + 1
        self.hold_row(f"all of it at once, in {total} services of one stack", "Running",
                      f"not one of the {total} what is wanted", "`code`, `bytecode`, `process`",
                      f"{total} of {total}, each by its file", f"`{NEW}`, all {total}")
