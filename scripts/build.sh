#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds Release into build/: build/huoqi, build/huoqi-verify and the tests. More arguments go to cmake.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release "$@" >build.log 2>&1 || { cat build.log; exit 1; }
rm -f build.log
ninja -C build "${NINJA_TARGETS:-all}"
