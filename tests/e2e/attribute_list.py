# SPDX-License-Identifier: Apache-2.0
"""A project that says as much as one can, and what of docs/compose.md it does not say, with the reason."""

from support import BUSYBOX

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
    pid: host    # to which the engine adds a security_opt of its own
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
    "services.NAME.privileged": NO_ENGINE + "it may have fewer capabilities itself; false is here",
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
