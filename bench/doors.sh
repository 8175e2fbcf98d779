# SPDX-License-Identifier: Apache-2.0
# Part of scripts/bench.sh: the load on `huoqi serve` over TLS, the ledger after it, and the Google Benchmark programs. Server and
# load share the cores.
readonly kConnections=64
readonly kSearchConnections=8
load_seconds=${HUOQI_BENCH_SECONDS:-15}
server=
node=

stop_server() {
  [ -n "$server" ] || return 0
  kill -TERM "$server" 2>/dev/null
  wait "$server" 2>/dev/null
  server=
}

start_server() { # HOME
  rm -f "$work/serve.out" # of a server before
  "$build/huoqi" serve --home "$1" --business 127.0.0.1:0 --public 127.0.0.1:0 --operations 127.0.0.1:0 \
    >"$work/serve.out" 2>"$work/serve.log" &
  server=$!
  local tries=0
  until grep -qs '"business":"127' "$work/serve.out"; do
    kill -0 "$server" 2>/dev/null || { say "the server did not start"; return 1; }
    [ $((tries += 1)) -lt 600 ] || { say "the server does not answer"; return 1; }
    sleep 0.1
  done
  business=$(sed -n 's/.*"business":"127\.0\.0\.1:\([0-9]*\)".*/\1/p' "$work/serve.out" | head -n 1)
}

# User and system time of the server so far, in seconds.
server_processor() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); printf "%.2f", ($12 + $13) / hz }' "/proc/$server/stat"; }

post() { # NAME PATH BODIES ARGUMENTS...
  local name=$1 before busy_before
  before=$(server_processor)
  busy_before=$(busy)
  "$tools/peak" "$work/peak.json" "$tools/https_load" --port "$business" --ca "$node/tls/ca.pem" --key-file "$work/key" \
    --path "$2" --bodies "$3" "${@:4}" >"$work/load.json" 2>"$work/load.log" || cat "$work/load.json" "$work/load.log" >&2
  [ -s "$work/load.json" ] || return 1
  local field
  for field in answers all errors rate p50_ms p99_ms max_ms; do note "$name.$field" "$(member "$field" <"$work/load.json")"; done
  note "$name.load_processor" "$(calc "$(member user <"$work/peak.json") + $(member system <"$work/peak.json")" 2)"
  note "$name.server_processor" "$(calc "$(server_processor) - $before" 2)"
  note "$name.crowd" "$(others "$busy_before" "$(calc "${figure[$name.server_processor]} + ${figure[$name.load_processor]}" 2)" \
    "$(member wall <"$work/peak.json")")"
  say "$name: $(cat "$work/load.json")"
}

# Figures go by the name of what was asked, with PREFIX before it.
measure_doors() { # HOME PREFIX
  node=$1
  local prefix=$2
  "$build/huoqi" key add --home "$node" --role operator --person bench --json | sed 's/.*"key": *"\([^"]*\)".*/\1/' >"$work/key"
  start_server "$node"
  cut -f1 "$work/samples.tsv" | awk '{ printf "{\"by\":\"number\",\"value\":\"%s\"}\n", $0 }' >"$work/numbers.jsonl"
  cut -f10 "$work/samples.tsv" | awk '{ printf "{\"by\":\"phone\",\"value\":\"%s\"}\n", $0 }' >"$work/phones.jsonl"
  local samples; samples=$(wc -l <"$work/numbers.jsonl")
  post "${prefix}numbers" /v1/waybills:search "$work/numbers.jsonl" --requests "$samples" --answers "$work/found.jsonl"
  grep -oE '"id":"wb_[a-z2-7]{26}"' "$work/found.jsonl" | cut -d'"' -f4 |
    awk '{ printf "{\"ids\":[\"%s\"],\"fields\":[\"recipient.phone\"],\"purpose\":\"customer_service\",\"ticket\":\"CS-2026-0042\"}\n", $0 }' \
      >"$work/reveals.jsonl"
  [ "$(wc -l <"$work/reveals.jsonl")" = "$samples" ] || { say "not every number was found once"; return 1; }
  post "${prefix}reveal" /v1/waybills:reveal "$work/reveals.jsonl" --connections "$kConnections" --seconds "$load_seconds"
  post "${prefix}search" /v1/waybills:search "$work/phones.jsonl" --connections "$kSearchConnections" --seconds "$load_seconds"
  note "${prefix}server.peak" "$(awk '/^VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$server/status")"
  stop_server
}

verify_ledger() {
  local began seconds; began=$(now)
  "$build/huoqi" ledger verify --home "$work/intl" --json >"$work/verify.json" 2>"$work/verify.log"
  seconds=$(calc "$(now) - $began" 3)
  note verify.entries "$(member entries <"$work/verify.json")"
  note verify.whole "$seconds"
  note verify.seconds "$(member seconds <"$work/verify.json")"
  say "verify: $(cat "$work/verify.json")"
}

micro() {
  local program
  for program in $micro_programs; do
    "$(find "$bench_build" -name "$program" -type f | head -n 1)" --benchmark_format=csv --benchmark_min_time=0.2 2>/dev/null |
      awk -F, -v from="${program#huoqi_}" '/^"/ { gsub(/"/, "", $1); printf "%s %s %.1f %s\n", from, $1, $4, $5 }' >>"$work/micro.txt"
  done
}
