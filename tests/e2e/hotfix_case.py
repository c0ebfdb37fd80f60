# SPDX-License-Identifier: Apache-2.0
"""A Python service whose hotfix is deployed, and answers with what it really runs: first by docker compose, which the
cases bring to go on with old code, then by trueup on the same commit. What both said and served is a row of
docs/drift.md."""

import json
import os
import re
import subprocess
import sys
import textwrap
import urllib.request

import drift_page
from compose_case import ComposeCase
from support import free_port

PYTHON = os.environ.get("TRUEUP_TEST_BASE_PYTHON", "")

SERVER = """\
    import sys
    sys.path.insert(0, "/srv")
    import uvicorn
    from fastapi import FastAPI
    from fastapi.responses import PlainTextResponse
    try:
        from app.override import TEXT
    except ImportError:
        from app.release import TEXT

    application = FastAPI()

    @application.get("/", response_class=PlainTextResponse)
    def answer():
        return TEXT

    uvicorn.run(application, host="0.0.0.0", port=8000, log_level="warning")
    """

# The same of a module that lies on the host, and is mounted.
LOADS_LIVE = SERVER.replace('sys.path.insert(0, "/srv")', 'sys.path.insert(0, "/srv/live")') \
    .replace("from app.override import", "from answer import").replace("from app.release import", "from answer import")

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


def plant(source, text):
    subprocess.run([sys.executable, "-c", textwrap.dedent(PLANTING), source, text], check=True)


# What docker compose says of a container when all is done.
ENDS = ("Created", "Recreated", "Started", "Running")


# Events whose causes are told, and those of what was done beyond the plan.
TOLD = ("ContainerReplaced", "ContainerRestarted", "ContainerStarted", "ContainerRemoved")
BEYOND = {"BytecodePurged": "its image was purged", "RebuiltWithoutCache": "its image was built again without cache"}


class DriftCase(ComposeCase):
    """What docker compose and trueup make of one difference, as a row of docs/drift.md."""

    def setUp(self):
        super().setUp()
        self.said = ""           # by the last docker compose
        self.of_compose = ()     # what of it is told, and what was served then
        self.seen = 0            # events up to here are of before

    def ended(self, service="api", project=None):
        """What compose said of the container: "Recreated, Started"."""
        states = re.findall(rf"Container {project or self.name}-{service}-1 +(\w+)", self.said)
        return ", ".join(state for state in states if state in ENDS)

    def events(self, *arguments):
        server = f"http://127.0.0.1:{self.api_port}"
        return self.trueup("events", self.name, "--server", server, *arguments)

    def event_list(self):
        """Oldest first."""
        return json.loads(self.events("-o", "json"))["items"]

    def forget_events(self):
        self.seen = int(self.event_list()[-1]["metadata"]["name"])

    def causes(self, commit):
        """Kinds of drift, and what trueup said of containers and images, without what is another each time."""
        new = [event for event in self.event_list() if int(event["metadata"]["name"]) > self.seen]
        causes = [event["cause"].split(": ", 1) for event in new if event["reason"] in TOLD]
        said = [text for _, text in causes] + [BEYOND[event["reason"]] for event in new if event["reason"] in BEYOND]
        text = "; ".join(dict.fromkeys(said)).replace(self.name, "shop")
        text = re.sub(r"\b[0-9a-f]{12}\b|\b\d{4}-\d\d-\d\dT[0-9:.]+Z", "…", text)
        names = {commit[:7]: "9f3c1e2"}
        text = re.sub(r"\b[0-9a-f]{7}\b", lambda id: names.get(id[0], "1234567"), text)
        return ", ".join(dict.fromkeys(f"`{drift}`" for drift, _ in causes)), text

    def assert_documented(self, what, commit, served):
        """The row of docs/drift.md for this case says what was seen; `served` by trueup in the end."""
        self.hold_row(what, *self.of_compose, *self.causes(commit), served)

    def hold_row(self, *cells):
        problem = drift_page.hold(cells, self.id())
        if problem:
            self.fail(problem)


