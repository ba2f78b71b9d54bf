#!/bin/sh
# rnn-inspect shows what is in models and streams, and proves gradients.
. "${RNN_SOURCE:-.}/tests/lib.sh"

# Small models of the three tasks, for all cases.
models=$test_root/models
mkdir "$models"
cat >"$models/reviews.tsv" <<'EOF'
good	a good film , and loved by all
bad	a bad film
good	loved it
bad	boring , dull and bad
good	good story
bad	hated the dull plot of it
EOF
printf 'the\tDET\ncat\tNOUN\nsat\tVERB\n\na\tDET\ndog\tNOUN\n\n' >"$models/tags.txt"
printf 'deep\ndeed\npeep\n' >"$models/words.txt"
printf '# label: up\n0 1 2\n1 2 3\n\n# label: down\n3 2 1\n2 1 0\n1 0 -1\n\n' >"$models/frames.txt"
train() {
  rnn-train -D cell=elman -D pooling=last -D epochs=2 -D state=4 -D embedding=3 -D batch=2 "$@"
}
{
  train -F tsv --valid "$models/reviews.tsv" -o "$models/reviews.zst" "$models/reviews.tsv" &&
    train -F columns -o "$models/tags.zst" "$models/tags.txt" &&
    train -F text --level char -o "$models/words.zst" "$models/words.txt" &&
    train -F frames -D embedding=0 -o "$models/frames.zst" "$models/frames.txt"
} >"$test_root/log" 2>&1 || {
  sed 's/^/# /' "$test_root/log"
  exit 99
}

# A row of TSV: name TAB value.
expect_fact() {
  expect_row="$(printf '%s\t%s' "$1" "$2")"
  grep -qxF -e "$expect_row" "$out" || fail "a row expected: $expect_row"
}

test_case "summary of a model: its sizes, tensors and history"
run rnn-inspect summary "$models/reviews.zst"
expect_exit 0
expect_no_stderr
expect_fact kind model
expect_fact task classify
expect_fact cell elman
expect_fact n 17
expect_fact d 4
expect_fact k 2
expect_fact layer0.U "4 x 3"
expect_fact layer0.W "4 x 4"
expect_fact layer0.b "4 x 1"
expect_fact output.V "2 x 4"
expect_fact embedding "17 x 3"
expect_fact parameters 93
expect_fact labels 2
expect_fact epochs 2

test_case "summary is the default, and the model comes from a pipe"
run sh -c 'cat "$0" | rnn-inspect' "$models/reviews.zst"
expect_exit 0
cp "$out" piped
run rnn-inspect "$models/reviews.zst"
expect_same "$out" piped
run rnn-inspect -m "$models/reviews.zst"
expect_same "$out" piped
if have zstd; then
  run sh -c 'zstd -dc "$0" | rnn-inspect -' "$models/reviews.zst"
  expect_same "$out" piped
fi

test_case "summary of a stream"
run sh -c 'rnn-vocab -F tsv "$0" | rnn-inspect' "$models/reviews.tsv"
expect_exit 0
expect_fact kind stream
expect_fact task classify
expect_fact sequences 6
expect_fact steps 26
expect_fact shortest 2
expect_fact longest 8
expect_fact labels 2
run sh -c 'rnn-vocab -F frames "$0" | rnn-inspect' "$models/frames.txt"
expect_fact holds frames
expect_fact frame_width 3
expect_fact steps 5

test_case "streams laid end to end are one stream"
rnn-vocab -F tsv "$models/reviews.tsv" >a
cat a a >b
run rnn-inspect b
expect_fact sequences 12
expect_fact symbols 17
run rnn-inspect labels b
expect_stdout "$(printf 'good\t6\nbad\t6')"

test_case "history has one line an epoch"
run rnn-inspect history "$models/reviews.zst"
expect_exit 0
expect "two epochs and a heading" [ "$(wc -l <"$out")" -eq 3 ]
expect_stdout_matches '^epoch	updates	train_nats'
expect_stdout_matches '^2	'

test_case "vocabulary and labels as text, with their counts"
run rnn-inspect labels "$models/tags.zst"
expect_stdout "$(printf 'DET\t2\nNOUN\t2\nVERB\t1')"
run rnn-inspect vocabulary "$models/words.zst"
expect_stdout "$(printf 'e\t6\nd\t3\np\t3')"

test_case "config trains the same model again, byte for byte"
run rnn-inspect config "$models/reviews.zst"
expect_exit 0
cp "$out" config.yaml
rnn-train -c config.yaml -F tsv --valid "$models/reviews.tsv" "$models/reviews.tsv" >again.zst
expect_same "$models/reviews.zst" again.zst

test_case "diff of a model with itself is nothing"
run rnn-inspect diff "$models/reviews.zst" "$models/reviews.zst"
expect_exit 0
expect_stdout ""

test_case "diff names what differs and exits with 1"
train -F tsv --valid "$models/reviews.tsv" -D seed=2 -o other.zst "$models/reviews.tsv"
run rnn-inspect diff "$models/reviews.zst" other.zst
expect_exit 1
expect_no_stderr
expect_stdout_matches '^config.seed	1	2	$'
expect_stdout_matches '^layer0.W\[[0-9],[0-9]\]	'
run rnn-inspect diff "$models/reviews.zst" "$models/words.zst"
expect_exit 1
expect_stdout_matches '^task	classify	complete	'
expect_stdout_matches '^labels	some	none	'
expect_stdout_matches '^output.V	2 x 4	4 x 4	'

test_case "diff takes one of the two from a pipe"
run sh -c 'cat "$0" | rnn-inspect diff - "$0"' "$models/reviews.zst"
expect_exit 0
run rnn-inspect diff - - </dev/null
expect_exit 64

