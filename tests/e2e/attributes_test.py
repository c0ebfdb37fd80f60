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

from compose_case import ComposeCase
from support import BINARY, BUSYBOX, free_port

RICH = f"""\
x-usual: &usual
  image: {BUSYBOX}
  command: [sleep, "1000000"]
  stop_grace_period: 0s
services:
  machine:
    <<: *usual
    hostname: box
    domainname: example.org
    cap_add: [NET_ADMIN, SYS_TIME]
    cap_drop: [MKNOD]
    cpu_shares: 512
    cpus: 0.5
    cpuset: "0"
    mem_limit: 64m
    mem_reservation: 32m
    oom_score_adj: 100
    pids_limit: 100
    shm_size: 1m
    devices: ["/dev/null:/dev/nothing:rw"]
    device_cgroup_rules: ["c 1:3 mr"]
    group_add: ["1234", "77"]
    init: true
    ipc: shareable
    logging: {{driver: json-file, options: {{max-size: 1m}}}}
    privileged: false
    read_only: true
    restart: on-failure:3
    security_opt: ["no-new-privileges:true"]
    stdin_open: true
    stop_signal: SIGINT
    sysctls: {{net.core.somaxconn: 128}}
    tmpfs: ["/scratch:size=1m"]
    tty: true
    ulimits: {{nofile: {{soft: 100, hard: 200}}, nproc: 50}}
    user: "1000:1000"
    working_dir: /tmp
    environment: {{A: "1", B: "two words"}}
    labels: {{team: shop}}
    expose: ["9000"]
    healthcheck: {{test: [CMD, "true"], interval: 1s, timeout: 2s, retries: 2, start_period: 1s, start_interval: 1s}}
  connected:
    <<: *usual
    dns: [127.0.0.1, 127.0.0.2]
    dns_search: [example.org]
    dns_opt: ["ndots:2"]
    extra_hosts: ["gone:10.9.8.7", "other=10.9.8.6"]
    mac_address: "02:42:ac:11:65:43"
    links: ["machine:engine"]
    networks:
      front: {{priority: 10, aliases: [www, web]}}
      back: {{ipv4_address: 10.77.3.9, ipv6_address: "fd77:3::9", link_local_ips: [169.254.7.7]}}
  mounted:
    <<: *usual
    volumes:
      - data:/data
      - {{type: volume, source: data, target: /bare, read_only: true, volume: {{nocopy: true}}}}
      - /anonymous
      - ram:/ram
      - /usr/share:/host:ro
      - {{type: bind, source: /usr/share, target: /shared, bind: {{propagation: rprivate, create_host_path: false}}}}
  sharing:
    <<: *usual
    network_mode: "service:machine"
    pid: "service:machine"
    ipc: "service:machine"
    volumes_from: [mounted]
  alone:
    <<: *usual
    network_mode: none
    platform: linux/amd64
    uts: host
    volumes:
      - {{type: tmpfs, target: /quick, tmpfs: {{size: 1m, mode: 0700}}}}
    deploy:
      resources: {{limits: {{cpus: "0.25", memory: 32m, pids: 50}}, reservations: {{memory: 16m}}}}
      restart_policy: {{condition: on-failure, max_attempts: 2}}
  limited:
    <<: *usual
    annotations: {{org.example.team: shop}}
    blkio_config: {{weight: 300}}
    cgroup: host
    cgroup_parent: /trueup-attributes
    cpu_period: 50000
    cpu_quota: 25000
    mem_limit: 64m
    mem_swappiness: 10
    memswap_limit: 128m
    oom_kill_disable: true
    runtime: runc
    userns_mode: host
    label_file: [conf/team.labels]
    env_file: [{{path: conf/team.env, required: true}}]
  published:
    <<: *usual
    entrypoint: [sh, -c]
    command: ["sleep 1000000"]
    ports: ["127.0.0.1:PORT:8000", "127.0.0.1:PORT:8001/udp", "8002"]
    expose: ["9000-9001/udp"]
    depends_on: [machine]
    external_links: ["${{COMPOSE_PROJECT_NAME}}-machine-1:far"]
  filed:
    <<: *usual
    configs: [{{source: filed, target: /etc/filed.ini}}, {{source: written, target: /etc/written.ini}}]
    secrets: [key]
    healthcheck: {{disable: true}}
  many:
    <<: *usual
    privileged: true
    security_opt: ["no-new-privileges:true"]
    scale: 2
networks:
  front:
    driver: bridge
    attachable: true
    labels: {{zone: outside}}
    driver_opts: {{com.docker.network.bridge.enable_icc: "true"}}
  back:
    internal: true
    enable_ipv6: true
    ipam:
      driver: default
      config:
        - {{subnet: 10.77.3.0/24, gateway: 10.77.3.1, ip_range: 10.77.3.0/25, aux_addresses: {{printer: 10.77.3.5}}}}
        - {{subnet: "fd77:3::/64"}}
configs:
  filed: {{file: conf/filed.ini}}
  written: {{content: "written\n"}}
secrets:
  key: {{file: conf/key.pem}}
volumes:
  data: {{labels: {{kept: "yes"}}}}
  ram: {{driver: local, driver_opts: {{type: tmpfs, device: tmpfs, o: size=1m}}}}
"""

