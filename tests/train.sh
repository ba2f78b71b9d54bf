# rnn-train: a corpus in, a model out.
# shellcheck disable=SC2086 # $small is several words
. "${RNN_SOURCE:-.}/tests/lib.sh"

reviews() {
  printf 'pos\tgood fine film\nneg\tbad dull film\npos\tfine good\nneg\tdull bad bad\n'
}
tags() {
  printf 'the\tDET\ndog\tNOUN\nruns\tVERB\n\na\tDET\ncat\tNOUN\nsits\tVERB\n\n'
}
small="--state 8 --epochs 3"

# fact MODEL NAME: one line of the summary.
fact() {
  rnn-inspect summary "$1" | sed -n "s/^$2	//p"
}

test_case "the task follows from the data"
reviews | rnn-train $small >classify.zst
tags | rnn-train $small -F columns >tag.zst
printf 'deep\n' | rnn-train $small --level char >complete.zst
expect "labels are classified" [ "$(fact classify.zst task)" = classify ]
expect "tags are tagged" [ "$(fact tag.zst task)" = tag ]
expect "text is completed" [ "$(fact complete.zst task)" = complete ]

test_case "nothing is said when all is well"
reviews >in
run rnn-train $small -o m.zst in
expect_exit 0
expect_stdout ""
expect_no_stderr
expect_file m.zst

test_case "raw text, its stream, and streams laid end to end give the same model"
reviews | head -n 2 >a.tsv
reviews | tail -n 2 >b.tsv
rnn-train $small a.tsv b.tsv >raw.zst
rnn-vocab a.tsv b.tsv | rnn-train $small >stream.zst
rnn-vocab a.tsv >a.seq.zst
rnn-vocab b.tsv >b.seq.zst
cat a.seq.zst b.seq.zst | rnn-train $small >cat.zst
rnn-train $small a.seq.zst b.tsv >mixed.zst
expect_same raw.zst stream.zst
expect_same raw.zst cat.zst
expect_same raw.zst mixed.zst

test_case "the same seed gives the same bytes for any number of threads; another seed another model"
tags >in
for threads in 1 2 3; do
  rnn-train $small -F columns --threads $threads in >$threads.zst
done
expect_same 1.zst 2.zst
expect_same 1.zst 3.zst
rnn-train $small -F columns --seed 2 in >other.zst
expect "another seed, another model" sh -c '! cmp -s 1.zst other.zst'

test_case "what is printed by rnn-inspect config trains the same model again"
reviews >in
rnn-train $small in >first.zst
rnn-inspect config first.zst >c.yaml
rnn-train -c c.yaml in >second.zst
expect_same first.zst second.zst

test_case "it learns: deep after d"
for i in 1 2 3 4; do echo deep; done | rnn-train --level char --state 16 >m.zst
run_shell "echo d | rnn-complete -m m.zst"
expect_stdout "deep"

test_case "everything in pipes: a stream, a model, a look at it"
reviews >in
run_shell "rnn-vocab <in | rnn-train $small | tee m.zst | rnn-inspect"
expect_exit 0
expect_stdout_contains "task	classify"
expect_file m.zst

test_case "validation: a file, or a share drawn by the seed"
reviews >in
run rnn-train $small --valid in --log log in -o m.zst
expect_exit 0
expect "three epochs" [ "$(wc -l <log)" = 3 ]
expect "an accuracy in each" [ "$(grep -c '"valid_accuracy":[01]' log)" = 3 ]
expect "the best is marked" grep -q '"best":true' log
i=0
while [ $i -lt 50 ]; do
  reviews
  i=$((i + 1))
done >many
rnn-train $small --valid 0.2 many >a.zst
rnn-train $small --valid 0.2 many >b.zst
expect_same a.zst b.zst
expect "less than all was trained on" [ "$(fact a.zst train_sequences)" -lt 190 ]
expect "but most of it" [ "$(fact a.zst train_sequences)" -gt 130 ]

test_case "labels of the validation data that training never saw count for nothing, with a word about it"
reviews >in
printf 'odd\tgood film\npos\tgood\n' >valid
run rnn-train $small --valid valid in -o m.zst
expect_exit 0
expect_stderr "targets of the validation data that never occur in training, and count for nothing: 1"
run rnn-train $small -q --valid valid in -o m.zst
expect_no_stderr

