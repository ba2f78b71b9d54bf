#!/bin/sh
# learn.sh TASK T SECONDS [SETTING...]: trains on 1,000 sequences of a task, with settings of rnn-train, until 19 of 20 answers on 200 others are right
# or so many CPU-seconds of one thread are used up; or half of them, and it is no better than a guess. Prints the share of right answers on 200 more and
# the CPU-seconds of the training. One that diverges has learned nothing: 0. Programs: those of $BIN (a directory with its slash), else $PATH.
set -eu
task=$1 T=$2 most=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
case $task in copy) format=columns ;; adding) format=frames ;; *) format=tsv ;; esac
case $task in copy | order) guess=0.25 ;; *) guess=0.5 ;; esac
make_part() {
  awk -v task="$task" -v T="$T" -v count="$1" -v seed="$2" -f "$here/generate.awk"
}
make_part 1000 1 >"$work/train"
make_part 200 2 >"$work/valid"
make_part 200 3 >"$work/test"

# Share of right answers on a part.
score() {
  if [ "$task" = copy ]; then # what counts is said at the marks
    "${BIN:-}rnn-tag" -m "$work/model.zst" -F columns "$work/$1" | awk '$1 == "?" { n++; right += $2 == $3 } END { print right / n }'
  else
    "${BIN:-}rnn-classify" -m "$work/model.zst" -F "$format" --test "$work/$1" | awk -F '\t' '$1 == "accuracy" { print $2 }'
  fi
}

# calculate EXPRESSION: of awk.
calculate() {
  awk "BEGIN { print ($1) }"
}

# max_time is a time of the clock, of which a busy machine gives a process a part: training goes on from its checkpoint until the CPU time is used up.
# Each round is as long as all before it, so that learning is noticed soon and few rounds are needed.
used=0 until=0 code=0
: >"$work/checkpoint.before"
while :; do
  until=$(calculate "int($until + 1000 * ($used < 1 ? ($most < 1 ? $most : 1) : $used > $most - $used ? $most - $used : $used))")
  times >"$work/before"
  "${BIN:-}rnn-train" --config "$here/config.yaml" -F "$format" --valid "$work/valid" --checkpoint "$work/checkpoint" -D "max_time=${until}ms" "$@" -j 1 \
    -o "$work/model.zst" "$work/train" || code=$?
  times >"$work/after"
  used=$(awk -v used="$used" 'FNR == 2 { split($1 "m" $2, x, /[ms]+/); seconds = 60 * (x[1] + x[3]) + x[2] + x[4]; used += NR == 2 ? -seconds : seconds }
    END { print used }' "$work/before" "$work/after")
  [ "$code" -eq 0 ] || break
  right=$(score valid)
  [ "$(calculate "$most - $used < $most / 50 || $right >= 0.95 || ($used > $most / 2 && $right < $guess + 0.1)")" -eq 0 ] || break
  ! cmp -s "$work/checkpoint" "$work/checkpoint.before" || break # epochs are used up
  cp "$work/checkpoint" "$work/checkpoint.before"
done
case $code in
0) echo "$(score test) $used" ;;
2) echo "0 $used" ;;
*) exit "$code" ;;
esac
