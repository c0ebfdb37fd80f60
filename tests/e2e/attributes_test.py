# SPDX-License-Identifier: Apache-2.0
"""What compose files say reaches the engine as docker compose 2.26.1 lets it: the same files brought up by both,
and the two inspected containers compared, minus names, ids and labels of the tools."""

import json
import os

from compose_case import ComposeCase
from support import BUSYBOX, free_port

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
    healthcheck: {{test: [CMD, "true"], interval: 1s, timeout: 2s, retries: 2, start_period: 1s}}
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
      back: {{ipv4_address: 10.77.3.9, link_local_ips: [169.254.7.7]}}
  mounted:
    <<: *usual
    volumes:
      - data:/data
      - {{type: volume, source: data, target: /bare, read_only: true, volume: {{nocopy: true}}}}
      - /anonymous
      - /usr/share:/host:ro
      - {{type: bind, source: /usr/share, target: /shared, bind: {{propagation: rprivate}}}}
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
  many:
    <<: *usual
    scale: 2
networks:
  front: {{attachable: true, driver_opts: {{com.docker.network.bridge.enable_icc: "true"}}}}
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
"""

# Of the engine's own making, or each tool's: 2.26.1 does not hand the hardware address to an old engine. What Binds
# and Mounts led to is compared instead of them.
OWN = ("Image", "Labels", "ContainerIDFile", "ConsoleSize", "MacAddress", "Binds", "Mounts")
# Lists that are sets.
SETS = ("Env", "CapAdd", "CapDrop", "GroupAdd", "SecurityOpt", "Aliases", "Links", "ExtraHosts",
        "Ulimits", "VolumesFrom")
SERVICES = ("machine", "connected", "mounted", "sharing", "alone", "limited", "published", "filed", "many")
COMMITTED = {"conf/filed.ini": "filed\n", "conf/key.pem": "a key\n", "conf/team.labels": "COLOR=blue\nSIZE=2\n"}
# What no engine of the tests takes, so it is compared by nobody: cpu_rt_period and cpu_rt_runtime (their kernel
# schedules no groups in real time), the weight and rates of blkio_config (it has no such group, and no disk), gpus
# (there is none), storage_opt (their file system has no quotas).


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
        if os.environ["TRUEUP_TEST_ENGINE"] == "20.10":  # trueup refuses them there, docker compose loses them
            rich = rich.replace("    annotations: {org.example.team: shop}\n", "")
        commit = self.app(compose=rich, files=COMMITTED)
        other = self.name + "-compose"
        self.compose("up", "-d", "--quiet-pull", project=other)
        wanted = {service: self.view(other, service) for service in SERVICES}
        volume = self.engine.request("GET", f"/volumes/{other}_data")["Labels"]
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
        self.assertEqual(volume["kept"], self.engine.request("GET", f"/volumes/{self.name}_data")["Labels"]["kept"])
        self.assertIn("no difference", self.diff(path))


class Attributes(ComposeCase):
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
