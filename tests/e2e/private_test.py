# SPDX-License-Identifier: Apache-2.0
"""Private repositories, private images and secrets of the host; and that no secret is told anywhere."""

import json
import os
import shutil
import sqlite3

from docker_registry import DockerRegistry
from git_http import GitHttp
from neighbours import Safe
from support import BUSYBOX

REGISTRY_PASSWORD = "registry-hunter2-kq7"
GIT_TOKEN = "git-hunter2-zw4"
HOST_SECRET = "host-hunter2-vb9"
NEXT_SECRET = "next-hunter2-mm1"
USERINFO = "userinfo-hunter2-ty3"
CONFIG_VALUE = "config-hunter2-wd5"
HOOK_VALUE = "hook-hunter2-pe8"
ARGUMENT = "argument-hunter2-ns2"
PLANTED = (REGISTRY_PASSWORD, GIT_TOKEN, HOST_SECRET, NEXT_SECRET, USERINFO, CONFIG_VALUE, HOOK_VALUE, ARGUMENT)


class Private(Safe):
    def setUp(self):
        super().setUp()
        self.registry = DockerRegistry(os.path.join(self.work, "registry"), "pull", REGISTRY_PASSWORD)
        self.addCleanup(self.registry.close)
        self.git_server = GitHttp(self.work, "git:" + GIT_TOKEN)
        self.addCleanup(self.git_server.close)
        self.base = self.registry.push(self.engine, BUSYBOX, "shop/base:1")
        self.side = self.registry.push(self.engine, BUSYBOX, "shop/side:1")
        self.addCleanup(self.forget_images)
        self.secrets = os.path.join(self.work, "secrets")
        os.makedirs(self.secrets)
        self.password = self.write_secret("registry", REGISTRY_PASSWORD + "\n")
        self.token = self.write_secret("token", GIT_TOKEN + "\n")
        self.variables = self.write_secret("production.env", f"SHOP_SECRET={HOST_SECRET}\n")
        self.config = os.path.join(self.work, "config.yaml")
        self.write_config(f"{{registry: '{self.registry.host}', username: pull, passwordFile: {self.password}}}")

    def forget_images(self):
        for reference in (self.base, self.side):
            try:
                self.engine.request("DELETE", f"/images/{reference}?force=1")
            except RuntimeError:
                pass    # it was never pulled

    def write_secret(self, name, text):
        path = os.path.join(self.secrets, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def write_config(self, registry_credential):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"""\
apiVersion: trueup.dev/v1alpha1
kind: ControllerConfiguration
name: {self.name}
stateDirectory: {self.state}
desiredState: {{source: {self.desired}}}
log: {{level: debug}}
engines: [{{name: default, url: "{self.engine.url}"}}]
gitCredentials:
  - {{name: shop-git, url: "http://127.0.0.1:{self.git_server.port}/", username: git, passwordFile: {self.token}}}
registryCredentials:
  - {registry_credential}
hostRoots: [{self.secrets}]
""")

    def private_stack(self, text="release one"):
        """A service that is built from a private image, and one that is a private image; the commit."""
        commit = self.app(text, compose=f"""\
            services:
              api:
                build: .
                stop_grace_period: 0s
                environment:
                  SHOP_SECRET: ${{SHOP_SECRET}}
                pre_stop:
                  - command: ["true", "${{SHOP_SECRET}}"]
                    environment: {{HOOK: {HOOK_VALUE}}}
              side:
                image: {self.side}
                command: [sleep, "1000000"]
                stop_grace_period: 0s
            """, files={"Dockerfile": f"FROM {self.base}\nCOPY app /srv/app\nCMD [\"sleep\", \"1000000\"]\n"})
        url = f"http://127.0.0.1:{self.git_server.port}/repository"
        self.path = self.write_stack(source=f"{{git: {{url: {url}, commit: {commit}, credentials: shop-git}}}}",
                                     spec=f"compose: {{variableFiles: [{{host: {self.variables}}}]}}\n")
        return commit

    def start(self):
        self.start_daemon("--config", self.config, from_config=True)

    def ask(self, *arguments, code=0):
        return self.trueup(*arguments, "--server", f"http://127.0.0.1:{self.api_port}", code=code)

    def environment(self):
        return self.container()["Config"]["Env"]

    def test_a_stack_with_a_private_repository_a_private_base_image_and_a_host_env_deploys(self):
        commit = self.private_stack()
        self.start()
        self.wait_ready(commit)
        self.assertIn(f"SHOP_SECRET={HOST_SECRET}", self.environment())
        self.assertEqual("release one\n", self.read_file("/srv/app/main.txt"))
        self.assertTrue(self.runs("side"))

    def test_docker_login_is_enough(self):
        config = self.write_secret("config.json", json.dumps({"auths": {self.registry.host: {
            "username": "pull", "password": REGISTRY_PASSWORD}}}))
        self.write_config(f"{{dockerConfig: {config}}}")
        self.private_stack()
        self.apply(self.path, config=self.config)
        self.assertTrue(self.runs("api") and self.runs("side"))

    def test_a_wrong_password_is_told_and_nothing_changes(self):
        self.write_secret("registry", "wrong-" + REGISTRY_PASSWORD)
        self.private_stack()
        text = self.apply(self.path, config=self.config, code=2)
        self.assertIn(f"({self.registry.host} refuses the credentials that it was shown: correct the "
                      f"registryCredentials at {self.config}:11:", text)
        self.assertNotIn(REGISTRY_PASSWORD, text)
        self.assertEqual([], self.engine.containers(self.name))
        self.write_config(f"{{registry: elsewhere.example.com, username: pull, passwordFile: {self.password}}}")
        text = self.apply(self.path, config=self.config, code=2)
        self.assertIn(f"{self.registry.host} was shown no credentials: name some for it in registryCredentials", text)
        self.assertEqual([], self.engine.containers(self.name))

    def test_a_password_that_is_corrected_counts_by_itself(self):
        self.write_secret("registry", "wrong-" + REGISTRY_PASSWORD)
        commit = self.private_stack()
        self.start()
        self.eventually(lambda: "refuses the credentials" in self.conditions().get("Ready", {}).get("message", ""), 30)
        self.assertEqual("PullFailed", self.reason("Ready"))
        self.assertNotIn("Stalled", self.conditions())
        self.assertEqual(1, self.message("Ready").count("pulling "), self.message("Ready"))
        self.assertEqual([], self.engine.containers(self.name))
        self.write_secret("registry", REGISTRY_PASSWORD)
        self.wait_ready(commit)

    def test_a_hash_that_covers_a_secret_depends_on_the_key(self):
        """Of the same configuration it is another one once the key is: so it is of no use without."""
        self.write_config(f"{{registry: '{self.registry.host}', username: pull, passwordFile: {self.password}}}")
        commit = self.app(compose="""\
            services:
              api: {build: ., stop_grace_period: 0s, secrets: [token], volumes: [data:/data]}
            secrets: {token: {environment: SHOP_SECRET}}
            networks: {default: {driver_opts: {password: $SHOP_SECRET}}}
            volumes: {data: {driver_opts: {type: tmpfs, device: tmpfs, o: "size=1m"}}}
            """)
        path = self.write_stack(commit, spec=f"compose: {{variableFiles: [{{host: {self.variables}}}]}}\n")
        hashes = []
        for _ in range(2):
            self.apply(path, config=self.config)
            self.assertEqual(HOST_SECRET, self.read_file("/run/secrets/token").strip())
            labels = self.container()["Config"]["Labels"]
            hashes.append([labels["dev.trueup.config-hash"], labels["dev.trueup.content"].splitlines()[0]] +
                          [self.engine.request("GET", kind)["Labels"]["dev.trueup.config-hash"]
                           for kind in (f"/networks/{self.name}_default", f"/volumes/{self.name}_data")])
            self.assertIn("no difference", self.diff(path, "--config", self.config))
            self.engine.remove(self.container_id())
            self.engine.request("DELETE", f"/networks/{self.name}_default")
            self.engine.request("DELETE", f"/volumes/{self.name}_data")
            shutil.rmtree(self.state)    # the history, too: else it asks where the volume is
            self.engine.request("DELETE", f"/images/trueup.seat/{self.name}:key")
        for before, after in zip(*hashes):
            self.assertNotEqual(before, after)

    def test_no_secret_is_told_anywhere(self):
        self.write_secret("registry", "wrong-" + REGISTRY_PASSWORD)
        self.private_stack()
        other = self.write_stack(name=self.name + "-userinfo", source="{git: {url: 'https://me:" + USERINFO +
                                 "@git.example.com/shop.git', branch: main}}")
        self.start()
        self.eventually(lambda: "refuses the credentials" in self.conditions().get("Ready", {}).get("message", ""), 30)
        self.write_secret("registry", REGISTRY_PASSWORD)
        commit = self.private_stack("release two")
        self.wait_ready(commit)
        self.write_secret("production.env", f"SHOP_SECRET={NEXT_SECRET}\n")
        self.eventually(lambda: f"SHOP_SECRET={NEXT_SECRET}" in self.environment(), 60)
        self.wait_ready(commit)
        said = self.everything_said(other)
        self.stop_daemon()
        said["the log"] = self.read_log()
        said.update(self.everything_kept())
        for place, text in said.items():
            for secret in PLANTED:
                self.assertNotIn(secret, text, f"{secret} is told by {place}")
        self.assertEqual(1, len(self.hooks_kept), "one configuration is in use")
        self.assertIn(commit, said["get stacks -o yaml"])
        self.assertIn("refuses the credentials", said["the log"])

    def printing_stack(self, dockerfile):
        """A service that prints what it was given and is never healthy; the commit."""
        commit = self.app(compose=f"""\
            services:
              api:
                build: {{context: ., args: {{TOKEN: "${{SHOP_SECRET}}", FLAG: {ARGUMENT}}}}}
                stop_grace_period: 0s
                command: [sh, -c, "cat /run/secrets/token /shop.conf; exec sleep 1000000"]
                healthcheck: {{test: [CMD, "false"], interval: 1s, retries: 1}}
                secrets: [token]
                configs: [{{source: settings, target: /shop.conf}}]
                post_start:
                  - command: [sh, -c, "echo hooked $$HOOK > /proc/1/fd/1"]
                    environment: {{HOOK: {HOOK_VALUE}}}
            secrets: {{token: {{environment: SHOP_SECRET}}}}
            configs: {{settings: {{content: "\\nkey {CONFIG_VALUE}\\n"}}}}
            """, files={"Dockerfile": f"FROM {BUSYBOX}\nCOPY app /srv/app\n{dockerfile}"})
        self.path = self.write_stack(commit, spec=f"compose: {{variableFiles: [{{host: {self.variables}}}]}}\n")
        return commit

    def test_what_fails_tells_no_secret_that_it_prints(self):
        """The last lines of a container, and the output of a build, live and at its end."""
        ready = self.app()
        self.write_stack(ready)
        self.start()
        self.wait_ready(ready)
        self.printing_stack("")
        self.eventually(lambda: self.reason("Ready") == "HealthCheckFailed", 60)
        of_container = self.message("Ready")
        self.assertIn("hooked ***", of_container)
        self.printing_stack("ARG TOKEN\nARG FLAG\nRUN echo token $TOKEN flag $FLAG && exit 1\n")
        self.eventually(lambda: self.reason("Ready") == "BuildFailed", 60)
        of_build = self.message("Ready")
        self.assertIn("token *** flag ***", of_build)
        said = {"GET " + part: self.http(self.api_port, f"/apis/trueup.dev/v1alpha1/stacks/{self.name}{part}")[1]
                for part in ("", "/events", "/history", "/explain")}
        said["metrics"] = self.metrics()
        self.stop_daemon()
        said["apply"] = self.apply(self.path, config=self.config, code=2)
        self.assertIn("build: token *** flag ***", said["apply"])
        said["the log"] = self.read_log()
        said.update(self.everything_kept())
        for place, text in said.items():
            for secret in PLANTED:
                self.assertNotIn(secret, text, f"{secret} is told by {place}")

    def everything_said(self, other):
        """What the controller and the verbs answer, by who says it."""
        said = {}
        api = "/apis/trueup.dev/v1alpha1"
        for path in ("/stacks", "/sources", *(f"/stacks/{self.name}{part}"
                                              for part in ("", "/events", "/history", "/explain", "/volumes"))):
            said["GET " + path] = self.http(self.api_port, api + path)[1]
        for path in ("/metrics", "/readyz"):
            said["GET " + path] = self.http(self.metrics_port, path)[1]
        for form in ("yaml", "json", "wide"):
            said[f"get stacks -o {form}"] = self.ask("get", "stacks", "-o", form)
        said["get sources"] = self.ask("get", "sources", "-o", "yaml")
        for verb in ("describe", "explain", "events", "history"):
            said[verb] = self.ask(verb, self.name, code=None)
            said[verb + " -o json"] = self.ask(verb, self.name, "-o", "json", code=None)
        self.engine.remove(self.container_id("side"))
        said["diff"] = self.trueup("diff", "-f", self.path, "--config", self.config, code=None)
        said["validate"] = self.trueup("validate", self.config, code=None)
        said["validate of a url with a secret"] = self.trueup("validate", other, code=2)
        self.assertIn("api", said["describe"])
        return said

    def everything_kept(self):
        """What lies in the state directory, and what the engine keeps of containers and images beside their
        environment."""
        kept = {}
        for folder, _, names in os.walk(self.state):
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.isfile(path) or name == "owner.key":
                    continue
                with open(path, "rb") as file:
                    kept[path] = file.read().decode("latin-1")
                if kept[path].startswith("SQLite format 3"):
                    kept[path + " as SQL"] = "\n".join(sqlite3.connect(path).iterdump())
        self.assertTrue(any(name.endswith("as SQL") for name in kept), sorted(kept))
        self.hooks_kept = [name for name in kept if name.startswith(self.state + "/hooks/")]
        for container in self.engine.containers(self.name):
            inspected = self.engine.container(container["Id"])
            inspected["Config"].pop("Env")
            kept["container " + inspected["Name"]] = json.dumps(inspected)
        images = {container["ImageID"] for container in self.engine.containers(self.name)}
        for image in images:
            kept["image " + image] = json.dumps(self.engine.request("GET", f"/images/{image}/json"))
            kept["history of " + image] = json.dumps(self.engine.request("GET", f"/images/{image}/history"))
        self.assertTrue(images)
        return kept
