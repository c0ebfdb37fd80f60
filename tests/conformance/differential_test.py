# SPDX-License-Identifier: Apache-2.0
"""`trueup compose config` against the real `docker compose config` 2.26.1, on files written here: each form of each
attribute, combinations of them from a fixed seed, overrides, include and extends. Needs no engine.

Compared as JSON values; null, {}, [] and "" equal an absent member, except for command and entrypoint. What is
known to differ stands in SKEW, by name and with its reason."""
import concurrent.futures
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import unittest

from snippets import EXCLUSIVE, REFUSED, RESOURCES, SERVICE, UNIQUE

TRUEUP = os.environ["TRUEUP_BINARY"]
CACHE = os.environ.get("TRUEUP_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or
      os.path.expanduser("~/.cache"), "trueup")
COMPOSE = os.path.join(CACHE, "trixie/compose/docker-compose")
ENVIRONMENT = {"HOME": "/home/user", "PATH": "/usr/bin:/bin", "FROMENV": "fromenv"}
SEED = 20260701
COMBINATIONS = 120
SAMPLE = 160

FILES = {"a.env": "A=a\nSHARED=a\n", "l.labels": "L=l\nA=${FROMENV}\n", "b.env": "B='b c'\nSHARED=${FROMENV}-b\nQ=\"x\\ny\"\n"}
OTHERS = "  b: {image: y, healthcheck: {test: [CMD, x]}}\n  c: {image: z}\n"

LISTED = """\
services:
  a: {image: x, ports: ['80:80'], profiles: [p], volumes: ['va:/v']}
  b: {image: 'y:${V:-1}', build: ., depends_on: [c], volumes: ['vb:/w', /anon], mem_limit: 512m,
      environment: {M: "several\\nlines\\n", T: 'true', N: 5, D: 'a$$b', C: ' x: #y'}}
  c: {image: z, command: a "b c"}
  d: {build: {context: ./d}, profiles: [q, p], volumes: ['vc:/v']}
volumes: {va: {}, vb: {}, vc: {}, unused: {}}
"""

# A service that uses all resources of a kind.
USES = {"networks": "[n1, n2]", "volumes": "['vol:/v', 'ext:/e']", "secrets": "[s, s2]", "configs": "[c, c2]"}

# name of a case, or of an attribute in any case -> why 2.26.1 prints something else
SKEW = {
    "replaced-memswap_limit-1": "a number behind !override is a text to it",
    "overridden-networks-n1-5": "it takes what has no effect beside `external`",
    "overridden-networks-n1-7": "the same",
    "included-configs-c-3": "it takes the value that it has read for `content`",
}


def normal(value, name=""):
    """Without what is the same as nothing."""
    if isinstance(value, dict):
        members = {key: normal(member, key) for key, member in value.items()}
        return {key: member for key, member in members.items() if member is not None} or None
    if isinstance(value, list):
        if not value and name not in ("command", "entrypoint"):
            return None
        return [normal(item) for item in value]
    if value == "":
        return None
    if name == "create_host_path" and value is True:
        return None  # the default; 2.26.1 prints it for short forms
    return value


def differences(left, right, path=""):
    """JSON paths at which two normal values differ."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            yield from differences(left.get(key), right.get(key), f"{path}.{key}" if path else key)
    elif isinstance(left, list) and isinstance(right, list):
        for index, (one, two) in enumerate(itertools.zip_longest(left, right)):
            yield from differences(one, two, f"{path}[{index}]")
    elif left != right or isinstance(left, bool) != isinstance(right, bool):
        yield f"{path}: {json.dumps(left)}, compose says {json.dumps(right)}"


def run(command, folder, environment):
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def parsed(result):
    return json.loads(result.stdout) if result.returncode == 0 else None


class Project:
    """Files in a folder of their own, whose name is the project's."""

    def __init__(self, name, files, arguments=(), environment=None, refused=False):
        self.name, self.files, self.arguments, self.options = name, files, list(arguments), ["--format", "json"]
        self.environment = {**ENVIRONMENT, **(environment or {})}
        self.refused = refused  # by both

    def write(self, root):
        folder = os.path.join(root, re.sub("[^a-z0-9]+", "-", self.name.lower()).strip("-"), "project")
        for path, content in {**FILES, **self.files}.items():
            target = pathlib.Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
        return folder

    def compare(self, root):
        folder = self.write(root)
        ours = run([TRUEUP, "compose", *self.arguments, "config", *self.options], folder, self.environment)
        theirs = run([COMPOSE, *self.arguments, "config", *self.options], folder, self.environment)
        if ours.returncode not in (0, 2):
            return [f"exit code {ours.returncode}: {ours.stderr}"]
        if theirs.returncode != 0 or ours.returncode != 0:
            if theirs.returncode != 0 and ours.returncode != 0 and self.refused:
                return []
            return [f"trueup: {ours.stderr.strip() or 'accepts'}; compose: {theirs.stderr.strip() or 'accepts'}"]
        if self.refused:
            return ["it must be refused"]
        found = list(differences(normal(parsed(ours)), normal(parsed(theirs))))
        # `config --hash` of 2.26.1 hashes env_file too, its label of the same service does not.
        if found or len(self.options) > 2 or any("env_file" in content for content in self.files.values()):
            return found
        return list(differences(self.hashes([TRUEUP, "compose"], folder), self.hashes([COMPOSE], folder), "hash"))

    def hashes(self, program, folder):
        lines = run([*program, *self.arguments, "config", "--hash", "*"], folder,
              self.environment).stdout.splitlines()
        return dict(line.split() for line in lines)


