#!/bin/sh
# patiently.sh "what is done" command ...: run a command, and say every few seconds that it is at it
echo "$1 ..."
shift
began=$(date +%s)
(while sleep 8; do echo "  still at it, $(($(date +%s) - began)) s so far"; done) &
teller=$!
trap 'kill $teller 2>/dev/null' EXIT
trap 'exit 130' INT TERM
"$@"
