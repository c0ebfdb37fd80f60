# SPDX-License-Identifier: Apache-2.0
"""What every end-to-end case has: a private work directory, a git repository, the engine of $DOCKER_HOST,
the trueup binary, and a tidy end. State is polled with a deadline; nothing sleeps for luck."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import textwrap
import time
import unittest
import urllib.parse
import uuid

BUSYBOX = os.environ.get("TRUEUP_TEST_BASE_BUSYBOX", "")
BINARY = os.environ.get("TRUEUP_BINARY", "")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("engine", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


class Engine:
    """The Docker Engine API, as much of it as the cases need."""

    def __init__(self, url):
        self.url = url
        self.socket = url.removeprefix("unix://")

    def request(self, method, path, body=None, raw=None, content_type="application/json", headers=None):
        connection = UnixConnection(self.socket)
        data = raw if raw is not None else (json.dumps(body) if body is not None else None)
        connection.request(method, "/v1.41" + path, data,
                           {**({"Content-Type": content_type} if data else {}), **(headers or {})})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
        try:
            return json.loads(content) if content else None
        except ValueError:
            return content

    def containers(self, project=None, label=None):
        labels = [f"com.docker.compose.project={project}"] if project else []
        labels += [label] if label else []
        filters = urllib.parse.quote(json.dumps({"label": labels}))
        return self.request("GET", f"/containers/json?all=1&filters={filters}")

    def container(self, name):
        return self.request("GET", f"/containers/{name}/json")

    def exists(self, name):
        try:
            self.container(name)
            return True
        except RuntimeError:
            return False

    def run_in(self, container, *command):
        made = self.request("POST", f"/containers/{container}/exec",
                            {"AttachStdout": True, "AttachStderr": True, "Cmd": list(command)})
        output = self.request("POST", f"/exec/{made['Id']}/start", {"Detach": False, "Tty": True})
        state = self.request("GET", f"/exec/{made['Id']}/json")
        if state["ExitCode"] != 0:
            raise RuntimeError(f"{command} in {container}: {state['ExitCode']} {output!r}")
        return output

    def remove(self, container):
        try:
            self.request("DELETE", f"/containers/{container}?force=1&v=1")
        except RuntimeError as problem:
            if ": 404" not in str(problem) and ": 409" not in str(problem):
                raise


class Repository:
    """A git repository with one branch, main."""

    def __init__(self, path):
        self.path = str(path)
        os.makedirs(path)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "e2e")
        self.git("config", "user.email", "e2e@localhost")

    def git(self, *arguments):
        done = subprocess.run(["git", "-C", self.path, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, files=None, remove=()):
        """Writes the files (path -> text), removes others, commits; the full id."""
        for name, text in (files or {}).items():
            path = os.path.join(self.path, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(textwrap.dedent(text))
        for name in remove:
            os.remove(os.path.join(self.path, name))
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        for name, value in (("DOCKER_HOST", os.environ.get("DOCKER_HOST")), ("TRUEUP_BINARY", BINARY),
                            ("TRUEUP_TEST_BASE_BUSYBOX", BUSYBOX)):
            if not value:
                self.fail(f"{name} is not set: run this with ./dev test e2e")
        self.engine = Engine(os.environ["DOCKER_HOST"])
        self.name = "e2e-" + uuid.uuid4().hex[:8]
        self.work = tempfile.mkdtemp(prefix="trueup-e2e-")
        self.state = os.path.join(self.work, "state")
        self.desired = os.path.join(self.work, "desired")
        os.makedirs(self.desired)
        self.repository = Repository(os.path.join(self.work, "repository"))
        self.daemon = None
        self.log = os.path.join(self.work, "controller.log")
        self.addCleanup(self.clean_up)

    def remove_network(self, identity):
        """The engine takes a moment to forget an endpoint of a container that was just removed."""
        def removed():
            try:
                self.engine.request("DELETE", f"/networks/{identity}")
                return True
            except RuntimeError as problem:
                if "active endpoints" not in str(problem):
                    raise
                return False
        self.eventually(removed, 20, "the network is not in use any more")

    def clean_up(self):
        self.stop_daemon()
        if os.path.exists(self.log) and self.has_failed():
            print("--- the controller's log\n" + self.read_log()[-6000:])
        for container in self.engine.containers():
            labels = container["Labels"]
            if labels.get("com.docker.compose.project", "").startswith(self.name) or \
                    labels.get("dev.trueup.seat", "").startswith(self.name) or \
                    labels.get("dev.trueup.owner") == self.name or \
                    labels.get("dev.trueup.proof", "").startswith(self.name):
                self.engine.remove(container["Id"])
        for network in self.engine.request("GET", "/networks"):
            if network["Name"].startswith(self.name):
                self.remove_network(network["Id"])
        for volume in self.engine.request("GET", "/volumes")["Volumes"] or []:
            if volume["Name"].startswith(self.name):
                self.engine.request("DELETE", f"/volumes/{volume['Name']}")
        for image in self.engine.request("GET", "/images/json"):
            for tag in image["RepoTags"] or []:
                if tag.startswith(f"trueup.keep/{self.name}"):    # perhaps of a base image: that stays
                    self.engine.request("DELETE", f"/images/{tag}")
            if any(tag.removeprefix("trueup.seat/").startswith(self.name) for tag in image["RepoTags"] or []):
                self.engine.request("DELETE", f"/images/{image['Id']}?force=1")
        shutil.rmtree(self.work, ignore_errors=True)

    def has_failed(self):
        outcome = getattr(self, "_outcome", None)
        result = getattr(outcome, "result", None)
        return bool(result and (result.errors or result.failures))

    # --- files -----------------------------------------------------------------------------------

    def app(self, text="release one", compose=None, **more):
        """Commits a small service whose code is app/main.txt; the commit's id."""
        files = {
            "Dockerfile": f"""\
                FROM {BUSYBOX}
                WORKDIR /srv
                COPY app app
                CMD ["sleep", "1000000"]
                """,
            "app/main.txt": text + "\n",
            "compose.yaml": compose or """\
                services:
                  api:
                    build: .
                    stop_grace_period: 0s
                """,
            # Unique: no other case's image may serve this one.
            "app/case.txt": self.name + "\n",
            ".dockerignore": "*\n!app\n",
        }
        files.update(more.get("files", {}))
        return self.repository.commit(files)

    def stack_text(self, commit, name=None, spec="", source=None):
        source = source or f"{{git: {{url: {self.repository.path}, commit: {commit}}}}}"
        return f"""\
apiVersion: trueup.dev/v1alpha1
kind: Stack
metadata: {{name: {name or self.name}}}
spec:
  environment: test
  source: {source}
{textwrap.indent(textwrap.dedent(spec), "  ")}"""

    def write_stack(self, commit=None, name=None, spec="", source=None, text=None):
        """Writes the stack's desired-state file as an editor does (a new file, renamed); its path."""
        path = os.path.join(self.desired, (name or self.name) + ".yaml")
        with open(path + ".part", "w", encoding="utf-8") as file:
            file.write(text if text is not None else self.stack_text(commit, name, spec, source))
        os.rename(path + ".part", path)
        return path

    # --- the binary ------------------------------------------------------------------------------

    def trueup(self, *arguments, code=0, timeout=120, env=None, typed=None):
        """Runs a verb, at a terminal where something is typed; its output (stdout and stderr). Fails unless it exits
        with `code`."""
        if typed is not None:
            keyboard, terminal = os.openpty()
            self.addCleanup(os.close, keyboard)
            os.write(keyboard, typed.encode() + b"\n")
        command = [BINARY, *arguments]
        if arguments[0] in ("diff", "apply"):
            command += ["--state-dir", self.state, "--name", self.name]
        done = subprocess.run(command, stdin=subprocess.DEVNULL if typed is None else terminal, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=timeout, env={**os.environ, **(env or {})},
                              errors="replace")
        if typed is not None:
            os.close(terminal)
        if code is not None and done.returncode != code:
            self.fail(f"{' '.join(command)}: exit {done.returncode} instead of {code}\n{done.stdout}")
        return done.stdout

    def apply(self, path, code=0, config=None, **more):
        return self.trueup("apply", "-f", path, *(["--config", config] if config else []), code=code, **more)

    def diff(self, path, *arguments, code=0):
        return self.trueup("diff", "-f", path, *arguments, code=code)

    def start_daemon(self, *arguments, desired=None, engine=None, from_config=False, env=None):
        """`from_config`: name, state directory and desired state stand in the file that the arguments name."""
        self.api_port, self.metrics_port = free_port(), free_port()
        command = [BINARY, "controller", "--listen", f"127.0.0.1:{self.api_port}",
                   "--metrics-listen", f"127.0.0.1:{self.metrics_port}", *arguments]
        if not from_config:
            command += ["--desired", desired or self.desired, "--state-dir", self.state, "--name", self.name]
        if engine:
            command += ["--engine", engine]
        with open(self.log, "a", encoding="utf-8") as log:
            self.daemon = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True,
                                           env={**os.environ, **(env or {})})
        self.eventually(lambda: self.http(self.metrics_port, "/healthz")[0] == 200, 20, "the controller lives")

    def stop_daemon(self, with_signal=signal.SIGTERM):
        if self.daemon is None:
            return None
        if self.daemon.poll() is None:
            os.kill(self.daemon.pid, with_signal)
        try:
            code = self.daemon.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(self.daemon.pid, signal.SIGKILL)
            self.daemon.wait()
            code = None
        self.daemon = None
        return code

    def read_log(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def http(self, port, path):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
            finally:
                connection.close()
        except OSError as problem:
            return 0, str(problem)

    def metrics(self):
        status, text = self.http(self.metrics_port, "/metrics")
        self.assertEqual(200, status, text)
        return text

    def metric(self, name, **labels):
        """The value of the one series with these labels; None when there is none."""
        for line in self.metrics().splitlines():
            if line.startswith(name + "{") or line.startswith(name + " "):
                if all(f'{key}="{value}"' in line for key, value in labels.items()):
                    return float(line.rsplit(" ", 1)[1])
        return None

    def stack(self, name=None):
        status, text = self.http(self.api_port, f"/apis/trueup.dev/v1alpha1/stacks/{name or self.name}")
        return json.loads(text) if status == 200 else {}

    def conditions(self, name=None):
        found = self.stack(name).get("status", {}).get("conditions", [])
        return {condition["type"]: condition for condition in found}

    def condition(self, kind, name=None):
        return self.conditions(name).get(kind, {}).get("status", "")

    def is_ready(self, commit=None, name=None):
        status = self.stack(name).get("status", {})
        good = {condition["type"] for condition in status.get("conditions", []) if condition["status"] == "True"}
        settled = {"Ready", "Synced", "Healthy"} <= good and "Reconciling" not in good
        return settled and (commit is None or status.get("runningCommit") == commit)

    def wait_ready(self, commit=None, name=None, seconds=60):
        self.eventually(lambda: self.is_ready(commit, name), seconds,
                        lambda: f"ready at {commit}: {json.dumps(self.stack(name).get('status'), indent=1)}")

    # --- the world -------------------------------------------------------------------------------

    def eventually(self, check, seconds=30, what=None):
        until = time.monotonic() + seconds
        while True:
            try:
                if check():
                    return
                problem = ""
            except (RuntimeError, OSError, KeyError) as raised:
                problem = f" ({raised})"
            if time.monotonic() > until:
                state = what() if callable(what) else what
                if state is None and self.daemon:
                    state = json.dumps(self.stack().get("status"), indent=1)
                self.fail(f"not true within {seconds} s: {state}{problem}")
            time.sleep(0.05)

    def container(self, service="api", number=1, project=None):
        return self.engine.container(f"{project or self.name}-{service}-{number}")

    def container_id(self, service="api", number=1):
        return self.container(service, number)["Id"]

    def runs(self, service="api", number=1):
        return self.container(service, number)["State"]["Running"]

    def read_file(self, path, service="api"):
        return self.engine.run_in(self.container_id(service), "cat", path).decode().replace("\r\n", "\n")

    def start_foreign(self, name, labels, command=("sleep", "1000000")):
        """A container that trueup did not make; its id."""
        made = self.engine.request("POST", f"/containers/create?name={name}",
                                   {"Image": BUSYBOX, "Cmd": list(command), "Labels": labels})
        self.addCleanup(self.engine.remove, made["Id"])
        self.engine.request("POST", f"/containers/{made['Id']}/start")
        return made["Id"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