def resources(chosen=None):
    """The top-level resources, each in its first form unless `chosen` says which."""
    text = ""
    for kind, named in RESOURCES.items():
        text += f"{kind}:\n"
        for name, forms in named.items():
            text += f"  {name}: {(chosen or {}).get((kind, name), forms[0])}\n"
    return text


def with_service(attributes, chosen=None):
    origin = {} if "build" in attributes or "image" in attributes else {"image": "nginx"}
    lines = "".join(f"    {key}: {value}\n" for key, value in {**origin, **attributes}.items())
    return f"services:\n  web:\n{lines}{OTHERS}{resources(chosen)}"


def every_form():
    for attribute, values in SERVICE.items():
        for number, value in enumerate(values):
            yield Project(f"{attribute}-{number}", {"compose.yaml": with_service({attribute: value})})
    for kind, named in RESOURCES.items():
        for name, forms in named.items():
            for number, form in enumerate(forms):
                yield Project(f"{kind}-{name}-{number}",
                              {"compose.yaml": with_service({kind: USES[kind]}, {(kind, name): form})})


def random_attributes(source, count):
    chosen = {}
    for attribute in source.sample(sorted(SERVICE), count):
        if not any(attribute in group and group & chosen.keys() for group in EXCLUSIVE):
            chosen[attribute] = source.choice(SERVICE[attribute])
    return chosen


def random_resources(source):
    return {(kind, name): source.choice(forms) for kind, named in RESOURCES.items() for name, forms in named.items()}


def combinations():
    source = random.Random(SEED)
    for number in range(COMBINATIONS):
        base = random_attributes(source, source.randint(3, 14))
        files = {"compose.yaml": with_service(base, random_resources(source))}
        arguments = []
        if number % 2:
            over = {key: source.choice(SERVICE[key]) for key in base if source.random() < 0.6 and key not in UNIQUE}
            lines = "".join(f"    {key}: {value}\n" for key, value in over.items()) or "    tty: true\n"
            files["over.yaml"] = f"services:\n  web:\n{lines}"
            arguments = ["-f", "compose.yaml", "-f", "over.yaml"]
        if number % 5 == 3:
            files["compose.yaml"] += "---\nservices: {web: {labels: {second: document}}}\n"
        yield Project(f"combination-{number}", files, arguments)


def exclude_each_other(kind, forms):
    """Whether a resource of both forms must be refused."""
    if kind == "volumes":
        return "external" in forms and "labels" in forms
    return sum(f"{word}:" in forms for word in ("file", "environment", "content")) > 1


def elsewhere():
    """Each form in an included file, in one that is extended, in an override of another form, behind an anchor, a
    tag and a variable, and in a profile."""
    inside = {"sub/a.env": "A=sub\nSHARED=sub\n", "sub/b.env": "B=2\n", "sub/l.labels": "L=sub\n"}
    main = "services:\n  main: {image: m}\n"
    extending = f"services:\n  web: {{extends: {{file: sub/c.yaml, service: web}}}}\n{OTHERS}{resources()}"
    both = ["-f", "compose.yaml", "-f", "over.yaml"]
    for attribute, forms in SERVICE.items():
        for number, form in enumerate(forms):
            name, other = f"{attribute}-{number}", forms[(number + 1) % len(forms)]
            here = with_service({attribute: form})
            yield Project(f"included-{name}", {**inside, "sub/c.yaml": here, "compose.yaml": "include: [sub/c.yaml]\n" + main})
            yield Project(f"extended-{name}", {**inside, "sub/c.yaml": here, "compose.yaml": extending})
            over = "services: {web: {%s: %s}}\n"
            if attribute not in UNIQUE:
                yield Project(f"overridden-{name}", {"compose.yaml": here, "over.yaml": over % (attribute, other)}, both)
            if attribute in ("image", "build", "x-anything"):
                continue
            yield Project(f"reset-{name}", {"compose.yaml": here, "over.yaml": over % (attribute, "!reset null")}, both)
            yield Project(f"replaced-{name}", {"compose.yaml": here, "over.yaml":
                  over % (attribute, "!override " + other)}, both)
            if form != "[]":  # of an extension 2.26.1 prints it as null
                yield Project(f"anchored-{name}", {"compose.yaml": f"x-form: &form {form}\n"
                      f"x-web: &web {{{attribute}: *form}}\n" + with_service({"<<": "*web"})})
            yield Project(f"in-profile-{name}", {"compose.yaml": with_service({attribute: form, "profiles": "[p]"})},
                          ["--profile", "p"])
            if re.fullmatch("[a-z0-9][a-z0-9.:/-]*", form):
                yield Project(f"variable-{name}", {"compose.yaml": with_service({attribute: "${FORM:-x}"})},
                              environment={"FORM": form})
    for kind, named in RESOURCES.items():
        for name, forms in named.items():
            for number, form in enumerate(forms):
                here = with_service({kind: USES[kind]}, {(kind, name): form})
                other = forms[(number + 1) % len(forms)]
                yield Project(f"included-{kind}-{name}-{number}", {**inside, "sub/c.yaml": here, "compose.yaml":
                      "include: [sub/c.yaml]\n" + main})
                yield Project(f"overridden-{kind}-{name}-{number}", {"compose.yaml": here, "over.yaml":
                      f"{kind}: {{{name}: {other}}}\n"}, both, refused=exclude_each_other(kind, form + other))


