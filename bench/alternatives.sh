# SPDX-License-Identifier: Apache-2.0
# Part of scripts/bench.sh: the same records in PostgreSQL 15 (in clear, and with pgcrypto two ways) and in SQLCipher, with
# indexes on the same five fields. All of them make what they have taken durable after every 10,000 records, as Huoqi's groups
# are. PostgreSQL gets two sessions, one a core; what it reads is split into columns already.
readonly kPostgres=/usr/lib/postgresql/15/bin
# Records that pgp_sym_encrypt gets, because it takes its time.
readonly kPgp=40000
# Records of a transaction.
readonly kGroup=10000

as_postgres() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
  local user; user=$([ "$(id -u)" = 0 ] && echo postgres || id -un)
  install -d -m 700 -o "$user" "$work/pg"
  as_postgres "$kPostgres/initdb" -D "$work/pg/data" -A peer -E UTF8 --locale=C.UTF-8 --no-sync >"$work/postgres.log"
  cat >>"$work/pg/data/postgresql.conf" <<EOF
listen_addresses = ''
unix_socket_directories = '$work/pg'
shared_buffers = 1GB
max_wal_size = 8GB
checkpoint_timeout = 30min
wal_compression = on
fsync = on
synchronous_commit = on
EOF
  as_postgres "$kPostgres/pg_ctl" -D "$work/pg/data" -l "$work/pg/server.log" -w start >>"$work/postgres.log" 2>&1
  sql -c 'CREATE EXTENSION pgcrypto' >/dev/null
}

stop_postgres() {
  [ -f "$work/pg/data/postmaster.pid" ] || return 0
  as_postgres "$kPostgres/pg_ctl" -D "$work/pg/data" -m immediate -w stop >/dev/null 2>&1
}

sql() { as_postgres psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$work/pg" -d postgres "$@"; }

# Processor time of the sessions that have ended, in seconds.
sessions_processor() {
  awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); printf "%.2f", ($14 + $15) / hz }' "/proc/$(head -n 1 "$work/pg/data/postmaster.pid")/stat"
}

# Runs two files of SQL, FILE.0 and FILE.1, at the same time, each statement a transaction; sets seconds, processor and crowd.
both() { # FILE
  local began first before busy_before
  sql -c CHECKPOINT
  sync
  sleep 0.5 # until sessions that have ended are counted
  before=$(sessions_processor)
  busy_before=$(busy)
  began=$(now)
  sql -f "$1.0" &
  first=$!
  sql -f "$1.1"
  wait "$first"
  seconds=$(calc "$(now) - $began" 3)
  sleep 0.5
  processor=$(calc "$(sessions_processor) - $before" 3)
  crowd=$(others "$busy_before" "$processor" "$(calc "$seconds + 0.5" 3)")
}

# The first COUNT records in files of one transaction each that the database server can read: half.0.000, half.1.000, …
halves() { # COUNT
  rm -rf "$work"/half.*
  head -n "$1" "$work/first.tsv" | awk -v size=$kGroup -v out="$work/half." '{
    group = int((NR - 1) / size); name = sprintf("%s%d.%05d", out, group % 2, group / 2); print > name
    if (NR % size == 0) close(name) }'
  chmod 644 "$work"/half.*
}

readonly kColumns="number text NOT NULL, items text, sender_name text, sender_phone text, sender_tel text,
  sender_organisation text, sender_address text, sender_id_number text, recipient_name text, recipient_phone text,
  recipient_tel text, recipient_organisation text, recipient_address text"

indexes() { # NUMBER and four more columns
  sql -c "CREATE UNIQUE INDEX ON orders ($1)"
  local column
  for column in "${@:2}"; do sql -c "CREATE INDEX ON orders ($column)"; done
}

told() { # NAME COUNT
  note "$1.records" "$2"
  note "$1.rate" "$(calc "$2 / $seconds")"
  note "$1.processor" "$(calc "$processor * 1e6 / $2" 1)"
  note "$1.crowd" "$crowd"
  note "$1.disk" "$(calc "$(sql -c "SELECT pg_total_relation_size('orders')") / $2")"
  [ "$(sql -c 'SELECT count(*) FROM orders')" = "$2" ] || { say "$1: not all records are there"; return 1; }
  say "$1: ${figure[$1.rate]}/s"
  sql -c 'DROP TABLE orders'
}

plaintext() {
  halves "$first_records"
  sql -c "CREATE TABLE orders ($kColumns)"
  indexes number sender_phone recipient_phone recipient_name sender_id_number
  local part file
  for part in 0 1; do
    for file in "$work/half.$part".*; do [ ! -f "$file" ] || echo "COPY orders FROM '$file';"; done >"$work/copy.$part"
    chmod 644 "$work/copy.$part"
  done
  both "$work/copy"
  told plaintext "$first_records"
}

