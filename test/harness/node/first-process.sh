#!/bin/sh
# The first process of a machine (machine.ts): lays its own files over the host's, says that it is ready, and collects
# the processes whose parents have ended.
# usage: first-process.sh DIRECTORY TUNABLE...
set -eu

directory=$1
shift

mount -t tmpfs -o mode=755 tmpfs /run
mount --bind "$directory/var-lib" /var/lib
mount --bind "$directory/var-log" /var/log
for tunable in "$@"; do
  mount --bind "$directory/tunables/$(echo "$tunable" | tr / .)" "/proc/sys/$tunable"
done
# Pods reach others through it; in its own network namespace it is nobody else's setting.
echo 1 >/proc/sys/net/ipv4/ip_forward

echo ready
while :; do
  sleep 3600 &
  wait $! || true
done