class HotfixCase(DriftCase):
    """Services of docker compose that answer with what their code says."""

    def setUp(self):
        super().setUp()
        if not PYTHON:
            self.fail("TRUEUP_TEST_BASE_PYTHON is not set: run this with ./dev test e2e")
        self.port = free_port()
        self.ports = {"api": self.port}
        # What lies beside the commit may be mounted.
        self.config = os.path.join(self.work, "config.yaml")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\n"
                       f"hostRoots: [{self.work}]\n")

    # --- the service -----------------------------------------------------------------------------

    def files_of(self, text, build="", folder=""):
        """A service that answers `text`; `build` are Dockerfile lines behind its COPY."""
        return {f"{folder}Dockerfile": f"FROM {PYTHON}\nWORKDIR /srv\nCOPY app app\n{textwrap.dedent(build)}"
                                       'CMD ["python3", "/srv/serve/serve.py"]\nCOPY serve serve\n',
                f"{folder}serve/serve.py": SERVER,
                f"{folder}app/__init__.py": "",
                f"{folder}app/release.py": f'TEXT = "{text}"\n',
                # Unique: no other case's image may serve this one.
                f"{folder}app/case.txt": f"{self.name} {folder}\n"}

    def compose_text(self, **services):
        """compose.yaml of these services, each with its YAML lines beside the port."""
        text = "services:\n"
        for name, lines in services.items():
            text += f"  {name}:\n    stop_grace_period: 0s\n    ports: ['127.0.0.1:{self.ports[name]}:8000']\n"
            text += textwrap.indent(textwrap.dedent(lines), "    ") + "\n"
        return text

    def release(self, text, build="", remove=(), **files):
        """Commits the service api that answers `text`; the commit's id."""
        return self.repository.commit({**self.files_of(text, build),
                                       "compose.yaml": self.compose_text(api="build: ."), **files}, remove)

    def live(self, text, path="live/answer.py"):
        """Written in place, on the host."""
        path = self.checkout(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'TEXT = "{text}"\n')
        return path

    def checkout(self, name):
        return os.path.join(self.repository.path, name)

    def answer(self, service="api"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[service]}/", timeout=5) as answer:
                return answer.read().decode()
        except OSError as problem:
            return str(problem)

    def expect_answer(self, text, service="api"):
        self.eventually(lambda: self.answer(service) == text, 30,
                        lambda: f"{service} answers {self.answer(service)!r}, not {text!r}")

    # --- docker compose --------------------------------------------------------------------------

    def accident(self, *services):
        """docker compose builds and deploys what is checked out; what it says goes into the row."""
        self.said = self.compose("--progress", "plain", "up", "-d", "--quiet-pull", "--build", *services)

    def is_cached(self, step):
        """The builder took this step of the Dockerfile from its cache."""
        number = re.search(rf"^(#\d+) \[.*\] {re.escape(step)}$", self.said, re.M)
        self.assertTrue(number, f"no step {step} in:\n{self.said}")
        return f"{number[1]} CACHED\n" in self.said

    def served_by_compose(self, text, said=None):
        """It answers so after all that compose did; that and what compose said is kept for the row."""
        self.expect_answer(text)
        self.of_compose = (said or self.ended(), f"`{text}`")

    def assert_answer_documented(self, what, commit):
        self.assert_documented(what, commit, f"`{self.answer()}`")

    def edit(self, *command, service="api"):
        """Somebody changes a file in the running container, and starts its process again."""
        self.engine.run_in(self.container_id(service), *command)
        self.engine.request("POST", f"/containers/{self.container_id(service)}/restart?t=0")

    # --- trueup ----------------------------------------------------------------------------------

    def take_over(self, commit, spec="", kinds=("code",), services=("api",), seconds=120):
        """trueup gets the same commit. First it only looks, and tells; then one reconcile leaves nothing to do."""
        self.write_stack(commit, spec=f"adopt: true\nsuspend: true\n{spec}")
        self.start_daemon("--config", self.config)
        self.eventually(lambda: self.condition("Fresh") == "False", 60)
        for service in services:
            self.assertEqual(1, self.metric("trueup_code_stale", stack=self.name, service=service), service)
        for kind in kinds:
            self.assertLessEqual(1, self.metric("trueup_drift", stack=self.name, kind=kind), kind)
        self.write_stack(commit, spec=f"adopt: true\n{spec}")
        self.wait_ready(commit, seconds=seconds)
        self.assertEqual(len(services), self.actions("replace-container"))

    def actions(self, kind):
        """How often it was done; none of any kind may have failed."""
        for line in self.metrics().splitlines():
            if line.startswith("trueup_action_total{") and 'result="failure"' in line:
                self.assertTrue(line.endswith(" 0"), line)
        return self.metric("trueup_action_total", stack=self.name, action=kind, result="success") or 0

    def assert_told(self, commit, *words, services=("api",)):
        """Cured: proven fresh; and what was found is in the events and counted."""
        self.assertEqual("True", self.condition("Fresh"), self.conditions().get("Fresh"))
        for service in services:
            self.assertEqual(0, self.metric("trueup_code_stale", stack=self.name, service=service), service)
        told = self.events()
        for word in (*words, commit[:7]):
            self.assertIn(word, told)
