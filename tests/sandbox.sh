#!/bin/sh
# What a program gives up before it reads: what is forbidden is tried in each of them, and what is asked for still works.
# shellcheck disable=SC2002 # a model that comes through a pipe is what is tested
. "${RNN_SOURCE:-.}/tests/lib.sh"
escape=$RNN_BUILD/tests/escape
unset RNN_SANDBOX

reviews() {
  printf 'pos\tgood fine film\nneg\tbad dull film\n'
}

if built_with asan || built_with tsan || built_with gcov; then
  test_case "a build for sanitizers or coverage has no sandbox, and says so where one is required"
  run rnn-vocab --sandbox=require --list </dev/null
  expect_exit 69
  expect_stderr "there is no sandbox in a build for sanitizers or coverage"
  run rnn-vocab --sandbox=auto --list </dev/null
  expect_exit 0
  test_done
fi

test_case "outside of a sandbox all that is tried is let through"
run "$escape"
expect_exit 70
expect "twice 14 attempts" [ "$(wc -l <"$out")" -eq 28 ]
expect "none is refused" [ "$(grep -c 'LET THROUGH' "$out")" -eq 28 ]

rnn-vocab --sandbox=require --list </dev/null 2>"$test_root/why"
if [ $? -eq 69 ]; then
  skip_all "$(cat "$test_root/why")"
fi

# refuses_all N COMMAND...: N attempts are made in each of two threads, and none succeeds.
refuses_all() {
  attempts=$1
  shift
  run "$@"
  expect_exit 0
  expect_no_stderr
  expect "$attempts attempts in each thread" [ "$(wc -l <"$out")" -eq $((2 * attempts)) ]
  expect "each is refused" [ "$(grep -c '	refused	' "$out")" -eq $((2 * attempts)) ]
}

test_case "each program refuses all that is forbidden"
reviews >in
rnn-vocab in >in.seq.zst
rnn-train --epochs 1 --state 2 in.seq.zst >m.zst
refuses_all 14 rnn-vocab --sandbox=test
refuses_all 14 rnn-vocab --sandbox=test in in
refuses_all 14 rnn-tag --sandbox=test -m m.zst in
refuses_all 14 rnn-classify --sandbox=test -m m.zst in
refuses_all 14 rnn-complete --sandbox=test -m m.zst in
refuses_all 14 rnn-inspect --sandbox=test summary m.zst
refuses_all 14 rnn-train --sandbox=test in.seq.zst
refuses_all 14 env RNN_SANDBOX=test rnn-vocab

test_case "a program that writes files refuses the rest"
reviews >in
refuses_all 13 rnn-train --sandbox=test -o m.zst --log log in
refuses_all 13 rnn-vocab --sandbox=test -o list in
expect_no_file list

test_case "what was named is read and written, as without a sandbox"
mkdir d
reviews >d/in
for how in off require; do
  RNN_SANDBOX=$how
  export RNN_SANDBOX
  run rnn-vocab -v -o d/in.seq.zst d/in
  expect_exit 0
  rnn-train --epochs 2 --state 2 --valid d/in --log d/log -o d/m.zst d/in.seq.zst
  rnn-train --epochs 1 --init d/m.zst d/in >init.zst
  # shellcheck disable=SC2094 # d/in is read twice
  rnn-classify -j 3 -m d/m.zst --test --confusion d/confusion d/in - <d/in >"tested.$how"
  rnn-classify -m - d/in <d/m.zst >"answers.$how"
  cut -f 2 d/in | rnn-classify -m d/m.zst -o d/answers
  rnn-inspect summary d/m.zst >"summary.$how"
  rnn-inspect diff d/m.zst init.zst >"diff.$how"
  rnn-train --print-config -o config.yaml
  rnn-train --config config.yaml --epochs 1 d/in >"again.zst.$how"
  cat d/in.seq.zst d/m.zst d/log d/confusion d/answers >"all.$how"
done
unset RNN_SANDBOX
for name in tested answers summary diff again.zst all; do expect_same "$name.off" "$name.require"; done

