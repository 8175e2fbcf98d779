#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-format and clang-tidy 19 over the sources (not the tests). Usage: scripts/lint.sh [FILE...]
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh lint
[ -f build/compile_commands.json ] || scripts/build.sh
files=("$@")
if [ "${#files[@]}" = 0 ]; then
  mapfile -t files < <(git ls-files 'src/*.cpp' | grep -vE '_(test|fuzz|bench)\.cpp$')
fi
clang-format-19 --dry-run -Werror "${files[@]}"
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build --quiet --extra-arg=-Wno-unknown-warning-option --warnings-as-errors='*' 2>/dev/null
echo "lint: ${#files[@]} files clean"
