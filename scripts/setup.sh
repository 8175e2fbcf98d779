#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what building and testing need from Debian 12, only what is missing. Run as root.
set -euo pipefail

build=(g++ cmake ninja-build ccache mold pkg-config git ca-certificates
  libboost1.81-dev libssl-dev libbotan-2-dev librocksdb-dev libsqlite3-dev libicu-dev zlib1g-dev libsimdjson-dev
  nlohmann-json3-dev libtomlplusplus-dev libcli11-dev libfmt-dev libgtest-dev libyaml-cpp-dev libzint-dev libzip-dev libexpat1-dev libxlsxwriter-dev
  libpq-dev postgresql-15 procps)
lint=(clang-format-19 clang-tidy-19)
fuzz=(clang-19 libclang-rt-19-dev)
ha=(patroni etcd-server curl)
bench=(libbenchmark-dev libsqlcipher-dev wrk linux-perf curl)

want=("${build[@]}")
for part in "$@"; do
  case "$part" in
    lint) want+=("${lint[@]}") ;;
    fuzz) want+=("${fuzz[@]}") ;;
    bench) want+=("${bench[@]}") ;;
    ha) want+=("${ha[@]}") ;;
    *) echo "setup.sh: unknown part '$part' (lint, fuzz, bench, ha)" >&2; exit 2 ;;
  esac
done

missing=()
for package in "${want[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "setup.sh: run as root; missing packages: ${missing[*]}" >&2
    exit 1
  fi
  echo "setup: installing ${missing[*]}"
  apt-get update -q
  export DEBIAN_FRONTEND=noninteractive
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
    # Tests start servers of their own; the package would make one for the whole machine and keep it running.
    apt-get install -y -q --no-install-recommends postgresql-common
    sed -i -E 's/^#?[[:space:]]*create_main_cluster[[:space:]]*=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
  fi
  apt-get install -y -q --no-install-recommends "${missing[@]}"
fi
