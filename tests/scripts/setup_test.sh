#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/setup.sh on a machine that has nothing, and on one that has PostgreSQL already. Usage: setup_test.sh SOURCES
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in apt-get sed; do
  printf '#!/bin/sh\necho "%s $*" >>"%s/calls"\n' "$name" "$work" >"$work/$name"
done
printf '#!/bin/sh\necho 0\n' >"$work/id"
chmod +x "$work"/*

# setup NAME-OF-A-PACKAGE-THAT-IS-THERE
setup() {
  : >"$work/calls"
  printf '#!/bin/sh\ncase "$*" in *" %s") echo installed ;; esac\n' "$1" >"$work/dpkg-query"
  chmod +x "$work/dpkg-query"
  PATH="$work:$PATH" "$sources/scripts/setup.sh" >/dev/null
}
line() { grep -n "$1" "$work/calls" | head -n 1 | cut -d: -f1 || true; }
fail() { echo "setup_test: $*" >&2; cat "$work/calls" >&2; exit 1; }
sources=$1

setup nothing
forbidden=$(line 'create_main_cluster = false.* /etc/postgresql-common/createcluster.conf$')
installed=$(line 'apt-get install .* postgresql-15')
common=$(line 'apt-get install .* postgresql-common$')
[ -n "$forbidden" ] && [ -n "$installed" ] && [ -n "$common" ] || fail "a machine-wide cluster is not forbidden"
[ "$common" -lt "$forbidden" ] && [ "$forbidden" -lt "$installed" ] || fail "it is forbidden too late"

setup postgresql-15
[ -z "$(line createcluster.conf)" ] || fail "it changes what is installed already"
[ -n "$(line 'apt-get install .* ninja-build')" ] || fail "it installs nothing"
echo "setup_test: good"