def written():
    """What is about the files and not about an attribute."""
    service = "services: {web: {image: x}}\n"
    yield Project("override-file", {"compose.yaml": service, "compose.override.yaml":
          "services: {web: {tty: true}}\n"})
    yield Project("old-names", {"docker-compose.yml": service, "docker-compose.override.yml":
          "services: {web: {tty: true}}\n"})
    yield Project("compose-file-variable", {"x.yaml": service, "y.yaml": "services: {web: {tty: true}}\n", ".env":
          "COMPOSE_FILE=x.yaml:y.yaml\n"})
    yield Project("name-variable", {"compose.yaml": service, ".env": "COMPOSE_PROJECT_NAME=named\n"})
    yield Project("name-option", {"compose.yaml": "name: file\n" + service}, ["-p", "given"])
    yield Project("name-in-file", {"compose.yaml": "name: 'My ${FROMENV} Name'\n" + service})
    yield Project("name-invalid", {"compose.yaml": service}, ["-p", "My Name"], refused=True)
    yield Project("project-name-in-values", {"compose.yaml":
          "name: n1\nservices: {web: {image: '${COMPOSE_PROJECT_NAME}'}}\n"})
    yield Project("dotenv", {"compose.yaml": "services: {web: {image: '$A:$B', environment: [A, B, FROMENV]}}\n",
                             ".env": "A=a\nB=\"${A}b\"\nFROMENV=hidden\n"})
    numbered = "A=#ff0000\nB= #general\nC=#1 # c\nD=a\t#b\nE=a #b\nF='#x' # y\nG=\nH= \nI=a\t #b\n"
    yield Project("number-signs", {"compose.yaml": "services: {web: {image: '$A:$B:$C:$D', env_file: n.env}}\n",
                                   "n.env": numbered, ".env": numbered})
    yield Project("env-file-option", {"compose.yaml": "services: {web: {image: '$A:$B'}}\n", "one.env":
          "A=1\nB=1\n", "two.env": "B=2\n"},
                  ["--env-file", "one.env", "--env-file", "two.env"])
    yield Project("project-directory", {"compose.yaml":
          "services: {web: {image: x, volumes: ['./d:/d'], env_file: x.env}}\n", "sub/x.env": "A=1\n"},
                  ["-f", "compose.yaml", "--project-directory", "sub"])
    yield Project("files-elsewhere", {"sub/c.yaml": "services: {web: {image: x, volumes: ['./d:/d']}}\n",
          "over.yaml": "services: {web: {build: ./b}}\n"},
                  ["-f", "sub/c.yaml", "-f", "over.yaml"])
    profiles = ("services: {a: {image: x}, b: {image: y, profiles: [p]}, c: {image: z, profiles: [q, p]}, "
                "d: {image: w, profiles: [q]}}\n")
    yield Project("profiles-none", {"compose.yaml": profiles})
    yield Project("profiles-option", {"compose.yaml": profiles}, ["--profile", "p"])
    yield Project("profiles-variable", {"compose.yaml": profiles, ".env": "COMPOSE_PROFILES=q\n"})
    yield Project("profiles-all", {"compose.yaml": profiles}, ["--profile", "*"])
    yield Project("profile-of-dependency", {"compose.yaml":
          "services: {a: {image: x, depends_on: [b]}, b: {image: y, profiles: [p]}}\n"}, refused=True)
    yield Project("extends", {"compose.yaml": "services:\n  base: {image: x, environment: {A: 1}, ports: ['80:80']}\n"
                                              "  mid: {extends: {service: base}, environment: [B=2]}\n  web: "
                                              "{extends: mid, ports: ['81:81']}\n"})
    yield Project("extends-file", {"compose.yaml":
          "services: {web: {extends: {file: sub/b.yaml, service: app}, tty: true}}\n",
                                   "sub/b.yaml": "services: {app: {build: ./src, env_file: e.env, volumes: "
                                   "['./v:/v']}, other: {image: x}}\n", "sub/e.env": "E=1\n"})
    yield Project("include", {"compose.yaml": "include: [sub/c.yaml]\nservices: {web: {image: x, depends_on: "
          "[db]}}\n",
                              "sub/c.yaml": "services: {db: {image: 'y:${V:-none}', volumes: ['./d:/d', "
                              "'v:/v']}}\nvolumes: {v: {}}\n", "sub/.env": "V=sub\n"})
    yield Project("include-long", {"compose.yaml":
          "include: [{path: [a.yaml, b.yaml], project_directory: sub, env_file: i.env}]\n",
                                   "a.yaml": "services: {db: {image: '$I', build: ./x}}\n", "b.yaml":
                                   "services: {db: {tty: true}}\n", "i.env": "I=i\n", "sub/x/y": ""})
    yield Project("include-secret", {"compose.yaml": "include: [sub/c.yaml]\n" + service,
                                     "sub/c.yaml": "services: {db: {image: y, secrets: [s]}}\nsecrets: {s: "
                                     "{environment: FROMENV}}\n"})
    yield Project("include-cycle", {"compose.yaml": "include: [a.yaml]\n" + service, "a.yaml":
          "include: [compose.yaml]\n"}, refused=True)
    yield Project("anchors", {"compose.yaml": "x-base: &base {image: x, environment: &env {A: 1}}\nservices:\n  a: "
          "{<<: *base, tty: true}\n"
                                              "  b:\n    <<: [*base, {hostname: h}]\n    environment: {<<: *env, B: "
                                              "2}\n"})
    yield Project("reset", {"compose.yaml": "services: {web: {image: x, ports: ['80:80'], environment: {A: 1, B: "
          "2}, build: .}}\n",
                            "over.yaml": "services: {web: {ports: !reset [], environment: {A: !reset null}, build: "
                            "!reset null}}\n"},
                  ["-f", "compose.yaml", "-f", "over.yaml"])
    yield Project("override-tag", {"compose.yaml": "services: {web: {image: x, ports: ['80:80'], labels: {a: b}}}\n",
                                   "over.yaml": "services: {web: {ports: !override ['90:90'], labels: !override {c: "
                                   "d}}}\n"},
                  ["-f", "compose.yaml", "-f", "over.yaml"])
    yield Project("version", {"compose.yaml": "version: '3.8'\n" + service})
    yield Project("extensions", {"compose.yaml": "x-top: {a: [1, b]}\n" + service})
    yield Project("unused", {"compose.yaml": service + resources()})
    yield Project("no-file", {"x.txt": ""}, refused=True)
    for number, text in enumerate(REFUSED):
        yield Project(f"refused-{number}", {"compose.yaml": text + "\n"}, refused=True)


