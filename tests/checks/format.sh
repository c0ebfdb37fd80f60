#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every C++ file is as clang-format-19 writes it. Mend with ./dev format.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
find controller api tests -name '*.cpp' -o -name '*.hpp' | xargs -P 2 -n 40 clang-format-19 --dry-run -Werror
echo "the format holds"
