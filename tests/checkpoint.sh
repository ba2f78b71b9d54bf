#!/bin/sh
# A training that is stopped goes on to the same bytes. RNN_KILLS says how often each of two is killed (4; 100 where
# RNN_LONG is set).
# shellcheck disable=SC2086 # $train is several words
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || TMPDIR=/dev/shm # it is not the disk that is tested
export TMPDIR
. "${RNN_SOURCE:-.}/tests/lib.sh"

corpus() {
  i=0
  while [ $i -lt 40 ]; do
    printf 'pos\tgood fine film %d\nneg\tbad dull film %d\n' $i $i
    i=$((i + 1))
  done
}
corpus >"$test_root/in"
train="rnn-train --state 24 --epochs 60 --dropout 0.2 --word-dropout 0.1 --average 0.9 --valid 0.2 --patience 50 --schedule cosine -j 2"
(cd "$test_root" && $train --log whole.log in >whole.zst)

# Nothing but these files is here.
expect_only() {
  left=$(find . -mindepth 1 -maxdepth 1 | sed 's/^\.\///' | LC_ALL=C sort | tr '\n' ' ')
  [ "$left" = "$* " ] || fail "files left: $left"
}

test_case "with a checkpoint and without: the same model; a rerun writes it again"
run_shell "$train --checkpoint ck --checkpoint-every 7 $test_root/in >m.zst"
expect_exit 0
expect_no_stderr
expect_same "$test_root/whole.zst" m.zst
run_shell "$train --checkpoint ck $test_root/in >again.zst"
expect_exit 0
expect_same "$test_root/whole.zst" again.zst
expect_only again.zst ck ck.previous m.zst

for signal in TERM INT HUP; do # in the foreground timeout sends one signal, else two
  test_case "SIG$signal: saved, exit code 75; the same command goes on to the same model and log"
  for delay in 0.15 0.5 2 5; do # a signal that comes before the training finds nothing to save
    run_shell "timeout --foreground --preserve-status -s $signal $delay $train --checkpoint ck --log log $test_root/in >part.zst"
    [ $code -le 75 ] || continue
    break
  done
  if [ $code != 0 ]; then # a machine may be quick
    expect_exit 75
    expect_stderr "saved in ck: the same command goes on"
    expect_only ck log part.zst
    expect "no model" [ ! -s part.zst ]
  fi
  run_shell "$train --checkpoint ck --log log $test_root/in >m.zst"
  expect_exit 0
  expect_same "$test_root/whole.zst" m.zst
  expect_same "$test_root/whole.log" log
done

# Waits until the training in the background is under way.
await_lock() {
  tries=0
  while [ ! -e ck.lock ] && [ $tries -lt 1000 ]; do
    tries=$((tries + 1))
    sleep 0.02
  done
  expect "it is under way" [ -e ck.lock ]
}

test_case "a signal that is ignored, as by nohup, stops nothing"
longer="$train --epochs 600 --patience none" # not over before it is looked at
$longer "$test_root/in" >whole.zst
(
  trap '' HUP
  exec $longer --checkpoint ck "$test_root/in" >m.zst
) &
process=$!
await_lock
kill -HUP $process
wait $process
expect "it ends well" [ $? = 0 ]
expect_same whole.zst m.zst

test_case "a second signal ends it at once"
i=0
while [ $i -lt 200 ]; do
  printf 'a b c d e f g h i j k l m n o p q r s t u v w x y z '
  i=$((i + 1))
done >long
rnn-train --state 1000 --initial uniform --bptt full --checkpoint ck --checkpoint-every 1 long >m.zst 2>err &
process=$!
await_lock
kill -TERM $process
sleep 0.1
kill -TERM $process
wait $process 2>/dev/null
code=$?
if built_with tsan; then
  skip "the thread sanitizer hands signals on when it likes"
else
  expect "it dies of SIGTERM" [ $code = 143 ]
  expect "no checkpoint was written" [ ! -e ck ]
fi

# kill_often N COMMAND...: killed so many times; whenever it comes to its end, and at last, it has written ./whole
kill_often() {
  often=$1 kills=0 runs=0
  shift
  while [ $kills -lt "$often" ] && [ $runs -lt 2000 ]; do
    runs=$((runs + 1))
    delay=$(printf '0.%03d' $((runs * 7919 % 400)))
    timeout --foreground -s KILL $delay "$@" --checkpoint ck --checkpoint-every 2 -o m.zst 2>/dev/null
    code=$?
    [ $code != 124 ] || continue # it came to its end just before the signal
    if [ $code = 137 ]; then
      kills=$((kills + 1))
      continue
    fi
    [ $code = 0 ] || fail "run $runs ended with $code"
    expect_same whole m.zst
    rm -f m.zst ck ck.previous
  done
  run "$@" --checkpoint ck --checkpoint-every 2 -o m.zst
  expect_exit 0
  expect_same whole m.zst
  expect_only ck ck.previous m.zst whole
  echo "# $kills kills in $runs runs"
}
often=${RNN_KILLS:-4}
[ -z "${RNN_LONG:-}" ] || often=${RNN_KILLS:-100}