# Four sealed columns, for the groups that Huoqi seals apart, and five keyed hashes with an index each. The records wait in an
# unlogged table; filling it is not timed.
pgcrypto() { # NAME COUNT SEALING, an expression with $1 for the text
  local name=$1 count=$2 part group file pages step at
  halves "$count"
  for part in 0 1; do
    sql -c "CREATE UNLOGGED TABLE clear_$part ($kColumns)"
    for file in "$work/half.$part".*; do sql -c "COPY clear_$part FROM '$file'"; done
    sql -c "VACUUM ANALYZE clear_$part"
  done
  sql -c "CREATE TABLE orders (shipment bytea, sender bytea, sender_identity bytea, recipient bytea, number_mac bytea NOT NULL,
    sender_phone_mac bytea, recipient_phone_mac bytea, recipient_name_mac bytea, id_number_mac bytea)"
  indexes number_mac sender_phone_mac recipient_phone_mac recipient_name_mac id_number_mac
  local groups="concat_ws(chr(9),number,items)|concat_ws(chr(9),sender_name,sender_phone,sender_tel,sender_organisation,sender_address)|\
sender_id_number|concat_ws(chr(9),recipient_name,recipient_phone,recipient_tel,recipient_organisation,recipient_address)"
  local values="" IFS='|'
  for group in $groups; do values+="${3//\$1/$group}, "; done
  unset IFS
  for group in number sender_phone recipient_phone recipient_name sender_id_number; do
    values+="hmac($group, 'a key of the index, 32 bytes long', 'sha256'), "
  done
  for part in 0 1; do
    pages=$(sql -c "SELECT pg_relation_size('clear_$part') / 8192")
    step=$((pages * kGroup / (count / 2 > kGroup ? count / 2 : kGroup) + 1))
    for ((at = 0; at < pages; at += step)); do
      echo "INSERT INTO orders SELECT ${values%, } FROM clear_$part WHERE ctid >= '($at,0)' AND ctid < '($((at + step)),0)';"
    done >"$work/insert.$part"
    chmod 644 "$work/insert.$part"
  done
  both "$work/insert"
  told "$name" "$count"
  sql -c 'DROP TABLE clear_0, clear_1'
}

# Huoqi itself over the same PostgreSQL: sealing, the doors, and two processes at once.
over_postgres() {
  sql -c 'CREATE ROLE huoqi LOGIN CREATEDB'
  as_postgres sh -c "echo 'local all all trust' >'$work/pg/data/pg_hba.conf'"
  as_postgres "$kPostgres/pg_ctl" -D "$work/pg/data" reload >/dev/null
  sql -c 'CREATE DATABASE huoqi OWNER huoqi'
  seal postgres "$records" --suite intl --db "postgresql:///huoqi?host=$work/pg&user=huoqi"
  note postgres.disk "$(calc "$(sql -c "SELECT pg_database_size('huoqi')") / $records")"
  ! wanted serve || measure_doors "$work/postgres" postgres.
  "$build/huoqi" init --home "$work/second" --join "$work/postgres" >"$work/init.log" 2>&1
  local half=$((first_records / 2)) began first
  orders $((100 * kStep)) "$half" "$work/one.jsonl"
  orders $((101 * kStep)) "$half" "$work/two.jsonl"
  sync
  began=$(now)
  "$build/huoqi" import --home "$work/postgres" "$work/one.jsonl" --format kuaidi100 --json >"$work/one.json" &
  first=$!
  "$build/huoqi" import --home "$work/second" "$work/two.jsonl" --format kuaidi100 --json >"$work/two.json"
  wait "$first"
  note two.rate "$(calc "($(member sealed <"$work/one.json") + $(member sealed <"$work/two.json")) / ($(now) - $began)")"
  say "two processes: ${figure[two.rate]}/s"
  rm "$work/one.jsonl" "$work/two.jsonl"
}

sqlcipher() {
  local before
  sync
  before=$(busy)
  "$tools/peak" "$work/peak.json" "$tools/sqlcipher_orders" "$work/orders.db" "$work/first.tsv" \
    >"$work/sqlcipher.json" 2>"$work/sqlcipher.log"
  seconds=$(member seconds <"$work/sqlcipher.json")
  processor=$(calc "$(member user <"$work/peak.json") + $(member system <"$work/peak.json")" 3)
  note sqlcipher.crowd "$(others "$before" "$processor" "$(member wall <"$work/peak.json")")"
  note sqlcipher.records "$first_records"
  note sqlcipher.rate "$(calc "$first_records / $seconds")"
  note sqlcipher.processor "$(calc "$processor * 1e6 / $first_records" 1)"
  note sqlcipher.disk "$(calc "$(stat -c %s "$work/orders.db") / $first_records")"
  say "sqlcipher: ${figure[sqlcipher.rate]}/s"
  rm -f "$work"/orders.db*
}

alternatives() {
  if wanted plaintext || wanted raw || wanted pgp || wanted postgres; then
    say "starting PostgreSQL"
    start_postgres
    ! wanted plaintext || plaintext
    ! wanted raw || pgcrypto raw "$first_records" \
      "encrypt(convert_to(\$1, 'UTF8'), '\\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'aes')"
    ! wanted pgp || pgcrypto pgp $((records < kPgp ? records : kPgp)) \
      "pgp_sym_encrypt(\$1, 'a passphrase of the application', 'cipher-algo=aes256')"
    ! wanted postgres || over_postgres
    stop_postgres
    rm -rf "$work/pg" "$work"/half.*
  fi
  ! wanted sqlcipher || sqlcipher
}