# Of the engine's own making, or each tool's: 2.26.1 does not hand the hardware address to an old engine. What Binds
# and Mounts led to is compared instead of them.
OWN = ("Image", "Labels", "ContainerIDFile", "ConsoleSize", "MacAddress", "Binds", "Mounts")
# Lists that are sets.
SETS = ("Env", "CapAdd", "CapDrop", "GroupAdd", "SecurityOpt", "Aliases", "Links", "ExtraHosts",
        "Ulimits", "VolumesFrom")
SERVICES = ("machine", "connected", "mounted", "sharing", "alone", "limited", "published", "filed", "many")
COMMITTED = {"conf/filed.ini": "filed\n", "conf/key.pem": "a key\n", "conf/team.labels": "COLOR=blue\nSIZE=2\n",
             "conf/team.env": "COLOR=red\n"}
# trueup refuses them on engine 20.10, where docker compose refuses or loses them.
NEWER = ("    annotations: {org.example.team: shop}\n", ", start_interval: 1s")

# What trueup supports and is not compared here, or whose form is gone once the files are loaded -> why. What begins
# with it, too.
NO_ENGINE = "no engine of the tests takes it: "
NOT_COMPOSE = "docker compose 2.26.1 does not know it, or loses it"
LOADED = "it says how files are loaded; conformance.Differential compares what comes of it"
OTHER = "the engine does not show it of a container; "
NOT_COMPARED = {
    "include": LOADED,
    "services.NAME.extends": LOADED,
    "services.NAME.profiles": LOADED,
    "services.NAME.env_file": "it is here, and shown as environment",
    "services.NAME.label_file": "it is here, and shown as labels",
    "services.NAME.deploy.replicas": "scale is here, which says the same",
    "services.NAME.deploy.resources.reservations.devices": NO_ENGINE + "there is no such device",
    "services.NAME.gpus": NO_ENGINE + "there is no such device",
    "services.NAME.cpu_rt_period": NO_ENGINE + "the kernel schedules no groups in real time",
    "services.NAME.cpu_rt_runtime": NO_ENGINE + "the kernel schedules no groups in real time",
    "services.NAME.blkio_config.weight_device": NO_ENGINE + "there is no disk",
    "services.NAME.blkio_config.device_read_bps": NO_ENGINE + "there is no disk",
    "services.NAME.blkio_config.device_read_iops": NO_ENGINE + "there is no disk",
    "services.NAME.blkio_config.device_write_bps": NO_ENGINE + "there is no disk",
    "services.NAME.blkio_config.device_write_iops": NO_ENGINE + "there is no disk",
    "services.NAME.storage_opt": NO_ENGINE + "the file system has no quotas",
    "services.NAME.networks.NAME.gw_priority": NO_ENGINE + "it came with 28.0",
    "services.NAME.networks.NAME.interface_name": NO_ENGINE + "it came with 28.1",
    "services.NAME.volumes.image": NO_ENGINE + "it came with 28.0",
    "networks.NAME.enable_ipv4": NO_ENGINE + "it came with 28.0",
    "networks.NAME.ipam.options": NOT_COMPOSE,
    "services.NAME.networks.NAME.driver_opts": NOT_COMPOSE,
    "services.NAME.post_start": NOT_COMPOSE + "; Attributes sees the hooks run",
    "services.NAME.pre_stop": NOT_COMPOSE + "; Attributes sees the hooks run",
    "services.NAME.volumes.bind.recursive": NOT_COMPOSE,
    "services.NAME.volumes.bind.selinux": NOT_COMPOSE,
    "services.NAME.x-trueup": "it is trueup's own",
    "services.NAME.build": OTHER + "Build looks at the images",
    "services.NAME.pull_policy": OTHER + "PullPolicy looks at what is pulled",
    "services.NAME.pull_refresh_after": OTHER + "PullPolicy looks at what is pulled",
    "services.NAME.configs.gid": OTHER + "Attributes looks at the files",
    "services.NAME.configs.mode": OTHER + "Attributes looks at the files",
    "services.NAME.configs.uid": OTHER + "Attributes looks at the files",
    "configs.NAME.environment": OTHER + "Attributes looks at the files",
    "secrets.NAME.environment": OTHER + "Attributes looks at the files",
    "services.NAME.volumes.volume.labels": OTHER + "it is of a volume without a name",
    "services.NAME.volumes.volume.subpath": "the folder would have to be in the volume before",
    "services.NAME.container_name": "names are what may differ",
    "services.NAME.networks.NAME.mac_address": "mac_address of the service is here, which says the same",
    "networks.NAME.external": "nobody makes it",
    "volumes.NAME.external": "nobody makes it",
}