test_case "validation data that cannot measure anything is refused by its name"
reviews >in
printf 'odd\tgood film\nstrange\tgood\n' >valid
run rnn-train $small --valid valid in -o m.zst
expect_exit 65
expect_stderr "valid: none of its targets occurs in training"
expect_no_file m.zst
printf 'good film\n' >valid
run rnn-train $small --valid valid in -o m.zst
expect_exit 65
expect_stderr "valid: the data is for the task 'complete', the model for 'classify'"

test_case "without validation the log has null where nothing was measured"
reviews | rnn-train $small --log log >m.zst
expect "null" grep -q '"valid_nats":null,"valid_accuracy":null' log

test_case "--init goes on from a model, its vocabulary and shape"
reviews >in
rnn-train $small in >first.zst
run rnn-train --init first.zst --epochs 2 -o second.zst in
expect_exit 0
expect_no_stderr
rnn-inspect vocabulary first.zst >a
rnn-inspect vocabulary second.zst >b
expect_same a b
expect "the weights moved" sh -c '! cmp -s first.zst second.zst'
run_shell "cat first.zst | rnn-train --init - --epochs 2 in | cat >piped.zst"
expect_same second.zst piped.zst
run rnn-train --init first.zst --state 9 in
expect_exit 78
expect_stderr "state: the model has 8, which cannot become 9"
run_shell "rnn-train --init - <first.zst"
expect_exit 64
expect_stderr "standard input is named twice"
tags >in.columns
run rnn-train --init first.zst -F columns in.columns
expect_exit 65
run rnn-train --init nosuch in
expect_exit 66
expect_stderr "no model 'nosuch'"

test_case "--init of a completion model is the start of a classifier"
reviews >in
cut -f 2 in >text
rnn-train --state 8 --cell gru --embedding 6 --min-count 1 --epochs 2 text >words.zst
run rnn-train --init words.zst --epochs 3 -o third.zst in
expect_exit 0
expect_no_stderr
expect "it has its labels, and the cell and sizes of the start" \
  sh -c 'rnn-inspect labels third.zst | grep -q pos && rnn-inspect config third.zst | grep -q "^cell: gru" &&
         rnn-inspect config third.zst | grep -q "^state: 8"'
rnn-train --init words.zst --epochs 3 -j 3 in >again.zst
expect_same third.zst again.zst
run rnn-train --init words.zst --state 9 in
expect_exit 78
expect_stderr "state: the model to start from has 8, its weights do not fit 9"

test_case "sampled softmax: learns, the same bytes on any number of threads"
for i in 1 2 3 4 5 6 7 8 9; do printf 'one two three four\nfive six seven eight\n'; done >lines
run rnn-train --sampled-softmax 3 --min-count 1 --epochs 60 -j 1 -o one.zst lines
expect_exit 0
rnn-train --sampled-softmax 3 --min-count 1 --epochs 60 -j 3 lines >three.zst
expect_same one.zst three.zst
rnn-train --sampled-softmax none --min-count 1 --epochs 60 lines >full.zst
expect "it is not what the full softmax gives" sh -c '! cmp -s one.zst full.zst'
run_shell "echo five | rnn-complete -m one.zst"
expect_stdout_contains "five six seven eight"
reviews >in
run rnn-train --sampled-softmax 3 in
expect_exit 78
expect_stderr "sampled_softmax: only completion has so many classes"

test_case "--init with a learning rate of 0 changes no weight"
reviews >in
rnn-train $small in >first.zst
rnn-train --init first.zst --epochs 1 --learning-rate 0 in >second.zst
rnn-classify --prob -m first.zst <in >a
rnn-classify --prob -m second.zst <in >b
expect_same a b

test_case "--embeddings: vectors of word2vec, GloVe and fastText are what the network begins with"
reviews >in
printf 'good 1 2 -3\nBAD 0.5 .25 1e-2\nparis 4 4 4\nonly-in-tests 5 5 5\n' >vectors
begin="--min-count 1 --epochs 1 --learning-rate 0 --average 0 --valid none"
run rnn-train $begin --embeddings vectors -v -o m.zst in
expect_exit 0
expect_stderr "vectors were found for 2 of 5 words, 1 of them in another case"
expect "the width is that of the file" [ "$(rnn-inspect config m.zst | grep '^embedding:')" = "embedding: 3" ]
rnn-inspect vocabulary m.zst | cut -f 1 >words
expect "words of the file alone are not in the vocabulary" [ "$(grep -c -e paris -e tests words)" = 0 ]
{ printf '4 3\n' && cat vectors; } | zstd -q >vectors.zst
rnn-train $begin --embeddings vectors.zst in >packed.zst
expect_same m.zst packed.zst
run_shell "zstd -dcq vectors.zst | rnn-train $begin --embeddings - in"
expect_exit 0
expect_same m.zst "$out"
run rnn-train $begin --embeddings vectors --embedding 3 -o same.zst in
expect_exit 0
expect_no_stderr
expect_same m.zst same.zst
tags >in.columns
run rnn-train $begin --embeddings vectors --features -F columns in.columns
expect_exit 65
expect_stderr "vectors: none of the 6 words to learn from is in it"
run rnn-train $begin --embeddings vectors --features -o tag.zst in
expect_exit 0

