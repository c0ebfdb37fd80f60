#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy-19 with .clang-tidy over the files that differ from main, or over those named, or (--all)
# everything. Reads build/dev/compile_commands.json, without g++'s precompiled headers and its own flags.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[ -f build/dev/compile_commands.json ] || { echo "tidy: no build/dev: run ./dev build dev" >&2; exit 2; }
case ${1:-} in
    --all) files=$(git ls-files 'controller/*.cpp' 'api/*.cpp') ;;
    '') files=$({ git diff --name-only --diff-filter=d main -- 'controller/*.cpp' 'api/*.cpp'; git diff --name-only --diff-filter=d -- 'controller/*.cpp' 'api/*.cpp'; } | sort -u) ;;
    *) files=$* ;;
esac
[ -n "$files" ] || { echo "tidy: nothing changed"; exit 0; }
database=build/tidy
mkdir -p "$database"
jq '[.[] | .command |= (gsub("-Winvalid-pch|-include [^ ]*cmake_pch\\.hxx|-Wno-(restrict|maybe-uninitialized|mismatched-new-delete|stringop-over[a-z]+|dangling-pointer)|-Wshadow=local|-Werror"; ""))]' \
    build/dev/compile_commands.json >"$database/compile_commands.json"
printf '%s\n' $files | xargs -P 2 -n 1 clang-tidy-19 -p "$database" --quiet --warnings-as-errors='*' 2> >(grep -vE 'warnings? (generated|suppressed)|^Suppressed|^Use -header' >&2)
echo "clang-tidy has nothing to say"
