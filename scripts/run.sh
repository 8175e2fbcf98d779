#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds Huoqi and shows its main job on a demo node: seal, find masked, reveal, prove; then serves it.
#
#   scripts/run.sh          … and serves on https://127.0.0.1:8443 until Ctrl-C
#   scripts/run.sh --once   … serves for one search on free ports instead, and ends
#
# The demo node is var/demo, its passphrase var/demo-passphrase; delete both to start afresh.
set -euo pipefail
cd "$(dirname "$0")/.."

once=no
case "${1:-}" in
  "") ;;
  --once) once=yes ;;
  *) sed -n '3,8s/^# \{0,1\}//p' "$0"; [ "$1" = --help ] && exit 0; exit 2 ;;
esac

step=0
heading() {
  step=$((step + 1))
  printf '\n\033[1m%d. %s\033[0m\n' "$step" "$1"
}
[ -t 1 ] || heading() { step=$((step + 1)); printf '\n%d. %s\n' "$step" "$1"; }
# A text member of one-line JSON on standard input: NAME.
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

serving=""
finish() {
  local code=$?
  trap - EXIT
  if [ -n "$serving" ]; then
    kill -TERM "$serving" 2>/dev/null || true
    wait "$serving" 2>/dev/null || true
  fi
  [ "$code" = 0 ] || echo "run.sh: stopped at step $step / 在第 $step 步停止" >&2
  exit "$code"
}
trap finish EXIT

heading "构建 / Build"
scripts/setup.sh
scripts/build.sh | tail -n 1

home=var/demo
export HUOQI_HOME=$home HUOQI_PASSPHRASE_FILE=var/demo-passphrase HUOQI_POLICY=policy
huoqi=build/huoqi
mkdir -p var

heading "建立演示节点 / Make a demo node"
if [ -f "$home/node.json" ]; then
  echo "使用已有节点 / the node is there already: $home"
else
  (umask 077; head -c 24 /dev/urandom | base64 >"$HUOQI_PASSPHRASE_FILE")
  "$huoqi" init --suite sm
fi
echo "口令为随机生成，存于 $HUOQI_PASSPHRASE_FILE（仅本人可读）/ the passphrase is random and lies there, readable by you alone"

heading "封存订单样例（三种平台格式）/ Seal the example orders (formats of three platforms)"
for file in examples/orders/*.csv examples/orders/*.jsonl; do
  printf '%-45s' "$file"
  "$huoqi" import "$file"
done

heading "按运单号查询，只见脱敏信息 / Find by waybill number; what is shown is masked"
number=$(head -n 1 examples/orders/kuaidi100-labels.jsonl | member kuaidinum)
printf '%s\n' "$number" | "$huoqi" waybill find --number -
id=$(printf '%s\n' "$number" | "$huoqi" waybill find --number - --json | member id)

heading "凭用途和工单启封一个字段 / Reveal one field, for a purpose and a ticket"
"$huoqi" waybill reveal "$id" --field recipient.phone --purpose customer_service --ticket CS-2026-0042 --person wang.yl

heading "超出用途的启封被拒，同样留痕 / A field the purpose does not justify is refused, and recorded too"
code=0
"$huoqi" waybill reveal "$id" --field recipient.address --purpose customer_service --ticket CS-2026-0042 \
  --person wang.yl 2>&1 || code=$?
[ "$code" = 77 ] || { echo "run.sh: this should have been refused (exit code 77)" >&2; exit 1; }

heading "台账中的启封记录 / The reveals in the ledger"
"$huoqi" ledger show --action reveal --limit 2
entry=$("$huoqi" ledger show --waybill "$id" --action reveal --limit 1 --json | sed -n 's/.*"index":\([0-9]*\).*/\1/p')

heading "逐条复核台账 / Hash every entry of the ledger again"
"$huoqi" ledger verify

heading "导出证明并离线验证 / Export a proof and check it offline"
"$huoqi" ledger key >var/demo-ledger.vkey
"$huoqi" ledger prove "$entry" >var/demo-entry.proof
echo "build/huoqi-verify proof var/demo-entry.proof --key @var/demo-ledger.vkey"
build/huoqi-verify proof var/demo-entry.proof --key @var/demo-ledger.vkey

if [ "$once" = no ]; then
  heading "启动服务 / Serve"
  cat <<END
业务接口 business    https://127.0.0.1:8443    接口说明 contract: /openapi.yaml
公众页面 public      https://127.0.0.1:8444    请用浏览器打开 / open this one in a browser
运维接口 operations  https://127.0.0.1:8445    /healthz
CA 证书 certificate  $home/tls/ca.pem          日志 log: var/demo-serve.log

另开一个终端，新建密钥并查询 / in another terminal, make a key and search:

  export HUOQI_HOME=$home HUOQI_PASSPHRASE_FILE=$HUOQI_PASSPHRASE_FILE
  key=\$(build/huoqi key add --role operator --person "\$USER" --json | sed 's/.*"key":"\([^"]*\)".*/\1/')
  curl --cacert $home/tls/ca.pem -H "Authorization: Bearer \$key" -H 'Content-Type: application/json' \\
    -d '{"by":"number","value":"$number"}' https://127.0.0.1:8443/v1/waybills:search

按 Ctrl-C 停止 / Ctrl-C stops it

END
  trap - EXIT
  exec "$huoqi" serve --business 127.0.0.1:8443 --public 127.0.0.1:8444 --operations 127.0.0.1:8445 2>>var/demo-serve.log
fi

heading "启动服务，经 HTTPS 查询一次 / Serve, and search once over HTTPS"
"$huoqi" serve --business 127.0.0.1:0 --public 127.0.0.1:0 --operations 127.0.0.1:0 \
  >var/demo-serve.out 2>var/demo-serve.log &
serving=$!
until grep -q '^https://' var/demo-serve.out; do
  kill -0 "$serving" 2>/dev/null || { cat var/demo-serve.log >&2; exit 1; }
  sleep 0.1
done
address=$(member business <var/demo-serve.out)
echo "https://$address"
made=$("$huoqi" key add --role operator --person wang.yl --json)
body="{\"by\":\"number\",\"value\":\"$number\"}"
answer=$(printf 'POST /v1/waybills:search HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
  "$(member key <<<"$made")" "${#body}" "$body" |
  timeout 30 openssl s_client -quiet -connect "$address" -CAfile "$home/tls/ca.pem" \
    -verify_return_error -verify_hostname localhost 2>/dev/null)
sed -n '1p;$p' <<<"$answer"
grep -q "$id" <<<"$answer"
"$huoqi" key revoke "$(member id <<<"$made")"
kill -TERM "$serving"
wait "$serving"
serving=""
echo
echo "完成 / done"