test_case "vectors that do not fit are refused"
reviews >in
printf 'good 1 2 -3\nbad 1 2\n' >vectors
run rnn-train --embeddings vectors in
expect_exit 65
expect_stderr "vectors:2: a word and 3 numbers expected, 3 fields found"
run rnn-train --embeddings vectors --embedding 64 in
expect_exit 78
expect_stderr "embedding: the vectors of vectors have 3 numbers, not 64"
printf '1 2\n\n2 3\n' | run rnn-train --embeddings vectors -F frames --label x
expect_exit 78
expect_stderr "embedding: frames have none"
run rnn-train --embeddings nosuch in
expect_exit 66
run_shell "rnn-train --embeddings - </dev/null"
expect_exit 64
expect_stderr "standard input is named twice"
rnn-train $small in >m.zst
run rnn-train --init m.zst --embeddings vectors in
expect_exit 64
expect_stderr "--embeddings: the model of --init has an embedding"

# prob MODEL TEXT: the probability of its label, in hundredths
prob() {
  echo "$2" | rnn-classify --prob -m "$1" | awk -F '\t' '{ printf "%d", $2 * 100 + 0.5 }'
}

test_case "class_weights: balanced: a rare class counts as much as a frequent one, in the network and in the n-grams"
for i in 1 2 3 4 5 6 7 8 9; do printf 'often\tone film\noften\tthe film\n'; done >in
printf 'rare\tone film\nrare\tthe film\n' >>in
for wide in none 100; do
  settings="--state 4 --min-count 1 --epochs 60 --dropout 0 --wide $wide --valid none"
  rnn-train $settings in >plain.zst
  rnn-train $settings --class-weights balanced in >balanced.zst
  expect "--wide $wide: nine in ten are 'often', $(prob plain.zst "one film")" [ "$(prob plain.zst "one film")" -ge 70 ]
  expect "--wide $wide: balanced, neither is likelier, $(prob balanced.zst "one film")" \
    [ "$(prob balanced.zst "one film")" -le 60 ]
done

test_case "label_smoothing: what is certain is learnt as less than certain; validation measures the plain loss"
for i in 1 2 3 4 5 6 7 8 9; do printf 'a\tone film\nb\ttwo books\n'; done >in
settings="--state 4 --min-count 1 --dropout 0 --wide none --learning-rate 0.05"
rnn-train $settings --epochs 60 --valid none in >plain.zst
rnn-train $settings --epochs 60 --valid none --label-smoothing 0.4 in >smooth.zst
expect "certain, $(prob plain.zst "one film")" [ "$(prob plain.zst "one film")" -ge 90 ]
expect "four fifths, $(prob smooth.zst "one film")" [ "$(prob smooth.zst "one film")" -le 85 ]
expect "and no less" [ "$(prob smooth.zst "one film")" -ge 75 ]
for smoothing in 0 0.4; do
  rnn-train $settings --epochs 1 --average 0 --valid in --learning-rate 0 --label-smoothing $smoothing --log log$smoothing in >m.zst
done
expect "validation says the same" \
  [ "$(sed 's/.*"valid_nats":\([^,]*\),.*/\1/' log0)" = "$(sed 's/.*"valid_nats":\([^,]*\),.*/\1/' log0.4)" ]
expect "training another loss" \
  [ "$(sed 's/.*"train_nats":\([^,]*\),.*/\1/' log0)" != "$(sed 's/.*"train_nats":\([^,]*\),.*/\1/' log0.4)" ]
printf 'deep\n' >text
run rnn-train --label-smoothing 0.1 text
expect_exit 78
expect_stderr "label_smoothing: only labels and tags have it"
run rnn-train --adversarial 0.1 --embedding none text
expect_exit 78
expect_stderr "adversarial: it moves the vectors of symbols, of an embedding"
tags >in.columns
run rnn-train --output crf --class-weights balanced -F columns in.columns
expect_exit 78
expect_stderr "class_weights: a chain of tags is learnt as a whole; output: softmax has it"
run rnn-train $small --label-smoothing 0.1 --class-weights balanced -F columns -o tag.zst in.columns
expect_exit 0
expect_no_stderr

