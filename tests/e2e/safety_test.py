# SPDX-License-Identifier: Apache-2.0
"""The promises of docs/safety.md about what is not ours, and about data, each on a real engine."""

import os
import re

from neighbours import Safe


class Ownership(Safe):
    def test_a_container_without_our_labels_is_never_touched(self):
        foreign = self.start_foreign(self.name + "-api-1", {"com.docker.compose.project": self.name,
                                                            "com.docker.compose.service": "api"})
        self.write_stack(self.app())
        self.start_daemon()
        self.wait_reason("Ready", "AwaitingAdoption")
        self.assertIn(self.name + "-api-1", self.message("Ready"))
        self.assertTrue(self.engine.container(foreign)["State"]["Running"])
        self.assertEqual(1, len(self.engine.containers(self.name)))

    def test_labels_that_came_with_an_image_make_nothing_ours(self):
        self.deploy()
        ours = self.container_id()
        copy = self.name + "-copy"
        self.engine.request("POST", f"/commit?container={ours}&repo={copy}&tag=1", {})
        made = self.engine.request("POST", f"/containers/create?name={copy}", {"Image": copy + ":1"})
        self.addCleanup(self.engine.remove, made["Id"])
        self.engine.request("POST", f"/containers/{made['Id']}/start")
        self.assertIn("dev.trueup.owner", self.engine.container(made["Id"])["Config"]["Labels"])
        self.wait_reason("Ready", "AwaitingAdoption")
        self.assertIn(copy, self.message("Ready"))
        self.assertTrue(self.engine.container(made["Id"])["State"]["Running"])
        self.assertTrue(self.engine.container(ours)["State"]["Running"])

    def test_forged_labels_make_nothing_ours(self):
        self.deploy()
        labels = dict(self.container()["Config"]["Labels"])
        labels["com.docker.compose.service"] = "gone"
        forged = self.start_foreign(self.name + "-gone-1", labels)
        self.wait_reason("Ready", "AwaitingAdoption")
        self.assertTrue(self.engine.container(forged)["State"]["Running"])

    def test_a_copy_of_all_labels_under_another_name_is_not_ours(self):
        commit = self.deploy()
        ours = self.container()
        copy = self.name + "-api-1-copy"
        made = self.engine.request("POST", f"/containers/create?name={copy}", {
            "Image": ours["Image"], "Labels": ours["Config"]["Labels"]})
        self.addCleanup(self.engine.remove, made["Id"])
        self.engine.request("POST", f"/containers/{made['Id']}/start")
        self.wait_reason("Ready", "AwaitingAdoption")
        self.assertIn(copy, self.message("Ready"))
        self.assertIn("a copy of it, or somebody renamed it", self.message("Ready"))
        for container in (made["Id"], ours["Id"]):
            self.assertTrue(self.engine.container(container)["State"]["Running"])
        self.engine.remove(made["Id"])
        self.wait_ready(commit)
        self.assertEqual(ours["Id"], self.container_id())

    def test_a_name_that_somebody_else_has_stops_nothing(self):
        compose = """\
            services:
              api: {build: ., stop_grace_period: 0s, container_name: %s}
            """
        one, two = self.name + "-one", self.name + "-two"
        self.deploy(compose=compose % one)
        before = self.engine.container(one)
        foreign = self.start_foreign(two, {})
        commit = self.app("release two", compose=compose % two)
        self.write_stack(commit)
        self.eventually(lambda: f"the name {two} is taken by container {foreign[:12]}" in self.message("Ready"))
        after = self.engine.container(one)
        self.assertEqual((before["Id"], before["State"]["StartedAt"]), (after["Id"], after["State"]["StartedAt"]))
        self.assertTrue(after["State"]["Running"])
        self.assertTrue(self.engine.container(foreign)["State"]["Running"])
        self.engine.remove(foreign)
        self.wait_ready(commit)
        self.assertTrue(self.engine.container(two)["State"]["Running"])
        self.assertFalse(self.engine.exists(before["Id"]))

    def test_a_lost_state_directory_loses_no_stack(self):
        commit = self.deploy()
        before = self.container()
        self.stop_daemon()
        for root, folders, files in os.walk(self.state, topdown=False):
            for file in files:
                os.remove(os.path.join(root, file))
            for folder in folders:
                path = os.path.join(root, folder)
                os.remove(path) if os.path.islink(path) else os.rmdir(path)
        self.start_daemon()
        self.wait_ready(commit)
        after = self.container()
        self.assertEqual((before["Id"], before["State"]["StartedAt"]), (after["Id"], after["State"]["StartedAt"]))


