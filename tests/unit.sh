#!/bin/sh
# Runs a program of Criterion tests and prints its results as TAP.
program=$1
# The arena of Criterion lies where the thread sanitizer wants its own memory: tests/threads.sh looks for races.
case " ${RNN_SWITCHES:-} " in *" tsan "*)
  echo "1..0 # SKIP Criterion does not go with the thread sanitizer"
  exit 0
  ;;
esac
report=$(mktemp "${TMPDIR:-/tmp}/rnn-unit.XXXXXX") || exit 99
trap 'rm -f "$report"' EXIT
"$program" --tap="$report" >&2
code=$?
cat "$report"
# Without its plan the report is not whole: the program itself has died.
grep -q '^1\.\.' "$report" || { echo "Bail out! $program ended with code $code before its report"; exit 99; }
exit 0
