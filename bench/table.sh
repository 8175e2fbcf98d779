# SPDX-License-Identifier: Apache-2.0
# Part of scripts/bench.sh: prints what the parts left in `figure`. Ratios are between figures of this run only.
grouped() { sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta' <<<"$1"; }
row() { printf '%-46s %14s   %s\n' "$1" "$2" "${3:-}"; }
head_line() { printf '\n%s\n%s\n' "$1" "$(printf '%0.s-' {1..110})"; }

sealed_rows() { # SUITE
  local s=$1 remark=""
  [ "$s" = intl ] || remark="$(calc "${figure[$s.rate]} / ${figure[intl.rate]}" 2) of intl"
  row "Huoqi, ${title:-suite $s}, waybills/s" "$(grouped "${figure[$s.rate]}")" "${remark:+$remark; }$(grouped "${figure[$s.records]}") records"
  row "  with start of the program" "$(grouped "${figure[$s.whole]}")"
  row "  first million" "$(grouped "${figure[$s.first]}")"
  [ -z "${figure[$s.step.5]:-}" ] || row "  million 1 / 5 / 10" "${figure[$s.step.1]} / ${figure[$s.step.5]}" "/ ${figure[$s.step.10]:-}"
  row "  slowest million" "$(grouped "${figure[$s.slowest]}")" "$(calc "${figure[$s.slowest]} / ${figure[$s.first]}" 2) of the first"
  row "  processor time a waybill, us" "${figure[$s.processor]}" "of all cores together; others held ${figure[$s.crowd]} cores meanwhile"
  row "  peak memory of the import, MiB" "${figure[$s.peak]}"
  row "  bytes on disk a waybill" "${figure[$s.disk]}" "$(calc "${figure[$s.disk]} / ${figure[plain_values]}" 2) of the values, \
$(calc "${figure[$s.disk]} / ${figure[plain_line]}" 2) of the order's line"
}

alternative_row() { # NAME TITLE
  [ -n "${figure[$1.rate]:-}" ] || return 0
  row "$2" "$(grouped "${figure[$1.rate]}")" "Huoqi is $(calc "${figure[intl.first]} / ${figure[$1.rate]}" 1) x; \
$(grouped "${figure[$1.records]}") records"
  row "  processor time a record, us" "${figure[$1.processor]}" "$(calc "${figure[$1.processor]} / ${figure[intl.processor]}" 1) x that \
of Huoqi; others held ${figure[$1.crowd]} cores meanwhile"
  row "  bytes on disk a record" "${figure[$1.disk]}"
}

door_rows() { # PREFIX
  local name title
  for name in "$1reveal" "$1search"; do
    title="reveal, each recorded and synced, $kConnections clients"
    [ "$name" = "$1reveal" ] || title="search by phone, each recorded, $kSearchConnections clients"
    row "$title" "$(grouped "${figure[$name.rate]}")" "requests/s; ${figure[$name.errors]} errors of $(grouped "${figure[$name.answers]}")"
    row "  p50 / p99 / slowest, ms" "${figure[$name.p50_ms]} / ${figure[$name.p99_ms]}" "/ ${figure[$name.max_ms]}"
    row "  processor time a request, us: server / load" "$(calc "${figure[$name.server_processor]} * 1e6 / ${figure[$name.all]}")" \
      "/ $(calc "${figure[$name.load_processor]} * 1e6 / ${figure[$name.all]}"); others held ${figure[$name.crowd]} cores meanwhile"
  done
  row "peak memory of the server, MiB" "${figure[$1server.peak]}"
}

table() {
  head_line "$(date -u +%F), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), \
load before the end $(cut -d' ' -f1 /proc/loadavg)"
  row "plaintext of an order: values / JSON line, bytes" "${figure[plain_values]} / ${figure[plain_line]}"
  head_line "Sealing, durable, five blind indexes, repeated waybills recognised"
  sealed_rows intl
  ! wanted sm || sealed_rows sm
  if wanted postgres; then
    title="over PostgreSQL, suite intl" sealed_rows postgres
    row "  two processes on one database" "$(grouped "${figure[two.rate]}")" "$(calc "${figure[two.rate]} / ${figure[postgres.first]}" 2) of one"
    ! wanted plaintext || row "  beside the same PostgreSQL in clear" "" "$(calc "${figure[postgres.first]} / ${figure[plaintext.rate]}" 2) x"
    ! wanted pgp || row "  beside pgp_sym_encrypt" "" "$(calc "${figure[postgres.first]} / ${figure[pgp.rate]}" 1) x"
  fi
  ! wanted plaintext && ! wanted raw && ! wanted pgp && ! wanted sqlcipher ||
    head_line "The same records elsewhere, records/s (ratio to the first million of suite intl)"
  alternative_row plaintext "PostgreSQL 15, in clear, COPY, five indexes"
  alternative_row raw "PostgreSQL 15, pgcrypto encrypt(), hmac()"
  alternative_row pgp "PostgreSQL 15, pgp_sym_encrypt AES-256, hmac()"
  alternative_row sqlcipher "SQLCipher, WAL, synchronous=FULL"
  if wanted serve; then
    head_line "Over HTTPS"
    door_rows ""
    if wanted postgres; then
      head_line "Over HTTPS, the data in PostgreSQL on the same two cores"
      door_rows postgres.
    fi
  fi
  if wanted verify; then
    head_line "Ledger"
    row "ledger verify, entries/s" "$(grouped "$(calc "${figure[verify.entries]} / ${figure[verify.seconds]}")")" \
      "$(grouped "${figure[verify.entries]}") entries; whole command ${figure[verify.whole]} s"
  fi
  if [ -s "$work/micro.txt" ]; then
    head_line "Parts, processor time a call"
    while read -r from name value unit; do row "$from: $name" "$value" "$unit"; done <"$work/micro.txt"
  fi
}
