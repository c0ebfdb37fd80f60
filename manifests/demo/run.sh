#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demo: a FastAPI service, a test environment on port 8001 and production on 8000, on a real
# engine. `./dev demo` calls it; TRUEUP names the binary. With --once it ends by itself.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
trueup=${TRUEUP:-$top/build/release/trueup}
once=
[ "${1:-}" = --once ] && once=1

# --- an engine: the machine's if one answers, else a private one -------------------------------
if [ -z "${TRUEUP_DEMO_ENGINE:-}" ]; then
    engine=${DOCKER_HOST:-unix:///var/run/docker.sock}
    if [ "${engine#unix://}" != "$engine" ] &&
        curl -fsS -m 3 --unix-socket "${engine#unix://}" http://engine/_ping >/dev/null 2>&1; then
        export DOCKER_HOST=$engine
        echo "Using the engine at $engine."
    else
        echo "No engine answers at $engine: starting a private one, in a network of its own."
        export TRUEUP_DEMO_ENGINE=private
        exec "$top/tests/support/with-engine" --base python "$0" "$@"
    fi
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/trueup-demo.XXXXXX")
state=$work/state
desired=$work/desired
repository=$work/shop
mkdir -p "$state" "$desired"
controller=
made_base=
step=0

bold=; plain=
if [ -t 1 ]; then bold=$(printf '\033[1m'); plain=$(printf '\033[0m'); fi
say() { step=$((step + 1)); printf '\n%s%d. %s%s\n' "$bold" "$step" "$*" "$plain"; }
show() { printf '   $ %s\n' "$*"; { "$@" 2>&1; echo; } | sed '/^$/d; s/^/   /'; }
engine_api() { curl -fsS --unix-socket "${DOCKER_HOST#unix://}" "$@"; }
image_tags() { engine_api "http://engine/images/json" | jq -r '.[].RepoTags[]?'; }

base=trueup-demo/python:1
tags_before=$(image_tags)

# Exactly those of this run: what it built of its own commits, which nobody else has, and of what else it
# makes only the tags that were not here before.
remove_images() {
    local commit id tag
    for commit in $(git -C "$repository" rev-list --all 2>/dev/null); do
        for id in $(engine_api "http://engine/images/json?filters=%7B%22label%22%3A%5B%22org.opencontainers.image.revision%3D$commit%22%5D%7D" | jq -r '.[].Id'); do
            engine_api -X DELETE "http://engine/images/$id?force=1" >/dev/null 2>&1 || true
        done
    done
    for tag in $(image_tags); do
        case $tag in
            "$base" | trueup.seat/trueup-demo:*) ;;
            debian:bookworm-slim) [ -n "$made_base" ] || continue ;;
            *) continue ;;
        esac
        grep -qxF -- "$tag" <<<"$tags_before" || engine_api -X DELETE "http://engine/images/$tag" >/dev/null 2>&1 || true
    done
}

