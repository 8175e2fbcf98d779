# SPDX-License-Identifier: Apache-2.0
# Part of scripts/bench.sh: order files, and `huoqi import` of them into a new node. Imports go by steps of a million, so that
# a rate that sinks shows. Order files are made before and are no part of what is timed.
readonly kStep=1000000
readonly kSamples=20000
# Records of suite sm and of the alternatives, which are compared on the first million.
readonly kFirst=1000000

first_records=$((records < kFirst ? records : kFirst))

# Orders FIRST to FIRST+COUNT-1 into FILE; another seed a step, so that no two steps are about the same people.
orders() { # FIRST COUNT FILE
  "$build/huoqi-specimen" --format kuaidi100 --count "$2" --seed $((7 + $1 / kStep)) --first-number $((1 + $1)) >"$3"
}

make_orders() {
  say "making $first_records orders"
  orders 0 "$first_records" "$work/first.jsonl"
  "$tools/orders_tsv" <"$work/first.jsonl" >"$work/first.tsv"
  note plain_line "$(calc "$(stat -c %s "$work/first.jsonl") / $first_records")"
  note plain_values "$(calc "$(stat -c %s "$work/first.tsv") / $first_records")"
  (umask 077; head -c 24 /dev/urandom | base64 >"$work/passphrase")
  unset HUOQI_HOME
  export HUOQI_PASSPHRASE_FILE=$work/passphrase HUOQI_POLICY=$PWD/policy
}

disk() { du -s --block-size=1 "$1" | cut -f1; }

# Imports FILE into HOME; sets sealed, seconds, wall, processor, peak_kib, crowd.
import() { # HOME FILE
  local before
  sync
  before=$(busy)
  "$tools/peak" "$work/peak.json" "$build/huoqi" import --home "$1" "$2" --format kuaidi100 --json \
    >"$work/import.json" 2>"$work/import.log"
  sealed=$(member sealed <"$work/import.json")
  seconds=$(member seconds <"$work/import.json")
  wall=$(member wall <"$work/peak.json")
  processor=$(calc "$(member user <"$work/peak.json") + $(member system <"$work/peak.json")" 3)
  peak_kib=$(member peak_kib <"$work/peak.json")
  crowd=$(others "$before" "$processor" "$wall")
}

# Into a new node that is called NAME in the table; more words go to init.
seal() { # NAME RECORDS INIT-WORDS...
  local suite=$1 count=$2 home=$work/$1 at=0 all_seconds=0 all_wall=0 all_processor=0 all_crowd=0 first=0 slowest=0 peak=0 rate step file
  "$build/huoqi" init --home "$home" "${@:3}" >"$work/init.log" 2>&1
  local empty; empty=$(disk "$home")
  : >"$work/samples.tsv"
  while [ "$at" -lt "$count" ]; do
    step=$((count - at < kStep ? count - at : kStep))
    file=$work/first.jsonl
    [ "$at" = 0 ] || { file=$work/step.jsonl; orders "$at" "$step" "$file"; }
    import "$home" "$file"
    [ "$sealed" = "$step" ] || { say "$suite: $sealed sealed of $step: $(cat "$work/import.json")"; return 1; }
    rate=$(calc "$step / $seconds")
    say "$suite: waybills $at to $((at + step)): $rate/s, $(calc "$peak_kib / 1024") MiB"
    all_seconds=$(calc "$all_seconds + $seconds" 3)
    all_wall=$(calc "$all_wall + $wall" 3)
    all_crowd=$(calc "$all_crowd + $crowd * $wall" 3)
    all_processor=$(calc "$all_processor + $processor" 3)
    [ "$at" != 0 ] || { first=$rate; slowest=$rate; }
    [ "$rate" -ge "$slowest" ] || slowest=$rate
    [ "$peak_kib" -le "$peak" ] || peak=$peak_kib
    "$tools/orders_tsv" $((count / kSamples > 0 ? count / kSamples : 1)) <"$file" >>"$work/samples.tsv"
    [ "$at" = 0 ] || rm "$file"
    at=$((at + step))
    note "$suite.step.$(((at + kStep - 1) / kStep))" "$rate"
  done
  note "$suite.records" "$count"
  note "$suite.rate" "$(calc "$count / $all_seconds")"
  note "$suite.whole" "$(calc "$count / $all_wall")"
  note "$suite.processor" "$(calc "$all_processor * 1e6 / $count" 1)"
  note "$suite.crowd" "$(calc "$all_crowd / $all_wall" 1)"
  note "$suite.first" "$first"
  note "$suite.slowest" "$slowest"
  note "$suite.peak" "$(calc "$peak / 1024")"
  note "$suite.disk" "$(calc "($(disk "$home") - $empty) / $count")"
}

seal_all() {
  if wanted sm; then
    seal sm "$first_records" --suite sm
    rm -rf "$work/sm"
  fi
  seal intl "$records" --suite intl
}
