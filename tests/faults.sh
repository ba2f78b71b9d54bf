#!/bin/sh
# shellcheck disable=SC2086,SC2317 # functions are called by their names; numbers are single words
# System calls that fail, are interrupted, or do less than they were asked for.
. "${RNN_SOURCE:-.}/tests/lib.sh"
preload=$RNN_BUILD/tests/fault.so
[ -e "$preload" ] || skip_all "tests/fault.so was not built"
if built_with asan || built_with tsan; then
  skip_all "sanitizers want to be loaded first"
fi

i=0
while [ $i -lt 40 ]; do
  printf 'pos\tgood fine film %d\nneg\tbad dull film %d\n' $i $i
  i=$((i + 1))
done >"$test_root/in.tsv"
printf 'the\tDET\ndog\tNOUN\n\na\tDET\ncat\tNOUN\n\n' >"$test_root/in.columns"
cut -f 2 "$test_root/in.tsv" >"$test_root/in.txt"
small="--state 8 --epochs 12 -j 1"
# shellcheck disable=SC2086
{
  rnn-train $small -o "$test_root/polarity.zst" "$test_root/in.tsv"
  rnn-train $small -F columns -o "$test_root/tags.zst" "$test_root/in.columns"
  printf 'deep\ndeep\n' | rnn-train $small --level char -o "$test_root/deep.zst"
}
in=$test_root
ENOSPC=28 EIO=5 EDQUOT=122 EINTR=4 EAGAIN=11

faulted=0
# fault CALL:WHAT:N PATH COMMAND...
fault() {
  faulted=$((faulted + 1))
  RNN_FAULT=$1 RNN_FAULT_PATH=$2
  export RNN_FAULT RNN_FAULT_PATH
  shift 2
  run env LD_PRELOAD="$preload" "$@"
  run_command="$RNN_FAULT on $RNN_FAULT_PATH: $*"
  unset RNN_FAULT RNN_FAULT_PATH
}

each_filter() { # DO: calls DO with each program and its arguments
  "$1" rnn-vocab "$in/in.tsv"
  "$1" rnn-classify -m "$in/polarity.zst" "$in/in.txt"
  "$1" rnn-tag -m "$in/tags.zst" "$in/in.columns"
  "$1" rnn-complete -m "$in/deep.zst" --length 2 "$in/in.columns"
  "$1" rnn-inspect "$in/polarity.zst"
}

test_case "reads in single bytes, reads and writes that are interrupted or do half: the same bytes"
same_bytes() {
  "$@" >whole
  for what in read:short:1+ read:$EINTR:1/2 write:short:1+ write:$EINTR:1/2 read:$EAGAIN:1/2; do
    fault $what "" "$@"
    expect_exit 0
    expect_same whole "$out"
  done
}
each_filter same_bytes

test_case "a read that fails is an input that is not there; a write that fails, 74"
fails() {
  fault read:$EIO:1 in. "$@"
  case $1 in
  rnn-inspect) ;;
  *)
    expect_exit 66
    expect_stderr "Input/output error"
    ;;
  esac
  for number in $ENOSPC $EIO $EDQUOT; do
    fault write:$number:1+ out "$@"
    expect_exit 74
  done
}
each_filter fails

test_case "-o: whatever fails, the old file stays or the new one is whole, and the exit code tells"
rnn-vocab "$in/in.tsv" >whole
for call in open write fsync close rename link; do
  for number in $ENOSPC $EIO; do
    at=1
    while [ $at -le 3 ]; do
      echo old >made
      fault $call:$number:$at+ "$PWD" rnn-vocab -o made "$in/in.tsv"
      case $code in
      0 | 74) cmp -s made whole || { [ $code = 74 ] && grep -q old made; } || fail "made is neither old nor new" ;;
      73) grep -q old made || fail "the old file is lost" ;;
      *) fail "exit code 0, 73 or 74 expected" ;;
      esac
      [ $code != 0 ] || cmp -s made whole || fail "exit 0 and no new file"
      expect "no temporary file is left" [ -z "$(find . -name '.*.tmp')" ]
      at=$((at + 1))
    done
  done