test_case "killed at any moment, it goes on to the same model and leaves nothing behind"
cp "$test_root/whole.zst" whole
kill_often "$often" $train "$test_root/in"

test_case "so does a tagger as it is by default: spelling, both directions, dropout, averages"
awk 'BEGIN { for (i = 0; i < 60; i++) print "word" i % 7 "\tB-X\nother" i % 5 "\tO\nends" i % 3 "\tI-X\n" }' >"$test_root/in.tags"
rnn-train -j 2 -F columns --state 16 --epochs 12 --valid 0.2 -o whole "$test_root/in.tags"
kill_often "$often" rnn-train -j 2 -F columns --state 16 --epochs 12 --valid 0.2 "$test_root/in.tags"

test_case "of another configuration, corpus, validation: refused, each with its code"
small="--state 4 --epochs 2 --valid 0.2"
rnn-train $small --checkpoint ck "$test_root/in" >m.zst
run rnn-train $small --state 5 --checkpoint ck "$test_root/in"
expect_exit 78
expect_stderr "ck: of a training with another configuration ('state: 4' there, 'state: 5' here)"
run rnn-train $small --checkpoint ck "$test_root/in" "$test_root/in"
expect_exit 65
expect_stderr "ck: of a training with other training data"
run rnn-train --state 4 --epochs 2 --valid "$test_root/in" --checkpoint ck "$test_root/in"
expect_exit 65
run rnn-train $small --init m.zst --checkpoint ck "$test_root/in"
expect_exit 65
printf 'good 1 2\nbad 2 1\n' >vectors
printf 'good 1 2\nbad 2 3\n' >others
rnn-train $small --embeddings vectors --checkpoint ck2 "$test_root/in" >m2.zst
run rnn-train $small --embeddings others --checkpoint ck2 "$test_root/in"
expect_exit 65
expect_stderr "ck2: of a training with other weights to begin with, as of --init or --embeddings (tensor.embedding)"
cp m.zst other
run rnn-train $small --checkpoint other "$test_root/in"
expect_exit 65
expect_stderr "other: not a checkpoint"
expect_same m.zst other
echo hello >text
run rnn-train $small --checkpoint text "$test_root/in"
expect_exit 65
run rnn-tag -m ck </dev/null
expect_exit 65
expect_stderr "ck: is a checkpoint, not a model"

test_case "a damaged checkpoint: the one before is taken, with a word about it"
timeout --foreground -s KILL 0.3 $train --checkpoint ck --checkpoint-every 1 "$test_root/in" >m.zst 2>/dev/null
if [ -e ck.previous ]; then
  head -c 2000 ck >ck.cut
  mv ck.cut ck
  run_shell "$train --checkpoint ck $test_root/in >m.zst"
  expect_exit 0
  expect_stderr "going on from ck.previous"
  expect_same "$test_root/whole.zst" m.zst
fi

test_case "one run at a time; a place that cannot be written is told before the work"
rnn-train --state 4 --epochs 1000000 --checkpoint ck "$test_root/in" >m.zst 2>err &
process=$!
tries=0
while [ ! -e ck.lock ] && [ $tries -lt 400 ]; do
  tries=$((tries + 1))
  sleep 0.02
done
run rnn-train --state 4 --epochs 1000000 --checkpoint ck "$test_root/in"
expect_exit 73
expect_stderr "ck: another run is using it"
kill -KILL $process
wait $process 2>/dev/null
run rnn-train --state 4 --epochs 1000000 --checkpoint nosuch/ck "$test_root/in"
expect_exit 73
mkdir folder
run rnn-train --state 4 --epochs 1000000 --checkpoint folder "$test_root/in"
expect_exit 73
expect_stderr "folder: Is a directory"
run rnn-train --state 4 --epochs 1000000 --checkpoint /dev/null "$test_root/in"
expect_exit 73
expect_stderr "/dev/null: not a regular file"
run rnn-train --epochs 1 --checkpoint ck --checkpoint-every 0 "$test_root/in"
expect_exit 64
run rnn-train --epochs 1 --checkpoint ck --checkpoint-every soon "$test_root/in"
expect_exit 64

test_case "--max-time is that of all runs together, and may be raised"
run_shell "rnn-train --state 4 --epochs 1000000 --max-time 300ms --checkpoint ck $test_root/in >a.zst"
expect_exit 0
run_shell "rnn-train --state 4 --epochs 1000000 --max-time 300ms --checkpoint ck $test_root/in >b.zst"
expect_exit 0
epochs() {
  rnn-inspect summary "$1" | sed -n 's/^epochs	//p'
}
run_shell "rnn-train --state 4 --epochs 1000000 --max-time 600ms --checkpoint ck $test_root/in >c.zst"
expect_exit 0
expect "more epochs with more time" [ "$(epochs c.zst)" -gt "$(epochs a.zst)" ]

test_done
