# The programs in pipes: answers before they block, models through pipes, pipes that break.
# shellcheck disable=SC2086 # $small is several words
. "${RNN_SOURCE:-.}/tests/lib.sh"

small="--state 8 --epochs 60 --learning-rate 0.02"
models=$test_root/models
mkdir "$models"
reviews() {
  printf '%s\n' 'pos	good fine film' 'neg	bad dull film' 'pos	fine good' 'neg	dull bad bad' 'pos	good film' 'neg	bad film'
}
reviews | rnn-train $small -o "$models/polarity.zst"
printf 'the\tDET\ndog\tNOUN\nruns\tVERB\n\na\tDET\ncat\tNOUN\n\n' | rnn-train $small -F columns -o "$models/tags.zst"
printf 'deep\ndeep\n' | rnn-train $small --level char -o "$models/deep.zst"
printf '# label: up\n1 2\n2 3\n3 4\n\n# label: down\n4 3\n3 2\n2 1\n\n' | rnn-train $small -o "$models/frames.zst"

# answered INPUT PROGRAM...: with standard input left open after INPUT, wait for the first line of the answer.
answered() {
  input=$1
  shift
  mkfifo to from
  "$@" <to >from 2>"$err" &
  program=$!
  exec 3>to
  exec 4<from
  printf '%b' "$input" >&3
  timeout 20 head -n 1 <&4 >"$out" || fail "no answer in time: $*"
  kill -0 "$program" 2>/dev/null || fail "the program has ended: $*"
  exec 3>&-
  exec 4<&-
  wait "$program"
  rm -f to from
}

test_case "a line is answered while standard input stays open"
answered 'good film\n' rnn-classify -m "$models/polarity.zst"
expect_stdout "pos"
answered 'the dog\n' rnn-tag -m "$models/tags.zst" --labels-only
expect_stdout "DET NOUN"
answered 'd\n' rnn-complete -m "$models/deep.zst"
expect_stdout "deep"
answered '{"text":"bad film"}\n' rnn-classify -m "$models/polarity.zst"
expect_stdout "neg"

test_case "so are the lines of a burst, and a sentence of CoNLL-U"
answered 'bad\ngood\nfine' rnn-classify -m "$models/polarity.zst"
expect_stdout "neg"
answered '1\tdog\t_\t_\t_\t_\t_\t_\t_\t_\n\n' rnn-tag -m "$models/tags.zst"
expect_stdout "1	dog	_	NOUN	_	_	_	_	_	_"

test_case "frames are tagged as they come"
echo '{"frames":[[1,2],[2,1],[1,2]],"tags":["up","down","up"]}' | rnn-train $small --bidirectional=false -o poses.zst
echo '1 2' | rnn-tag -F frames -m poses.zst | head -n 1 >whole
answered '1 2\n' rnn-tag -F frames -m poses.zst
expect_same whole "$out"

test_case "frames of a sequence that does not end get their running labels"
answered '1 2\n' rnn-classify -m "$models/frames.zst" --each
expect_stdout "1	up"
answered '# key: k\n1 2\n2 3\n3 4\n' rnn-classify -m "$models/frames.zst" --each=2 --key
expect_stdout "k	2	up"

test_case "and compressed lines, columns, tabs and keys"
if have zstd; then
  mkfifo to from
  rnn-classify -m "$models/polarity.zst" <to >from &
  program=$!
  exec 3>to 4<from
  printf 'good film\n' | zstd -qc >&3
  timeout 20 head -n 1 <&4 >"$out" || fail "no answer in time"
  kill -0 "$program" 2>/dev/null || fail "the program has ended"
  exec 3>&- 4<&-
  wait "$program"
  rm -f to from
  expect_stdout "pos"
fi
answered 'pos\tgood film\n' rnn-classify -m "$models/polarity.zst" -F tsv
expect_stdout "pos"
answered 'dog\n\n' rnn-tag -m "$models/tags.zst" -F columns
expect_stdout "dog	NOUN"
answered '{"key":"k","text":"d"}\n' rnn-complete -m "$models/deep.zst" --key
expect_stdout "k	deep"
answered '{"tokens":["the","dog"]}\n' rnn-tag -m "$models/tags.zst" --labels-only
expect_stdout "DET NOUN"

test_case "compressed text may begin with a frame that is left out, as that of pzstd does"
if have zstd; then
  {
    printf 'P*M\030\004\000\000\000size'
    printf 'good film\n' | zstd -qc
    printf '_*M\030\000\000\000\000'
  } >in.zst
  run rnn-classify -m "$models/polarity.zst" in.zst
  expect_exit 0
  expect_stdout "pos"
  printf 'P*M is good film\n' >in
  run rnn-classify -m "$models/polarity.zst" in
  expect_exit 0
  head -c 10 in.zst >cut.zst
  run rnn-classify -m "$models/polarity.zst" cut.zst
  expect_exit 65
  expect_stderr "cut"
