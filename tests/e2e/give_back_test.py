# SPDX-License-Identifier: Apache-2.0
"""`trueup adopt` and `trueup detach`: from docker compose to a Stack, and back."""

import os
import subprocess

from compose_case import ComposeCase
from neighbours import beside_neighbours
from support import BUSYBOX, free_port


class GiveBackCase(ComposeCase):
    def adopt_verb(self, *arguments, code=0):
        return self.trueup("adopt", self.name, "--state-dir", self.state, "--name", self.name, *arguments, code=code)

    def take_over(self, path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("adopt: false", text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("adopt: false", "adopt: true"))
        return text

    def give_back_to_compose(self, path, commit, *arguments):
        told = self.trueup("detach", "-f", path, "--state-dir", self.state, "--name", self.name, *arguments)
        self.assertTrue(told.endswith("Nothing was changed.\n"), told)
        os.remove(path)
        self.assertEqual(commit, self.repository.git("rev-parse", "HEAD"))
        command = next(line.strip() for line in told.splitlines() if " up -d" in line)
        program = os.path.join(os.environ["TRUEUP_CACHE"], "trixie/compose/docker-compose")
        done = subprocess.run(command.replace("docker compose", program), shell=True, cwd=self.repository.path,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        self.assertEqual(0, done.returncode, f"{command}\n{done.stdout}")
        return told


class AdoptVerb(GiveBackCase):
    """`trueup adopt PROJECT`: the Stack of what runs, written by the command itself."""

    @beside_neighbours
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
        self.assertNotIn("is a guess", shown)
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

    @beside_neighbours
    def test_what_the_host_has_is_told_at_once_and_comes_along(self):
        commit = self.app(compose=f"""\
            services:
              web:
                image: "{BUSYBOX}"
                command: sleep 1000000
                stop_grace_period: 0s
                environment: {{TOKEN: "${{TOKEN}}"}}
                volumes: ["./uploads:/uploads"]
            """)
        with open(os.path.join(self.repository.path, ".env"), "w", encoding="utf-8") as file:
            file.write("TOKEN=hunter2hunter2\n")
        self.compose_up()
        self.write_data("web", "/uploads/file", "precious")
        before = self.identities()
        config, path = os.path.join(self.work, "config.yaml"), os.path.join(self.work, "adopted.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write("apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\n")
        told = self.adopt_verb("-f", path, "--config", config, code=2)
        for part in (f"{self.repository.path}/.env (variables)", "uploads (bound by service web)",
                     f"Add these lines to {config}", "Nothing was changed"):
            self.assertIn(part, told)
        self.assertNotIn("hunter2", told)
        self.assertFalse(os.path.exists(path))
        lines = told[told.index("hostRoots:\n"):told.index("Nothing was changed")]
        self.assertEqual(f"hostRoots:\n  - {self.repository.path}\n", lines)
        with open(config, "a", encoding="utf-8") as file:
            file.write(lines)
        self.adopt_verb("-f", path, "--config", config)
        self.take_over(path)
        self.apply(path, config=config)
        self.assertEqual(before, self.identities())
        told = self.give_back_to_compose(path, commit, "--config", config)
        self.assertIn(f"Run this in {self.repository.path}, which has to be the root of a checkout", told)
        self.assertEqual(before, self.identities())
        self.assertEqual("precious\n", self.read_file("/uploads/file", "web"))

    @beside_neighbours
    def test_what_could_not_be_loaded_is_not_written(self):
        self.app(compose=f"""\
            services:
              web: {{image: "{BUSYBOX}", command: sleep 1000000, stop_grace_period: 0s, env_file: [local.env]}}
            """)
        with open(os.path.join(self.repository.path, "local.env"), "w", encoding="utf-8") as file:
            file.write("TOKEN=hunter2hunter2\n")
        self.compose_up()
        path = os.path.join(self.work, "adopted.yaml")
        told = self.adopt_verb("-f", path, code=2)
        self.assertIn("local.env", told)
        self.assertIn(f"{path} was not written", told)
        self.assertNotIn("hunter2", told)
        self.assertFalse(os.path.exists(path))

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


class Detach(GiveBackCase):
    """Back to plain compose: it goes on with what trueup created."""

    @beside_neighbours
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

    @beside_neighbours
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
