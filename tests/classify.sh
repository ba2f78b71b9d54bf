# rnn-classify: a label for every record.
# shellcheck disable=SC2086 # $small is several words
. "${RNN_SOURCE:-.}/tests/lib.sh"

small="--state 8 --epochs 60 --learning-rate 0.02"
models=$test_root/models
mkdir "$models"
printf '%s\n' 'pos	good fine film' 'neg	bad dull film' 'pos	fine good' 'neg	dull bad bad' 'pos	a good one' 'neg	a bad one' \
  'pos	good' 'neg	bad' 'pos	fine' 'neg	dull' 'pos	good film' 'neg	bad film' >"$models/train.tsv"
rnn-train $small -o "$models/polarity.zst" "$models/train.tsv"
rnn-train $small --bidirectional=true -o "$models/both.zst" "$models/train.tsv"
printf '# label: up\n1 2\n2 3\n3 4\n\n# label: down\n4 3\n3 2\n2 1\n\n' >"$models/train.frames"
rnn-train $small -o "$models/frames.zst" "$models/train.frames"
printf 'the\tDET\ndog\tNOUN\n\n' | rnn-train $small -F columns -o "$models/tags.zst"
RNN_MODEL=$models/polarity.zst
export RNN_MODEL

test_case "a line in, a label out, and nothing else"
printf 'good film\nbad film\nfine\n' >in
run rnn-classify <in
expect_exit 0
expect_stdout "pos
neg
pos"
expect_no_stderr

test_case "no input, no output"
run rnn-classify </dev/null
expect_exit 0
expect_stdout ""
expect_no_stderr

test_case "an empty line and a line of blanks are records without a label"
printf 'good\n\n  \t \nbad' >in
run rnn-classify in
expect_stdout "pos


