#!/bin/sh
# However much passes through a filter, it needs no more memory than for 10 MB. RNN_BYTES says how much (10 GB,
# which takes hours). For "make check-long".
# shellcheck disable=SC2086 # a command and its options
. "${RNN_SOURCE:-.}/tests/lib.sh"
RNN_TIMEOUT=${RNN_TIMEOUT:-36000}
most=${RNN_BYTES:-10000000000}
little=10000000 room=1024 # bytes, kilobytes
have /usr/bin/time || skip_all "/usr/bin/time is not there"
if built_with asan || built_with tsan; then skip_all "sanitizers keep what was released"; fi

small="--state 4 --embedding 4 --epochs 1 -j 1"
polarity=$test_root/polarity tags=$test_root/tags deep=$test_root/deep
printf 'pos\tgood fine film\nneg\tbad dull film\n' | rnn-train $small -o "$polarity"
printf 'the\tDET\ndog\tNOUN\n\n' | rnn-train $small -F columns -o "$tags"
printf 'deep\ndeep\n' | rnn-train $small --level char -o "$deep"

# peak BYTES TEXT COMMAND...: the greatest resident memory in kilobytes, while TEXT comes again and again
peak() {
  bytes=$1 text=$2
  shift 2
  run_command="$* on $bytes bytes"
  yes "$text" 2>/dev/null | head -c "$bytes" | timeout "$RNN_TIMEOUT" /usr/bin/time -f %M "$@" 2>"$err" >/dev/null
  code=$?
  tail -n 1 "$err"
}

# flat TEXT COMMAND...
flat() {
  few=$(peak $little "$@")
  many=$(peak $most "$@")
  run_command=''
  echo "# $2: $few kB for $little bytes, $many kB for $most"
  expect "$2: $few kB for $little bytes, $many kB for $most" [ "$many" -le $((few + room)) ]
}

line='a good film that is rather long, and bad and dull, and then some more of it, until the line is at its end'
test_case "rnn-vocab"
flat "$line" rnn-vocab
test_case "rnn-classify"
flat "$line" rnn-classify -m "$polarity"
test_case "rnn-tag"
flat "$(printf 'the\ndog\n\nthe\ncat\nthe\ndog\n')" rnn-tag -m "$tags" -F columns
test_case "rnn-complete"
flat "deep $(printf '%0200d' 1)" rnn-complete -m "$deep" --score

# Half of what the corpus would take.
test_case "rnn-train: a corpus twice as large as the memory it may have"
awk 'BEGIN { for (i = 0; i < 2000; i++) { for (t = 0; t < 200; t++) printf "w%d ", i * t % 97; print "" } }' |
  rnn-vocab -F text >once.seq.zst
many=$((most / 1000000 < 60 ? 20 : 60)) # times 1,6 MB
i=0
while [ $i -lt $many ]; do
  cat once.seq.zst
  i=$((i + 1))
done >many.seq.zst
train() { # NAME LIMIT SPOOL
  # shellcheck disable=SC3045 # dash and bash have ulimit -d
  (ulimit -d "$2" && TMPDIR=$PWD RNN_SPOOL=$3 exec rnn-train $small --cell elman --bptt 200 --sampled-softmax none \
    --valid none -o "$1" many.seq.zst) 2>"$err"
}
limit=$((many * 800 + 20000)) # kB
train spooled.zst $limit 4 || fail "$(cat "$err")"
train kept.zst unlimited none
expect_same spooled.zst kept.zst
if train none.zst $limit none; then echo "# $limit kB are enough without a spool, too"; fi

test_done