test_case "the time limit is kept, and there is a model"
reviews >in
run rnn-train --state 8 --epochs 1000000 --max-time 200ms -o m.zst in
expect_exit 0
expect "fewer epochs" [ "$(fact m.zst epochs)" -lt 1000000 ]

test_case "divergence: said each time, exit code 2, no model"
printf 'a b c\nc d e\n' >in
echo old >m.zst
run rnn-train --cell elman --epochs 200 --activation relu --optimizer sgd --learning-rate 100 --clip-norm none --initial-gain 100 \
  -o m.zst in
expect_exit 2
expect_stderr "back to the last good state, with half the rate"
expect_stderr "diverged"
expect "the old file is still there" grep -q old m.zst

test_case "nothing to learn from"
run rnn-train </dev/null
expect_exit 65
expect_stderr "(stdin): there is no sequence in it"
printf '\n\n' >in
run rnn-train in
expect_exit 65
run rnn-train missing
expect_exit 66
printf 'a\n' >in
run rnn-train --valid 0.5 in
expect_exit 65
expect_stderr "too few sequences (1)"
run rnn-train --valid 1.5 in
expect_exit 64
run rnn-train --valid - - </dev/null
expect_exit 64
run rnn-train --bidirectional in
expect_exit 78
expect_stderr "bidirectional:"
run rnn-train --cell nosuch in
expect_exit 78
expect_stderr "there is no cell 'nosuch'"

test_case "sizes past all memory are refused"
if built_with asan || built_with tsan; then
  skip "sanitizers have an allocator of their own"
else
  printf 'a\n' >in
  run rnn-train --state 65536 --layers 16 in
  expect_exit 71
  expect_stderr "out of memory"
fi

test_case "a failed write is a failed run, told before the work where it can be"
reviews >in
run_shell "rnn-train $small in >/dev/full"
expect_exit 74
expect_stderr "No space left on device"
run rnn-train --epochs 1000000 -o nosuch/m.zst in
expect_exit 73
run rnn-train --epochs 1000000 --log nosuch/log in
expect_exit 73
run_shell "rnn-train $small --log /dev/full in >/dev/null"
expect_exit 74
if have script; then
  run script -qec "rnn-train --epochs 1000000 in" /dev/null
  expect_exit 64
  expect_stdout_contains "binary output to a terminal: use a pipe, -o FILE, or -f"
fi

test_case "a signal ends it: no model, no temporary file, the code of the signal"
reviews >in
echo old >m.zst
rnn-train --state 64 --epochs 1000000 --log log -o m.zst in &
process=$!
tries=0
while [ ! -s log ] && [ $tries -lt 200 ]; do
  tries=$((tries + 1))
  sleep 0.05
done
kill -TERM $process
wait $process 2>/dev/null
expect "it dies of SIGTERM" [ $? = 143 ]
expect "the old file is still there" grep -q old m.zst
expect "no temporary file is left" [ -z "$(find . -name '.*.tmp')" ]

test_case "progress as JSON, and none without a terminal"
reviews >in
run rnn-train --state 64 --epochs 1000000 --max-time 1500ms --progress=json -o m.zst in
expect_exit 0
expect_stderr '"steps_per_sec":'
expect_stderr '"epochs":1000000'
run rnn-train --state 64 --epochs 1000000 --max-time 1500ms -o m.zst in
expect_no_stderr

test_case "progress in lines where it is asked for, on a terminal a bar that goes again"
reviews >in
run rnn-train --state 64 --epochs 1000000 --max-time 1500ms --progress=always -o m.zst in
expect_exit 0
expect "a line a second: a bar, the epoch, the loss, the speed, what is left" \
  grep -qE '^\[#*\.*\]  *[0-9]+ %  epoch [0-9]+ of 1000000  [0-9.]+ nats  [0-9.]+ k steps/s  0:00:0[01] left$' "$err"
