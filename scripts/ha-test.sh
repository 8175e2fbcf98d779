#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two server processes over a PostgreSQL that Patroni keeps alive (two database nodes, one etcd, all on loopback), under load, while
# the primary is switched over, killed, and etcd is taken away. Prints the longest time without an acknowledged waybill for each event and
# checks that nothing acknowledged is lost. Takes about three minutes; not part of every test run. Run as root on Debian 12.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
scripts/setup.sh ha
[ -x build/huoqi ] || scripts/build.sh
build=$PWD/build
readonly kPrograms=/usr/lib/postgresql/15/bin
readonly kEtcd=22379 kFirst=25432 kSecond=25433 kRest=28008

work=$(mktemp -d /var/tmp/huoqi-ha.XXXXXX)
chmod 755 "$work"
install -d -o postgres "$work/db"
pids=()
finish() {
  local code=$?
  trap - EXIT
  [ "$code" = 0 ] || tail -n 4 "$work"/*.log >&2 || true
  for pid in "${pids[@]}"; do kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null || true; done
  pkill -KILL -u postgres -f "$work" 2>/dev/null || true
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
say() { echo "ha: $*" >&2; }
begin() { setsid "$@" & pids+=($!); last=$!; }

begin_etcd() {
  begin etcd --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$kEtcd" --advertise-client-urls "http://127.0.0.1:$kEtcd" \
    --listen-peer-urls "http://127.0.0.1:$((kEtcd + 1))" >"$work/etcd.log" 2>&1
  etcd=$last
}
config() { # NAME PORT REST
  cat >"$work/$1.yml" <<EOF
scope: huoqi
name: $1
restapi: {listen: '127.0.0.1:$3', connect_address: '127.0.0.1:$3'}
etcd3: {hosts: '127.0.0.1:$kEtcd'}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 3
    synchronous_mode: true
    failsafe_mode: true
    master_start_timeout: 0
    postgresql: {use_pg_rewind: true, parameters: {max_connections: 80, wal_keep_size: 256MB}}
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, data-checksums]
  pg_hba: [local all all trust, host all all 127.0.0.1/32 trust, host replication all 127.0.0.1/32 trust]
postgresql:
  listen: 127.0.0.1:$2
  connect_address: 127.0.0.1:$2
  data_dir: $work/db/$1
  bin_dir: $kPrograms
  pgpass: $work/db/$1.pgpass
  authentication:
    superuser: {username: postgres, password: only-on-loopback}
    replication: {username: replicator, password: only-on-loopback}
    rewind: {username: rewinder, password: only-on-loopback}
  parameters: {unix_socket_directories: '$work/db'}
EOF
}
begin_patroni() { # NAME
  begin runuser -u postgres -- patroni "$work/$1.yml" >>"$work/$1.log" 2>&1
  eval "patroni_$1=$last"
}
sql() { psql -X -q -A -t -h 127.0.0.1 -p "$1" -U postgres -d postgres -c "$2"; }
primary() { # its port
  local port
  for port in $kFirst $kSecond; do
    [ "$(sql "$port" 'SELECT NOT pg_is_in_recovery()' 2>/dev/null)" != t ] || { echo "$port"; return; }
  done
}
until_true() { # SECONDS COMMAND…
  local end=$((SECONDS + $1)); shift
  until "$@" 2>/dev/null; do [ "$SECONDS" -lt "$end" ] || { say "not in time: $*"; return 1; }; sleep 0.2; done
}
synchronous() { [ "$(sql "$(primary)" "SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'")" = 1 ]; }

say "starting etcd, Patroni and two databases"
begin_etcd
config one $kFirst $kRest
config two $kSecond $((kRest + 1))
begin_patroni one
has_primary() { [ -n "$(primary)" ]; }
until_true 90 has_primary
begin_patroni two
until_true 90 synchronous
sql "$(primary)" 'CREATE ROLE huoqi LOGIN'
sql "$(primary)" 'CREATE DATABASE huoqi OWNER huoqi'

say "starting two server processes"
(umask 077; head -c 24 /dev/urandom | base64 >"$work/passphrase")
export HUOQI_PASSPHRASE_FILE=$work/passphrase HUOQI_POLICY=$PWD/policy
unset HUOQI_HOME
"$build/huoqi" init --home "$work/a" --suite intl --origin ha.example/a \
  --db "postgresql://huoqi@127.0.0.1:$kFirst,127.0.0.1:$kSecond/huoqi" >/dev/null
"$build/huoqi" init --home "$work/b" --join "$work/a" >/dev/null
key=$("$build/huoqi" key add --home "$work/a" --role integrator --person load --json | sed 's/.*"key":"\([^"]*\)".*/\1/')
for name in a b; do
  begin "$build/huoqi" serve --home "$work/$name" --business 127.0.0.1:0 --public 127.0.0.1:0 --operations 127.0.0.1:0 \
    >"$work/$name.out" 2>"$work/serve-$name.log"
  until_true 30 grep -q '"business"' "$work/$name.out"
done

# One client a server: seals one waybill after another, each until it is acknowledged, and notes when.
load() { # NAME FIRST
  local at number=$2 body status
  at=$(sed -n 's/.*"business":"\([^"]*\)".*/\1/p' "$work/$1.out" | head -n 1)
  while [ ! -f "$work/stop" ]; do
    body="{\"number\":\"HA$number\",\"sender\":{\"organisation\":\"样例商行\"},\"recipient\":{\"name\":\"张样例\",\"mobile\":\"13900000000\",\"detail\":\"样例路1号\"}}"
    status=$(curl -s -m 60 -o /dev/null -w '%{http_code}' --cacert "$work/$1/tls/ca.pem" -H "Authorization: Bearer $key" \
      -H 'Content-Type: application/json' -d "$body" "https://$at/v1/waybills" || true)
    case "$status" in
      200 | 201) echo "${EPOCHREALTIME} HA$number" >>"$work/acknowledged.$1"; number=$((number + 1)) ;;
      503 | 000) ;;
      *) echo "$status" >>"$work/wrong" ;;
    esac
  done
}
load a 1000000000 &
loads=$!
load b 2000000000 &
loads+=" $!"