done

train="rnn-train --state 8 --epochs 12 -j 1 --checkpoint ck --checkpoint-every 1 $in/in.tsv"
test_case "a checkpoint that cannot be saved: a word, and training goes on; the last one: exit 74, with the model"
for what in write:$ENOSPC:2 fsync:$EIO:3 rename:$EDQUOT:4 open:$EIO:5; do
  rm -f ck ck.previous
  # shellcheck disable=SC2086
  fault $what ck.new $train
  expect_exit 0
  expect_stderr "the checkpoint was not saved: ck: "
  expect_stderr "training goes on"
  expect_same "$in/polarity.zst" "$out"
done
for what in write:$ENOSPC:1+ fsync:$EIO:1+ rename:$EDQUOT:1+; do
  rm -f ck ck.previous
  # shellcheck disable=SC2086
  fault $what ck.new $train
  expect_exit 74
  expect_stderr "the model is written, but not the checkpoint"
  expect_same "$in/polarity.zst" "$out"
  expect_no_file ck.new
done

test_case "stopped or killed at the calls of a save, it goes on to the same model"
for what in open:kill:3 write:kill:2 fsync:kill:4 rename:kill:3 link:kill:2 unlink:kill:2 rename:term:1 rename:term:7 fsync:term:11; do
  rm -f ck ck.previous
  # shellcheck disable=SC2086
  fault $what ck $train
  case $what in
  *kill*) expect_exit 137 ;;
  *) expect_exit 75 ;;
  esac
  # shellcheck disable=SC2086
  run $train
  expect_exit 0
  expect_same "$in/polarity.zst" "$out"
  expect "nothing is left" [ -z "$(find . -name '*.new' -o -name '*.lock' -o -name '.rnn*')" ]
done

test_case "standard descriptors that are missing, one by one and together: the answer or the documented exit"
for closed in "<&-" ">&-" "2>&-" "<&- >&-" "<&- 2>&-" ">&- 2>&-" "<&- >&- 2>&-"; do
  for program in "rnn-vocab $in/in.tsv" "rnn-classify -m $in/polarity.zst $in/in.txt" "rnn-tag -m $in/tags.zst $in/in.columns" \
    "rnn-complete -m $in/deep.zst $in/in.txt" "rnn-inspect $in/polarity.zst" "rnn-train --epochs 1 $in/in.tsv"; do
    run_shell "$program $closed >/dev/null"
    case $closed in
    *">&-"*) ;;
    *) expect_exit 0 ;;
    esac
    run_shell "$program $closed"
    case $closed in
    ">&-" | *" >&-"* | ">&- "*) expect_exit 74 ;;
    *) expect_exit 0 ;;
    esac
  done
done

test_case "standard output that does not block, or takes its time: the same bytes"
i=0
while [ $i -lt 300 ]; do
  cat "$in/in.txt"
  i=$((i + 1))
done >many
rnn-classify -m "$in/polarity.zst" --prob many >whole
rnn-classify -m "$in/polarity.zst" --prob many | {
  sleep 0.3
  dd bs=777 2>/dev/null
} >slow
expect_same whole slow
if have python3; then
  run_shell "python3 -c '
import os, subprocess, sys, time
r, w = os.pipe()
os.set_blocking(w, False)
p = subprocess.Popen(sys.argv[1:], stdout=w)
os.close(w)
time.sleep(0.3)
while True:
    b = os.read(r, 5000)
    if not b: break
    os.write(1, b)
sys.exit(p.wait())' rnn-classify -m $in/polarity.zst --prob many"
  expect_exit 0
  expect_same whole "$out"
fi

echo "# $faulted runs that a call failed in"
test_done
