# SPDX-License-Identifier: Apache-2.0
"""`trueup apply` and `trueup diff` without a daemon."""

import json
import os
import subprocess

from neighbours import beside_neighbours
from support import BUSYBOX, Case, free_port


class FirstDeployment(Case):
    def test_diff_tells_what_is_missing_and_changes_nothing(self):
        path = self.write_stack(self.app())
        text = self.diff(path, code=1)
        self.assertIn("service api: build image", text)
        self.assertIn("state: missing", text)
        self.assertEqual([], self.engine.containers(self.name))

    def test_diff_as_json_names_drift_target_and_cause(self):
        path = self.write_stack(self.app())
        (stack,) = json.loads(self.diff(path, "-o", "json", code=1))
        self.assertEqual(self.name, stack["stack"])
        self.assertTrue(stack["actions"])
        for action in stack["actions"]:
            self.assertTrue(action["drift"] and action["target"] and action["cause"], action)

    def test_apply_builds_starts_and_proves(self):
        commit = self.app()
        path = self.write_stack(commit)
        text = self.apply(path)
        self.assertIn("proven", text)
        self.assertEqual("release one\n", self.read_file("/srv/app/main.txt"))
        labels = self.container()["Config"]["Labels"]
        self.assertEqual(commit, labels["org.opencontainers.image.revision"])
        self.assertEqual(self.name, labels["com.docker.compose.project"])
        self.assertEqual(f"no difference: commit {commit[:7]} runs, proven\n", self.diff(path))

    def test_a_second_apply_does_nothing(self):
        path = self.write_stack(self.app())
        self.apply(path)
        before = self.container()
        self.apply(path)
        self.assertEqual(before["Id"], self.container()["Id"])
        self.assertEqual(before["State"]["StartedAt"], self.container()["State"]["StartedAt"])

    def test_compose_shows_the_stack(self):
        compose = os.path.join(os.environ["TRUEUP_CACHE"], "trixie/compose/docker-compose")
        self.apply(self.write_stack(self.app(compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, deploy: {replicas: 2}}
              cache: {image: "%s", command: sleep 1000000, stop_grace_period: 0s}
            """ % BUSYBOX)))
        shown = subprocess.run([compose, "-p", self.name, "ps", "--format", "json"], check=True,
                               capture_output=True, text=True).stdout
        rows = [json.loads(line) for line in shown.splitlines()]
        self.assertEqual({f"{self.name}-api-1": ("api", "running"), f"{self.name}-api-2": ("api", "running"),
                          f"{self.name}-cache-1": ("cache", "running")},
                         {row["Name"]: (row["Service"], row["State"]) for row in rows})
        logs = subprocess.run([compose, "-p", self.name, "logs"], capture_output=True, text=True)
        self.assertEqual(0, logs.returncode, logs.stderr)

    def test_a_healthy_dependency_is_waited_for(self):
        self.apply(self.write_stack(self.app(compose="""\
            services:
              api:
                build: .
                stop_grace_period: 0s
                depends_on:
                  database: {condition: service_healthy}
                  migrate: {condition: service_completed_successfully}
              database:
                image: "%(base)s"
                command: sh -c "sleep 1; touch /tmp/ready; sleep 1000000"
                stop_grace_period: 0s
                healthcheck: {test: [CMD, test, -e, /tmp/ready], interval: 500ms, retries: 20}
              migrate:
                image: "%(base)s"
                command: sh -c "sleep 0.5"
                depends_on: [database]
            """ % {"base": BUSYBOX})))
        api, database, migrate = (self.container(name) for name in ("api", "database", "migrate"))
        first_healthy = [check["End"] for check in database["State"]["Health"]["Log"] if check["ExitCode"] == 0][0]
        self.assertLess(first_healthy, api["State"]["StartedAt"])
        self.assertLess(migrate["State"]["FinishedAt"], api["State"]["StartedAt"])
        self.assertEqual(0, migrate["State"]["ExitCode"])

    def test_an_optional_dependency_that_fails_holds_nobody_up(self):
        compose = """\
            services:
              api:
                build: .
                stop_grace_period: 0s
                environment: {MODE: "%(mode)s"}
                depends_on:
                  database: {condition: service_healthy, required: false}
              database:
                image: "%(base)s"
                command: sleep 1000000
                stop_grace_period: 0s
                healthcheck: {test: [CMD, "false"], interval: 200ms, retries: 1}
            """
        told = self.apply(self.write_stack(self.app(compose=compose % {"base": BUSYBOX, "mode": "one"})), code=2)
        self.assertIn(f"container {self.name}-database-1 is unhealthy", told)
        self.assertIn("MODE=one", self.container()["Config"]["Env"])
        self.assertTrue(self.runs())
        # Unhealthy already: that is no failure of what is rolled out now.
        told = self.apply(self.write_stack(self.app(compose=compose % {"base": BUSYBOX, "mode": "two"})), code=2)
        self.assertNotIn("failed", told)
        self.assertIn("service database is running 1/1, unhealthy", told)
        self.assertIn("MODE=two", self.container()["Config"]["Env"])
        self.assertTrue(self.runs())

    def test_ports_environment_volumes_and_binds_arrive(self):
        port = free_port()
        commit = self.app(files={"settings/app.conf": "mode=test\n", "extra.env": "FROM_FILE=yes\n"}, compose="""\
            services:
              api:
                build: .
                command: httpd -f -p 8000 -h /srv
                stop_grace_period: 0s
                ports: ["127.0.0.1:${PORT}:8000"]
                environment: {GREETING: hello}
                env_file: [extra.env]
                working_dir: /srv
                volumes: ["data:/data", "./settings:/settings:ro"]
            volumes: {data: {}}
            """)
        self.apply(self.write_stack(commit, spec=f'compose: {{variables: {{PORT: "{port}"}}}}'))
        self.eventually(lambda: self.http(port, "/app/main.txt") == (200, "release one\n"), 20)
        environment = self.container()["Config"]["Env"]
        self.assertIn("GREETING=hello", environment)
        self.assertIn("FROM_FILE=yes", environment)
        self.assertEqual("mode=test\n", self.read_file("/settings/app.conf"))
        with self.assertRaises(RuntimeError):
            self.engine.run_in(self.container_id(), "touch", "/settings/new")

    def test_profiles_and_the_files_of_an_environment(self):
        commit = self.app(files={"compose.test.yaml": """\
            services:
              api: {environment: {WHERE: test}}
            """}, compose="""\
            services:
              api: {build: ., stop_grace_period: 0s}
              debug: {image: "%(base)s", command: sleep 1000000, profiles: [debug], stop_grace_period: 0s}
              tools: {image: "%(base)s", command: sleep 1000000, profiles: [tools], stop_grace_period: 0s}
            """ % {"base": BUSYBOX})
        self.apply(self.write_stack(commit, spec="compose: {profiles: [tools]}"))
        self.assertIn("WHERE=test", self.container()["Config"]["Env"])
        self.assertTrue(self.runs("tools"))
        self.assertFalse(self.engine.exists(f"{self.name}-debug-1"))


class Update(Case):
    two_services = """\
        services:
          api: {build: ., stop_grace_period: 0s, volumes: ["data:/data"]}
          cache: {image: "%s", command: sleep 1000000, stop_grace_period: 0s}
        volumes: {data: {}}
        """ % BUSYBOX

    def test_a_new_commit_replaces_what_it_changes_and_keeps_the_rest(self):
        self.apply(self.write_stack(self.app(compose=self.two_services)))
        cache, api = self.container_id("cache"), self.container_id()
        self.engine.run_in(api, "sh", "-c", "echo precious > /data/file")
        path = self.write_stack(self.app("release two", compose=self.two_services))
        text = self.diff(path, code=1)
        self.assertIn("revision", text)
        self.apply(path)
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt"))
        self.assertEqual(cache, self.container_id("cache"))
        self.assertNotEqual(api, self.container_id())
        self.assertEqual("precious\n", self.read_file("/data/file"))

    def test_a_commit_that_changes_no_code_keeps_the_container(self):
        self.apply(self.write_stack(self.app()))
        before = self.container_id()
        commit = self.app(files={"NOTES.md": "words\n"})
        path = self.write_stack(commit)
        self.assertIn("proven", self.apply(path))
        self.assertEqual(before, self.container_id())

    def test_a_changed_setting_replaces_the_container_and_says_config(self):
        self.apply(self.write_stack(self.app(compose=self.two_services)))
        commit = self.app(compose=self.two_services.replace("sleep 1000000, stop", "sleep 2000000, stop"))
        path = self.write_stack(commit)
        self.assertIn("config", self.diff(path, code=1))
        self.apply(path)
        self.assertEqual(["sleep", "2000000"], self.container("cache")["Config"]["Cmd"])

    def test_a_service_that_is_gone_is_removed_and_its_volume_stays(self):
        self.apply(self.write_stack(self.app(compose=self.two_services)))
        path = self.write_stack(self.app(compose="""\
            services:
              cache: {image: "%s", command: sleep 1000000, stop_grace_period: 0s}
            """ % BUSYBOX))
        self.assertIn("orphan", self.diff(path, code=1))
        self.apply(path)
        self.assertFalse(self.engine.exists(f"{self.name}-api-1"))
        self.assertTrue(self.engine.request("GET", f"/volumes/{self.name}_data"))

    def test_fewer_and_more_replicas(self):
        replicas = """\
            services:
              api: {build: ., stop_grace_period: 0s, deploy: {replicas: %d}}
            """
        self.apply(self.write_stack(self.app(compose=replicas % 3)))
        self.assertEqual(3, len(self.engine.containers(self.name)))
        first = self.container_id()
        self.apply(self.write_stack(self.app(compose=replicas % 1)))
        self.assertEqual([first], [container["Id"] for container in self.engine.containers(self.name)])


class Failure(Case):
    def test_a_failed_build_keeps_what_runs(self):
        self.apply(self.write_stack(self.app()))
        before = self.container_id()
        commit = self.app("release two", files={"Dockerfile": f"FROM {BUSYBOX}\nRUN echo the-reason && false\n"})
        text = self.apply(self.write_stack(commit), code=2)
        self.assertIn("the-reason", text)
        self.assertEqual(before, self.container_id())
        self.assertTrue(self.runs())

    def test_a_new_container_that_exits_at_once_gives_way_to_the_old_one(self):
        self.apply(self.write_stack(self.app()))
        before = self.container_id()
        commit = self.app("release two", compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, command: sh -c "echo cannot start; exit 3"}
            """)
        text = self.apply(self.write_stack(commit), code=2)
        self.assertIn("cannot start", text)
        self.assertEqual(before, self.container_id())
        self.assertTrue(self.runs())
        self.assertEqual("release one\n", self.read_file("/srv/app/main.txt"))

    def test_a_new_container_that_stays_unhealthy_gives_way_to_the_old_one(self):
        healthy = """\
            services:
              api:
                build: .
                stop_grace_period: 0s
                healthcheck: {test: [CMD, grep, -q, good, /srv/app/main.txt], interval: 200ms, retries: 2}
            """
        self.apply(self.write_stack(self.app("good", compose=healthy)))
        before = self.container_id()
        text = self.apply(self.write_stack(self.app("bad", compose=healthy)), code=2)
        self.assertIn("unhealthy", text)
        self.assertEqual(before, self.container_id())
        self.assertTrue(self.runs())

    def test_an_image_that_cannot_be_had_stops_before_anything_is_touched(self):
        self.apply(self.write_stack(self.app()))
        before = self.container_id()
        commit = self.app("release two", compose="""\
            services:
              api: {build: ., stop_grace_period: 0s}
              cache: {image: "127.0.0.1:9/none:1", stop_grace_period: 0s}
            """)
        self.apply(self.write_stack(commit), code=2)
        self.assertEqual(before, self.container_id())
        self.assertTrue(self.runs())

    def test_a_project_with_foreign_containers_is_refused(self):
        foreign = self.start_foreign(f"{self.name}-api-1", {
            "com.docker.compose.project": self.name, "com.docker.compose.service": "api",
            "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False"})
        text = self.apply(self.write_stack(self.app()), code=2)
        self.assertIn(f"{self.name}-api-1", text)
        self.assertEqual(1, len(self.engine.containers(self.name)))
        self.assertTrue(self.engine.container(foreign)["State"]["Running"])

    def test_an_engine_that_is_down_is_told(self):
        path = self.write_stack(self.app())
        text = self.trueup("apply", "-f", path, "--engine", f"unix://{self.work}/none.sock", code=2)
        self.assertIn("none.sock", text)

    def test_secrets_of_the_environment_are_in_no_output(self):
        commit = self.app(compose="""\
            services:
              api:
                build: .
                stop_grace_period: 0s
                environment: {DATABASE_PASSWORD: hunter2hunter2}
                command: sh -c 'echo password is $$DATABASE_PASSWORD; exit 1'
            """)
        path = self.write_stack(commit)
        output = self.diff(path, code=1) + self.diff(path, "-o", "json", code=1) + self.apply(path, code=2)
        self.assertIn("password is", output)
        self.assertNotIn("hunter2", output)


class Drift(Case):
    def test_hand_edits_are_found_and_healed(self):
        path = self.write_stack(self.app())
        self.apply(path)
        self.engine.run_in(self.container_id(), "sh", "-c", "echo debugging > /srv/app/main.txt")
        text = self.diff(path, code=1)
        self.assertIn("code: app/main.txt differs", text)
        self.apply(path)
        self.assertEqual("release one\n", self.read_file("/srv/app/main.txt"))

    def test_a_missing_file_is_found(self):
        path = self.write_stack(self.app())
        self.apply(path)
        self.engine.run_in(self.container_id(), "rm", "/srv/app/main.txt")
        self.assertIn("app/main.txt", self.diff(path, code=1))

    @beside_neighbours
    def test_extra_source_is_drift_and_other_files_are_not(self):
        path = self.write_stack(self.app())
        self.apply(path)
        self.engine.run_in(self.container_id(), "sh", "-c", "echo data > /srv/app/upload.bin")
        self.diff(path)
        self.engine.run_in(self.container_id(), "sh", "-c", "echo import os > /srv/app/backdoor.py")
        self.assertIn("backdoor.py", self.diff(path, code=1))

    def test_a_mounted_volume_that_hides_the_code_is_found(self):
        hiding = """\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["old:/srv/app"]}
            volumes: {old: {}}
            """
        self.apply(self.write_stack(self.app(compose=hiding)))
        # The volume keeps the files of the first image: the stale code of this story.
        text = self.apply(self.write_stack(self.app("release two", compose=hiding)), code=2)
        self.assertIn("app/main.txt", text)

    def test_a_retagged_image_is_found(self):
        tag = f"{self.name}-cache"
        self.engine.request("POST", f"/images/{BUSYBOX}/tag?repo={tag}&tag=1")
        path = self.write_stack(self.app(compose="""\
            services:
              cache: {image: "%s:1", command: sleep 1000000, stop_grace_period: 0s}
            """ % tag))
        self.apply(path)
        old = self.container("cache")
        new = self.engine.request("POST", f"/commit?container={old['Id']}&repo={tag}&tag=1&comment=new", {})
        self.assertIn("image", self.diff(path, code=1))
        self.apply(path)
        self.assertEqual(new["Id"], self.container("cache")["Image"])

    def test_stopped_paused_and_removed_containers_come_back(self):
        path = self.write_stack(self.app(), spec="sync: {grace: 0s}")
        self.apply(path)
        for change in ("stop?t=0", "pause"):
            self.engine.request("POST", f"/containers/{self.container_id()}/{change}")
            self.assertIn("state", self.diff(path, code=1))
            self.apply(path)
            state = self.container()["State"]
            self.assertTrue(state["Running"] and not state["Paused"], change)
        self.engine.remove(self.container_id())
        self.assertIn("missing", self.diff(path, code=1))
        self.apply(path)
        self.assertTrue(self.runs())
