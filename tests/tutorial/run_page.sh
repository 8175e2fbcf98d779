#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the blocks of a page that are marked to be run, in order, in a folder of their own.
#
#   run_page.sh SOURCE_FOLDER BUILD_FOLDER PAGE
#
#   ```sh run              runs; every command must succeed
#   ```sh run exit=77      the block must end with this code
#   ```sh run if=curl      left out, loudly, where there is no such program
#   ```output              of the block before: each line must stand in what it printed, in this order; … stands for anything
#
# Exported variables last from block to block.
set -euo pipefail
source_folder=$1
build=$2
page=$source_folder/$3

work=$(mktemp -d "${TMPDIR:-/tmp}/huoqi-tutorial.XXXXXX")
vars=$work/.vars
said=$work/.said
block=$work/.block
finish() {
  local code=$?
  trap - EXIT
  # A server that a failed page left behind; its number is what the page exported.
  server=$(sed -n 's/^declare -x SERVER="\([0-9]*\)"$/\1/p' "$vars" 2>/dev/null || true)
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT

for name in examples policy api; do ln -s "$source_folder/$name" "$work/$name"; done
export PATH="$build:$PATH" HUOQI_POLICY="$source_folder/policy"
unset HUOQI_HOME HUOQI_PASSPHRASE_FILE
: >"$vars"

fail() {
  echo "$3:$1: $2" >&2
  sed 's/^/    /' "$said" >&2
  exit 1
}

# Runs $block as the info string says.
run_block() { # LINE INFO
  local want=0 word code=0
  for word in $2; do
    case "$word" in
      exit=*) want=${word#exit=} ;;
      if=*)
        if ! command -v "${word#if=}" >/dev/null; then
          echo "LEFT OUT: line $1 needs ${word#if=}, which is not installed"
          ran=no
          return
        fi ;;
    esac
  done
  ran=yes
  bash -c 'set -eo pipefail; cd "$1"; source "$2"; source "$3"; export -p >"$2"' _ "$work" "$vars" "$block" \
    >"$said" 2>&1 </dev/null || code=$?
  [ "$code" = "$want" ] || fail "$1" "the block ended with $code, not $want; it said" "$page"
  blocks=$((blocks + 1))
}

# Each line of $block must be matched by a line of $said, in order.
compare() { # LINE
  [ "$ran" = yes ] || return 0
  local expected pattern line number=$1
  exec 3<"$said"
  while IFS= read -r expected; do
    number=$((number + 1))
    [ -n "$expected" ] || continue
    pattern=$(sed 's/[][\\*?]/\\&/g; s/…/*/g' <<<"$expected")
    while :; do
      IFS= read -r line <&3 || [ -n "$line" ] || fail "$number" "missing: $expected; it said" "$page"
      # shellcheck disable=SC2053
      [[ "$line" == $pattern ]] && break
    done
  done <"$block"
  exec 3<&-
}

blocks=0
ran=no
state=text
number=0
while IFS= read -r line; do
  number=$((number + 1))
  case "$state:$line" in
    text:'```sh run'*) state=run info=${line#'```sh run'} start=$number; : >"$block" ;;
    text:'```output') state=output start=$number; : >"$block" ;;
    text:'```'*) state=other ;;
    run:'```') state=text; run_block "$start" "$info" ;;
    output:'```') state=text; compare "$start" ;;
    other:'```') state=text ;;
    run:* | output:*) printf '%s\n' "$line" >>"$block" ;;
  esac
done <"$page"
[ "$state" = text ] || fail "$number" "the page ends inside a block" "$page"
[ "$blocks" -gt 5 ] || fail "$number" "only $blocks blocks were run; are they still marked?" "$page"
echo "$blocks blocks ran as written"
