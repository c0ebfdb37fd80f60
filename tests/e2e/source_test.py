# SPDX-License-Identifier: Apache-2.0
"""Where desired state comes from: files as people and git change them, and git repositories."""

import json
import os
import shutil
import time

from git_http import GitHttp
from neighbours import beside_neighbours
from support import Case, Repository


class Source(Case):
    def ready(self):
        commit = self.app()
        path = self.write_stack(commit)
        self.start_daemon("--poll", "1")
        self.wait_ready(commit)
        return commit, path

    def source(self):
        status, text = self.http(self.api_port, "/apis/trueup.dev/v1alpha1/sources")
        return json.loads(text) if status == 200 else {}

    def test_a_file_that_becomes_invalid_changes_nothing_and_says_so(self):
        commit, path = self.ready()
        before = self.container_id()
        self.write_stack(text="apiVersion: trueup.dev/v1alpha1\nkind: Stack\nmetadata: {name: " + self.name +
                         "}\nspec:\n\tenvironment: test\n")
        self.eventually(lambda: self.metric("trueup_desired_state_invalid_files") == 1, 20)
        self.assertEqual(before, self.container_id())
        self.assertTrue(any("invalid" in warning for warning in self.stack()["status"]["warnings"]))
        sources = self.trueup("get", "sources", "-o", "yaml", "--server", f"http://127.0.0.1:{self.api_port}")
        self.assertIn(f"{os.path.basename(path)}:5:1", sources)
        self.write_stack(commit)
        self.eventually(lambda: self.metric("trueup_desired_state_invalid_files") == 0, 20)
        self.wait_ready(commit)

    def test_a_half_written_file_is_only_read_when_it_is_whole(self):
        _, path = self.ready()
        commit = self.app("release two")
        text = self.stack_text(commit)
        with open(path, "w", encoding="utf-8") as file:
            for part in (text[:40], text[40:120], text[120:]):
                file.write(part)
                file.flush()
                time.sleep(0.1)
        self.wait_ready(commit)

    def test_a_file_that_vanishes_leaves_the_stack(self):
        commit, path = self.ready()
        os.remove(path)
        self.eventually(lambda: any("gone" in warning for warning in self.stack()["status"].get("warnings", [])), 20)
        self.assertTrue(self.runs())
        self.write_stack(commit)
        self.eventually(lambda: not self.stack()["status"].get("warnings"), 20)

    def test_a_directory_that_is_swapped_as_git_checkouts_are(self):
        self.ready()
        commit = self.app("release two")
        other = self.desired + ".new"
        os.makedirs(other)
        with open(os.path.join(other, self.name + ".yaml"), "w", encoding="utf-8") as file:
            file.write(self.stack_text(commit))
        os.rename(self.desired, self.desired + ".old")
        os.rename(other, self.desired)
        self.wait_ready(commit)

    @beside_neighbours
    def test_a_directory_that_is_gone_removes_nothing_and_comes_back(self):
        self.ready()
        shutil.move(self.desired, self.desired + ".away")
        self.eventually(lambda: "desired" in self.read_log() and "cannot" in self.read_log(), 20)
        self.assertTrue(self.runs())
        server = ("--server", f"http://127.0.0.1:{self.api_port}")
        self.assertIn("It cannot be read", self.trueup("get", "sources", *server, code=2))
        listed = self.trueup("get", *server)
        self.assertIn(self.name, listed)
        self.assertIn(f"the desired state {self.desired} cannot be read: ", listed)
        commit = self.app("release two")
        shutil.move(self.desired + ".away", self.desired)
        self.write_stack(commit)
        self.wait_ready(commit)

    def test_one_file_as_the_desired_state(self):
        commit = self.app()
        path = self.write_stack(commit)
        self.start_daemon(desired=path)
        self.wait_ready(commit)
        commit = self.app("release two")
        self.write_stack(commit)
        self.wait_ready(commit)

    def gitops(self, url_of):
        desired = Repository(os.path.join(self.work, "gitops"))
        first = self.app()
        desired.commit({f"stacks/{self.name}.yaml": self.stack_text(first)})
        self.start_daemon("--poll", "1", desired=f"git+{url_of(desired)}//stacks?ref=main")
        self.wait_ready(first)
        second = self.app("release two")
        desired.commit({f"stacks/{self.name}.yaml": self.stack_text(second)})
        self.wait_ready(second)

    def test_a_gitops_repository_over_a_file_url(self):
        self.gitops(lambda repository: f"file://{repository.path}")

    def test_a_gitops_repository_over_http(self):
        backend = GitHttp(self.work)
        self.addCleanup(backend.close)
        self.gitops(lambda repository: f"http://127.0.0.1:{backend.port}/gitops")

    def test_a_branch_is_followed(self):
        first = self.app()
        self.write_stack(source=f"{{git: {{url: {self.repository.path}, branch: main}}}}", spec="sync: {interval: 1s}")
        self.start_daemon()
        self.wait_ready(first)
        second = self.app("release two")
        self.wait_ready(second)

    def test_a_commit_that_does_not_exist_is_told_and_nothing_is_touched(self):
        commit, _ = self.ready()
        before = self.container_id()
        self.write_stack("0123456789012345678901234567890123456789")
        self.eventually(lambda: self.conditions().get("Ready", {}).get("reason") == "RevisionNotFound", 30,
                        lambda: json.dumps(self.conditions()))
        self.assertIn("0123456", self.conditions()["Ready"]["message"])
        self.assertEqual(before, self.container_id())
        self.write_stack(commit)
        self.wait_ready(commit)
