# SPDX-License-Identifier: Apache-2.0
"""What compose files say reaches the engine as docker compose 2.26.1 lets it: the same files brought up by both,
and the two inspected containers compared, minus names, ids and labels of the tools."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from attribute_list import COMMITTED, NEWER, NOT_COMPARED, RICH
from compose_case import ComposeCase
from support import BINARY, free_port

# Of the engine's own making, or each tool's: 2.26.1 does not hand the hardware address to an old engine. What Binds
# and Mounts led to is compared instead of them.
OWN = ("Image", "Labels", "ContainerIDFile", "ConsoleSize", "MacAddress", "Binds", "Mounts")
# Lists that are sets.
SETS = ("Env", "CapAdd", "CapDrop", "GroupAdd", "SecurityOpt", "Aliases", "Links", "ExtraHosts",
        "Ulimits", "VolumesFrom")
SERVICES = ("machine", "connected", "mounted", "sharing", "alone", "limited", "published", "filed", "many")


class Listed(unittest.TestCase):
    """Every attribute that trueup supports is compared with docker compose, or it is said why not."""

    def supported(self):
        """docs/compose.md, where each attribute stands once: the place of a group -> attribute -> what it says."""
        place, groups = "", {}
        page = pathlib.Path(__file__).parents[2] / "docs/compose.md"
        for line in page.read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                place = line.removeprefix("## ").replace("the file itself", "")
                groups[place] = {}
            elif line.startswith("| `"):
                name, support = re.match(r"\| `([^`]+)` \| ([a-z ]+?) \|", line).groups()
                groups[place][name] = support
        return groups

    def used(self, value, groups, place=""):
        """The attributes of a group that the value, or what is in it, has."""
        if isinstance(value, list):
            return set().union(*(self.used(item, groups, place) for item in value))
        if not isinstance(value, dict):
            return set()
        found = set()
        for name in value.keys() & groups[place].keys():
            path = f"{place}.{name}" if place else name
            found.add(path)
            if path + ".NAME" in groups:
                for member in (value[name] or {}).values():
                    found |= self.used(member, groups, path + ".NAME")
            elif path in groups:
                found |= self.used(value[name], groups, path)
        return found

    def test_what_is_not_compared_has_a_reason(self):
        with tempfile.TemporaryDirectory() as folder:
            for path, content in {**COMMITTED, "compose.yaml": RICH.replace("PORT", "8000")}.items():
                target = pathlib.Path(folder, path)
                target.parent.mkdir(exist_ok=True)
                target.write_text(content, encoding="utf-8")
            printed = subprocess.run([BINARY, "compose", "config", "--format", "json"], cwd=folder, check=True,
                                     stdout=subprocess.PIPE, text=True).stdout
        groups = self.supported()
        used = self.used(json.loads(printed), groups)
        left = {f"{place}.{name}" if place else name for place, names in groups.items()
                for name, support in names.items() if support == "yes"} - used
        unexplained = {path for path in left
                       if not any(path == known or path.startswith(known + ".") for known in NOT_COMPARED)}
        self.assertEqual(set(), unexplained, "use it in RICH, or say in NOT_COMPARED why not")
        self.assertEqual(set(), NOT_COMPARED.keys() - left, "it is compared: take it off the list")


class Shown(ComposeCase):
    labels = "e2e contract"

    def view(self, project, service):
        """What the engine shows of a container, without what must differ."""
        found = self.engine.container(f"{project}-{service}-1")
        names = {found["Id"]: "ITSELF", found["Id"][:12]: "ITSELF"}
        for each in self.engine.containers(project):
            names[each["Id"]] = "CONTAINER " + each["Labels"]["com.docker.compose.service"]
            names[each["Id"][:12]] = "SHORT " + each["Labels"]["com.docker.compose.service"]
        networks = {name: {key: network[key] for key in ("IPAMConfig", "Links", "Aliases", "DriverOpts")}
                    for name, network in found["NetworkSettings"]["Networks"].items()}
        mounts = sorted((mount["Destination"], mount["Type"], mount["RW"], mount.get("Propagation", ""))
                        for mount in found["Mounts"])
        labels = {key: value for key, value in found["Config"]["Labels"].items()
                  if not key.startswith(("com.docker.compose.", "dev.trueup."))}
        text = json.dumps({"Config": found["Config"], "HostConfig": found["HostConfig"], "Networks": networks,
                           "Mounted": mounts, "OwnLabels": labels})
        for name, word in names.items():
            text = text.replace(name, word)
        return self.tidy(json.loads(text.replace(project, "PROJECT")))

    def tidy(self, value, name=""):
        if isinstance(value, dict):
            members = {key: self.tidy(member, key) for key, member in value.items() if key not in OWN}
            nothing = (None, {}, [], "", 0, False, {"Name": "no"})
            return {key: member for key, member in members.items() if member not in nothing}
        if isinstance(value, list):
            items = [self.tidy(item) for item in value]
            return sorted(items, key=json.dumps) if name in SETS else items
        return value

    def test_the_engine_shows_the_same_as_with_compose(self):
        rich = RICH.replace("PORT", str(free_port()))
        if os.environ["TRUEUP_TEST_ENGINE"] == "20.10":
            for part in NEWER:
                rich = rich.replace(part, "")
        commit = self.app(compose=rich, files=COMMITTED)
        other = self.name + "-compose"
        self.compose("up", "-d", "--quiet-pull", project=other)
        wanted = {service: self.view(other, service) for service in SERVICES}
        volumes = {name: self.engine.request("GET", f"/volumes/{other}_{name}") for name in ("data", "ram")}
        networks = {name: self.engine.request("GET", f"/networks/{other}_{name}") for name in ("front", "back")}
        # Both want the same addresses.
        self.compose("down", "-v", "-t", "0", project=other)
        path = self.write_stack(commit)
        self.apply(path)
        for service in SERVICES:
            with self.subTest(service):
                self.assertEqual(wanted[service], self.view(self.name, service))
        front = self.container("connected")["NetworkSettings"]["Networks"][f"{self.name}_front"]
        self.assertEqual("02:42:ac:11:65:43", front["MacAddress"])
        self.assertTrue(self.engine.exists(f"{self.name}-many-2"))
        for name, network in networks.items():
            ours = self.engine.request("GET", f"/networks/{self.name}_{name}")
            for key in ("Driver", "Internal", "Attachable", "IPAM", "Options", "EnableIPv6"):
                if name == "back" or key != "IPAM":  # else the engine chooses the addresses
                    self.assertEqual(network[key], ours[key], f"{name} {key}")
            self.assertEqual(network["Labels"].get("zone"), ours["Labels"].get("zone"))
        for name, volume in volumes.items():
            ours = self.engine.request("GET", f"/volumes/{self.name}_{name}")
            self.assertEqual((volume["Driver"], volume["Options"]), (ours["Driver"], ours["Options"]))
            self.assertEqual(volume["Labels"].get("kept"), ours["Labels"].get("kept"))
        self.assertIn("no difference", self.diff(path))