class Volumes(Safe):
    compose = """\
        services:
          api: {build: ., stop_grace_period: 0s, volumes: ["%s:/data"]}
        volumes: {%s: {}}
        """

    def fill(self, volume):
        self.engine.run_in(self.container_id(), "sh", "-c", "seq 500 > /data/rows")
        return self.data_of(f"{self.name}_{volume}")

    def test_no_volume_is_ever_removed(self):
        self.deploy(compose=self.compose % ("rows", "rows"), spec="sync: {deletionPolicy: delete}")
        data = self.fill("rows")
        path = os.path.join(self.desired, self.name + ".yaml")
        other = self.name + "-b"    # so that one vanished file is not all of them
        for index in range(4):
            self.write_stack(self.repository.git("rev-parse", "HEAD"), name=f"{other}{index}")
        for index in range(4):
            self.wait_ready(name=f"{other}{index}")
        os.remove(path)
        self.eventually(lambda: not self.engine.containers(self.name), 30, "the stack is removed")
        self.assertEqual(data, self.data_of(self.name + "_rows"))

    def test_another_name_of_a_volume_waits_for_confirmation(self):
        self.deploy(compose=self.compose % ("rows", "rows"))
        data, before = self.fill("rows"), self.container_id()
        commit = self.app("release two", compose=self.compose % ("lines", "lines"))
        self.write_stack(commit)
        self.wait_reason("Stalled", "VolumeRenamed")
        self.assertIn("confirm", self.message("Stalled"))
        self.assertEqual(before, self.container_id())
        self.assertIn(f"`trueup confirm {self.name}` lets exactly this through",
                      self.diff(os.path.join(self.desired, self.name + ".yaml"), code=2))
        for verb in ("explain", "describe"):
            first = self.trueup(verb, self.name, *self.server()).splitlines()[:5]
            self.assertIn(f"For a person's yes: trueup confirm {self.name}", "\n".join(first))
        self.trueup("confirm", self.name, "--token", "of another question", *self.server(), code=2)
        self.assertEqual("VolumeRenamed", self.reason("Stalled"))
        shown = self.trueup("confirm", self.name, *self.server(), code=2)
        self.assertIn(f"stack {self.name} waits: {self.message('Stalled')[:60]}", shown)
        self.assertEqual("VolumeRenamed", self.reason("Stalled"), "nobody was there to be asked")
        self.assertRegex(self.trueup("confirm", self.name, *self.server(), code=2, typed="n"),
                         r"is that meant\? \[y/N\] (.*\n)?.*nothing was confirmed")
        self.trueup("reconcile", self.name, *self.server(), code=None)
        log = [line for line in self.read_log().splitlines() if "the stack waits for a yes" in line]
        self.assertEqual(1, len(log), "it is logged once")
        self.assertNotRegex(self.read_log(), "reconcile failed.*lets exactly this through")
        exact = re.search("`trueup (confirm [^`]+)` says yes to exactly this", shown)
        self.assertTrue(exact, shown)
        self.trueup(*exact[1].split())
        self.wait_ready(commit)
        self.assertEqual(data, self.data_of(self.name + "_rows"))
        self.assertIn("waits for no confirmation", self.trueup("confirm", self.name, *self.server(), code=2))

    def test_without_a_controller_a_yes_is_to_one_question(self):
        self.apply(self.write_stack(self.app(compose=self.compose % ("rows", "rows"))))
        data, before = self.fill("rows"), self.container_id()
        tokens = []
        for volume in ("lines", "columns"):
            path = self.write_stack(self.app(f"release {volume}", compose=self.compose % (volume, volume)))
            text = self.apply(path, code=2)
            told = re.search(f"`trueup apply -f {path} --confirm ([0-9a-z-]+)` lets exactly this through", text)
            self.assertTrue(told, text)
            tokens.append(told[1])
        differs = self.diff(path, code=2)
        self.assertEqual(1, differs.count(f"`trueup apply -f {path} --confirm {tokens[1]}` lets exactly this"), differs)
        self.assertEqual(1, differs.count("lets exactly this through"), "it is told once")
        refused = self.trueup("apply", "-f", path, "--confirm", tokens[0], code=2)
        self.assertIn(f"--confirm {tokens[0]}: that is the token of no question that is asked now", refused)
        self.assertIn(f"--confirm {tokens[1]}` lets exactly this through", refused)
        self.assertEqual(before, self.container_id())
        self.trueup("apply", "-f", path, "--confirm", tokens[1])
        self.assertNotEqual(before, self.container_id())
        self.assertEqual(data, self.data_of(self.name + "_rows"))

    def confirmed(self, commit, reason):
        """The change waits, the container stays, and it is made once a person said yes."""
        before = self.container_id()
        self.write_stack(commit)
        self.wait_reason("Stalled", reason)
        self.assertEqual(before, self.container_id())
        self.trueup("confirm", self.name, "--yes", *self.server())
        self.wait_ready(commit)
        self.assertNotEqual(before, self.container_id())

    def test_a_volume_that_loses_its_name_waits_for_confirmation(self):
        self.deploy(compose=self.compose % ("rows", "rows"))
        data = self.fill("rows")
        self.confirmed(self.app("release two", compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: [/data]}
            """), "VolumeRenamed")
        self.assertEqual(data, self.data_of(self.name + "_rows"))

    def test_a_writable_mount_that_is_dropped_waits_for_confirmation(self):
        self.deploy(compose=self.compose % ("rows", "rows"))
        data = self.fill("rows")
        self.confirmed(self.app("release two"), "MountChanged")
        self.assertEqual(data, self.data_of(self.name + "_rows"))

    def test_a_service_and_its_volume_renamed_together_wait_for_confirmation(self):
        self.deploy(compose=self.compose % ("rows", "rows"))
        data, before = self.fill("rows"), self.container_id()
        commit = self.app("release two", compose="""\
            services:
              store: {build: ., stop_grace_period: 0s, volumes: ["lines:/data"]}
            volumes: {lines: {}}
            """)
        self.write_stack(commit)
        self.wait_reason("Stalled", "VolumeRenamed")
        self.assertIn(f"has volume {self.name}_rows there", self.message("Stalled"))
        self.assertEqual(before, self.container_id())
        self.assertTrue(self.runs())
        self.trueup("confirm", self.name, "--yes", *self.server())
        self.wait_ready(commit)
        self.assertEqual(data, self.data_of(self.name + "_rows"))

    def test_data_without_a_name_goes_on_under_another_container_name(self):
        compose = """\
            services:
              api: {build: ., stop_grace_period: 0s, container_name: %s, volumes: [/data]}
            """
        self.deploy(compose=compose % (self.name + "-one"))
        self.engine.run_in(self.name + "-one", "sh", "-c", "echo precious > /data/letter")
        commit = self.app("release two", compose=compose % (self.name + "-two"))
        self.write_stack(commit)
        self.wait_ready(commit)
        self.assertFalse(self.engine.exists(self.name + "-one"))
        self.engine.run_in(self.name + "-two", "grep", "-x", "precious", "/data/letter")

    def deploy_with_a_folder(self):
        """The stack writes into the folder one; the compose text, with a place for its path."""
        for folder in ("one", "two"):
            os.makedirs(os.path.join(self.work, folder))
        compose = """\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["%s:/data"]}
            """
        self.deploy(compose=compose % os.path.join(self.work, "one"))
        return compose

    def test_another_source_of_a_writable_mount_waits_for_confirmation(self):
        compose = self.deploy_with_a_folder()
        before = self.container_id()
        commit = self.app("release two", compose=compose % os.path.join(self.work, "two"))
        self.write_stack(commit)
        self.wait_reason("Stalled", "MountChanged")
        self.assertEqual(before, self.container_id())
        self.trueup("confirm", self.name, "--yes", *self.server())
        self.wait_ready(commit)

    def test_a_yes_is_for_one_time(self):
        compose = self.deploy_with_a_folder()
        for folder in ("two", "one", "two"):
            before = self.container_id()
            commit = self.app(folder, compose=compose % os.path.join(self.work, folder))
            self.write_stack(commit)
            self.wait_reason("Stalled", "MountChanged")
            self.assertEqual(before, self.container_id())
            self.trueup("confirm", self.name, "--yes", *self.server())
            self.wait_ready(commit)

    def test_another_project_name_waits_for_confirmation(self):
        commit = self.deploy()
        before = self.container_id()
        renamed = self.name + "-renamed"
        self.write_stack(commit, spec=f"compose: {{project: {renamed}}}")
        self.wait_reason("Stalled", "ProjectRenamed")
        self.assertEqual(before, self.container_id())
        self.assertTrue(self.runs())
        self.assertEqual("Succeeded", self.reason("Healthy"), "it runs under its old name")
        self.trueup("confirm", self.name, "--yes", *self.server())
        self.eventually(lambda: self.container(project=renamed)["State"]["Running"], 30)
        self.eventually(lambda: not self.engine.exists(before), 30, "the old project's container is gone")



class History(Safe):
    def test_a_prune_of_images_leaves_the_way_back(self):
        one = self.deploy()
        image = self.container()["Image"]
        self.write_stack(self.app("release two"))
        self.eventually(lambda: self.container()["Image"] != image and self.is_ready(), 60)
        self.engine.request("POST", "/images/prune")
        self.engine.request("GET", f"/images/{image}/json")
        self.write_stack(one)
        self.wait_ready(one)
        self.assertEqual(image, self.container()["Image"], "nothing had to be built")


class Mounts(Safe):
    def test_a_file_of_the_commit_is_bound_by_content_and_read_only(self):
        compose = """\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["./conf:/conf"]}
            """
        self.deploy(compose=compose, files={"conf/app.conf": "one\n"})
        self.assertEqual("one\n", self.read_file("/conf/app.conf"))
        with self.assertRaises(RuntimeError):
            self.engine.run_in(self.container_id(), "sh", "-c", "echo two > /conf/app.conf")

    def test_a_relative_bind_that_is_not_in_the_commit_is_refused(self):
        self.write_stack(self.app(compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["./uploads:/uploads"]}
            """))
        self.start_daemon()
        self.wait_reason("Ready", "InvalidCompose")
        self.assertIn("compose.yaml:2:", self.message("Ready"))
        self.assertIn("hostDirectory", self.message("Ready"))
        self.assertEqual([], self.engine.containers(self.name))

    def test_data_of_a_user_never_lands_in_the_state_directory(self):
        host = os.path.join(self.work, "host")
        os.makedirs(os.path.join(host, "uploads"))
        config = os.path.join(self.work, "config.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write("apiVersion: trueup.dev/v1alpha1\nkind: ControllerConfiguration\n"
                       f"hostRoots: [{host}]\n")
        self.start_daemon("--config", config)
        self.deploy(spec=f"compose: {{hostDirectory: {host}}}", compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["./uploads:/uploads"]}
            """)
        self.engine.run_in(self.container_id(), "sh", "-c", "echo precious > /uploads/letter")
        with open(os.path.join(host, "uploads/letter"), encoding="utf-8") as file:
            self.assertEqual("precious\n", file.read())
        found = [name for _, _, names in os.walk(self.state) for name in names]
        self.assertNotIn("letter", found)