for cell in elman:tanh elman:logistic elman:relu gru:tanh lstm:tanh; do
  test_case "check: gradients of ${cell%:*} (${cell#*:}) agree for every task, alone and in a bidirectional stack"
  set -- -D cell="${cell%:*}" -D activation="${cell#*:}" -D start=learned
  train "$@" -F tsv -o a.zst "$models/reviews.tsv"
  train "$@" -D bidirectional=true -D layers=2 -F columns -o b.zst "$models/tags.txt"
  train "$@" -F text --level char -D embedding=0 -o c.zst "$models/words.txt"
  train "$@" -D embedding=0 -F frames -o d.zst "$models/frames.txt"
  for model in a b c d; do
    run rnn-inspect check -m $model.zst
    expect_exit 0
    expect_no_stderr
    # All but the embedding and the features, of which only some rows take part, are checked to the last parameter.
    rnn-inspect summary $model.zst >facts
    wanted=$(awk -F'\t' '$2 ~ / x / && $1 != "embedding" && $1 != "features" { split($2, n, " x "); sum += n[1] * n[2] }
      END { print sum }' facts)
    got=$(awk -F'\t' 'NR > 1 && $1 != "embedding" && $1 != "features" && $1 != "all" { sum += $2 } END { print sum }' "$out")
    [ "$wanted" = "$got" ] || fail "$model: $got parameters checked, not $wanted"
  done
done

test_case "check: on given data, raw and encoded alike"
run rnn-inspect check -m "$models/reviews.zst" "$models/reviews.tsv" -F tsv
expect_exit 0
cp "$out" raw
rnn-vocab -F tsv "$models/reviews.tsv" >reviews.seq.zst
run sh -c 'rnn-inspect check reviews.seq.zst <"$0"' "$models/reviews.zst"
expect_same "$out" raw
run rnn-inspect check -m "$models/reviews.zst" --parameters 3 reviews.seq.zst
expect_stdout_matches '^all	17	'

test_case "check: data that the model cannot read"
run rnn-inspect check -m "$models/reviews.zst" -F frames "$models/frames.txt"
expect_exit 65
run sh -c 'rnn-inspect check - <"$0"' "$models/reviews.zst"
expect_exit 64
expect_stderr "standard input"

test_case "JSON: one object for facts, one a line for tables"
for what in summary history vocabulary labels config check --limits; do
  if [ $what = check ]; then set -- -m "$models/reviews.zst"; else set -- "$models/reviews.zst"; fi
  run rnn-inspect -J $what "$@"
  expect_exit 0
  expect "$what: an object a line" [ "$(grep -c '^{.*}$' "$out")" -eq "$(wc -l <"$out")" ]
  ! have jq || jq . "$out" >/dev/null || fail "$what: not JSON"
  case $what in summary | config | --limits) expect "$what: one line" [ "$(wc -l <"$out")" -eq 1 ] ;; esac
done
run rnn-inspect -J "$models/reviews.zst"
expect_stdout_contains '"layer0.U":[4,3]'
run rnn-inspect -J config "$models/reviews.zst"
expect_stdout_contains '"state":4,'
expect_stdout_contains '"cell":"elman"'

test_case "limits are those of the header"
run rnn-inspect --limits
expect_exit 0
expect_fact line_bytes 16777216
expect_fact labels 65536
wanted=$(grep -c '^#define RNN_LIMIT_' "$RNN_SOURCE/formats/input_limits.h")
expect "all $wanted limits" [ "$(wc -l <"$out")" -eq "$wanted" ]

test_case "what is neither a model nor a stream is refused"
echo "some text" >text
: >empty
head -c 300 "$models/reviews.zst" >cut_short
{ cat "$models/reviews.zst" && echo more; } >longer
for bad in text empty cut_short longer; do
  run rnn-inspect $bad
  expect_exit 65
  expect_stderr "rnn-inspect: $bad:"
  expect_stdout ""
done
run rnn-inspect summary nothing.zst
expect_exit 66
expect_stderr "nothing.zst"
run rnn-inspect "$PWD"
expect_exit 66

test_case "a stream is no model where a model is needed"
rnn-vocab -F tsv "$models/reviews.tsv" >a
for what in history config; do
  run rnn-inspect $what a
  expect_exit 65
  expect_stderr "a: a sequence stream, where a model is expected"
done

test_case "a view that is not there: the message lists those that are"
run rnn-inspect sumary "$models/reviews.zst"
expect_exit 64
expect_stderr "there is no view 'sumary', only summary, history, vocabulary, labels, config, gradients, jacobians, tensor, check, states, saliency, diff"
run rnn-inspect "$models/reviews.zst" summary
expect_exit 64

test_case "too many operands, or two models"
run rnn-inspect summary a b
expect_exit 64
run rnn-inspect diff "$models/reviews.zst"
expect_exit 64
run rnn-inspect -m "$models/reviews.zst" summary "$models/tags.zst"
expect_exit 64

test_case "a full disk is an error, a finished file appears whole"
run sh -c 'rnn-inspect "$0" >/dev/full' "$models/reviews.zst"
expect_exit 74
expect_stderr "No space left"
run rnn-inspect -o facts.tsv "$models/reviews.zst"
expect_exit 0
expect_stdout ""
expect_file facts.tsv

test_case "aligned columns on a terminal"
if have script; then
  run script -qec "rnn-inspect labels $models/tags.zst" /dev/null
  tr -d '\r' <"$out" >shown
  printf 'DET   2\nNOUN  2\nVERB  1\n' >wanted
  expect_same wanted shown
else
  skip "script (util-linux) is not installed"
fi

test_done
