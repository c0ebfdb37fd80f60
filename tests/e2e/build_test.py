# SPDX-License-Identifier: Apache-2.0
"""What `build` says reaches the engine's builder, as the steps of the build see it."""

import os

from support import BUSYBOX, Case


class Build(Case):
    def build_with(self, lines, dockerfile="FROM %s\nCOPY app /srv/app\nCMD [\"sleep\", \"1000000\"]\n" % BUSYBOX):
        compose = "services:\n  api:\n    stop_grace_period: 0s\n    build:\n      context: .\n"
        compose += "".join(f"      {line}\n" for line in lines)
        path = self.write_stack(self.app(compose=compose, files={"Dockerfile": dockerfile}))
        self.apply(path)
        self.assertIn("no difference", self.diff(path))
        return path

    def step(self, command):
        return f"FROM {BUSYBOX}\nCOPY app /srv/app\nRUN {command} > /seen\nCMD [\"sleep\", \"1000000\"]\n"

    def test_labels_tags_and_platform(self):
        self.build_with(["labels: {team: shop}", f"tags: ['{self.name}-more:1', '{self.name}-more:2']",
                         "platforms: [linux/amd64]", "no_cache: true", f"cache_from: ['{BUSYBOX}']"])
        image = self.engine.request("GET", f"/images/{self.container()['Image']}/json")
        self.assertEqual("shop", image["Config"]["Labels"]["team"])
        self.assertLessEqual({f"{self.name}-more:1", f"{self.name}-more:2", f"{self.name}-api:latest"},
                             set(image["RepoTags"]))
        before = self.container_id()
        self.build_with(["labels: {team: kitchen}"])
        self.assertNotEqual(before, self.container_id(), "a label is part of the image")

    def test_hosts_of_a_build(self):
        self.build_with(["extra_hosts: ['elsewhere:10.9.8.7']"], self.step("cat /etc/hosts"))
        self.assertRegex(self.read_file("/seen"), r"10\.9\.8\.7\s+elsewhere")

    def test_no_network(self):
        self.build_with(["network: none"], self.step("ls /sys/class/net"))
        self.assertEqual(["lo"], self.read_file("/seen").split())

    def test_limits_of_a_build(self):
        limits = ["shm_size: 3m", "ulimits: {nofile: {soft: 123, hard: 456}}"]
        if os.environ["TRUEUP_TEST_ENGINE"] == "20.10":
            compose = "services:\n  api:\n    build:\n      context: .\n"
            compose += "".join(f"      {line}\n" for line in limits)
            told = self.apply(self.write_stack(self.app(compose=compose)), code=2)
            self.assertIn("build.shm_size", told)
            self.assertIn("build.ulimits", told)
            return
        self.build_with(limits, self.step("sh -c 'ulimit -n; df -k /dev/shm | tail -1'"))
        seen = self.read_file("/seen").split()
        self.assertEqual(("123", "3072"), (seen[0], seen[2]), seen)

    def test_what_it_cannot_do_is_refused_with_its_place(self):
        commit = self.app(compose="services:\n  api:\n    build: {context: ., ssh: [default], sbom: true}\n")
        told = self.diff(self.write_stack(commit), code=2)
        self.assertIn("compose.yaml:3:", told)
        self.assertIn("build.ssh: 'ssh' of build is not supported (the engine's API hands no secrets", told)
        self.assertIn("build.sbom: 'sbom' of build is not supported", told)
