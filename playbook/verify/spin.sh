#!/bin/sh
# What SPIN needs for the models that the checker is measured on.
#
#	playbook/verify/spin.sh MODEL N…      for example: spin.sh questionnaire 8
#
# MODEL is questionnaire K, plain STEPS FACTS, sections SECTIONS STEPS or
# hiddenbit N. Needs spin and a C compiler (Debian: apt-get install spin gcc).
# Each run is bounded: LIMIT seconds (300) and MEMORY megabytes (4000).
# The line "states, stored" and the time are SPIN's own.
set -eu

if [ $# -lt 2 ]; then
	sed -n '2,9s/^# \{0,1\}//p' "$0"
	exit 2
fi
for tool in spin gcc go; do
	if ! command -v "$tool" >/dev/null; then
		echo "spin.sh: $tool is not installed; it is needed here" >&2
		exit 2
	fi
done

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

(cd "$here" && go run ./model/promela "$@") >"$work/model.pml"
cd "$work"
timeout "${LIMIT:-300}" spin -a model.pml >spin.out || { tail -3 spin.out; echo "spin -a did not finish"; exit 1; }
timeout "${LIMIT:-300}" gcc -O2 -DSAFETY -DMEMLIM="${MEMORY:-4000}" -DVECTORSZ=4096 -o pan pan.c || { echo "gcc did not finish"; exit 1; }
timeout "${LIMIT:-300}" ./pan -m1000000 -w22 >pan.out 2>&1 || echo "pan did not finish within ${LIMIT:-300} s"
grep -E 'errors:|states, stored|total actual memory|elapsed time|out of memory|max search depth' pan.out || tail -3 pan.out
