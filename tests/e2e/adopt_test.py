# SPDX-License-Identifier: Apache-2.0
"""Taking over what docker compose 2.26.1 started: nothing is replaced that is as the commit says, data
and strangers stay as they are, and compose can take it back."""

import json
import os

from compose_case import ComposeCase
from neighbours import beside_neighbours
from support import BUSYBOX, free_port


class Adoption(ComposeCase):
    def test_without_adopt_nothing_is_touched_and_the_command_is_named(self):
        commit = self.app()
        self.compose_up("--build")
        before = self.identities()
        text = self.apply(self.write_stack(commit), code=2)
        self.assertIn("has containers that trueup did not create", text)
        self.assertIn(f"trueup adopt {self.name}", text)
        self.assertEqual(before, self.identities())

    @beside_neighbours
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

    @beside_neighbours
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

    @beside_neighbours
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

    @beside_neighbours
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

    @beside_neighbours
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

    @beside_neighbours
    def test_names_of_an_older_compose_a_name_of_its_own_and_a_profile(self):
        rest = f'image: "{BUSYBOX}", command: sleep 1000000, stop_grace_period: 0s'
        commit = self.app(compose=f"""\
            services:
              api: {{build: ., stop_grace_period: 0s, deploy: {{replicas: 2}}, depends_on: [db]}}
              db: {{{rest}, container_name: {self.name}-own, configs: [settings]}}
              tool: {{{rest}, profiles: [debug]}}
              never: {{{rest}, profiles: [other]}}
            configs: {{settings: {{content: level high}}}}
            """)
        self.compose("--compatibility", "--profile", "debug", "up", "-d", "--quiet-pull", "--build")
        self.assertEqual({f"{self.name}_api_1", f"{self.name}_api_2", f"{self.name}_tool_1", f"{self.name}-own"},
                         set(self.identities()))
        path = self.write_stack(commit, spec=self.adopt)
        self.assertIn("name a profile of it in spec.compose.profiles", self.diff(path, code=1))
        self.adopt_unchanged(commit, "compose: {profiles: [debug]}")

    @beside_neighbours
    def test_what_differs_is_replaced_and_the_plan_says_what(self):
        compose = f"""\
            services:
              api: {{build: ., stop_grace_period: 0s}}
              worker: {{build: ., stop_grace_period: 0s, environment: {{LEVEL: "%(mode)s"}}}}
              cache:
                image: "{BUSYBOX}"
                command: sleep 1000000
                stop_grace_period: 0s
                environment: {{MODE: "%(mode)s"}}
                volumes: ["data:/data"]
            volumes: {{data: {{}}}}
            """
        self.app(compose=compose % {"mode": "slow"})
        self.compose_up("--build")
        self.write_data("cache", "/data/file", "precious")
        before = self.identities()
        path = self.write_stack(self.app(compose=compose % {"mode": "fast"}), spec=self.adopt)
        text = self.diff(path, code=1)
        self.assertIn("environment MODE differs", text)
        self.assertIn(f"build image {self.name}-worker, config: environment LEVEL differs", text)
        self.assertNotIn("fast", text)
        done = self.apply(path)
        for service in ("cache", "worker"):
            replaced = f"replace container {self.name}-{service}-1, "
            self.assertEqual((1, 1), (text.count(replaced), done.count(replaced)))
        self.assertEqual(text.count(", config: "), done.count(", config: "), "there is no second plan")
        self.assertNotIn(", revision: ", done)
        self.assertIn("no difference", self.diff(path))
        after = self.identities()
        self.assertEqual(before[f"{self.name}-api-1"], after[f"{self.name}-api-1"])
        self.assertNotEqual(before[f"{self.name}-cache-1"], after[f"{self.name}-cache-1"])
        self.assertNotEqual(before[f"{self.name}-worker-1"], after[f"{self.name}-worker-1"])
        self.assertEqual("precious\n", self.read_file("/data/file", "cache"))

    def test_stale_code_in_an_image_of_compose_is_found_and_replaced(self):
        self.app("release one")
        self.compose_up("--build")
        commit = self.app("release two", compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, environment: {MODE: fast}}
            """)
        path = self.write_stack(commit, spec=self.adopt)
        self.assertIn(f"config: environment MODE differs; app/main.txt differs from {commit[:7]}",
                      self.diff(path, code=1))
        self.apply(path)
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt"))

    def test_a_file_that_nobody_committed_in_an_image_of_compose_is_found_and_replaced(self):
        commit = self.app()
        override = os.path.join(self.repository.path, "app/override.py")
        with open(override, "w", encoding="utf-8") as file:
            file.write("print('by hand')\n")
        self.compose_up("--build")
        os.remove(override)
        before = self.container_id()
        told = self.trueup("code", "verify", f"{self.name}-api-1", "--repo", self.repository.path, code=2)
        self.assertIn("could not be told", told)
        self.assertIn("which trueup did not build of this commit: /srv/app/override.py", told)
        path = self.write_stack(commit, spec=self.adopt)
        self.assertIn("/srv/app/override.py is not in", self.diff(path, code=1))
        self.apply(path)
        self.assertNotEqual(before, self.container_id())
        self.assertFalse(self.engine.run_in(self.container_id(), "sh", "-c", "ls /srv/app | grep py || true"))
        self.assertIn("no difference", self.diff(path))

    def test_a_mode_that_the_build_of_compose_set_is_no_reason_to_replace(self):
        commit = self.app(files={"Dockerfile": f"""\
            FROM {BUSYBOX}
            WORKDIR /srv
            COPY app app
            RUN chmod 755 app/main.txt
            CMD ["sleep", "1000000"]
            """})
        self.compose_up("--build")
        self.adopt_unchanged(commit)

    def replace_what_compose_runs(self):
        """Adopts a project and deploys its next commit; the image that compose had built."""
        self.app("release one")
        self.compose_up("--build")
        image = self.container()["Image"]
        commit = self.app("release two")
        self.write_stack(commit, spec=self.adopt)
        self.start_daemon()
        self.wait_ready(commit)
        self.assertNotEqual(image, self.container()["Image"])
        return image

    @beside_neighbours
    def test_what_was_found_is_revision_0_and_its_images_stay(self):
        image = self.replace_what_compose_runs()
        history = json.loads(self.trueup("history", self.name, "-o", "json", "--server",
                                         f"http://127.0.0.1:{self.api_port}"))
        told = self.trueup("explain", self.name, "--server", f"http://127.0.0.1:{self.api_port}")
        self.assertIn("What ran before trueup took it over (revision 0, its images are there)", told)
        self.assertNotIn("Write commit:", told)
        found = min(history["items"], key=lambda revision: revision["number"])
        self.assertEqual((0, "found running when the stack was adopted"), (found["number"], found["cause"]))
        self.assertEqual([image], [each["id"] for each in found["images"]])
        self.engine.request("GET", f"/images/{image}/json")

    @beside_neighbours
    def test_a_prune_of_images_leaves_the_way_back_to_what_was_found(self):
        image = self.replace_what_compose_runs()
        self.engine.request("POST", "/images/prune")
        tags = self.engine.request("GET", f"/images/{image}/json")["RepoTags"]
        self.assertEqual([f"trueup.keep/{self.name}:{image.removeprefix('sha256:')[:12]}"], tags)

    @beside_neighbours
    def test_an_adopted_stack_is_removed_as_announced_and_its_volume_stays(self):
        stranger = self.stranger()
        commit = self.app(compose=f"""\
            services:
              db: {{image: "{BUSYBOX}", command: sleep 1000000, stop_grace_period: 0s, volumes: ["data:/data"]}}
            volumes: {{data: {{}}}}
            """)
        self.compose_up()
        self.write_data("db", "/data/file", "precious")
        path = self.write_stack(commit, spec=self.adopt + "\nsync: {deletionPolicy: delete}")
        self.start_daemon()
        self.wait_ready(commit)
        os.remove(path)
        self.eventually(lambda: "which had adopted it" in self.stack()["status"].get("pendingPlan", ""), 20)
        self.assertTrue(self.runs("db"), "the last stack waits for a yes")
        server = ("--server", f"http://127.0.0.1:{self.api_port}")
        self.trueup("confirm", self.name, "--yes", *server)
        self.eventually(lambda: not self.engine.containers(self.name), 30)
        told = self.trueup("events", self.name, *server)
        self.assertIn(f"its containers ({self.name}-db-1 had been adopted) and networks were removed", told)
        self.assertIn(f"its volumes stay: {self.name}_data", told)
        self.assertIn(f"networks that another tool made stay: {self.name}_default", told)
        self.compose_up()
        self.assertEqual("precious\n", self.read_file("/data/file", "db"))
        self.assert_untouched(stranger)

    @beside_neighbours
    def test_another_project_name_of_an_adopted_stack_waits_for_confirmation(self):
        volume = self.name + "-outside"
        self.engine.request("POST", "/volumes/create", {"Name": volume})
        commit = self.app(compose=f"""\
            services:
              db: {{image: "{BUSYBOX}", command: sleep 1000000, stop_grace_period: 0s, volumes: ["data:/data"]}}
            volumes: {{data: {{external: true, name: {volume}}}}}
            """)
        self.compose_up()
        self.write_data("db", "/data/file", "precious")
        before = self.identities()
        self.write_stack(commit, spec=self.adopt)
        self.start_daemon()
        self.wait_ready(commit)
        renamed = self.name + "-renamed"
        self.write_stack(commit, spec=f"{self.adopt}\ncompose: {{project: {renamed}}}")
        self.eventually(lambda: self.conditions().get("Stalled", {}).get("reason") == "ProjectRenamed", 30)
        self.assertEqual([], self.engine.containers(renamed), "no second database on the same volume")
        self.assertEqual(before, self.identities())
        self.trueup("confirm", self.name, "--yes", "--server", f"http://127.0.0.1:{self.api_port}")
        self.eventually(lambda: self.container("db", project=renamed)["State"]["Running"], 30)
        self.eventually(lambda: not self.engine.containers(self.name), 30)
        self.assertEqual("precious", self.engine.run_in(
            self.container("db", project=renamed)["Id"], "cat", "/data/file").decode().strip())

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
