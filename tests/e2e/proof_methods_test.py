# SPDX-License-Identifier: Apache-2.0
"""How each kind of service is proven, and what is said of a Dockerfile that cannot be followed."""

from support import BUSYBOX, Case

TWO_STAGES = f"""\
FROM {BUSYBOX} AS build
WORKDIR /src
COPY app app
RUN echo generated > app/generated.txt; echo changed > app/case.txt
FROM {BUSYBOX}
COPY --from=build /src/app /srv/app
CMD ["sleep", "1000000"]
"""
COMPILED = f"""\
FROM {BUSYBOX} AS build
COPY app /src
RUN cat /src/main.txt > /out
FROM {BUSYBOX}
COPY --from=build /out /opt/out
CMD ["sleep", "1000000"]
"""
COMPOSE = f"""\
services:
  api: {{build: ., stop_grace_period: 0s}}
  tool: {{build: {{context: ., dockerfile: tool.Dockerfile}}, stop_grace_period: 0s}}
  cache: {{image: "{BUSYBOX}", command: sleep 1000000, stop_grace_period: 0s}}
"""
API = "services:\n  api: {build: ., stop_grace_period: 0s}\n"


class ProofMethods(Case):
    def deploy(self, compose=COMPOSE, spec="", **files):
        commit = self.app(compose=compose, files={"Dockerfile": TWO_STAGES, "tool.Dockerfile": COMPILED, **files})
        self.write_stack(commit, spec=spec)
        self.start_daemon()
        self.wait_ready(commit)
        return commit

    def proofs(self):
        return {each["name"]: (each["proof"], each["fresh"]) for each in self.stack()["status"]["services"]}

    def explained(self):
        return self.trueup("explain", self.name, "--server", f"http://127.0.0.1:{self.api_port}")

    def test_files_build_and_digest(self):
        commit = self.deploy()
        self.assertEqual({"api": ("files", "True"), "tool": ("build", "True"), "cache": ("digest", "True")},
                         self.proofs())
        for service, method in (("api", "files"), ("tool", "build"), ("cache", "digest")):
            self.assertEqual(1.0, self.metric("trueup_code_proof", stack=self.name, service=service, method=method))
        fresh = self.conditions()["Fresh"]
        short = commit[:7]
        # Of the files that no step of the build changed.
        self.assertRegex(fresh["message"],
                         f"^the code of 1 service is commit {short}'s, file by file "
                         "\\(api: [0-9a-f]{12} at /srv/app\\); 1 service is an image built from exactly commit "
                         f"{short}'s context; 1 service runs the image that the commit names$")
        self.assertEqual("True", fresh["status"])
        text = self.explained()
        self.assertIn("service api: not the commit's word for word: app/case.txt: modified by a step of the build, "
                      "Dockerfile:4", text)
        self.assertIn("tool.Dockerfile:5:1: COPY: '/out' was made in stage build, it is no file of the commit", text)

    def test_an_edit_behind_two_stages_is_found_and_healed(self):
        self.deploy()
        first = self.container_id()
        self.engine.run_in(first, "sh", "-c", "echo edited > /srv/app/main.txt")
        self.stop_daemon()
        self.start_daemon()
        self.eventually(lambda: self.engine.exists(f"{self.name}-api-1") and self.container_id() != first
                        and self.condition("Fresh") == "True", 60, "it is replaced")
        self.assertEqual("release one\n", self.read_file("/srv/app/main.txt"))
        self.assertEqual("changed\n", self.read_file("/srv/app/case.txt"))

    def test_what_cannot_be_followed_is_said_and_spec_code_says_it(self):
        dockerfile = f"FROM {BUSYBOX}\nCOPY app $APP_HOME/srv/app/\nCMD [\"sleep\", \"1000000\"]\n"
        compose = "services:\n  api: {build: ., stop_grace_period: 0s}\n"
        commit = self.deploy(compose, Dockerfile=dockerfile)
        self.assertEqual("Unknown", self.proofs()["api"][1])
        fresh = self.conditions()["Fresh"]
        self.assertEqual(("Unknown", "NotProven"), (fresh["status"], fresh["reason"]))
        self.assertIn("Dockerfile:2:1: COPY", fresh["message"])
        self.assertIn("Dockerfile:2:1: COPY: '$APP_HOME/srv/app/' has a variable that only the base image may set",
                      self.explained())
        self.write_stack(commit, spec="code: [{service: api, from: app, to: /srv/app}]")
        self.eventually(lambda: self.proofs() == {"api": ("files", "True")}, 30, lambda: f"proven: {self.proofs()}")
        self.assertNotIn("APP_HOME", self.explained())
        tree = self.repository.git("rev-parse", f"{commit}:app")
        self.assertEqual([{"place": "/srv/app", "id": tree}], self.stack()["status"]["services"][0]["code"])
        self.assertIn(f"(api: {tree[:12]} at /srv/app)", self.conditions()["Fresh"]["message"])

    def test_a_dockerfile_that_is_followed_in_part_proves_nothing(self):
        dockerfile = (f"FROM {BUSYBOX}\nCOPY app/main.txt /srv/app/\nCOPY app $APP_HOME/srv/all/\n"
                      "CMD [\"sleep\", \"1000000\"]\n")
        self.deploy("services:\n  api: {build: ., stop_grace_period: 0s}\n", Dockerfile=dockerfile)
        fresh = self.conditions()["Fresh"]
        self.assertEqual(("Unknown", "NotProven"), (fresh["status"], fresh["reason"]))
        self.assertIn("Dockerfile:3:1: COPY", fresh["message"])
        text = self.trueup("code", "verify", f"{self.name}-api-1", "--repo", self.repository.path, code=2)
        self.assertIn("could not be told, 1 file compared", text)
        self.assertIn("not compared: Dockerfile:3:1: COPY", text)

    def test_steps_that_edit_what_was_copied_are_the_builds(self):
        """Proven once more without cache, told, and held against every container."""
        dockerfile = (f"FROM {BUSYBOX}\nCOPY app /srv/app\n"
                      "RUN sed -i s/release/shipped/ /srv/app/main.txt && rm /srv/app/case.txt && chmod +x /srv/app/*\n"
                      "CMD [\"sleep\", \"1000000\"]\n")
        self.deploy(API, **{"Dockerfile": dockerfile, "app/same.txt": "as it is\n"})
        self.assertEqual({"api": ("files", "True")}, self.proofs())
        self.assertEqual(1, self.metric("trueup_build_uncached_total", stack=self.name, reason="modified"))
        told = ("app/case.txt: removed by a step of the build, Dockerfile:3",
                "app/main.txt: modified by a step of the build, Dockerfile:3")
        verified = self.trueup("code", "verify", f"{self.name}-api-1", "--repo", self.repository.path)
        self.assertIn("proven, 1 file is as in commit", verified)
        for line in told:
            self.assertIn(f"not the commit's word for word: {line}", self.explained())
            self.assertIn(f"changed by its build: {line}", verified)
        first = self.container_id()
        self.engine.run_in(first, "sh", "-c", "echo edited > /srv/app/main.txt")
        self.eventually(lambda: self.engine.exists(f"{self.name}-api-1") and self.container_id() != first
                        and self.condition("Fresh") == "True", 60, "it is replaced")
        self.assertEqual("shipped one\n", self.read_file("/srv/app/main.txt"))

    def test_code_that_only_a_mount_brings_is_not_proven(self):
        dockerfile = (f"FROM {BUSYBOX}\nRUN --mount=type=bind,source=app,target=/src mkdir -p /srv && "
                      "cp -r /src /srv/app\nCMD [\"sleep\", \"1000000\"]\n")
        commit = self.deploy(API, **{"Dockerfile": dockerfile, "app/main.py": "print(1)\n"})
        self.assertEqual("Unknown", self.proofs()["api"][1])
        self.assertIn("Dockerfile:2:1: RUN: --mount shows it app of the commit", self.explained())
        self.assertIn("Dockerfile:2:1: RUN: --mount", self.conditions()["Fresh"]["message"])
        self.write_stack(commit, spec="code: [{service: api, from: app, to: /srv/app}]")
        self.eventually(lambda: self.proofs() == {"api": ("files", "True")}, 30, lambda: f"proven: {self.proofs()}")
