# SPDX-License-Identifier: Apache-2.0
"""`trueup code hash|verify|diff`: an operator's first contact, without stack, controller or configuration."""

import json
import os

from support import Case


class CodeVerbs(Case):
    def setUp(self):
        super().setUp()
        self.files = {
            "Dockerfile": f"FROM {os.environ['TRUEUP_TEST_BASE_BUSYBOX']}\nWORKDIR /srv\nCOPY app app\n"
                          "RUN echo 1 > app/made.py\nCMD [\"sleep\", \"1000000\"]\n",
            "app/main.py": "print(1)\nprint(2)\n",
            "app/case.py": self.name + "\n",
        }

    def run_release(self):
        """A stack that runs; its commit."""
        commit = self.app(files=self.files)
        self.apply(self.write_stack(commit))
        return commit

    def code(self, verb, *arguments, code=0):
        return self.trueup("code", verb, *arguments, "--repo", self.repository.path, code=code)

    def test_hash_prints_gits_ids(self):
        commit = self.app(files=self.files)
        for path in ("app", "app/main.py", ""):
            wanted = self.repository.git("rev-parse", f"{commit}:{path}")
            self.assertEqual(wanted + "\n", self.code("hash", f"{commit[:9]}:{path}"))
        answer = json.loads(self.code("hash", "HEAD:app", "-o", "json"))
        self.assertEqual((commit, "app", "directory"), (answer["commit"], answer["path"], answer["kind"]))
        self.assertIn("no 'gone' in commit", self.code("hash", "HEAD:gone", code=2))
        self.assertIn("no commit 'nosuch'", self.code("hash", "nosuch:app", code=2))
        self.assertIn("HEAD:app", self.code("hash", "HEAD", code=2))

    def test_verify_proves_a_container_by_its_dockerfile(self):
        commit = self.run_release()
        name = f"{self.name}-api-1"
        text = self.code("verify", name)
        self.assertIn(f"{name}: proven, 4 files are as in commit {commit[:12]}", text)
        answer = json.loads(self.code("verify", name, "--commit", commit, "-o", "json"))
        self.assertEqual((True, 4, []), (answer["proven"], answer["files"], answer["differences"]))
        self.assertIn("proven: true", self.code("verify", name, "-o", "yaml"))

    def test_verify_and_diff_name_what_a_person_changed(self):
        self.run_release()
        container = self.container_id()
        self.engine.run_in(container, "sh", "-c", "echo 'print(3)' >> /srv/app/main.py; rm /srv/app/case.py; "
                           "echo 7 > /srv/app/new.py; chmod +x /srv/app/main.txt")
        text = self.code("verify", container, code=1)
        for line in ("4 files differ", "modified app/main.py", "missing app/case.py", "extra /srv/app/new.py",
                     "mode app/main.txt"):
            self.assertIn(line, text)
        text = self.code("diff", container, code=1)
        self.assertIn("--- commit/app/main.py\n+++ container/app/main.py\n@@ -1,2 +1,3 @@\n print(1)\n"
                      " print(2)\n+print(3)\n", text)
        self.assertIn("--- commit/app/case.py\n+++ /dev/null\n", text)
        self.assertIn("--- /dev/null\n+++ container/srv/app/new.py\n@@ -0,0 +1 @@\n+7\n", text)
        self.assertIn("mode differs: app/main.txt\n", text)
        answer = json.loads(self.code("diff", container, "-o", "json", code=1))
        self.assertEqual(4, answer["differenceCount"])
        self.assertIn("+print(3)\n", "".join(each["diff"] for each in answer["differences"]))

    def test_what_users_upload_into_a_volume_among_the_code_is_data(self):
        commit = self.app(files={**self.files, "compose.yaml": """\
            services:
              api:
                build: .
                stop_grace_period: 0s
                volumes: ["uploads:/srv/app/uploads"]
                tmpfs: [/srv/app/cache]
            volumes: {uploads: {}}
            """})
        path = self.write_stack(commit)
        self.apply(path)
        before = self.container_id()
        self.engine.run_in(before, "sh", "-c", "echo 1 > /srv/app/uploads/a.js; echo 1 > /srv/app/cache/b.py")
        self.assertIn("proven, 4 files", self.code("verify", before))
        self.assertIn("no difference", self.diff(path))
        self.apply(path)
        self.assertEqual(before, self.container_id())
        self.engine.run_in(before, "sh", "-c", "echo 1 > /srv/app/c.js")
        self.assertIn("1 file differs", self.code("verify", before, code=1))

    def test_what_no_interpreter_can_judge_is_not_told(self):
        self.run_release()
        container = self.container_id()
        # Byte code that CPython would take without looking at its source.
        head = "\\247\\r\\r\\n\\001" + "\\000" * 11
        self.engine.run_in(container, "sh", "-c", "mkdir /srv/app/__pycache__; "
                           f"printf '{head}x' > /srv/app/__pycache__/main.cpython-311.pyc")
        text = self.code("verify", container, code=2)
        self.assertIn("could not be told, 4 files compared", text)
        self.assertIn("bytecode: app/__pycache__/main.cpython-311.pyc", text)
        self.assertFalse(json.loads(self.code("verify", container, "-o", "json", code=2))["proven"])
        self.assertIn("could not be told, 4 files compared", self.code("diff", container, code=2))

    def test_a_pointer_to_a_large_file_is_told_and_is_no_difference(self):
        self.run_release()
        self.repository.commit({".gitattributes": "*.bin filter=lfs\n", "app/model.bin":
                                "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"})
        text = self.code("verify", self.container_id(), code=2)
        self.assertIn("app/model.bin: this is a Git LFS pointer", text)
        self.assertIn(".dockerignore", text)

    def test_another_commit_differs(self):
        old = self.run_release()
        self.app(files={**self.files, "app/main.py": "print(9)\n"})
        name = f"{self.name}-api-1"
        missing = self.code("verify", f"{self.name}-api", code=2)
        self.assertIn(f"there is no container '{self.name}-api' on the engine at {self.engine.url}; "
                      f"did you mean '{name}'", missing)
        self.assertIn("modified app/main.py", self.code("verify", name, code=1))
        self.code("verify", name, "--commit", old)
        self.assertIn("-print(9)\n+print(1)\n+print(2)\n", self.code("diff", name, code=1))

    def test_a_map_serves_any_container(self):
        self.app(files=self.files)
        container = self.start_foreign(self.name + "-any", {})
        text = self.code("verify", container, code=2)
        self.assertIn("its labels name no service of a compose project", text)
        self.assertIn(f"trueup code verify {container} --repo {self.repository.path} --commit HEAD "
                      "--map app:/srv/app", text)
        self.assertIn("missing app/main.py", self.code("verify", container, "--map", "app:/opt/app", code=1))
        self.engine.run_in(container, "sh", "-c", "mkdir -p /opt/app; cd /opt/app; "
                           "printf 'print(1)\\nprint(2)\\n' > main.py; "
                           f"echo {self.name} > case.py; echo {self.name} > case.txt; echo release one > main.txt")
        self.assertIn("proven, 4 files", self.code("verify", container, "--map", "app:/opt/app"))
        self.assertIn("write a path of the commit", self.code("verify", container, "--map", "app", code=2))
        self.assertIn("--map 'gone:/x': 'gone' is not in commit",
                      self.code("verify", container, "--map", "gone:/x", code=2))

    def test_composes_labels_say_where_the_service_is(self):
        self.run_release()
        image = self.container()["Image"]
        labels = {"com.docker.compose.project": self.name + "x", "com.docker.compose.service": "api",
                  "com.docker.compose.project.working_dir": self.repository.path,
                  "com.docker.compose.project.config_files": self.repository.path + "/compose.yaml"}
        made = self.engine.request("POST", f"/containers/create?name={self.name}-compose",
                                   {"Image": image, "Labels": labels})
        self.addCleanup(self.engine.remove, made["Id"])
        self.assertIn("proven, 4 files", self.code("verify", made["Id"]))

    def test_hostile_files_are_bounded_and_nothing_hangs(self):
        self.run_release()
        container = self.container_id()
        self.engine.run_in(container, "sh", "-c", "cd /srv/app; rm main.py case.py main.txt; mkfifo main.py; "
                           "mknod case.py c 1 5; ln -s loop.py main.txt; ln -s main.txt loop.py; "
                           "truncate -s 256M sparse.py; printf '\\033[2J' > \"$(printf 'a\\nb\\377.py')\"; "
                           "printf '\\000\\001' > bytes.py")
        text = self.code("diff", container, code=1)
        self.assertNotIn("\x1b", text)
        self.assertIn("not shown: /srv/app/sparse.py", text)
        self.assertIn("binary files differ: /srv/app/bytes.py", text)
        self.assertIn("app/case.py", text)
        self.assertIn("app/main.py", text)
        answer = json.loads(self.code("verify", container, "-o", "json", code=1))
        self.assertIn({"path": "app/main.txt", "change": "modified"}, answer["differences"])

    def test_what_is_not_there_is_an_error(self):
        self.app(files=self.files)
        self.assertIn("nosuch", self.code("verify", "nosuch", "--map", "app:/srv", code=2))
        self.assertIn("lies in no git repository (--repo names",
                      self.trueup("code", "hash", "HEAD:app", "--repo", "/proc", code=2))
        text = self.code("verify", "nosuch", "--engine", "unix:///nonexistent.sock", "--map", "app:/srv", code=2)
        self.assertIn("/nonexistent.sock", text)