class Listed(unittest.TestCase):
    """Every attribute that trueup supports is compared with docker compose, or it is said why not."""

    def supported(self):
        """Of docs/compose.md, where each attribute stands once: the place of a group -> its attributes -> what it says."""
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


class Attributes(ComposeCase):
    labels = "e2e contract"

    def test_who_shares_a_namespace_is_replaced_with_it(self):
        compose = f"""\
            services:
              one: {{image: {BUSYBOX}, command: [sleep, "1000000"], stop_grace_period: 0s, environment: {{A: "VALUE"}}}}
              two: {{image: {BUSYBOX}, command: [sleep, "1000000"], stop_grace_period: 0s, network_mode: "service:one"}}
            """
        path = self.write_stack(self.app(compose=compose.replace("VALUE", "1")))
        self.apply(path)
        first = self.container_id("one")
        self.assertEqual("container:" + first, self.container("two")["HostConfig"]["NetworkMode"])
        self.write_stack(self.app(compose=compose.replace("VALUE", "2")))
        self.apply(path)
        second = self.container_id("one")
        self.assertNotEqual(first, second)
        self.assertEqual("container:" + second, self.container("two")["HostConfig"]["NetworkMode"])
        self.assertIn("no difference", self.diff(path))

    def test_a_seccomp_profile_is_read_out_of_the_commit(self):
        compose = f"""\
            services:
              api:
                image: {BUSYBOX}
                command: [sleep, "1000000"]
                security_opt: ["seccomp=profile.json"]
            """
        profile = {"profile.json": '{"defaultAction": "SCMP_ACT_ALLOW"}'}
        path = self.write_stack(self.app(compose=compose, files=profile))
        self.apply(path)
        self.assertEqual(['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'],
                         self.container()["HostConfig"]["SecurityOpt"])
        self.write_stack(self.app(compose=compose.replace("profile.json", "gone.json")))
        self.assertIn("gone.json", self.apply(path, code=2))

    def test_anonymous_volumes_are_taken_over_but_never_hide_code(self):
        compose = """\
            services:
              api:
                build: .
                stop_grace_period: 0s
                environment: {STEP: "VALUE"}
                volumes: [/data, /srv/app, /srv/app/uploads]
            """
        path = self.write_stack(self.app("release one", compose=compose.replace("VALUE", "1")))
        self.apply(path)
        first = self.container_id()
        self.engine.run_in(first, "sh", "-c", "echo kept > /data/file; echo kept > /srv/app/uploads/file")
        self.write_stack(self.app("release two", compose=compose.replace("VALUE", "2")))
        told = self.apply(path)
        self.assertNotEqual(first, self.container_id())
        self.assertEqual("kept\n", self.read_file("/data/file"))
        self.assertEqual("kept\n", self.read_file("/srv/app/uploads/file"))
        self.assertEqual("release two\n", self.read_file("/srv/app/main.txt"))
        self.assertIn("would hide the code at /srv/app", told)
        self.assertIn("no difference", self.diff(path))

    def test_hooks_run_after_the_start_and_before_the_stop(self):
        compose = f"""\
            services:
              api:
                image: {BUSYBOX}
                command: [sleep, "1000000"]
                stop_grace_period: 0s
                environment: {{STEP: "VALUE"}}
                volumes: [data:/data]
                post_start:
                  - {{command: ["sh", "-c", "echo started $$WHO >> /data/log"], environment: {{WHO: "VALUE"}}}}
                pre_stop:
                  - command: ["sh", "-c", "echo stopping >> /data/log"]
            volumes: {{data: }}
            """
        path = self.write_stack(self.app(compose=compose.replace("VALUE", "1")))
        self.apply(path)
        self.assertEqual("started 1\n", self.read_file("/data/log"))
        self.write_stack(self.app(compose=compose.replace("VALUE", "2")))
        self.apply(path)
        self.assertEqual("started 1\nstopping\nstarted 2\n", self.read_file("/data/log"))
        self.assertIn("no difference", self.diff(path))
        before = self.container_id()
        self.write_stack(self.app(compose=compose.replace("VALUE", "3").replace("echo started", "exit 7")))
        self.assertIn("post_start: sh ended with exit code 7", self.apply(path, code=2))
        self.assertEqual(before, self.container_id(), "the previous container is back")

    FILES = f"""\
        services:
          api:
            image: {BUSYBOX}
            command: [sleep, "1000000"]
            stop_grace_period: 0s
            configs:
              - plain
              - {{source: tuned, target: /etc/tuned.ini, mode: 0440, uid: "103", gid: "104"}}
              - {{source: filed, target: /etc/filed.ini}}
            secrets: [password, {{source: key, target: key.pem}}]
        configs:
          plain: {{content: "plain text\\n"}}
          tuned: {{content: "level=${{LEVEL}}\\n"}}
          filed: {{file: conf/filed.ini}}
        secrets:
          password: {{environment: PASSWORD}}
          key: {{file: conf/key.pem}}
        """

    def test_configs_and_secrets_are_in_the_container(self):
        commit = self.app(compose=self.FILES, files={"conf/filed.ini": "filed\n", "conf/key.pem": "a key\n"})
        variables = "compose: {variables: {LEVEL: '5', PASSWORD: 'hunter2-e2e'}}"
        path = self.write_stack(commit, spec=variables)
        told = self.apply(path)
        self.assertEqual("plain text\n", self.read_file("/plain"))
        self.assertEqual("level=5\n", self.read_file("/etc/tuned.ini"))
        self.assertEqual("filed\n", self.read_file("/etc/filed.ini"))
        self.assertEqual("hunter2-e2e", self.read_file("/run/secrets/password"))
        self.assertEqual("a key\n", self.read_file("/run/secrets/key.pem"))
        shown = self.engine.run_in(self.container_id(), "stat", "-c", "%a %u %g", "/etc/tuned.ini").decode().strip()
        self.assertEqual("440 103 104", shown)
        self.assertIn("no difference", self.diff(path))
        before = self.container_id()
        self.apply(path)
        self.assertEqual(before, self.container_id(), "nothing changed")
        # Content alone is a change, and the secret stands nowhere but in its file.
        self.write_stack(commit, spec=variables.replace("hunter2-e2e", "hunter3-e2e"))
        told += self.diff(path, code=1)
        told += self.apply(path)
        self.assertNotEqual(before, self.container_id())
        self.assertEqual("hunter3-e2e", self.read_file("/run/secrets/password"))
        told += json.dumps(self.container())
        self.assertNotIn("hunter", told)
        self.assertFalse([name for name in os.listdir(self.state) if "hunter" in name])
