# SPDX-License-Identifier: Apache-2.0
"""The promises of docs/safety.md about networks, each on a real engine."""

import os

from neighbours import Safe
from support import BUSYBOX


class Networks(Safe):
    compose = """\
        services:
          api: {build: ., stop_grace_period: 0s, networks: [default, back]}
        networks: {back: {}}
        """

    def attach(self, network):
        """A container of others on it that runs, and one that is stopped."""
        running, stopped = [self.start_foreign(f"{self.name}-{suffix}", {}) for suffix in ("shell", "metrics")]
        for container in (running, stopped):
            self.engine.request("POST", f"/networks/{network}/connect", {"Container": container})
        self.engine.request("POST", f"/containers/{stopped}/stop?t=0")
        return running, stopped

    def test_a_network_that_others_are_on_is_kept(self):
        self.deploy(compose=self.compose)
        back = self.name + "_back"
        identity = self.engine.request("GET", f"/networks/{back}")["Id"]
        running, stopped = self.attach(back)
        commit = self.app("release two")
        self.write_stack(commit)
        self.wait_reason("Synced", "Foreign", seconds=60)
        for name in ("shell", "metrics"):
            self.assertIn(f"{self.name}-{name}", self.message("Synced"))
        self.assertIn(f"docker network disconnect {back}", self.message("Synced"))
        self.assertTrue(self.runs())
        self.assertEqual(identity, self.engine.request("GET", f"/networks/{back}")["Id"])
        self.engine.request("POST", f"/containers/{stopped}/start")
        for container in (running, stopped):
            self.engine.request("POST", f"/networks/{back}/disconnect", {"Container": container, "Force": True})
        self.trueup("reconcile", self.name, *self.server())
        self.wait_ready(commit)
        self.assertNotIn(back, [each["Name"] for each in self.engine.request("GET", "/networks")])
        for container in (running, stopped):
            self.assertTrue(self.engine.container(container)["State"]["Running"])

    def test_neighbours_on_the_networks_of_a_stack_outlive_its_rollouts_and_its_removal(self):
        self.deploy(spec="sync: {deletionPolicy: delete}")
        default = self.name + "_default"
        running, stopped = self.attach(default)
        before = [self.engine.container(each) for each in (running, stopped)]
        commit = self.app("release two")
        self.write_stack(commit, spec="sync: {deletionPolicy: delete}")
        self.wait_ready(commit)
        os.remove(os.path.join(self.desired, self.name + ".yaml"))
        self.wait_reason("Synced", "AwaitingConfirmation")    # it is the only one
        self.trueup("confirm", self.name, "--yes", *self.server())
        self.eventually(lambda: not self.engine.containers(self.name), 30, "the stack is removed")
        self.wait_reason("Synced", "Foreign")
        for earlier, each in zip(before, (running, stopped)):
            now = self.engine.container(each)
            self.assertEqual(earlier["State"]["StartedAt"], now["State"]["StartedAt"])
            self.assertEqual(earlier["State"]["Status"], now["State"]["Status"])
            self.assertEqual(earlier["NetworkSettings"]["Networks"][default]["NetworkID"],
                             now["NetworkSettings"]["Networks"][default]["NetworkID"])
        self.engine.request("POST", f"/containers/{stopped}/start")

    def test_a_network_and_a_volume_of_others_under_the_names_of_the_stack_stay_as_they_are(self):
        network, volume = self.name + "_default", self.name + "_rows"
        self.engine.request("POST", "/networks/create", {
            "Name": network, "Internal": True, "Labels": {"whose": "somebody's"}})
        self.engine.request("POST", "/volumes/create", {"Name": volume, "Labels": {"whose": "somebody's"}})
        self.addCleanup(self.engine.request, "DELETE", f"/networks/{network}")
        writer = self.engine.request("POST", "/containers/create", {
            "Image": BUSYBOX, "Cmd": ["sh", "-c", "seq 500 > /data/rows"],
            "HostConfig": {"Binds": [f"{volume}:/data"]}})
        self.engine.request("POST", f"/containers/{writer['Id']}/start")
        self.engine.request("POST", f"/containers/{writer['Id']}/wait")
        self.engine.remove(writer["Id"])

        def look():
            seen = self.engine.request("GET", f"/networks/{network}")
            seen.pop("Containers")
            return seen, self.engine.request("GET", f"/volumes/{volume}"), self.data_of(volume)
        before = look()
        compose = """\
            services:
              api: {build: ., stop_grace_period: 0s, volumes: ["rows:/data"]}
            networks: {default: {labels: {mine: "yes"}}}
            volumes: {rows: {labels: {mine: "yes"}}}
            """
        self.deploy(compose=compose, spec="sync: {deletionPolicy: delete}")
        self.engine.run_in(self.container_id(), "sh", "-c", "test $(wc -l < /data/rows) = 500")
        commit = self.app("release two", compose=compose)
        self.write_stack(commit, spec="sync: {deletionPolicy: delete}")
        self.wait_ready(commit)
        self.assertEqual(before, look())
        os.remove(os.path.join(self.desired, self.name + ".yaml"))
        self.wait_reason("Synced", "AwaitingConfirmation")
        self.trueup("confirm", self.name, "--yes", *self.server())
        self.eventually(lambda: not self.engine.containers(self.name), 30, "the stack is removed")
        self.eventually(lambda: not self.stack(), 30, "the stack is forgotten")
        self.assertEqual(before, look())
