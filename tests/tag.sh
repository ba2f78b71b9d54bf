# rnn-tag: a label for every step.
# shellcheck disable=SC2086 # $small is several words
. "${RNN_SOURCE:-.}/tests/lib.sh"

small="--state 8 --epochs 80 --learning-rate 0.02"
models=$test_root/models
mkdir "$models"
printf 'the\tDET\ndog\tNOUN\nruns\tVERB\n\na\tDET\ncat\tNOUN\nsits\tVERB\n\nthe\tDET\ncat\tNOUN\nruns\tVERB\n\n' \
  >"$models/train.columns"
rnn-train $small -F columns --bidirectional=false -o "$models/tags.zst" "$models/train.columns"
rnn-train $small -F columns --bidirectional=true -o "$models/both.zst" "$models/train.columns"
printf 'in\tO\nNew\tB-loc\nYork\tI-loc\n\nParis\tB-loc\nis\tO\n\n' >"$models/train.bio"
rnn-train $small -F columns -o "$models/bio.zst" "$models/train.bio"
printf 'pos\tgood\nneg\tbad\n' | rnn-train $small -o "$models/polarity.zst"
RNN_MODEL=$models/tags.zst
export RNN_MODEL

sentences() {
  printf '# sent_id = 1\n# text = the dog\n1-2\tthedog\t_\t_\t_\t_\t_\t_\t_\t_\n1\tthe\tthe\tX\tx\tA=b\t2\tdet\t_\tSpaceAfter=No\n2\tdog\tdog\t_\t_\t_\t0\troot\t_\t_\n2.1\truns\t_\tVERB\t_\t_\t_\t_\t_\t_\n\n\n# sent_id = 2\n1\tcat\t_\t_\t_\t_\t_\t_\t_\t_'
}

test_case "text: a token and its tag a line, a blank line after each record"
printf 'the dog runs\n\na cat\n' >in
run rnn-tag in
expect_exit 0
expect_no_stderr
expect_stdout "the	DET
dog	NOUN
runs	VERB


a	DET
cat	NOUN
"
run rnn-tag --prob in
expect_stdout_matches '^dog	NOUN	0\.[0-9]*$'

test_case "tags on one line, records out = records in"
run rnn-tag --labels-only in
expect_exit 66
printf 'the dog runs\n\na cat\n' >in
run rnn-tag --labels-only in
expect_stdout "DET NOUN VERB

DET NOUN"
run rnn-tag -J in
expect_stdout '{"tokens":["the","dog","runs"],"tags":["DET","NOUN","VERB"]}
{"tokens":[],"tags":[]}
{"tokens":["a","cat"],"tags":["DET","NOUN"]}'

test_case "CoNLL-U comes out byte for byte but for the column"
sentences >in
run rnn-tag in
expect_exit 0
sed 's/\tthe\tX\t/\tthe\tDET\t/; s/^2\tdog\tdog\t_/2\tdog\tdog\tNOUN/; s/^1\tcat\t_\t_/1\tcat\t_\tNOUN/' in >wanted
expect_same "$out" wanted
sed 's/$/\r/' in >crlf
rnn-tag crlf | tr -d '\r' >got
expect_same got wanted
run rnn-tag --column xpos in
cut -f 1-4,6- in >rest
cut -f 1-4,6- "$out" >got
expect_same got rest
expect "the column is filled" [ "$(sed -n 5p "$out" | cut -f 5)" = NOUN ]
run rnn-tag --column nosuch in
expect_exit 64
run rnn-tag --prob in
expect_stdout_matches '^1	the	the	DET	x	A=b	2	det	_	SpaceAfter=No|Prob=[01]\.*[0-9]*$'
expect_stdout_matches '^2	dog	dog	NOUN	_	_	0	root	_	Prob=[01]\.*[0-9]*$'

test_case "comments and blank lines alone go through"
printf '\n\n# newdoc\n\n1\tdog\t_\t_\t_\t_\t_\t_\t_\t_\n\n# end\n' >in
sed 's/dog\t_\t_/dog\t_\tNOUN/' in >wanted
run rnn-tag -F conllu in
expect_exit 0
expect "all lines" [ "$(wc -l <"$out")" = "$(wc -l <in)" ]

test_case "columns get one more"
run rnn-tag -F columns "$models/train.columns"
expect_exit 0
awk 'NF { print $0 "\t" $2; next } { print }' "$models/train.columns" >wanted
expect_same "$out" wanted
cut -f 1,2 "$out" | sed 's/^\t*$//' >got
expect_same got "$models/train.columns"
printf 'the\ndog' >in
run rnn-tag -F columns in
printf 'the\tDET\ndog\tNOUN' >wanted
expect_same "$out" wanted

test_case "JSON Lines and streams"
printf '{"key":"k","tokens":["the","dog"]}\n' >in
run rnn-tag --labels-only --key in
expect_stdout "k	DET NOUN"
rnn-vocab -F columns "$models/train.columns" >in.seq.zst
run rnn-tag in.seq.zst
expect_same "$out" "$models/train.columns"

