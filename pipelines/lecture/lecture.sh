#!/bin/sh
# lecture.sh [DIRECTORY]: walks through lecture.md, runs each line of it that begins with "    $ ", and writes what came out after it: the page
# README.md, its pictures and the tables they were drawn from, into DIRECTORY (default: beside this script). Needs gnuplot and zstd; the programs are those of
# $RNN_BIN, else of this tree, else of $PATH.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=$(cd "${1:-$here}" && pwd)
for build in "${RNN_BIN:-}" "$here/../../build/bin" "$here/../../bin"; do
  [ ! -x "$build/rnn-train" ] || { PATH=$(cd "$build" && pwd):$PATH && break; }
done
LC_ALL=C.UTF-8
export PATH LC_ALL
unset RNN_MODEL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/*.awk "$here/deep.yaml" "$here/weights.sh" "$work"
cd "$work"

while IFS= read -r line; do
  printf '%s\n' "$line"
  case $line in
  '    $ '*)
    sh -euc "${line#*\$ }" </dev/null >output || {
      echo "lecture.sh: failed: ${line#*\$ }" >&2
      exit 1
    }
    awk -f page.awk output
    ;;
  esac
done <"$here/lecture.md" >README.md
cp README.md ./*.svg ./*.tsv "$to"