if have script; then
  run script -qec "rnn-train --state 64 --epochs 1000000 --max-time 500ms -o m.zst in" /dev/null
  expect_exit 0
  sed "s/$(printf '\033')\[K/|/g" "$out" | tr '\r' '<' >shown # cleared to the end of the line; back to its beginning
  expect "a bar over the line before" grep -q '^<\[.* left|' shown
  expect "the last one is gone in the end" [ "$(grep -o 'left|<.' shown | tail -n 1)" = 'left|<|' ]
  run script -qec "rnn-train -q --state 64 --epochs 1000000 --max-time 500ms -o m.zst in" /dev/null
  expect_stdout ""
fi

test_case "-v says how each epoch went"
reviews >in
run rnn-train $small -v --valid in -o m.zst in
expect_stderr "epoch   3"
expect_stderr "% right"

test_case "a model that is validated is calibrated in the end: no answer changes, and the calibration error is not greater"
i=0
while [ $i -lt 60 ]; do
  printf 'a\tgood film\nb\tbad film\n'
  [ $((i % 4)) != 0 ] || printf 'b\tgood film\na\tbad film\n'
  i=$((i + 1))
done >in
settings="--state 4 --min-count 1 --epochs 2 --learning-rate 0.02 --dropout 0 --average 0 --wide none"
run rnn-train $settings -v --valid in -o calibrated.zst in
expect_stderr "temperature 1.05"
rnn-train $settings --valid none in >trained.zst
for model in calibrated trained; do
  rnn-classify -m $model.zst in >$model.labels
  rnn-classify -m $model.zst --test in >$model.test
done
expect_same calibrated.labels trained.labels
# measure NAME: of the calibrated model and of the other, and which is smaller
measure() {
  awk -F '\t' -v name="$1" '$1 == name { value[++models] = $2; print $2 }
    END { print (value[1] < value[2] ? "less" : "more") }' calibrated.test trained.test | tr '\n' ' '
}
for name in nats calibration_error; do
  case $(measure $name) in *" less ") ;; *) fail "$name: $(measure $name)" ;; esac
done
rnn-train $settings --valid in --checkpoint ck in >first.zst
rnn-train $settings --valid in --checkpoint ck in >again.zst
expect_same first.zst again.zst
expect_same first.zst calibrated.zst
tags >in.columns
run rnn-train $small -v --valid in.columns -F columns -o tag.zst in.columns
expect_stderr "temperature "

test_case "skipped records make the exit code 1, and there is a model"
printf 'pos\tgood\nneg\tb\377d\nneg\tdull\n' >in
run rnn-train $small --on-error=skip -o m.zst in
expect_exit 1
expect_stderr "in:2: invalid UTF-8"
expect "two sequences" [ "$(fact m.zst train_sequences)" = 2 ]

test_case "validation of completion, which has no targets but its symbols"
awk 'BEGIN { for (i = 0; i < 40; i++) print "the dog saw cat " i % 5 }' >in
run rnn-train $small --valid 0.2 --log log -o m.zst in
expect_exit 0
expect "the log measures validation" grep -q valid log
run rnn-train $small --valid in -o m.zst in
expect_exit 0

# The directory must be on a disk: where it is memory, nothing is spooled.
test_case "a corpus that lies in temporary files makes the same model; a file that cannot grow is said, and 71"
awk 'BEGIN { for (i = 0; i < 3000; i++) print (i % 3 ? "pos" : "neg") "\tgood " i % 7 " film " i % 11 }' >in
TMPDIR=$PWD RNN_SPOOL=0 rnn-train $small --valid 0.2 -o spooled.zst in
TMPDIR=$PWD RNN_SPOOL=none rnn-train $small --valid 0.2 -o kept.zst in
expect_same spooled.zst kept.zst
TMPDIR=$PWD/nowhere RNN_SPOOL=0 rnn-train $small --valid 0.2 -o elsewhere.zst in
expect_same elsewhere.zst kept.zst
cut -f 2 in | TMPDIR=$PWD RNN_SPOOL=0 rnn-train $small -o spooled.zst
cut -f 2 in | TMPDIR=$PWD RNN_SPOOL=none rnn-train $small -o kept.zst
expect_same spooled.zst kept.zst
expect "no files are left" [ -z "$(find . -name 'rnn-train-*')" ]
if [ "$(stat -f -c %T . 2>/dev/null)" != tmpfs ]; then
  # shellcheck disable=SC3045 # dash and bash have ulimit -f
  (ulimit -f 2000 && TMPDIR=$PWD RNN_SPOOL=0 exec rnn-train $small -o m.zst in) >"$out" 2>"$err"
  code=$?
  expect_exit 71
  expect_stderr "no room in the temporary directory for a corpus"
fi

test_done
