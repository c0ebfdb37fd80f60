# SPDX-License-Identifier: Apache-2.0
"""The projects that are compared: each form of each attribute, alone and in every place, combinations of them from a
fixed seed, overrides, include and extends."""
import itertools
import random
import re

from comparison import Project
from snippets import EXCLUSIVE, REFUSED, RESOURCES, SERVICE, UNIQUE

SEED = 20260701
COMBINATIONS = 120

OTHERS = "  b: {image: y, healthcheck: {test: [CMD, x]}}\n  c: {image: z}\n"

# A service that uses all resources of a kind.
USES = {"networks": "[n1, n2]", "volumes": "['vol:/v', 'ext:/e']", "secrets": "[s, s2]", "configs": "[c, c2]"}


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
    including = "include: [sub/c.yaml]\nservices:\n  main: {image: m}\n"
    extending = f"services:\n  web: {{extends: {{file: sub/c.yaml, service: web}}}}\n{OTHERS}{resources()}"
    both = ["-f", "compose.yaml", "-f", "over.yaml"]
    for attribute, forms in SERVICE.items():
        for number, form in enumerate(forms):
            name, other = f"{attribute}-{number}", forms[(number + 1) % len(forms)]
            here = with_service({attribute: form})
            yield Project(f"included-{name}", {**inside, "sub/c.yaml": here, "compose.yaml": including})
            yield Project(f"extended-{name}", {**inside, "sub/c.yaml": here, "compose.yaml": extending})
            over = "services: {web: {%s: %s}}\n"
            if attribute not in UNIQUE:
                yield Project(f"overridden-{name}", {"compose.yaml": here, "over.yaml":
                      over % (attribute, other)}, both)
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
                      including})
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
    yield Project("binds-in-full", {"compose.yaml": "services:\n  web:\n    image: x\n    volumes:\n"
          "      - {type: bind, source: ./b, target: /b, consistency: cached}\n"
          "      - {type: bind, source: ./c, target: /c, bind: {create_host_path: true}}\n"})
    yield Project("restart-conditions", {"compose.yaml": "services:\n" + "".join(
        f"  s{number}: {{image: x, restart: always, deploy: {{restart_policy: {{condition: {word}}}}}}}\n"
        for number, word in enumerate(["none", "no", "any", "always", "on-failure", "unless-stopped", "other"]))})
    yield Project("unused", {"compose.yaml": service + resources()})
    yield Project("no-file", {"x.txt": ""}, refused=True)
    for number, text in enumerate(REFUSED):
        yield Project(f"refused-{number}", {"compose.yaml": text + "\n"}, refused=True)


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
        project.refused = None
        yield project