else
  skip "zstd is not there"
fi

test_case "a block of a sequence stream is answered when it is there"
printf 'good film\nbad film\n' | rnn-vocab >in.seq.zst
mkfifo to from
rnn-classify -m "$models/polarity.zst" <to >from &
program=$!
exec 3>to 4<from
cat in.seq.zst >&3
timeout 20 head -n 2 <&4 >"$out" || fail "no answer in time"
exec 3>&- 4<&-
wait "$program"
expect_stdout "pos
neg"

test_case "a model from standard input, data as an operand"
echo 'good film' >in
run rnn-classify -m - in <"$models/polarity.zst"
expect_exit 0
expect_stdout "pos"
run_shell "cat '$models/polarity.zst' | rnn-classify -m - in"
expect_stdout "pos"

test_case "a model from a pipe with a name"
echo 'good film' >in
mkfifo model
cat "$models/polarity.zst" >model &
run rnn-classify -m model in
expect_exit 0
expect_stdout "pos"
if have zstd; then
  zstd -dcq "$models/polarity.zst" >model &
  run rnn-classify -m model in
  expect_stdout "pos"
fi
wait

test_case "from text to answers in one pipe"
reviews >train.tsv
cut -f 2 train.tsv >in
run_shell "rnn-vocab <train.tsv | rnn-train $small | tee m.zst | rnn-classify -m - in"
expect_exit 0
expect_stdout "pos
neg
pos
neg
pos
neg"
rnn-classify -m m.zst in >again
expect_same again "$out"

test_case "a reader that leaves ends the writer in silence"
i=0
while [ $i -lt 20000 ]; do
  echo 'good film that is long enough to fill a pipe sooner or later'
  i=$((i + 1))
done >in
for program in "rnn-classify -m $models/polarity.zst" "rnn-tag -m $models/tags.zst" "rnn-complete -m $models/deep.zst --length 1 --beam 1"; do
  run_shell "{ $program in; echo \$? >code; } | head -n 1 >first"
  expect_no_stderr
  expect "killed by SIGPIPE: $(cat code)" [ "$(cat code)" = 141 ]
done

test_case "output that cannot be written is exit 74"
echo 'good film' >in
for program in "rnn-classify -m $models/polarity.zst" "rnn-tag -m $models/tags.zst" "rnn-complete -m $models/deep.zst" \
  "rnn-classify -m $models/polarity.zst -J" "rnn-complete -m $models/deep.zst --score"; do
  if [ -e /dev/full ]; then
    run_shell "$program in >/dev/full"
    expect_exit 74
    expect_stderr "No space left"
  fi
  run_shell "$program in >&-"
  expect_exit 74
done
reviews >in
if [ -e /dev/full ]; then
  run_shell "rnn-classify -m $models/polarity.zst --test in >/dev/full"
  expect_exit 74
fi

test_case "standard input that is closed is an input that is not there"
run_shell "rnn-classify -m $models/polarity.zst <&-"
expect_exit 66

test_case "answers to a long input need no more memory than to a short one"
if have /usr/bin/time; then
  seq 1 200000 | sed 's/$/ good film that is rather long, and bad and dull/' >in
  head -n 2000 in >short
  few=$(/usr/bin/time -f %M rnn-classify -m "$models/polarity.zst" short 2>&1 >/dev/null | tail -n 1)
  many=$(/usr/bin/time -f %M rnn-classify -m "$models/polarity.zst" in 2>&1 >/dev/null | tail -n 1)
  built_with asan || expect "$few kB for 2,000 lines, $many kB for 200,000" [ "$many" -lt $((few + 2048)) ]
else
  skip "/usr/bin/time is not there"
fi

test_case "a filter does not read what it writes"
yes 'good film' | head -n 20000 >same
cp same before
run sh -c 'ulimit -f 4096; rnn-classify -m "$1" same >>same' sh "$models/polarity.zst"
expect_exit 64
expect_stderr "same: it is standard output, too"
expect_same before same
run sh -c 'ulimit -f 4096; rnn-classify -m "$1" <same >>same' sh "$models/polarity.zst"
expect_exit 64
expect_same before same
run rnn-classify -m "$models/polarity.zst" -o same same
expect_exit 0
run head -n 1 same
expect_stdout "pos"

test_done
