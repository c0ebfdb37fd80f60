# SPDX-License-Identifier: Apache-2.0
"""Taking over what docker compose 2.26.1 started: nothing is replaced that is as the commit says, data
and strangers stay as they are, and compose can take it back."""

import json
import os
import subprocess

from support import BUSYBOX, Case, free_port


class ComposeCase(Case):
    """A project of docker compose, started from the checkout of a commit."""

    adopt = "adopt: true"

    def compose(self, *arguments, code=0, project=None):
        program = os.path.join(os.environ["TRUEUP_CACHE"], "trixie/compose/docker-compose")
        done = subprocess.run([program, "-p", project or self.name, *arguments], cwd=self.repository.path,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        if code is not None and done.returncode != code:
            self.fail(f"compose {arguments}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def compose_up(self, *arguments):
        self.compose("up", "-d", "--quiet-pull", *arguments)

    def identities(self):
        """Name -> (id, when it started) of the project's containers."""
        found = {}
        for each in self.engine.containers(self.name):
            state = self.engine.container(each["Id"])
            found[state["Name"].lstrip("/")] = (each["Id"], state["State"]["StartedAt"])
        return found

    def write_data(self, service, path, text):
        self.engine.run_in(self.container_id(service), "sh", "-c", f"echo {text} > {path}")

    def stranger(self):
        """A container of nobody's project with data in a volume; what must be the same afterwards."""
        volume = self.name + "-stranger"
        self.engine.request("POST", "/volumes/create", {"Name": volume})
        made = self.engine.request("POST", f"/containers/create?name={self.name}-stranger", {
            "Image": BUSYBOX, "Cmd": ["sleep", "1000000"], "HostConfig": {"Binds": [f"{volume}:/data"]}})
        self.addCleanup(self.engine.remove, made["Id"])
        self.engine.request("POST", f"/containers/{made['Id']}/start")
        self.engine.run_in(made["Id"], "sh", "-c", "echo theirs > /data/file")
        return made["Id"], self.engine.container(made["Id"])["State"]["StartedAt"]

    def assert_untouched(self, stranger):
        container, started = stranger
        self.assertEqual(started, self.engine.container(container)["State"]["StartedAt"])
        self.assertEqual("theirs", self.engine.run_in(container, "cat", "/data/file").decode().strip())

    def adopt_unchanged(self, commit):
        """Adopts, and nothing is replaced; the path of the stack's file."""
        before = self.identities()
        path = self.write_stack(commit, spec=self.adopt)
        actions = json.loads(self.diff(path, "-o", "json", code=1))[0]["actions"]
        self.assertEqual({"adopt-container"}, {action["action"] for action in actions}, actions)
        self.assertEqual(len(before), len(actions))
        self.assertEqual(before, self.identities(), "diff changes nothing")
        self.apply(path)
        self.assertEqual(before, self.identities())
        self.assertIn("no difference", self.diff(path))
        return path

    def give_back(self, path):
        """Plain compose goes on with what it started itself: nothing is replaced."""
        before = self.identities()
        os.remove(path)
        self.compose_up()
        self.assertEqual(before, self.identities())


class Adoption(ComposeCase):
    def test_without_adopt_nothing_is_touched_and_the_command_is_named(self):
        commit = self.app()
        self.compose_up("--build")
        before = self.identities()
        text = self.apply(self.write_stack(commit), code=2)
        self.assertIn("has containers that trueup did not create", text)
        self.assertIn(f"trueup adopt {self.name}", text)
        self.assertEqual(before, self.identities())

    def test_a_project_that_builds_its_code(self):
        stranger = self.stranger()
        compose = """\
            services:
              api:
                build: {context: ., args: {MODE: fast}}
                stop_grace_period: 0s
                environment: {GREETING: hello, FROM_HOST: }
                labels: {team: shop}
                user: "0"
                working_dir: /srv/app
                init: true
            """
        commit = self.app(compose=compose)
        self.compose_up("--build")
        path = self.adopt_unchanged(commit)
        self.assertIn("proven", self.apply(path))
        self.assert_untouched(stranger)
        before = self.identities()
        path = self.write_stack(self.app("release two", compose=compose), spec=self.adopt)
        self.apply(path)
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt"))
        self.assertNotEqual(before, self.identities())
        self.assert_untouched(stranger)

    def test_an_image_with_ports_health_check_and_env_file(self):
        port = free_port()
        commit = self.app(files={"web.env": "FROM_FILE=yes\nQUOTED='a b'\n", "index.html": "hi\n"}, compose=f"""\
            services:
              web:
                image: "{BUSYBOX}"
                command: [httpd, -f, -p, "8000", -h, /]
                ports: ["127.0.0.1:{port}:8000", "9000"]
                expose: ["7000"]
                env_file: [web.env]
                restart: unless-stopped
                stop_signal: SIGKILL
                hostname: web
                healthcheck: {{test: [CMD, "true"], interval: 500ms, timeout: 2s, retries: 3, start_period: 1s}}
              quiet:
                image: "{BUSYBOX}"
                command: sleep 1000000
                stop_grace_period: 0s
                healthcheck: {{disable: true}}
            """)
        self.compose_up()
        path = self.adopt_unchanged(commit)
        self.give_back(path)

    def test_several_networks_with_aliases(self):
        commit = self.app(compose=f"""\
            services:
              front:
                image: "{BUSYBOX}"
                command: sleep 1000000
                stop_grace_period: 0s
                networks:
                  edge: {{aliases: [www, shop.example.com]}}
                  inner: {{priority: 1000}}
              back:
                image: "{BUSYBOX}"
                command: sleep 1000000
                stop_grace_period: 0s
                networks: [inner, default]
              alone: {{image: "{BUSYBOX}", command: sleep 1000000, stop_grace_period: 0s, networks: [fixed]}}
            networks:
              edge: {{}}
              inner: {{internal: true}}
              fixed: {{name: {self.name}-fixed, labels: {{made: here}}}}
            """)
        self.compose_up()
        networks = self.networks()
        path = self.adopt_unchanged(commit)
        self.assertEqual(networks, self.networks())
        self.give_back(path)
        self.assertEqual(networks, self.networks())

    def networks(self):
        return {network["Name"]: network["Id"] for network in self.engine.request("GET", "/networks")
                if network["Name"].startswith(self.name)}

    def test_volumes_with_data(self):
        stranger = self.stranger()
        commit = self.app(compose=f"""\
            services:
              db:
                image: "{BUSYBOX}"
                command: sleep 1000000
                stop_grace_period: 0s
                volumes: ["data:/data", "logs:/logs:ro", /scratch]
            volumes:
              data: {{}}
              logs: {{name: {self.name}-own-name, labels: {{made: here}}}}
            """)
        self.compose_up()
        for place in ("data", "scratch"):
            self.write_data("db", f"/{place}/file", f"precious-{place}")
        path = self.adopt_unchanged(commit)
        for place in ("data", "scratch"):
            self.assertEqual(f"precious-{place}\n", self.read_file(f"/{place}/file", "db"))
        self.assert_untouched(stranger)
        self.give_back(path)
        self.assertEqual("precious-data\n", self.read_file("/data/file", "db"))

    def test_replicas_and_dependencies(self):
        commit = self.app(compose=f"""\
            services:
              worker:
                build: .
                stop_grace_period: 0s
                deploy: {{replicas: 3}}
                depends_on:
                  db: {{condition: service_healthy, restart: true}}
                  migrate: {{condition: service_completed_successfully}}
              db:
                image: "{BUSYBOX}"
                command: sleep 1000000
                stop_grace_period: 0s
                healthcheck: {{test: [CMD, "true"], interval: 500ms}}
              migrate: {{build: ., command: [cat, app/main.txt], depends_on: [db]}}
            """)
        self.compose_up("--build")
        self.assertEqual(5, len(self.identities()))
        self.adopt_unchanged(commit)

    def test_what_differs_is_replaced_and_the_plan_says_what(self):
        compose = f"""\
            services:
              api: {{build: ., stop_grace_period: 0s}}
              cache:
                image: "{BUSYBOX}"
                command: sleep 1000000
                stop_grace_period: 0s
                environment: {{MODE: "%s"}}
                volumes: ["data:/data"]
            volumes: {{data: {{}}}}
            """
        self.app(compose=compose % "slow")
        self.compose_up("--build")
        self.write_data("cache", "/data/file", "precious")
        before = self.identities()
        path = self.write_stack(self.app(compose=compose % "fast"), spec=self.adopt)
        text = self.diff(path, code=1)
        self.assertIn("environment MODE differs", text)
        self.assertNotIn("fast", text)
        self.apply(path)
        after = self.identities()
        self.assertEqual(before[f"{self.name}-api-1"], after[f"{self.name}-api-1"])
        self.assertNotEqual(before[f"{self.name}-cache-1"], after[f"{self.name}-cache-1"])
        self.assertEqual("precious\n", self.read_file("/data/file", "cache"))

    def test_stale_code_in_an_image_of_compose_is_found_and_replaced(self):
        self.app("release one")
        self.compose_up("--build")
        path = self.write_stack(self.app("release two"), spec=self.adopt)
        self.assertIn("app/main.txt differs from", self.diff(path, code=1))
        self.apply(path)
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt"))

    def test_the_daemon_adopts_and_remembers_over_a_restart(self):
        commit = self.app()
        self.compose_up("--build")
        before = self.identities()
        self.write_stack(commit, spec=self.adopt)
        self.start_daemon()
        self.wait_ready(commit)
        self.assertEqual(before, self.identities())
        self.stop_daemon()
        self.start_daemon()
        self.wait_ready(commit)
        self.assertEqual(before, self.identities())
        self.engine.request("POST", f"/containers/{self.container_id()}/kill")
        self.eventually(self.runs, 20)
        self.assertEqual(before[f"{self.name}-api-1"][0], self.container_id())


class AdoptVerb(ComposeCase):
    """`trueup adopt PROJECT`: the Stack of what runs, written by the command itself."""

    def adopt_verb(self, *arguments, code=0):
        return self.trueup("adopt", self.name, "--state-dir", self.state, "--name", self.name, *arguments, code=code)

    def take_over(self, path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("adopt: false", text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("adopt: false", "adopt: true"))
        return text

    def test_the_written_stack_takes_over_without_a_replacement(self):
        stranger = self.stranger()
        commit = self.app(files={"common.yaml": f"""\
            services:
              cache:
                image: "{BUSYBOX}"
                command: sleep 1000000
                stop_grace_period: 0s
            """})
        self.compose("-f", "compose.yaml", "-f", "common.yaml", "up", "-d", "--build")
        before = self.identities()
        path = os.path.join(self.work, "adopted.yaml")
        shown = self.adopt_verb("-f", path, "--environment", "test")
        self.assertIn("adopt container", shown)
        self.assertIn("Nothing was changed", shown)
        self.assertEqual(before, self.identities())
        text = self.take_over(path)
        for part in (commit, "environment: test", "- compose.yaml\n", "- common.yaml\n", self.repository.path):
            self.assertIn(part, text)
        self.apply(path)
        self.assertEqual(before, self.identities())
        self.assert_untouched(stranger)

    def test_images_only_in_a_folder_of_the_repository(self):
        self.app(files={"deploy/stack.yaml": f"""\
            services:
              web: {{image: "{BUSYBOX}", command: sleep 1000000, stop_grace_period: 0s}}
            """})
        self.compose("--project-directory", "deploy", "-f", "deploy/stack.yaml", "up", "-d")
        before = self.identities()
        path = os.path.join(self.work, "adopted.yaml")
        self.adopt_verb("-f", path)
        self.assertIn("path: deploy", self.take_over(path))
        self.apply(path)
        self.assertEqual(before, self.identities())

    def test_a_variable_file_of_the_host_is_named_and_not_repeated(self):
        self.app(compose=f"""\
            services:
              web:
                image: "{BUSYBOX}"
                command: sleep 1000000
                stop_grace_period: 0s
                environment: {{TOKEN: "${{TOKEN}}"}}
            """)
        with open(os.path.join(self.repository.path, ".env"), "w", encoding="utf-8") as file:
            file.write("TOKEN=hunter2hunter2\n")
        self.compose_up()
        before = self.identities()
        config = os.path.join(self.work, "config.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write("apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\n"
                       f"hostRoots: [{self.repository.path}]\n")
        path = os.path.join(self.work, "adopted.yaml")
        shown = self.adopt_verb("-f", path, "--config", config)
        self.assertIn(f"host: {self.repository.path}/.env", shown)
        self.assertIn("hostRoots", shown)
        self.assertNotIn("hunter2", shown + self.take_over(path))
        self.apply(path, config=config)
        self.assertEqual(before, self.identities())

    def test_what_cannot_be_adopted_says_what_to_do(self):
        self.assertIn("docker compose ls", self.adopt_verb(code=2))
        outside = os.path.join(self.work, "plain")
        os.makedirs(outside)
        with open(os.path.join(outside, "compose.yaml"), "w", encoding="utf-8") as file:
            file.write(f'services: {{web: {{image: "{BUSYBOX}", command: sleep 1000000, stop_grace_period: 0s}}}}\n')
        self.compose("--project-directory", outside, "-f", os.path.join(outside, "compose.yaml"), "up", "-d")
        told = self.adopt_verb("-f", os.path.join(self.work, "adopted.yaml"), code=2)
        self.assertIn("lies in no git repository", told)
        self.assertIn("commit its compose files", told)
        self.assertFalse(os.path.exists(os.path.join(self.work, "adopted.yaml")))

    def test_a_file_that_is_there_is_left_alone(self):
        self.app()
        self.compose_up("--build")
        path = os.path.join(self.work, "mine.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("precious\n")
        self.assertIn("is there already", self.adopt_verb("-f", path, code=2))
        with open(path, encoding="utf-8") as file:
            self.assertEqual("precious\n", file.read())


class Detach(ComposeCase):
    """Back to plain compose: it goes on with what trueup created."""

    def give_back_to_compose(self, path, commit):
        told = self.trueup("detach", "-f", path, "--state-dir", self.state, "--name", self.name)
        os.remove(path)
        self.assertEqual(commit, self.repository.git("rev-parse", "HEAD"))
        command = next(line.strip() for line in told.splitlines() if " up -d" in line)
        program = os.path.join(os.environ["TRUEUP_CACHE"], "trixie/compose/docker-compose")
        done = subprocess.run(command.replace("docker compose", program), shell=True, cwd=self.repository.path,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        self.assertEqual(0, done.returncode, f"{command}\n{done.stdout}")
        return told

    def test_compose_goes_on_with_what_trueup_created(self):
        port = free_port()
        commit = self.app(files={"web.env": "FROM_FILE=yes\n"}, compose=f"""\
            services:
              api:
                build: {{context: ., args: {{MODE: fast}}}}
                stop_grace_period: 0s
                environment: {{GREETING: "${{GREETING}}", EMPTY: }}
                depends_on: {{web: {{condition: service_healthy}}}}
              web:
                image: "{BUSYBOX}"
                command: [httpd, -f, -p, "8000", -h, /]
                ports: ["127.0.0.1:{port}:8000"]
                env_file: [web.env]
                restart: unless-stopped
                stop_signal: SIGKILL
                healthcheck: {{test: [CMD, "true"], interval: 500ms}}
                volumes: ["data:/data"]
                networks: {{edge: {{aliases: [www]}}, default: }}
            volumes: {{data: {{}}}}
            networks: {{edge: {{internal: true}}}}
            """)
        path = self.write_stack(commit, spec="compose: {variables: {GREETING: \"good day\"}}")
        self.apply(path)
        self.write_data("web", "/data/file", "precious")
        before = self.identities()
        told = self.give_back_to_compose(path, commit)
        self.assertIn("api: compose goes on with what runs", told)
        self.assertEqual(before, self.identities())
        self.assertEqual("precious\n", self.read_file("/data/file", "web"))

    def test_what_compose_will_create_anew_is_named(self):
        commit = self.app(files={"conf/app.conf": "one\n"}, compose=f"""\
            services:
              web:
                image: "{BUSYBOX}"
                command: sleep 1000000
                stop_grace_period: 0s
                volumes: ["./conf:/conf:ro", "data:/data"]
              other: {{image: "{BUSYBOX}", command: sleep 1000000, stop_grace_period: 0s}}
            volumes: {{data: {{}}}}
            """)
        path = self.write_stack(commit)
        self.apply(path)
        self.write_data("web", "/data/file", "precious")
        before = self.identities()
        told = self.give_back_to_compose(path, commit)
        self.assertIn("web: compose will create it anew: it binds conf of the commit", told)
        after = self.identities()
        self.assertEqual(before[f"{self.name}-other-1"], after[f"{self.name}-other-1"])
        self.assertNotEqual(before[f"{self.name}-web-1"], after[f"{self.name}-web-1"])
        self.assertEqual("precious\n", self.read_file("/data/file", "web"))
        self.assertEqual("one\n", self.read_file("/conf/app.conf", "web"))
