#!/bin/sh
# shellcheck disable=SC2086,SC3045 # numbers are single words; dash and bash have ulimit -v
# Memory runs out at any allocation, of the programs' or of a library's: exit 71 with a sentence, nothing lost or left.
# RNN_LONG=1 tries every allocation, and so does a build that counts coverage, once; else a sample of each program's.
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

starved=0 answer=0
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
  "$answer") cmp -s "$out" whole || fail "exit $code with another output" ;;
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
  RNN_NO_MEMORY_REPORT=report LD_PRELOAD=$preload "$@" >whole 2>"$err"
  code=$? answer=$code run_command=$*
  : >"$out"
  expect "it should have had an answer: exit 0, or 1 if it is no" [ $code -le 1 ]
  read -r total live <report
  expect "all is released at the end" [ "$live" -le 0 ]
  coarse=$((total / 8 + 1))
  fine=$coarse
  [ -z "${RNN_LONG:-}" ] || coarse=1 fine=1
  ! built_with gcov || fine=1
  starve "" "$total" "$@"
  number=1
  while [ $number -le "$total" ] && [ ! -e "$test_root/failed" ]; do
    starve "" $number "$@"
    [ $((number % coarse)) -ne $((1 % coarse)) ] || starve + $number "$@"
    number=$((number + fine))
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

# Commands from standard input, a line each.
starve_each() {
  cat >commands
  while read -r command; do starve_all $command; done <commands
}

test_case "each format of input without memory"
cp "$in"/in.* .
printf '# s\n1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_\n1\tde\td\tADP\tIN\t_\t0\tr\t_\tA=b\n2\tle\tl\tDET\tDT\tN=s\t1\tr\t_\t_\n\n' >in.conllu
printf '__label__a good film\n__label__b bad \303\204rger\n' >in.fasttext
printf '{"label":"a","frames":[[1,2],[3,null]]}\n{"label":"b","frames":[[2,1]]}\n' >frames.jsonl
printf '{"tokens":["a","b\\u00e4"],"tags":["X","Y"]}\n{"tokens":["a"],"tags":["X"]}\n' >tokens.jsonl
printf '{"tokens":["a","b"],"tags":{"p":["X","Y"],"q":["V","W"]}}\n' >columns.jsonl
rnn-inspect states --npy -m "$in/tags.zst" -F columns in.columns >in.npy
rnn-vocab -F columns in.columns >tags.seq
rnn-vocab in.joints >frames.seq
rnn-vocab --level char in.tsv >labels.seq
rnn-vocab in.txt >texts.seq
starve_each <<EOF
rnn-vocab --column upos,xpos in.conllu
rnn-vocab in.fasttext
rnn-vocab --lowercase in.fasttext
rnn-vocab frames.jsonl
rnn-vocab tokens.jsonl
rnn-vocab --column p,q columns.jsonl
rnn-vocab --label x in.npy
rnn-vocab --label x --every 2 in.y4m
rnn-vocab --every 2 in.joints
rnn-vocab --text in.joints
rnn-vocab -F columns --utf8 replace -z in.columns
rnn-vocab tags.seq tags.seq
rnn-vocab --text frames.seq
rnn-vocab --text labels.seq
rnn-vocab --text texts.seq
rnn-vocab --list tags.seq
EOF

test_case "each view of rnn-inspect without memory"
cp "$in"/in.* "$in"/*.zst .
rnn-train -j 1 --state 4 --epochs 1 --cell gru -F columns -o other.zst in.columns
starve_each <<EOF
rnn-inspect history polarity.zst
rnn-inspect labels -J tags.zst
rnn-inspect config tags.zst
rnn-inspect -J joints.zst
rnn-inspect diff tags.zst other.zst
rnn-inspect diff tags.zst tags.zst
rnn-inspect gradients -D state=3 -D cell=elman --steps 3 -F columns in.columns
rnn-inspect gradients --show parts -D state=3 -D cell=lstm --steps 3 -F columns in.columns
rnn-inspect jacobians -m tags.zst --steps 3 -F columns in.columns
rnn-inspect jacobians --show values -D state=3 --steps 3 -F columns in.columns
rnn-inspect tensor -D state=3 -D cell=elman --steps 3 -F columns in.columns
rnn-inspect check -m other.zst --parameters 2 --sequences 1 -F columns in.columns
rnn-inspect check -D state=3 --parameters 2 --level char in.txt
rnn-inspect states -m other.zst --show gates -F columns in.columns
rnn-inspect states -m polarity.zst --show units in.tsv
rnn-inspect states -m polarity.zst --npy in.tsv
rnn-inspect saliency -m polarity.zst in.tsv
rnn-inspect saliency -m polarity.zst --html in.tsv
rnn-inspect saliency -m joints.zst in.joints
EOF

test_case "what else the programs answer, without memory"
cp "$in"/in.* "$in"/*.zst "$in/config.yaml" .
printf 'good 1 2\nBAD 3 4\nfilms 1 1\n' >vectors
printf '1\tthe\t_\tDET\t_\t_\t0\tr\t_\t_\n2\tdog\t_\tNOUN\t_\t_\t1\tr\t_\tA=b\n\n' >in.conllu
rnn-classify -m joints.zst --state-out first in.joints >whole
starve_each <<EOF
rnn-classify -m polarity.zst -J --top 2 --key in.jsonl
rnn-classify -m polarity.zst --min-prob 0.9 --reject none in.txt
rnn-classify -m polarity.zst --test --confusion c --coverage v in.tsv
rnn-classify -m joints.zst --state-in first --state-out s in.joints
rnn-tag -m tags.zst --prob in.conllu
rnn-tag -m tags.zst -J --prob in.conllu
rnn-tag -m tags.zst -F columns --labels-only --key in.columns
rnn-tag -m tags.zst -F columns --nbest 2 --prob in.columns
rnn-tag -m tagged.zst -F columns --test in.tagged
rnn-complete -m deep.zst -J --top 2 in.txt
rnn-complete -m deep.zst --sample --length 5 in.txt
rnn-complete -m deep.zst --score in.txt
rnn-complete -m deep.zst --test in.txt
rnn-train -j 1 --state 4 --epochs 1 --min-count 1 --embeddings vectors --valid in.tsv --log log --progress json -o made.zst in.tsv
rnn-train -j 1 --epochs 1 --init polarity.zst --optimizer sgd -o made.zst in.tsv
rnn-train -j 1 --epochs 1 --init deep.zst --level char -o made.zst in.tsv
rnn-train --print-config -c config.yaml
EOF

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