# The longest time without an acknowledgement, by either, from the last event on.
gap() { # TITLE SINCE
  awk -v since="$2" -v title="$1" '
    FNR == 1 { last = since }
    $1 >= since { if ($1 - last > most) most = $1 - last; last = $1; n++ }
    END { printf "%-44s longest gap %6.2f s, %d waybills acknowledged\n", title, most, n }' "$work/acknowledged.a" "$work/acknowledged.b"
}
event() { # TITLE SECONDS COMMAND…
  local title=$1 seconds=$2 since=$EPOCHREALTIME
  shift 2
  say "$title"
  "$@"
  sleep "$seconds"
  until_true 90 has_primary
  gap "$title" "$since"
  until_true 120 synchronous
}
leader() { [ "$(primary)" = $kFirst ] && echo one || echo two; }
switchover() { runuser -u postgres -- patronictl -c "$work/one.yml" switchover --master "$(leader)" --force huoqi >"$work/switchover.log" 2>&1; }
kill_primary() {
  local name pid; name=$(leader)
  pid=$(head -n 1 "$work/db/$name/postmaster.pid")
  kill -STOP "$pid"; pkill -KILL -P "$pid" || true; kill -KILL "$pid"
}
kill_node() {
  killed=$(leader)
  eval "kill -KILL -- -\$patroni_$killed"
  local pid; pid=$(head -n 1 "$work/db/$killed/postmaster.pid")
  kill -STOP "$pid" 2>/dev/null || true; pkill -KILL -P "$pid" || true; kill -KILL "$pid" 2>/dev/null || true
}
node_back() { rm -f "$work/db/$killed/postmaster.pid"; begin_patroni "$killed"; }
etcd_away() { kill -KILL -- "-$etcd"; sleep 15; begin_etcd; }

sleep 3
event "no event" 5 true
event "planned switchover" 10 switchover
event "PostgreSQL of the primary killed" 20 kill_primary
event_nodes() { kill_node; sleep 40; node_back; }
event "primary's machine killed (database and Patroni)" 10 event_nodes
event "etcd away for 15 s" 5 etcd_away

touch "$work/stop"
wait $loads || true
[ ! -s "$work/wrong" ] || { say "other answers: $(sort "$work/wrong" | uniq -c)"; exit 1; }
say "looking for everything that was acknowledged"
cut -d' ' -f2 "$work"/acknowledged.? | sort >"$work/expected"
sql "$(primary)" 'SELECT 1' >/dev/null
at=$(sed -n 's/.*"business":"\([^"]*\)".*/\1/p' "$work/a.out" | head -n 1)
lost=0
while read -r number; do
  found=$(curl -s -m 30 --retry 5 --cacert "$work/a/tls/ca.pem" -H "Authorization: Bearer $key" -H 'Content-Type: application/json' \
    -d "{\"by\":\"number\",\"value\":\"$number\"}" "https://$at/v1/waybills:search")
  grep -q '"id":"wb_' <<<"$found" || lost=$((lost + 1))
done <"$work/expected"
echo "$(wc -l <"$work/expected") acknowledged, $lost lost"
for name in a b; do "$build/huoqi" ledger verify --home "$work/$name"; done
[ "$lost" = 0 ]