def sorted_lines(text):
    return sorted(text.splitlines())


def as_written():
    """Every form, and some of what is about files and of the combinations, with variables left as they are."""
    service = with_service({"ports": "['${P}:80', '90:90']", "devices": "['${D}', /dev/a]", "init": "'${I:-true}'",
                            "command": "'run ${A} \"b c\" $$x'", "mem_limit": "'${M}'",
                            "volumes": "['${V}:/w', ./x:/x]"})
    templates = [Project("templates", {"compose.yaml": service}),
                 Project("templates-over", {"compose.yaml": service, "over.yaml": "services: {web: {environment: "
                         "{A: '${B}', C: }, labels: ['x=$Y'], tmpfs: ['/t'], cpus: '${CPUS}'}}\n"},
                         ["-f", "compose.yaml", "-f", "over.yaml"])]
    for project in itertools.chain(templates, every_form(), itertools.islice(combinations(), 40), written()):
        if project.name.startswith("refused-"):
            continue  # nothing is resolved, so that less is refused
        project.name += "-as-written"
        project.options = [*project.options, "--no-interpolate"]
        yield project


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
            result = subprocess.run(command, cwd=folder, env=project.environment, input=text, capture_output=True, text=True,
                                    check=False)
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
        print(f"{len(projects) - len(wrong) - known} equal, {known} knowingly different, {len(wrong)} wrong")
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
                          ["--services", "c"], ["--volumes", "c"], ["--profiles", "c"], ["--profile", "q", "--services"]):
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
        texts = [LISTED] + [with_service({**random_attributes(source, 8), "image": "x"}, random_resources(source))
                            for _ in range(12)]
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
