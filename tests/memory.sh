#!/bin/sh
# shellcheck disable=SC2086,SC3045 # numbers are single words; dash and bash have ulimit -v
# Memory runs out at any allocation, of the programs' or of a library's: exit 71 with a sentence, nothing lost or left.
# RNN_LONG=1 tries every allocation, and so does a build that counts coverage; else a sample of each program's.
. "${RNN_SOURCE:-.}/tests/lib.sh"
. "$RNN_SOURCE/tests/samples.sh"
preload=$RNN_BUILD/tests/no_memory.so
[ -e "$preload" ] || skip_all "tests/no_memory.so was not built"
if built_with asan || built_with tsan; then
  skip_all "sanitizers have an allocator of their own"
fi

printf 'pos\tgood fine film\nneg\tbad dull film\npos\tfine good\nneg\tdull bad bad\n' >"$test_root/in.tsv"
printf 'the\tDET\ndog\tNOUN\n\na\tDET\ncat\tNOUN\n\n' >"$test_root/in.columns"
printf 'good film\nbad film\n' >"$test_root/in.txt"
printf '{"text":"good film","key":"k"}\n{"text":"bad"}\n' >"$test_root/in.jsonl"
printf 'state: 8\nepochs: 2\n' >"$test_root/config.yaml"
rnn-train --state 8 --epochs 2 -o "$test_root/polarity.zst" "$test_root/in.tsv"
rnn-train --state 8 --epochs 2 -F columns -o "$test_root/tags.zst" "$test_root/in.columns"
printf 'deep\ndeep\n' | rnn-train --state 8 --epochs 2 --level char -o "$test_root/deep.zst"

starved=0
# starve MODE N COMMAND...: one run in which allocation N fails.
starve() {
  mode=$1 number=$2 starved=$((starved + 1))
  shift 2
  rm -f report made.zst ck ck.previous
  RNN_NO_MEMORY=$number$mode RNN_NO_MEMORY_REPORT=report LD_PRELOAD=$preload "$@" >"$out" 2>"$err"
  code=$?
  run_command="allocation $number$mode fails: $*"
  read -r made live <report || fail "the program did not come to its end"
  [ "${live:-0}" -le 0 ] || fail "$live of $made blocks are lost"
  case $code in
  0) cmp -s "$out" whole || fail "exit 0 with another output" ;;
  71)
    [ -s "$err" ] || fail "no message"
    head -c "$(wc -c <"$out")" whole | cmp -s - "$out" || fail "what was written is no beginning of the answer"
    [ -z "$(find . -name '*.tmp' -o -name '*.new' -o -name '*.lock')" ] || fail "temporary files are left"
    [ ! -e made.zst ] || rnn-inspect made.zst >/dev/null || fail "a half model was written"
    ;;
  *) fail "exit code 71 expected" ;;
  esac
}

# starve_all COMMAND...: each allocation, or some 16 of them.
starve_all() {
  rm -f report made.zst ck ck.previous
  RNN_NO_MEMORY_REPORT=report LD_PRELOAD=$preload "$@" >whole 2>/dev/null
  read -r total live <report
  expect "all is released at the end" [ "$live" -le 0 ]
  step=$((total / 8 + 1))
  if [ -n "${RNN_LONG:-}" ] || built_with gcov; then
    step=1
  fi
  starve "" "$total" "$@"
  number=1
  while [ $number -le "$total" ] && [ ! -e "$test_root/failed" ]; do
    starve "" $number "$@"
    starve + $number "$@"
    number=$((number + step))
  done
}

in=$test_root
test_case "rnn-vocab without memory"
starve_all rnn-vocab "$in/in.tsv"
starve_all rnn-vocab --list "$in/in.tsv"

test_case "a new file without memory, at each of the first allocations"
: >whole
number=1
while [ $number -le 16 ]; do
  starve "" $number rnn-vocab -o made.zst "$in/in.tsv"
  number=$((number + 1))
done

test_case "rnn-train without memory"
starve_all rnn-train -c "$in/config.yaml" -j 1 --checkpoint ck -o made.zst "$in/in.tsv"

test_case "rnn-classify without memory"
starve_all rnn-classify -m "$in/polarity.zst" "$in/in.txt"
starve_all rnn-classify -m "$in/polarity.zst" -J --key "$in/in.jsonl"
starve_all rnn-classify -m "$in/polarity.zst" --test "$in/in.tsv"

test_case "rnn-tag without memory"
starve_all rnn-tag -m "$in/tags.zst" "$in/in.columns"

test_case "rnn-complete without memory"
starve_all rnn-complete -m "$in/deep.zst" "$in/in.txt"

test_case "rnn-inspect without memory"
starve_all rnn-inspect "$in/polarity.zst"
starve_all rnn-inspect vocabulary "$in/polarity.zst"

make_samples "$test_root"
echo "$sample_trainings" | while read -r name options; do
  rnn-train -j 1 $options -o "$test_root/$name.zst" "$test_root/in.$name"
done
test_case "without memory: spelling, chains, n-grams, joints, video"
cp "$test_root"/in.* "$test_root"/*.zst .
echo "$sample_trainings" >trainings
while read -r name options; do starve_all rnn-train -j 1 $options -o made.zst "in.$name"; done <trainings
echo "$sample_questions" >questions
while read -r question; do starve_all $question; done <questions

test_case "a limit of memory, in steps: the answer, or 71, or no program at all"
if built_with gcov; then
  skip "the counting of coverage wants memory at the end, too"
else
  rnn-classify -m "$in/polarity.zst" "$in/in.txt" >whole
  kilobytes=2000 answers=0
  while [ $kilobytes -le 40000 ]; do
    (ulimit -v $kilobytes && exec rnn-classify -m "$in/polarity.zst" "$in/in.txt") >"$out" 2>"$err"
    code=$?
    run_command="ulimit -v $kilobytes; rnn-classify"
    case $code in
    0)
      answers=$((answers + 1))
      expect_same whole "$out"
      ;;
    71) expect_stderr "out of memory" ;;
    *) expect_stderr "error while loading shared libraries" ;; # the loader's word, before main
    esac
    kilobytes=$((kilobytes + 1200))
  done
  expect "there is an answer in the end" [ $answers -gt 0 ]
fi

echo "# $starved runs that an allocation failed in"
test_done
