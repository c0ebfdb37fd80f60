# SPDX-License-Identifier: Apache-2.0
"""`trueup compose config` against the real `docker compose config` 2.26.1, on files written here: each form of each
attribute, combinations of them from a fixed seed, overrides, include and extends. Needs no engine. What is known to
differ stands in SKEW, by name and with its reason."""
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import unittest

from comparison import COMPOSE, ENVIRONMENT, TRUEUP, Project, differences, normal, parsed, run
from projects import (SEED, as_written, combinations, elsewhere, every_form, random_attributes, random_resources,
                      with_service, written)
from snippets import REFUSED

SAMPLE = 160

LISTED = """\
services:
  a: {image: x, ports: ['80:80'], profiles: [p], volumes: ['va:/v']}
  b: {image: 'y:${V:-1}', build: ., depends_on: [c], volumes: ['vb:/w', /anon], mem_limit: 512m,
      environment: {M: "several\\nlines\\n", T: 'true', N: 5, D: 'a$$b', C: ' x: #y'}}
  c: {image: z, command: a "b c"}
  d: {build: {context: ./d}, profiles: [q, p], volumes: ['vc:/v']}
volumes: {va: {}, vb: {}, vc: {}, unused: {}}
"""

# name of a case, or of an attribute in any case -> why 2.26.1 prints something else
SKEW = {
    "replaced-memswap_limit-1": "a number behind !override is a text to it",
    "overridden-networks-n1-5": "it takes what has no effect beside `external`",
    "overridden-networks-n1-7": "the same",
    "included-configs-c-3": "it takes the value that it has read for `content`",
    "command-1-as-written": "it drops an empty list, which takes the image's command away",
    "entrypoint-1-as-written": "the same of an entrypoint",
    "combination-3-as-written": "the same",
    "combination-17-as-written": "the same",
    "combination-30-as-written": "the same of a command",
    "volumes_from-0-as-written": "it writes a default of what it depends on, which it leaves out otherwise",
    "volumes_from-1-as-written": "the same",
    "combination-11-as-written": "the same",
    "combination-31-as-written": "it drops members of an extension's list that are there twice",
    "combination-39-as-written": "the same",
}


def sorted_lines(text):
    return sorted(text.splitlines())


class Differential(unittest.TestCase):
    maxDiff = None

    def both(self, project, *arguments, text=None):
        """(exit code, what is printed) of trueup and of compose."""
        root = tempfile.mkdtemp(prefix="trueup-differential-")
        self.addCleanup(shutil.rmtree, root)
        folder = project.write(root)
        results = []
        for program in ([TRUEUP, "compose"], [COMPOSE]):
            command = [*program, *project.arguments, "config", *arguments]
            result = subprocess.run(command, cwd=folder, env=project.environment, input=text, capture_output=True,
                                    text=True, check=False)
            results.append((result.returncode, result.stdout))
        return results, folder

    def check(self, projects):
        root = tempfile.mkdtemp(prefix="trueup-differential-")
        self.addCleanup(shutil.rmtree, root)
        projects = list(projects)
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            results = list(pool.map(lambda project: project.compare(root), projects))
        wrong, known = [], 0
        for project, found in zip(projects, results):
            if project.name in SKEW:
                known += 1
                if not found:
                    wrong.append(f"{project.name} no longer differs: take it off the list")
            elif found:
                wrong.append(f"{project.name}\n  " + "\n  ".join(found) + "\n" + "".join(
                    f"-- {path}\n{content}" for path, content in project.files.items()))
        name, equal = self._testMethodName.removeprefix("test_"), len(projects) - len(wrong) - known
        print(f"{name:29} {equal:4} equal {known:3} knowingly different {len(wrong):3} wrong")
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    def test_every_form_of_every_attribute(self):
        self.check(every_form())

    def test_combinations(self):
        self.check(combinations())

    def test_forms_in_other_places(self):
        self.check(random.Random(SEED).sample(list(elsewhere()), SAMPLE))

    def test_every_form_in_every_place(self):
        self.check(elsewhere())

    def test_files_names_and_variables(self):
        self.check(written())

    def test_values_as_they_are_written(self):
        self.check(as_written())

    def test_names_are_listed(self):
        for arguments in (["--services"], ["--images"], ["--volumes"], ["--profiles"], ["--images", "b"],
                          ["--services", "c"], ["--volumes", "c"], ["--profiles", "c"],
                          ["--profile", "q", "--services"]):
            with self.subTest(arguments):
                options = arguments[:2] if arguments[0] == "--profile" else []
                project = Project("listed", {"compose.yaml": LISTED}, options)
                (ours, theirs), _ = self.both(project, *arguments[len(options):])
                self.assertEqual((0, sorted_lines(theirs[1])), (ours[0], sorted_lines(ours[1])))
                self.assertEqual(0, theirs[0])

    def test_only_the_services_asked_for_are_printed(self):
        for services in (["a"], ["b"], ["c", "a"], ["d"]):
            with self.subTest(services):
                (ours, theirs), _ = self.both(Project("asked", {"compose.yaml": LISTED}), "--format", "json", *services)
                self.assertEqual((0, 0), (ours[0], theirs[0]))
                self.assertEqual([], list(differences(normal(json.loads(ours[1])), normal(json.loads(theirs[1])))))

    def test_quiet_prints_nothing(self):
        for text, refused in ((LISTED, False), (REFUSED[0] + "\n", True)):
            (ours, theirs), _ = self.both(Project("quiet", {"compose.yaml": text}), "-q")
            self.assertEqual((refused, refused), (ours[0] != 0, theirs[0] != 0))
            self.assertEqual(("", ""), (ours[1], theirs[1]))

    def test_a_file_from_standard_input(self):
        text = "services: {web: {build: ./dir, volumes: ['./d:/d'], env_file: a.env}}\n"
        (ours, theirs), folder = self.both(Project("input", {}, ["-f", "-"]), "--format", "json", text=text)
        self.assertEqual((0, 0), (ours[0], theirs[0]))
        self.assertIn(folder + "/dir", ours[1])
        self.assertEqual([], list(differences(normal(json.loads(ours[1])), normal(json.loads(theirs[1])))))

    # What is printed as YAML means the same to compose as what it prints itself.
    def test_yaml_can_be_loaded_again(self):
        source = random.Random(SEED)
        texts = [LISTED]
        for _ in range(12):
            attributes = random_attributes(source, 8)
            attributes.pop("memswap_limit", None)  # its -1 is printed as a text, which it then refuses itself
            texts.append(with_service({**attributes, "image": "x"}, random_resources(source)))
        for text in texts:
            (ours, theirs), folder = self.both(Project("yaml", {"compose.yaml": text}))
            self.assertEqual((0, 0), (ours[0], theirs[0]), text)
            pathlib.Path(folder, "ours.yaml").write_text(ours[1], encoding="utf-8")
            pathlib.Path(folder, "theirs.yaml").write_text(theirs[1], encoding="utf-8")
            again = [parsed(run([COMPOSE, "-f", name, "config", "--format", "json"], folder, ENVIRONMENT))
                     for name in ("ours.yaml", "theirs.yaml")]
            self.assertIsNotNone(again[1], theirs[1])
            self.assertEqual([], list(differences(normal(again[0]), normal(again[1]))), text)


if __name__ == "__main__":
    unittest.main()
