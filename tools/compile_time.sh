#!/bin/sh
# Seconds that the compiler takes for one source at -std=c++20 -O2: a real compile to an object, the least of three.
#
#   [CXX=g++] tools/compile_time.sh source.cpp [flags...]
set -eu

[ $# -ge 1 ] || { echo "usage: [CXX=g++] tools/compile_time.sh source.cpp [flags...]" >&2; exit 2; }
source=$1
shift
object=$(mktemp)
trap 'rm -f "$object"' EXIT
export CCACHE_DISABLE=1

least=
for _ in 1 2 3; do
  start=$(date +%s%N)
  ${CXX:-g++} -std=c++20 -O2 "$@" -c "$source" -o "$object"
  elapsed=$(( ($(date +%s%N) - start) / 10000000 ))
  if [ -z "$least" ] || [ "$elapsed" -lt "$least" ]; then least=$elapsed; fi
done
printf '%d.%02d\n' $((least / 100)) $((least % 100))
