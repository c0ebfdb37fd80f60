# SPDX-License-Identifier: Apache-2.0
"""Runs `trueup compose config` and the real `docker compose config` 2.26.1 on the same files, and compares.

Compared as JSON values; null, {}, [] and "" equal an absent member, except for command and entrypoint."""
import itertools
import json
import os
import pathlib
import re
import subprocess

TRUEUP = os.environ["TRUEUP_BINARY"]
CACHE = os.environ.get("TRUEUP_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or
      os.path.expanduser("~/.cache"), "trueup")
COMPOSE = os.path.join(CACHE, "trixie/compose/docker-compose")
ENVIRONMENT = {"HOME": "/home/user", "PATH": "/usr/bin:/bin", "FROMENV": "fromenv"}

FILES = {"a.env": "A=a\nSHARED=a\n", "l.labels": "L=l\nA=${FROMENV}\n",
         "b.env": "B='b c'\nSHARED=${FROMENV}-b\nQ=\"x\\ny\"\n"}


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
        self.refused = refused  # by both; None: as compose does

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
            if theirs.returncode != 0 and ours.returncode != 0 and self.refused is not False:
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
