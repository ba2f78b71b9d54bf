#!/bin/sh
# The same bytes however the work is cut, and no data race. Takes many minutes: for "make check-long".
. "${RNN_SOURCE:-.}/tests/lib.sh"
RNN_TIMEOUT=${RNN_TIMEOUT:-3600}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
unset MAKEFLAGS MFLAGS MAKELEVEL

# lines COUNT: lines of 1 to 40 words with a label; tagged COUNT: the same as sentences with a tag for each word
lines() {
  awk -v count="$1" 'BEGIN {
    srand(7)
    for (i = 0; i < count; i++) {
      label = rand() < 0.5
      printf "%s\t", label ? "yes" : "no"
      for (t = 1 + int(40 * rand() ^ 2); t > 0; t--) printf "w%d%s", int(300 * rand() ^ 2) + 40 * label, (t > 1 ? " " : "\n")
    }
  }'
}
tagged() {
  lines "$1" | cut -f 2 | awk '{ for (i = 1; i <= NF; i++) print $i "\t" (length($i) > 3 ? "LONG" : "SHORT"); print "" }'
}
settings='-D epochs=2 -D state=24 -D embedding=12 -D dropout=0.1 -D batch=48 -D min_count=1'

test_case "a training writes the same model for -j 1 2 3 4 8, every cell and task"
lines 300 >classify
tagged 300 >tag
lines 300 | cut -f 2 >complete
for cell in elman gru lstm sru mingru indrnn; do
  for task in classify tag complete; do
    case $task in classify) format=tsv ;; tag) format=columns ;; complete) format=text ;; esac
    for threads in 1 2 3 4 8; do
      # shellcheck disable=SC2086 # a list of options
      run rnn-train -j $threads -F $format $settings -D cell=$cell -o "$task.$cell.$threads" $task
      expect_exit 0
      expect "$task, $cell, -j $threads: other bytes" cmp -s "$task.$cell.1" "$task.$cell.$threads"
    done
  done
done

test_case "a training writes the same model twenty times in a row under load"
lines 400 >data
load=''
for _ in 1 2 3 4; do
  (while :; do :; done) &
  load="$load $!"
done
for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  # shellcheck disable=SC2086 # a list of options
  run rnn-train -j 4 -F tsv $settings -D cell=lstm -o "model.$turn" data
  expect_exit 0
  expect "turn $turn: other bytes" cmp -s model.1 "model.$turn"
done
# shellcheck disable=SC2086 # a list of processes
kill $load

test_case "a line has the same answer for any batch, place and number of threads, and from a pipe in any pieces"
lines 400 >data
# shellcheck disable=SC2086 # a list of options
run rnn-train -F tsv $settings -D cell=gru -o model data
expect_exit 0
cut -f 2 data >text
sort -r text >turned
rnn-classify --prob -m model text >wanted
rnn-classify --prob -m model turned >turned.wanted
paste text wanted | sort -r | cut -f 2- >turned.same
expect_same turned.same turned.wanted
batch=1
while [ $batch -le 64 ]; do
  run rnn-classify --prob -m model --batch $batch -j 2 text
  expect_same wanted "$out"
  batch=$((batch + 1))
done
for threads in 1 2 3 8; do
  run rnn-classify --prob -m model -j $threads text
  expect_same wanted "$out"
done
for piece in 1 7 100 4096; do
  run_shell "dd if=text bs=$piece 2>/dev/null | rnn-classify --prob -m model -j 3"
  expect_same wanted "$out"
done
while read -r line; do printf '%s\n' "$line" | rnn-classify --prob -m model; done <text >alone
expect_same wanted alone

test_case "no data race in training and prediction on four threads"
if [ -e "$RNN_SOURCE/config.status" ] || [ ! -x "$RNN_SOURCE/configure" ]; then
  skip "no build elsewhere is possible"
else
  run "$RNN_SOURCE/configure" -q --enable-tsan --without-criterion
  expect_exit 0
  run make -s -j "$jobs" bin/rnn-train bin/rnn-classify bin/rnn-tag bin/rnn-complete
  expect_exit 0
  lines 200 >classify
  tagged 200 >tag
  lines 200 | cut -f 2 >complete
  for task in classify tag complete; do
    case $task in classify) format=tsv ;; tag) format=columns ;; complete) format=text ;; esac
    # shellcheck disable=SC2086 # a list of options
    run bin/rnn-train -j 4 -F $format --valid 0.2 $settings -D cell=gru -o $task.model $task
    expect_exit 0
    expect_no_stderr
    # shellcheck disable=SC2086 # a list of options
    rnn-train -j 1 -F $format --valid 0.2 $settings -D cell=gru -o $task.plain $task
    expect "$task: another model" cmp -s $task.plain $task.model
  done
  cut -f 2 classify >text
  cut -f 1 tag >words
  for filter in "rnn-classify -m classify.model text" "rnn-tag -m tag.model -F columns words" \
    "rnn-complete -m complete.model --length 4 text" "rnn-complete -m complete.model --score text"; do
    # shellcheck disable=SC2086 # a command and its options
    run bin/$filter -j 4
    expect_exit 0
    expect_no_stderr
    cp "$out" raced
    # shellcheck disable=SC2086 # a command and its options
    run $filter -j 1
    expect_same raced "$out"
  done
fi

test_done
