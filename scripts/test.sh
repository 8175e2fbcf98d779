#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, checks the format, builds and runs every test: Release, then the unit tests once more under
# AddressSanitizer and UndefinedBehaviorSanitizer, then what has threads under ThreadSanitizer. Ends with ctest's lines.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$(nproc)

scripts/setup.sh lint fuzz
echo "== format =="
git ls-files 'src/*.h' 'src/*.cpp' 'tests/*.cpp' 'tests/*.h' 'bench/*.cpp' | xargs -r clang-format-19 --dry-run -Werror

echo "== sanitizers: address, undefined =="
cmake -S . -B build-asan -G Ninja -DCMAKE_BUILD_TYPE=Debug -DHUOQI_SANITIZE=ON >/dev/null
ninja -C build-asan
ASAN_OPTIONS=detect_leaks=0 ctest --test-dir build-asan -L unit -j "$jobs" --output-on-failure

echo "== sanitizers: threads =="
# What has threads and stands over instrumented code alone; RocksDB and OpenSSL are not instrumented.
threaded=(huoqi_core_ledger_test huoqi_core_vault_test huoqi_core_accounts_test huoqi_lib_http_test)
cmake -S . -B build-tsan -G Ninja -DCMAKE_BUILD_TYPE=Release -DHUOQI_TSAN=ON >/dev/null
ninja -C build-tsan "${threaded[@]}"
for name in "${threaded[@]}"; do
  program=$(find build-tsan/src -name "$name" -type f)
  TSAN_OPTIONS=halt_on_error=1 "$program" --gtest_brief=1 --gtest_filter='-*DeathTest*:*Death*'
done

echo "== release =="
scripts/build.sh
ctest --test-dir build -j "$jobs" --output-on-failure
