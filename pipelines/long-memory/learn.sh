#!/bin/sh
# learn.sh TASK T SECONDS [SETTING...]: trains on 1,000 sequences of a task for so many seconds of one thread, with settings of rnn-train, and prints the
# share of right answers on 200 others. A training that diverges has learned nothing: 0. Programs: those of $BIN (a directory with its slash), else $PATH.
set -eu
task=$1 T=$2 seconds=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $task in copy) format=columns ;; adding) format=frames ;; *) format=tsv ;; esac
make_part() {
  awk -v task="$task" -v T="$T" -v count="$1" -v seed="$2" -f "$here/generate.awk"
}
make_part 1000 1 >"$work/train"
make_part 200 2 >"$work/valid"

diverged=0
"${BIN:-}rnn-train" --config "$here/config.yaml" -F "$format" --valid "$work/valid" -D "max_time=${seconds}s" "$@" -j 1 -o "$work/model.zst" "$work/train" ||
  diverged=$?
if [ "$diverged" -eq 2 ]; then
  echo 0
elif [ "$diverged" -ne 0 ]; then
  exit "$diverged"
elif [ "$task" = copy ]; then # what counts is said at the marks
  "${BIN:-}rnn-tag" -m "$work/model.zst" -F columns "$work/valid" | awk '$1 == "?" { n++; right += $2 == $3 } END { print right / n }'
else
  "${BIN:-}rnn-classify" -m "$work/model.zst" -F "$format" --test "$work/valid" | awk -F '\t' '$1 == "accuracy" { print $2 }'
fi