neg"
run rnn-classify --prob in
expect "records out = records in" [ "$(wc -l <"$out")" = 4 ]
expect "no evidence, no probability" [ "$(sed -n 2,3p "$out")" = "	0
	0" ]
run rnn-classify -J in
expect_stdout_contains '{"label":null,"probability":0}'

test_case "probabilities, the best labels, a key"
echo '{"key":"a1","text":"good film"}' >in
run rnn-classify --prob in
expect_stdout_matches '^pos	0\.[0-9]*$'
run rnn-classify --top 2 in
expect_stdout "pos	neg"
run rnn-classify --top 9 --prob in
expect_stdout_matches '^pos	0\.[0-9]*	neg	[0-9.e-]*$'
expect "probabilities sum to 1" sh -c "awk '{ d = \$2 + \$4 - 1; exit !(d < 1e-6 && d > -1e-6) }' '$out'"
run rnn-classify --key in
expect_stdout "a1	pos"
run rnn-classify --key -J in
expect_stdout_matches '^{"key":"a1","label":"pos","probability":0\.[0-9]*}$'
run rnn-classify --top 2 -J in
expect_stdout_matches '^{"key":"a1","label":"pos","probability":[^,]*,"top":\[{"label":"pos",.*},{"label":"neg",.*}\]}$'

test_case "an answer that is not probable enough is rejected"
printf 'good film\nunheard of\n' >in
run rnn-classify --min-prob 0.9 --reject unsure in
expect_exit 0
expect "the sure one stays" [ "$(head -n 1 "$out")" = pos ]
expect "the other one does not" [ "$(tail -n 1 "$out")" = unsure ]
run rnn-classify --min-prob 1 in
expect_stdout "
"

test_case "the same line gives the same bytes for any batch, place and number of threads"
i=0
while [ $i -lt 300 ]; do
  printf 'good film %s bad\nbad\na good one that is dull and fine\n' $i
  i=$((i + 1))
done >in
rnn-classify --prob in >whole
for options in "--batch 1" "--batch 7" "--line-buffered" "-j 2" "-j 3 --batch 40"; do
  run rnn-classify --prob $options in
  expect_same "$out" whole
done
head -n 100 in >part
rnn-classify --prob part >first
head -n 100 whole >wanted
expect_same first wanted
while read -r line; do
  echo "$line" | rnn-classify --prob
done <<END >alone
good film 0 bad
bad
END
head -n 2 whole >wanted
expect_same alone wanted

test_case "files, streams and compressed text give the answers of the text"
cut -f 2 "$models/train.tsv" >in
rnn-classify --prob in >wanted
rnn-vocab in >in.seq.zst
run rnn-classify --prob in.seq.zst
expect_same "$out" wanted
run rnn-classify --prob -F seq <in.seq.zst
expect_same "$out" wanted
if have zstd; then
  zstd -q in -o in.zst
  run rnn-classify --prob in.zst
  expect_same "$out" wanted
fi
sed 's/^/1.000\t/' in | rnn-classify --prob -F tsv >"$out"
expect_same "$out" wanted
head -n 3 in >a
tail -n +4 in >b
run rnn-classify --prob a - <b
expect_same "$out" wanted
sed 's/$/\r/' in | rnn-classify --prob >"$out"
expect_same "$out" wanted
{ printf '\357\273\277' && cat in; } | rnn-classify --prob >"$out"
expect_same "$out" wanted
tr '\n' '\0' <in | rnn-classify --prob -z | tr '\0' '\n' >"$out"
expect_same "$out" wanted

test_case "a model of lower-case words reads a stream of words in any case"
printf 'pos\tGood FINE film\nneg\tBAD dull Film\npos\tfine GOOD\nneg\tdull bad \303\204RGER\n' >in.tsv
rnn-train --lowercase --min-count 1 --state 8 --epochs 2 -o lower.zst in.tsv
printf 'GOOD Film\nbad \303\204rger\nunheard OF\n\n' >in
rnn-classify -m lower.zst --prob in >wanted
rnn-vocab in >in.seq
run rnn-classify -m lower.zst --prob in.seq
expect_exit 0
expect_same wanted "$out"
rnn-vocab --lowercase in >lower.seq
run rnn-classify -m lower.zst --prob lower.seq
expect_same wanted "$out"
rnn-vocab --level char in >char.seq
run rnn-classify -m lower.zst char.seq
expect_exit 65
expect_stderr "a stream of characters, but the model reads words"
rnn-vocab --level byte in >byte.seq
run rnn-classify -m lower.zst byte.seq
expect_exit 65
expect_stderr "a stream of bytes, but the model reads words"

test_case "--test counts what is right"
run rnn-classify --test "$models/train.tsv"
expect_exit 0
expect_no_stderr
expect_stdout_contains "count	12
accuracy	1"
expect_stdout_contains "label	precision	recall	f1	gold	predicted	correct
neg	1	1	1	6	6	6
pos	1	1	1	6	6	6"
run rnn-classify --test -J "$models/train.tsv"
expect_stdout_matches '^{"count":12,"accuracy":1,"accuracy_low":1,"accuracy_high":1,"nats":[0-9.e-]*,"calibration_error":[0-9.e-]*,"macro_f1":1}$'
run rnn-classify --test </dev/null
expect_exit 0
expect_stdout ""

test_case "--test: wrong labels, unknown labels, empty records"
printf 'neg\tgood film\nodd\tgood film\npos\t\npos\tfine\n' >in
run rnn-classify --test --confusion table in
expect_exit 0
expect_stdout_contains "count	4
accuracy	0.25"
printf 'gold/predicted\tneg\tpos\t(other)\nneg\t0\t1\t0\npos\t0\t1\t1\n(other)\t0\t1\t0\n' >wanted
expect_same table wanted

test_case "--coverage: the surest answers and how many of them are right"
printf 'pos\tgood good good\nneg\tgood\nodd\tgood film\npos\t\n' >in
run rnn-classify --test --coverage curve in
expect_exit 0
expect "a header" [ "$(head -n 1 curve)" = "least_probability	coverage	accuracy" ]
expect "all answers last" [ "$(tail -n 1 curve)" = "0	1	0.25" ]
least=$(sed -n 2p curve | cut -f1)
run sh -c "cut -f 2 in | rnn-classify --min-prob '$least' | grep -c ."
expect_stdout "$(sed -n 2p curve | awk '{ print 4 * $2 }')"
run rnn-classify --test --coverage no/such/curve in
expect_exit 73

test_case "--test needs labels"
printf 'good film\n' >in
run rnn-classify --test in
expect_exit 65
expect_stderr "line 1: no label, --test needs one"

test_case "--fail-under turns a measure into an exit code"
run rnn-classify --fail-under accuracy=0.5 --fail-under macro_f1=1 "$models/train.tsv"
expect_exit 0
printf 'neg\tgood film\npos\tfine\n' >in
run rnn-classify --fail-under accuracy=0.6 in
expect_exit 1
expect_stderr "accuracy is 0.5, less than 0.6"
expect_stdout_contains "accuracy	0.5"
run rnn-classify --fail-under accuracy=0.6 </dev/null
expect_exit 1
run rnn-classify --fail-under speed=1 in
expect_exit 64

test_case "a running label after every N steps"
printf 'good bad dull bad bad\n\nfine\n' >in
run rnn-classify --each in
expect "a line a step, an empty one for no step" [ "$(cut -f 1 "$out" | tr '\n' ' ')" = "1 2 3 4 5  1 " ]
run rnn-classify --each=2 --prob in
expect "every second and the last" [ "$(cut -f 1 "$out" | tr '\n' ' ')" = "2 4 5  1 " ]
rnn-classify --prob in | head -n 1 >wanted
sed -n 3p "$out" | cut -f 2- >last
expect_same last wanted
run rnn-classify --each=2 -J in
expect_stdout_contains '{"step":4,"label":"neg",'
run rnn-classify -m "$models/both.zst" --each in
expect_exit 64
expect_stderr "one direction"

test_case "frames"
printf '1 2\n2 3\n3 4\n\n4 3\n3 2\n2 1\n' >in
run rnn-classify -m "$models/frames.zst" in
expect_stdout "up
down"
printf '# key: x\n1,2\n2,3\n' >in
run rnn-classify -m "$models/frames.zst" --key in
expect_stdout "x	up"
printf '1 2 3\n' >in
run rnn-classify -m "$models/frames.zst" in
expect_exit 65
expect_stderr "in:1: frames of 3 numbers, but the model reads frames of 2"
printf 'good film\n' >in
run rnn-classify -m "$models/frames.zst" -F text in
expect_exit 65
expect_stderr "in:1: text, but the model reads frames of 2 numbers"
run rnn-classify -F frames "$models/train.frames"
expect_exit 65
expect_stderr "frames of 2 numbers, but the model reads words"
printf '1 nan\n' >in
run rnn-classify -m "$models/frames.zst" in
expect_exit 65
expect_stderr "in:1: "

test_case "running labels of frames that come in parts are those of the whole"
printf '# key: k\n1 2\n2 3\n3 4\n4 3\n3 2\n2 1\n1 0\n\n4 3\n' >in
printf '%s\n' '{"key":"k","frames":[[1,2],[2,3],[3,4],[4,3],[3,2],[2,1],[1,0]]}' '{"frames":[[4,3]]}' >in.jsonl
for each in 1 2 3 7 10; do
  rnn-classify -m "$models/frames.zst" --prob --key --each=$each in.jsonl >wanted
  run rnn-classify -m "$models/frames.zst" --prob --key --each=$each in
  expect_exit 0
  expect_same "$out" wanted
  run rnn-classify -m "$models/frames.zst" --prob --key --each=$each -J in
  rnn-classify -m "$models/frames.zst" --prob --key --each=$each -J in.jsonl >wanted
  expect_same "$out" wanted
done
printf '1 2\n2 3\n3\n4 5\n\n4 3\n\n# label: x\n\n' >in
run rnn-classify -m "$models/frames.zst" --each in
expect_exit 65
expect_stderr "in:3: 2 numbers expected, 1 found"
expect "what came before is answered" [ "$(cut -f 1 "$out" | tr '\n' ' ')" = "1 2 " ]
run rnn-classify -m "$models/frames.zst" --each --on-error skip in
expect_exit 1
expect_stderr "in:8: a sequence without frames"
expect "the next one is answered" [ "$(cut -f 1 "$out" | tr '\n' ' ')" = "1 2 1 " ]

test_case "numbers are text for a model of words"
printf '0.5 0.7\n' >in
run rnn-classify in
expect_exit 0
expect "one label" [ "$(wc -l <"$out")" = 1 ]

test_case "a model for another task is refused, and the right program named"
run rnn-classify -m "$models/tags.zst" "$models/train.tsv"
expect_exit 65
expect_stderr "tags is a tagging model: use rnn-tag"
expect_stdout ""
run rnn-classify -m - "$models/train.tsv" <"$models/tags.zst"
expect_exit 65
expect_stderr "the model is a tagging model: use rnn-tag"

test_case "bad data: fail, mark or skip"
printf 'good\nb\377d\nbad\n' >in
run rnn-classify in
expect_exit 65
expect_stderr "in:2: invalid UTF-8"
expect_stdout "pos"
run rnn-classify --on-error mark in
expect_exit 1
expect_stderr "in:2: invalid UTF-8"
expect_stdout "pos

neg"
run rnn-classify --on-error skip in
expect_exit 1
expect_stdout "pos
neg"
run rnn-classify --utf8 replace in
expect_exit 0
expect "three answers" [ "$(wc -l <"$out")" = 3 ]
printf 'a\000b\n' >in
run rnn-classify in
expect_exit 65
expect_stderr "in:1: NUL"

test_case "options that mean nothing"
for option in --top=0 --top=x --min-prob=2 --min-prob=nan --each=0 --batch=0 --confusion --no-such-option -Fnone; do
  run rnn-classify $option </dev/null
  expect_exit 64
  expect_stdout ""
done

test_case "standard input is read once"
echo good >in
run rnn-classify -m - <"$models/polarity.zst"
expect_exit 64
expect_stderr "standard input"
run rnn-classify - - <in
expect_exit 64

test_case "what is not there"
echo good >in
run rnn-classify -m nosuch in
expect_exit 66
expect_stderr "no model 'nosuch'"
run rnn-classify nosuch.txt
expect_exit 66
expect_stderr "nosuch.txt: No such file"
run rnn-classify .
expect_exit 66
expect_stderr ".: Is a directory"
run rnn-classify -m . in
expect_exit 66
: >empty
run rnn-classify -m empty in
expect_exit 65
expect_stderr "empty"
run rnn-classify -m "$models/train.tsv" in
expect_exit 65
run rnn-classify --test --confusion no/such/table "$models/train.tsv"
expect_exit 73

test_case "a file appears whole or not at all"
printf 'good\nb\377d\n' >bad
run rnn-classify -o answers bad
expect_exit 65
expect_no_file answers
echo good >in
run rnn-classify -o answers in
expect_exit 0
expect_stdout ""
expect "the answer is in it" [ "$(cat answers)" = pos ]

test_case "the polarity model that ships takes at most 5 MB and answers as it did"
shipped=$RNN_SOURCE/models/english-polarity.zst
expect "at most 5 MB" [ "$(wc -c <"$shipped")" -le 5000000 ]
printf '%s\n' 'A wonderful film , I laughed and cried .' 'Two hours of my life that I will never get back .' \
  'Not bad at all , the best I have seen in years .' 'The plot is dull and the acting worse .' >in
rnn-classify -m "$shipped" --prob in >answers
run awk '{ printf "%s %.2f\n", $1, $2 }' answers
expect_stdout "$(printf 'pos 0.94\nneg 0.81\npos 0.56\nneg 0.92')"

test_done