test_case "the most probable taggings, best first"
printf 'the dog runs\n' >in
run rnn-tag --labels-only --prob --nbest 100 in
expect "27 of 3 tags and 3 steps" [ "$(wc -l <"$out")" = 27 ]
expect "the best is the tagging" [ "$(head -n 1 "$out" | cut -f 1)" = "DET NOUN VERB" ]
expect "falling" sh -c "cut -f 2 '$out' | sort -c -gr"
expect "all there are, each once" [ "$(cut -f 1 "$out" | sort -u | wc -l)" = 27 ]
expect "their probabilities sum to 1" sh -c "awk -F '\t' '{ s += \$2 } END { exit !(s > 0.99999 && s < 1.00001) }' '$out'"
run rnn-tag --nbest 2 in
expect_stdout_matches '^# rank = 2$'
run rnn-tag --nbest 2 -J in
expect_stdout_contains '"nbest":[{"tags":["DET","NOUN","VERB"],"probability":'

test_case "the same sentence gives the same bytes for any batch and number of threads"
i=0
while [ $i -lt 100 ]; do
  printf 'the dog %s runs\na\nthe cat sits and the dog\n' $i
  i=$((i + 1))
done >in
for model in tags both; do
  rnn-tag -m "$models/$model.zst" --prob in >whole
  for options in "--batch 1" "--batch 7" "-j 2" "-j 3 --batch 40"; do
    run rnn-tag -m "$models/$model.zst" --prob $options in
    expect_same "$out" whole
  done
done

test_case "the model that ships tags as it did"
printf 'The quick brown fox jumps over the lazy dog.\nGoogling frobnicators unhappily, she emailed Kowalczyk.\n' >in
run rnn-tag -m "$RNN_SOURCE/models/english-pos.zst" --labels-only in
expect_exit 0
expect_stdout "DET ADJ ADJ NOUN VERB ADP DET ADJ NOUN PUNCT
PROPN NOUN ADV PUNCT PRON VERB PROPN PUNCT"

test_case "words never seen are known by their spelling, in text, in columns and in a stream alike"
printf '%s\tVERB\n' walking talking sinking >train
printf '%s\tNOUN\n' nation station notion >>train
rnn-train $small --min-count 2 -F columns -o words.zst train
printf 'waking motion Linking\n' >in
run rnn-tag -m words.zst --labels-only --prob in
expect_stdout_matches '^VERB NOUN VERB'
cp "$out" wanted
tr ' ' '\n' <in >in.columns
rnn-vocab in >in.seq.zst
run rnn-tag -m words.zst --labels-only --prob -F columns in.columns
expect_same "$out" wanted
run rnn-tag -m words.zst --labels-only --prob in.seq.zst
expect_same "$out" wanted
run rnn-inspect check -m words.zst -F columns train
expect_exit 0
expect_stdout_contains "features"
rnn-train $small --min-count 2 --features=false -F columns -o numbers.zst train
run sh -c 'rnn-inspect tensors numbers.zst | grep features'
expect_exit 1
run rnn-train --features --embedding none -F columns train
expect_exit 78
expect_stderr "features: words to tag or to classify, with an embedding, have them"

test_case "--test"
run rnn-tag -F columns --test --confusion table "$models/train.columns"
expect_exit 0
expect_stdout_contains "count	9
accuracy	1"
expect_stdout_contains "NOUN	1	1	1	3	3	3"
printf 'gold/predicted\tDET\tNOUN\tVERB\t(other)\nDET\t3\t0\t0\t0\nNOUN\t0\t3\t0\t0\nVERB\t0\t0\t3\t0\n(other)\t0\t0\t0\t0\n' >wanted
expect_same table wanted
run rnn-tag -F columns --fail-under accuracy=1.0 "$models/train.columns"
expect_exit 0
printf 'the\tNOUN\ndog\todd\n\n' >in
run rnn-tag -F columns --fail-under accuracy=0.1 in
expect_exit 1
expect_stdout_contains "count	2
accuracy	0"
printf 'the dog\n' >in
run rnn-tag --test in
expect_exit 65
expect_stderr "line 1: no tags, --test needs them"
run rnn-tag --fail-under entity_f1=0.5 -F columns "$models/train.columns"
expect_exit 1
expect_stderr "there is no entity_f1"

test_case "entities of BIO tags"
run rnn-tag -m "$models/bio.zst" -F columns --test --fail-under entity_f1=1 "$models/train.bio"
expect_exit 0
expect_stdout_contains "entity_precision	1
entity_recall	1
entity_f1	1"
printf 'in\tO\nNew\tB-loc\nYork\tB-loc\n\n' >in
run rnn-tag -m "$models/bio.zst" -F columns --test in
expect_stdout_contains "entity_f1	0"

printf 'in\tO\nNew\tI-loc\nYork\tI-loc\n\nParis\tI-loc\nis\tO\n\n' >open
rnn-train $small -F columns -o open.zst open
run rnn-tag -m open.zst -F columns --test open
expect_stdout_contains "entity_f1	1"
printf 'in\tO\nNew\tB-loc\nYork\tE-loc\n\nParis\tS-loc\nis\tO\n\n' >ends
rnn-train $small -F columns -o ends.zst ends
run rnn-tag -m ends.zst -F columns --test ends
expect_stdout_contains "entity_f1	1"