cleanup() {
    code=$?
    trap - EXIT INT TERM
    if [ "$code" -ne 0 ] && [ -f "$work/controller.log" ]; then
        echo; echo "The controller's last lines:"; tail -n 20 "$work/controller.log"
    fi
    if [ -n "$controller" ]; then kill "$controller" 2>/dev/null || true; wait "$controller" 2>/dev/null || true; fi
    for id in $(engine_api "http://engine/containers/json?all=1&filters=%7B%22label%22%3A%5B%22dev.trueup.owner%3Dtrueup-demo%22%5D%7D" | jq -r '.[].Id'); do
        engine_api -X DELETE "http://engine/containers/$id?force=1&v=1" >/dev/null || true
    done
    # By its owner, not by its name: somebody may have a shop-production of his own here.
    for id in $(engine_api "http://engine/networks?filters=%7B%22label%22%3A%5B%22dev.trueup.owner%3Dtrueup-demo%22%5D%7D" | jq -r '.[].Id'); do
        engine_api -X DELETE "http://engine/networks/$id" >/dev/null 2>&1 || true
    done
    remove_images
    rm -rf "$work"
    exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- the base image ----------------------------------------------------------------------------
if ! engine_api "http://engine/images/$base/json" >/dev/null 2>&1; then
    echo "Making the base image (Debian with FastAPI)."
    made_base=1
    "$here/base-image" "$base"
fi

# --- helpers of the steps ----------------------------------------------------------------------
# until_true SECONDS COMMAND…: polls until the command succeeds.
until_true() {
    local deadline=$((SECONDS + $1)); shift
    until "$@" >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$deadline" ]; then echo "   still not true: $*" >&2; return 1; fi
        sleep 0.1
    done
}
now() { date +%s.%N; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN {printf "%.1f s", to - from}'; }
last_plan() { stack "$1" | jq -r '.status.lastPlan | rtrimstr("\n")' | sed 's/^/   /'; }
greeting() { curl -fsS -m 2 "http://127.0.0.1:$1/" | jq -r .greeting; }
answers() { [ "$(greeting "$1")" = "$2" ]; }
stack() { "$trueup" get stacks "$1" -o json; }
condition() { stack "$1" | jq -r ".status.conditions[] | select(.type == \"$2\") | .status"; }
is_fresh() { [ "$(condition "$1" Fresh)" = True ] && [ "$(stack "$1" | jq -r .status.runningCommit)" = "$2" ]; }
container() {
    engine_api "http://engine/containers/json?all=1" |
        jq -r ".[] | select(.Names[0] == \"/$1\") | .Id"
}
replaced() { local now; now=$(container "$1"); [ -n "$now" ] && [ "$now" != "$2" ]; }
runs() { [ "$(engine_api "http://engine/containers/$1/json" | jq -r .State.Running)" = true ]; }
in_container() {
    local id=$1; shift
    local command exec_id
    command=$(jq -cn '{AttachStdout: true, AttachStderr: true, Cmd: $ARGS.positional}' --args -- "$@")
    exec_id=$(engine_api -H 'Content-Type: application/json' -d "$command" "http://engine/containers/$id/exec" | jq -r .Id)
    engine_api -H 'Content-Type: application/json' -d '{"Detach": false}' "http://engine/exec/$exec_id/start" >/dev/null
}
write_stack() { # write_stack ENVIRONMENT PORT COMMIT
    cat >"$desired/shop-$1.yaml.new" <<STACK
apiVersion: trueup.dev/v1alpha1
kind: Stack
metadata: {name: shop-$1}
spec:
  environment: $1
  source: {git: {url: $repository, commit: $3}}
  compose:
    variables: {ENVIRONMENT: $1, API_PORT: "$2", BASE: "$base"}
STACK
    mv "$desired/shop-$1.yaml.new" "$desired/shop-$1.yaml"
}

# --- 1 -----------------------------------------------------------------------------------------
say "A git repository with a FastAPI service, and one desired-state file per environment"
cp -r "$here/shop" "$repository"
git -C "$repository" init -q -b main
git -C "$repository" config user.name demo
git -C "$repository" config user.email demo@localhost
git -C "$repository" add -A
git -C "$repository" commit -q -m "Release one"
one=$(git -C "$repository" rev-parse HEAD)
write_stack test 8001 "$one"
write_stack production 8000 "$one"
show cat "$desired/shop-test.yaml"

say "The controller starts, builds commit ${one:0:7}, and proves that the code that runs is the commit's"
"$trueup" controller --desired "$desired" --state-dir "$state" --name trueup-demo >"$work/controller.log" 2>&1 &
controller=$!
until_true 30 curl -fsS http://127.0.0.1:9181/healthz
until_true 180 is_fresh shop-test "$one"
until_true 180 is_fresh shop-production "$one"
show "$trueup" get stacks
show curl -fsS http://127.0.0.1:8001/

say "A hotfix: a new commit, and the commit edited in the test environment's YAML"
sed -i 's/release one/release two/' "$repository/app/release.py"
git -C "$repository" commit -q -am "Release two"
two=$(git -C "$repository" rev-parse HEAD)
began=$(now)
write_stack test 8001 "$two"
until_true 120 is_fresh shop-test "$two"
until_true 10 answers 8001 "hello from release two"
echo "   Rebuilt, replaced and proven $(since "$began") after the file was saved; production still runs ${one:0:7}:"
show "$trueup" get stacks
show curl -fsS http://127.0.0.1:8001/

say "Somebody edits a file by hand inside the running container"
victim=$(container shop-test-api-1)
in_container "$victim" sh -c 'sed -i "s/release two/debugging at 2 a.m./" /srv/app/release.py'
began=$(now)
noticed() { stack shop-test | jq -er '.status.conditions[] | select(.type == "Fresh" and .status == "False") | .message' >"$work/noticed"; }
found() { noticed || replaced shop-test-api-1 "$victim"; }
until_true 60 found
if [ -s "$work/noticed" ]; then echo "   Found after $(since "$began"): Fresh=False, $(cat "$work/noticed")"; fi
until_true 60 replaced shop-test-api-1 "$victim"
until_true 60 is_fresh shop-test "$two"
echo "   Healed after $(since "$began"). The plan, with the cause:"
last_plan shop-test

say "Somebody kills a container"
victim=$(container shop-test-api-1)
engine_api -X POST "http://engine/containers/$victim/kill" >/dev/null
began=$(now)
until_true 60 runs shop-test-api-1
until_true 60 is_fresh shop-test "$two"
until_true 60 answers 8001 "hello from release two"
echo "   It runs again, $(since "$began") later:"
last_plan shop-test

say "The same hotfix in production: one line of YAML"
write_stack production 8000 "$two"
until_true 120 is_fresh shop-production "$two"
until_true 10 answers 8000 "hello from release two"
show "$trueup" get stacks

say "The metrics that tell (http://127.0.0.1:9181/metrics)"
curl -fsS http://127.0.0.1:9181/metrics |
    grep -E '^trueup_(code_stale|code_proof|stack_info)\{|^trueup_drift_detected_total\{.* [1-9]' | sed 's/^/   /'

if [ -n "$once" ]; then
    printf '\nDone: all steps held.\n'
    exit 0
fi

cat <<NEXT

The controller runs. Try:
   curl http://127.0.0.1:8001/            the test environment (production: 8000)
   trueup get stacks -o wide              what runs, and whether it is proven
   trueup describe shop-production        everything about one stack
   \$EDITOR $desired/shop-test.yaml        change the commit (release one was $one)
   tail -f $work/controller.log
NEXT
if [ -t 0 ]; then
    echo "This shell is inside the demo; leave it with 'exit' to stop everything."
    PATH="$(dirname "$trueup"):$PATH" PS1='trueup-demo$ ' "${BASH:-bash}" --norc -i || true
else
    echo "Ctrl-C stops everything."
    wait "$controller"
fi
