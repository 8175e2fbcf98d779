#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures Huoqi beside its alternatives in one run and ends with a table of figures and ratios (docs/benchmarks.md).
#
#   scripts/bench.sh [--records N] [--full] [--skip NAME]...
#
#   --records N   waybills to seal; 1,000,000 when not given
#   --full        ten million
#   --skip NAME   leaves a part out; may be repeated: sm, postgres, plaintext, raw, pgp, sqlcipher, serve, verify, micro
#
# Environment: HUOQI_BENCH_DIR folder for the data (default under /var/tmp; about 1 KB a waybill and as much again per million for
# the order file); HUOQI_BUILD and HUOQI_BENCH_BUILD build folders (default build and build-bench); HUOQI_BENCH_SECONDS length
# of each load on the server (default 15).
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

usage() { sed -n '3,14s/^# \{0,1\}//p' "$0"; }
records=1000000
skip=" "
while [ $# -gt 0 ]; do
  case "$1" in
    --records) records=${2:-}; shift $(($# > 1)) ;;
    --full) records=10000000 ;;
    --skip)
      case "${2:-}" in
        sm | postgres | plaintext | raw | pgp | sqlcipher | serve | verify | micro) skip+="$2 " ;;
        *) echo "bench.sh: nothing is called '${2:-}' that could be skipped" >&2; exit 2 ;;
      esac
      shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
[[ "$records" =~ ^[1-9][0-9]*$ ]] || { echo "bench.sh: --records needs a whole number above 0" >&2; exit 2; }
wanted() { [[ "$skip" != *" $1 "* ]]; }

build=$(realpath -m "${HUOQI_BUILD:-build}")
bench_build=$(realpath -m "${HUOQI_BENCH_BUILD:-build-bench}")
tools=$bench_build/bench

# ---- what each part leaves for the table ----
declare -A figure
note() { figure[$1]=$2; }
# The value of a numeric member, from JSON on standard input: NAME.
member() { grep -oE "\"$1\": ?[-+0-9.e]+" | tail -n 1 | grep -oE '[-+0-9.e]+$'; }
calc() { awk "BEGIN { printf \"%.${2:-0}f\", $1 }"; }
now() { echo "${EPOCHREALTIME/,/.}"; }
# Processor time of the whole machine so far, in seconds; stolen time too.
busy() { awk -v hz="$(getconf CLK_TCK)" 'NR == 1 { printf "%.2f", ($2 + $3 + $4 + $7 + $8 + $9) / hz }' /proc/stat; }
# How many cores everybody else kept busy: BUSY-BEFORE OURS SECONDS.
others() { awk -v b="$(busy)" -v a="$1" -v o="$2" -v s="$3" 'BEGIN { x = (b - a - o) / s; printf "%.1f", (x > 0 ? x : 0) }'; }
say() { echo "bench: $*" >&2; }

source bench/sealing.sh
source bench/alternatives.sh
source bench/doors.sh
source bench/table.sh

# ---- place and end ----
work=$(mktemp -d "${HUOQI_BENCH_DIR:-/var/tmp}/huoqi-bench.XXXXXX")
chmod 755 "$work" # the database server runs as a user of its own
finish() {
  local code=$?
  trap - EXIT
  stop_server || true
  stop_postgres || true
  [ "$code" = 0 ] || say "failed; what the last steps said:" "$(tail -n 5 "$work"/*.log 2>/dev/null)"
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

scripts/setup.sh bench
[ -x "$build/huoqi" ] && [ -x "$build/huoqi-specimen" ] || scripts/build.sh
cmake -S . -B "$bench_build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DHUOQI_BENCH=ON >/dev/null
micro_programs=$(ninja -C "$bench_build" -t targets all | sed -n 's/^\(huoqi_[a-z_]*_bench\): phony$/\1/p')
ninja -C "$bench_build" peak orders_tsv sqlcipher_orders https_load $(wanted micro && echo $micro_programs) >&2

make_orders
seal_all
alternatives
! wanted serve || measure_doors "$work/intl" ""
! wanted verify || verify_ledger
! wanted micro || micro
table
