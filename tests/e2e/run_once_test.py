# SPDX-License-Identifier: Apache-2.0
"""One-shots run once for each definition, whatever becomes of their containers; each run leaves a line."""

import json
import os
import urllib.parse

from support import BUSYBOX, Case

COMPOSE = f"""\
services:
  migrate:
    image: {BUSYBOX}
    command: sh -c "echo STEP >> /log/migrate; exit CODE"
    volumes: [log:/log]
  job:
    image: {BUSYBOX}
    command: sh -c "echo JOB >> /log/job"
    restart: "no"
    volumes: [log:/log]
  api:
    build: .
    stop_grace_period: 0s
    volumes: [log:/log]
    depends_on: {{migrate: {{condition: service_completed_successfully}}}}
volumes: {{log: }}
"""


class RunOnce(Case):
    def commit(self, step="one", job="one", code=0, **files):
        compose = COMPOSE.replace("STEP", step).replace("JOB", job).replace("CODE", str(code))
        return self.app(compose=compose, files=files)

    def runs_of(self, name):
        return self.read_file(f"/log/{name}").split()

    def ended(self, *services):
        return all(self.container(service)["State"]["Status"] == "exited" for service in services)

    def prune(self):
        filters = urllib.parse.quote(json.dumps({"label": [f"com.docker.compose.project={self.name}"]}))
        gone = self.engine.request("POST", f"/containers/prune?filters={filters}")["ContainersDeleted"]
        self.assertEqual(2, len(gone or []), gone)

    def state_of(self, service):
        return {each["name"]: each["state"] for each in self.stack()["status"]["services"]}[service]

    def test_once_for_a_definition_whatever_becomes_of_the_container(self):
        first = self.commit()
        path = self.write_stack(first)
        self.start_daemon()
        self.wait_ready(first)
        self.eventually(lambda: self.ended("migrate", "job"))
        self.wait_ready(first)
        self.prune()
        # A new commit of the same definitions, a new controller: neither runs anything.
        second = self.commit(**{"NOTES.md": "words\n"})
        self.write_stack(second)
        self.wait_ready(second)
        self.stop_daemon()
        self.assertIn("no difference", self.diff(path))
        self.start_daemon()
        self.wait_ready(second)
        self.assertEqual(["one"], self.runs_of("migrate"))
        self.assertEqual(["one"], self.runs_of("job"))
        self.assertEqual("completed", self.state_of("migrate"))
        self.assertFalse(self.engine.exists(f"{self.name}-migrate-1"))
        # Another definition of one of them runs that one.
        third = self.commit(step="two")
        self.write_stack(third)
        self.wait_ready(third)
        self.assertEqual(["one", "two"], self.runs_of("migrate"))
        self.assertEqual(["one"], self.runs_of("job"))

    def test_a_lost_store_runs_nothing_whose_container_is_there(self):
        path = self.write_stack(self.commit())
        self.apply(path)
        self.eventually(lambda: self.ended("migrate", "job"))
        for name in os.listdir(self.state):
            if name.startswith("state.db"):
                os.remove(os.path.join(self.state, name))
        self.assertIn("no difference", self.diff(path))
        self.apply(path)
        self.assertEqual(["one"], self.runs_of("migrate"))
        self.assertEqual(["one"], self.runs_of("job"))

    def test_one_that_fails_is_reported_tried_again_and_keeps_its_dependents_waiting(self):
        path = self.write_stack(self.commit(code=3))
        told = self.apply(path, code=2)
        self.assertIn("exited with code 3", told)
        self.assertFalse(self.engine.exists(f"{self.name}-api-1") and self.runs())
        self.apply(path, code=2)
        self.apply(self.write_stack(self.commit(step="fixed")))
        self.assertEqual(["one", "one", "fixed"], self.runs_of("migrate"))

    def test_one_that_nobody_waits_for_is_not_tried_for_ever(self):
        commit = self.app(compose=COMPOSE.replace("CODE", "0").replace("echo JOB", "exit 4; echo JOB").replace(
            '"echo STEP', '"echo one').replace('sh -c "exit 4;', 'sh -c "echo run >> /log/job; exit 4;'))
        self.write_stack(commit)
        self.start_daemon()
        self.eventually(lambda: self.conditions().get("Stalled", {}).get("reason") == "DriftRecurs", 60)
        self.assertIn("job", self.conditions()["Stalled"]["message"])
        tried = len(self.runs_of("job"))
        self.assertEqual(4, tried)
        self.assertEqual("False", self.condition("Healthy"))
        self.engine.run_in(self.container_id(), "sleep", "2")
        self.assertEqual(tried, len(self.runs_of("job")))