test_case "a checkpoint is locked, saved and gone on from"
reviews >in
mkdir kept
rnn-train --sandbox=off --epochs 3 --state 2 in >wanted
for how in off require; do
  run rnn-train --sandbox=$how --epochs 3 --state 2 --checkpoint kept/c --checkpoint-every 1 in
  expect_exit 0
  expect_same wanted "$out"
  run rnn-train --sandbox=$how --epochs 3 --state 2 --checkpoint kept/c -o "m.zst.$how" in
  expect_exit 0
  expect_no_stderr
  expect_same wanted "m.zst.$how"
  ls kept >"kept.$how"
  rm kept/*
done
expect_same kept.off kept.require

test_case "pipes with and without a name, descriptors, links, devices"
reviews >in
rnn-train --epochs 1 --state 2 in >m.zst
rnn-classify --sandbox=off -m m.zst in >wanted
mkfifo pipe
cat m.zst >pipe &
rnn-classify --sandbox=require -m pipe in >got
expect_same wanted got
cat in | rnn-classify --sandbox=require -m m.zst /dev/stdin >got
expect_same wanted got
rnn-classify --sandbox=require -m /dev/fd/3 /dev/fd/4 3<m.zst 4<in >got
expect_same wanted got
cat m.zst | rnn-classify --sandbox=require -m /dev/fd/3 in 3<&0 >got
expect_same wanted got
mkdir other
ln -s "$PWD/m.zst" other/link.zst
ln -s ../in other/in
rnn-classify --sandbox=require -m other/link.zst other/in >got
expect_same wanted got
run rnn-classify --sandbox=require -m m.zst -o /dev/null in
expect_exit 0
echo old >other/result
ln -s other/result result
rnn-classify --sandbox=require -m m.zst -o result in
expect_same wanted other/result

test_case "a model by its name"
reviews >in
mkdir models
rnn-train --epochs 1 --state 2 in >models/reviews.zst
run env RNN_MODEL_PATH=models rnn-classify --sandbox=require -m reviews in
expect_exit 0
run env RNN_MODEL_PATH=models rnn-inspect --sandbox=require summary reviews
expect_exit 0

test_case "the messages are those without a sandbox"
reviews >in
mkdir directory
rnn-train --epochs 1 --state 2 in >m.zst
for name in missing directory missing/x; do
  run rnn-classify --sandbox=off -m m.zst "$name"
  cp "$err" wanted
  wanted_code=$code
  run rnn-classify --sandbox=require -m m.zst "$name"
  expect_exit "$wanted_code"
  expect_same wanted "$err"
  run rnn-classify --sandbox=off -m m.zst -o "$name/out" in
  cp "$err" wanted
  wanted_code=$code
  run rnn-classify --sandbox=require -m m.zst -o "$name/out" in
  expect_exit "$wanted_code"
  expect_same wanted "$err"
done

test_case "without Landlock or seccomp: auto goes on in silence, require does not"
reviews >in
rnn-train --epochs 1 --state 2 in >m.zst
rnn-classify -m m.zst in >wanted
for part in landlock seccomp; do
  run "$escape" "$part" rnn-classify -m m.zst in
  expect_exit 0
  expect_no_stderr
  expect_same wanted "$out"
  run "$escape" "$part" rnn-classify --sandbox=require -m m.zst in
  expect_exit 69
  expect_stdout ""
  expect_stderr "the sandbox is not to be had here: "
done
run "$escape" landlock rnn-classify -v -m m.zst in
expect_stderr "sandbox: seccomp"
run "$escape" landlock rnn-classify -m m.zst -o got in
expect_same wanted got

test_case "nothing but what was named is opened once the sandbox is shut"
if ! have strace || ! strace -o /dev/null true 2>/dev/null; then
  skip "strace is not there or may not trace"
else
  reviews >in
  rnn-train --epochs 1 --state 2 in >m.zst
  rnn-vocab in >in.seq.zst
  for line in "rnn-vocab in" "rnn-tag -m m.zst in" "rnn-classify -j 2 -m m.zst in" "rnn-complete -m m.zst in" \
    "rnn-inspect summary m.zst" "rnn-inspect summary in.seq.zst" "rnn-train --epochs 1 in"; do
    # shellcheck disable=SC2086 # words
    strace -f -o trace $line >got 2>&1
    expect "$line shuts a sandbox" grep -q 'seccomp(SECCOMP_SET_MODE_FILTER.* = 0$' trace
    sed '1,/seccomp(SECCOMP_SET_MODE_FILTER/d' trace | grep -E 'open(at)?\(' | grep -vE '"(m\.zst|in|in\.seq\.zst)"' >opened
    [ ! -s opened ] || fail "$line: $(cat opened)"
    sed '1,/seccomp(SECCOMP_SET_MODE_FILTER/d' trace | grep -E '= -1 (EPERM|EACCES|ENOSYS)' | grep -v clone3 >refused
    [ ! -s refused ] || fail "$line needs: $(cat refused)"
  done
fi

test_case "how it is asked for is checked"
run rnn-vocab --sandbox=perhaps
expect_exit 64
expect_stderr "--sandbox=perhaps: one of auto, require, off, test is expected"
run env RNN_SANDBOX=perhaps rnn-vocab
expect_exit 64
expect_stderr "RNN_SANDBOX=perhaps: "

test_done
