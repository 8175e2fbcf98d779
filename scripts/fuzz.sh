#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds every fuzz target (clang, libFuzzer, address and undefined-behaviour sanitizers) and runs each for some seconds.
# Usage: scripts/fuzz.sh [SECONDS [NAME...]]; without names all of them.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${1:-30}"
shift || true
scripts/setup.sh fuzz
cmake -S . -B build-fuzz -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 \
  -DHUOQI_FUZZ=ON >/dev/null
names=("$@")
if [ "${#names[@]}" = 0 ]; then
  mapfile -t names < <(find src -name '*_fuzz.cpp' -printf '%f\n' | sed 's/\.cpp$//' | sort)
fi
ninja -C build-fuzz "${names[@]}"
for name in "${names[@]}"; do
  program=$(find build-fuzz/src -name "$name" -type f)
  corpus="build-fuzz/corpus/$name"
  mkdir -p "$corpus"
  echo "== $name for $seconds s =="
  "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "$corpus" 2>&1 | tail -n 8
done
echo "all fuzz targets ran / 全部模糊测试已运行: ${#names[@]}"