test_case "tags of spans are a chain: the most probable tagging, its marginals, and what asks for more"
run sh -c "rnn-inspect config '$models/bio.zst' | grep '^output:'"
expect_stdout "output: crf"
printf 'in New York\nParis is\n' >in
run rnn-tag -m "$models/bio.zst" --labels-only --prob in
expect_stdout_matches '^O B-loc I-loc	0\.[0-9 .]*$'
cp "$out" wanted
for options in "--batch 1" "-j 3 --batch 2"; do
  run rnn-tag -m "$models/bio.zst" --labels-only --prob $options in
  expect_same "$out" wanted
done
run rnn-tag -m "$models/bio.zst" --nbest 2 in
expect_exit 64
expect_stderr "--nbest: the tags of this model are a chain"
run rnn-inspect check -m "$models/bio.zst" -F columns "$models/train.bio"
expect_exit 0
expect_stdout_contains "output.A"
run rnn-inspect gradients -m "$models/bio.zst" -F columns "$models/train.bio"
expect_exit 0
expect_no_stderr
run rnn-inspect saliency -m "$models/bio.zst" -F columns --step 0 "$models/train.bio"
expect_exit 0
awk -F'\t' 'NR > 1 && $4 == 0 { printf "%s %.4f\n", $2, $3 }' "$out" >inside
rnn-tag -m "$models/bio.zst" -F columns --prob "$models/train.bio" >tagged
awk -F'\t' 'first == "" { printf "%s %.4f\n", $(NF - 1), $NF } { first = $0 }' tagged | head -n 10 >outside
expect_same inside outside
run rnn-train --output crf --bptt 10 -F columns "$models/train.bio"
expect_exit 78
expect_stderr "output: crf is for tags, over whole sequences (bptt: full)"

test_case "bad data is named by file and line; what came before it is answered"
{
  sentences
  printf '\n\n1\tnine\t_\t_\t_\t_\t_\t_\t_\n\n1\tdog\t_\t_\t_\t_\t_\t_\t_\t_\n\n'
} >in
run rnn-tag in
expect_exit 65
expect_stderr "in:12: 10 columns expected, 9 found"
expect "the good ones are there" grep -q 'cat	_	NOUN' "$out"
run rnn-tag --on-error mark in
expect_exit 1
expect "no line is lost" [ "$(wc -l <"$out")" = "$(wc -l <in)" ]
expect "the bad one stays as it is" grep -q '^1	nine	_	_	_' "$out"
expect "the next one is answered" [ "$(tail -n 2 "$out" | cut -f 4)" = NOUN ]
run rnn-tag --on-error skip in
expect_exit 1
expect "the bad one is left out" sh -c "! grep -q nine '$out'"

test_case "a model for another task"
run rnn-tag -m "$models/polarity.zst" </dev/null
expect_exit 65
expect_stderr "polarity is a classification model: use rnn-classify"

test_case "options that mean nothing"
for option in --nbest=0 --nbest=x --nbest=100000 --no-such-option; do
  run rnn-tag $option </dev/null
  expect_exit 64
done

test_case "words that share no spelling with any other have no features, and strangers are read all the same"
printf 'x\tX\n\n' | rnn-train --state 4 --epochs 1 -F columns >alone.zst
run rnn-inspect config -m alone.zst
expect_stdout_contains "features: false"
printf 'x never met\n' >in
run rnn-tag -m alone.zst in
expect_exit 0
expect "a tag for each" [ "$(grep -c X "$out")" = 3 ]

test_case "text as treebanks cut it: one token a line, a blank line after each sentence; so many lines of it"
pipeline=$RNN_SOURCE/pipelines/tagging
printf "I don't, it's (well) so...<br />He said: \"no!\" Twice?\nThe end\nand more\n" >text
awk -v lines=2 -f "$pipeline/tokens.awk" text >tokens
run paste -s -d '|' tokens
expect_stdout "I|do|n't|,|it|'s|(|well|)|so|...||He|said|:|\"|no|!|\"|Twice|?||The|end|"

test_case "pipelines/tagging: a tagger that starts from the words of a text"
for i in 1 2 3 4 5 6; do printf 'The dog runs. A cat sits.\nthe bird runs; a cow sits.\n'; done >text
run make -s -C "$pipeline" BIN="$RNN_BIN/" TRAIN="$models/train.columns" VALID="$models/train.columns" DATA=. TEXT="$PWD/text" \
  ENCODE="--from columns" OUT="$PWD/out" D="-D epochs=60" pretrained
expect_exit 0
expect_stdout_matches "^accuracy	1$"
run rnn-tag -m out/pretrained/model.zst --prob text
expect_exit 0
expect "it knows words of the text" sh -c 'rnn-inspect vocabulary out/pretrained/model.zst | grep -q bird'
expect "it takes the small steps of one that has learnt" sh -c 'rnn-inspect config out/pretrained/model.zst |
  grep -q "^learning_rate: 0.002"'

test_done
