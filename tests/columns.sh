# Several columns of tags: rnn-vocab, rnn-train, rnn-tag and rnn-inspect.
# shellcheck disable=SC2086 # $small is several words
. "${RNN_SOURCE:-.}/tests/lib.sh"

small="--state 8 --epochs 60 --learning-rate 0.02 --patience none -j 1"
models=$test_root/models
mkdir "$models"
word() { # NUMBER FORM UPOS XPOS FEATS
  printf '%s\t%s\t%s\t%s\t%s\t%s\t0\tdep\t_\t_\n' "$1" "$2" "$2" "$3" "$4" "$5"
}
sentences() {
  echo "# sent_id = 1"
  word 1 the DET DT Definite=Def && word 2 dogs NOUN NNS Number=Plur && word 3 run VERB VBP _ && echo
  word 1 a DET DT Definite=Ind && word 2 cat NOUN NN Number=Sing && word 3 sits VERB VBZ Number=Sing && echo
  word 1 the DET DT Definite=Def && word 2 cat NOUN NN Number=Sing && word 3 runs VERB VBZ Number=Sing && echo
}
sentences >"$models/gold.conllu"
rnn-vocab -F conllu --column upos,xpos,feats "$models/gold.conllu" >"$models/all.seq.zst"
rnn-train $small "$models/all.seq.zst" >"$models/all.zst"
RNN_MODEL=$models/all.zst
export RNN_MODEL
awk -F '\t' -v OFS='\t' 'NF == 10 { $4 = $5 = $6 = "_" } { print }' "$models/gold.conllu" >"$models/bare.conllu"

test_case "conllu: all columns are filled, all else is as it was"
run rnn-tag "$models/bare.conllu"
expect_exit 0
expect_no_stderr
expect_same "$models/gold.conllu" "$out"
run_shell "rnn-train $small -F conllu --column upos,xpos,feats $models/gold.conllu | cmp - $models/all.zst"
expect_exit 0
run_shell "rnn-train $small --other-columns 1 $models/all.seq.zst | cmp -s - $models/all.zst"
expect_exit 1
run rnn-train $small --other-columns 0 "$models/all.seq.zst"
expect_exit 64

test_case "one of them is filled, some in another order, and none that the model has not"
run rnn-tag --column xpos "$models/bare.conllu"
cut -f 5 "$models/gold.conllu" >wanted
cut -f 5 "$out" >got
expect_same wanted got
cut -f 1-4,6- "$models/bare.conllu" >wanted
cut -f 1-4,6- "$out" >got
expect_same wanted got
run rnn-tag --column feats,upos "$models/bare.conllu"
cut -f 4,6 "$models/gold.conllu" >wanted
cut -f 4,6 "$out" >got
expect_same wanted got
expect "xpos is left alone" [ "$(cut -f 5 "$out" | sort -u | tr -d '\n')" = "# sent_id = 1_" ]
run rnn-tag --column deprel "$models/bare.conllu"
expect_exit 64
expect_stderr "--column=deprel: the model has upos,xpos,feats"
run rnn-tag --column upos,deprel "$models/bare.conllu"
expect_exit 64

test_case "text, columns and JSON Lines get them all"
echo 'the cat' >in
run rnn-tag in
expect_stdout "the	DET	DT	Definite=Def
cat	NOUN	NN	Number=Sing
"
run rnn-tag --labels-only in
expect_stdout "DET NOUN	DT NN	Definite=Def Number=Sing"
run rnn-tag -J in
expect_stdout '{"tokens":["the","cat"],"tags":{"upos":["DET","NOUN"],"xpos":["DT","NN"],"feats":["Definite=Def","Number=Sing"]}}'
printf 'the x\ncat y\n' | rnn-tag -F columns >got
printf 'the x DET DT Definite=Def\ncat y NOUN NN Number=Sing\n' >wanted
expect_same wanted got
run rnn-tag --prob in
expect_stdout_matches '^cat	NOUN	[01]\.*[0-9]*	NN	[01]\.*[0-9]*	Number=Sing	[01]\.*[0-9]*$'
run rnn-tag --labels-only --prob in
expect_stdout_matches '^DET NOUN	[01]\.*[0-9]*	DT NN	[01]\.*[0-9]*	Definite=Def Number=Sing	[01]\.*[0-9]*$'
run rnn-tag --prob "$models/bare.conllu"
expect_stdout_matches '	_	Prob\.upos=[01]\.*[0-9]*|Prob\.xpos=[01]\.*[0-9]*|Prob\.feats=[01]\.*[0-9]*$'
run rnn-tag -J --prob in
expect_stdout_matches '"probabilities":{"upos":\[[01]\.*[0-9]*,[01]\.*[0-9]*\],"xpos":\['

test_case "what is written can be read again"
rnn-tag -J "$models/bare.conllu" >tagged.jsonl
rnn-train $small tagged.jsonl >again.zst
run rnn-inspect diff again.zst "$models/all.zst"
expect_exit 0
rnn-vocab --text "$models/all.seq.zst" >tagged.columns
rnn-train $small -F columns --column 2,3,4 tagged.columns >"$models/numbered.zst"
run rnn-tag -m "$models/numbered.zst" --test -F columns tagged.columns
expect_stdout_contains "2.accuracy	1"
run rnn-tag -m "$models/numbered.zst" "$models/bare.conllu"
expect_exit 64
run rnn-tag -m "$models/numbered.zst" --column upos,xpos,feats "$models/bare.conllu"
expect_same "$models/gold.conllu" "$out"

test_case "--nbest is of one column"
run rnn-tag --nbest 2 in
expect_exit 64
expect_stderr "--nbest: of one column alone; --column chooses it"
echo cat >in
run rnn-tag --nbest 2 --column upos in
expect_stdout_matches '^# rank = 2$'

test_case "--test: the measures of each column, by its name"
run rnn-tag --test "$models/gold.conllu"
expect_exit 0
expect_stdout_contains "upos.accuracy	1"
expect_stdout_contains "feats.macro_f1	1"
expect_stdout_matches '^xpos	VBZ	1	1	1	2	2	2$'
cp "$out" wanted
run rnn-tag --test "$models/all.seq.zst"
expect_same wanted "$out"
sed 's/	NN	/	NNP	/' "$models/gold.conllu" >wrong.conllu
run rnn-tag --test --fail-under accuracy=0.99 wrong.conllu
expect_exit 0
run rnn-tag --test --fail-under upos.accuracy=0.99 --fail-under xpos.accuracy=0.9 wrong.conllu
expect_exit 1
expect_stderr "xpos.accuracy is 0.777778, less than 0.9"
run rnn-tag --test --fail-under deprel.accuracy=0.9 wrong.conllu
expect_exit 64
run rnn-tag --test --confusion matrix --coverage curve wrong.conllu
expect "a matrix each" [ "$(grep -c 'gold/predicted' matrix)" = 3 ]
expect "with its name" grep -q '^xpos gold/predicted	DT	NN	' matrix
expect "a curve each" [ "$(cut -f 1 curve | sort -u | wc -l)" = 4 ]
run rnn-tag --test --column xpos wrong.conllu
expect_stdout_contains "accuracy	0.7777778"
run rnn-tag --test --column upos,xpos -F columns "$models/gold.conllu"
expect_exit 64

test_case "columns that are missing, or others"
rnn-vocab -F conllu --column upos,xpos "$models/gold.conllu" >two.zst
run rnn-tag --test two.zst
expect_exit 65
expect_stderr "no tags of the model's columns, --test needs them (--column)"
run rnn-tag two.zst
expect_exit 0
run rnn-train $small --valid two.zst "$models/all.seq.zst"
expect_exit 65
expect_stderr "two.zst: the data has upos,xpos, the model upos,xpos,feats"
run rnn-train $small --valid "$models/gold.conllu" -o valid.zst "$models/all.seq.zst"
expect_exit 0
run rnn-train $small --init "$models/all.zst" -o more.zst "$models/gold.conllu"
expect_exit 0
run rnn-inspect summary more.zst
expect_stdout_contains "columns	upos,xpos,feats"

test_case "a training that was stopped goes on to the same model"
many="--state 8 --epochs 4 --valid 0.3 -j 2 --batch 1"
awk 'BEGIN { for (i = 0; i < 80; i++) print "w" i % 7 " A" i % 3 " B-" i % 2 "\nv" i % 5 " C O\n" }' >in.columns
rnn-train $many -F columns --column 2,3 in.columns >"$models/chains.zst"
for delay in 0.05 0.1 0.2 0.3; do
  timeout -s TERM $delay rnn-train $many -F columns --column 2,3 --checkpoint ck in.columns >/dev/null
done
rnn-train $many -F columns --column 2,3 --checkpoint ck in.columns >resumed
expect_same "$models/chains.zst" resumed
run rnn-inspect config resumed
expect_stdout_contains "output: crf"
run rnn-tag -m resumed --test -F columns --column 2,3 in.columns
expect_stdout_contains "3.entity_f1	"

test_case "rnn-inspect looks at all of them, or at one"
run rnn-inspect summary "$models/all.zst"
expect_stdout_contains "columns	upos,xpos,feats"
expect_stdout_contains "output.V	13 x 16"
run rnn-inspect labels "$models/all.zst"
expect_stdout_matches '^feats	_	1$'
expect_stdout_matches '^xpos	NN	2$'
run rnn-inspect labels "$models/all.seq.zst"
expect_stdout_matches '^xpos	NN	2$'
run rnn-inspect check -m "$models/all.zst"
expect_exit 0
run rnn-inspect check -m "$models/chains.zst"
expect_exit 0
run rnn-inspect check -m "$models/all.zst" "$models/gold.conllu"
expect_exit 0
for view in gradients jacobians saliency states; do
  run rnn-inspect $view -m "$models/all.zst" --sequences 1 "$models/gold.conllu"
  expect_exit 0
  run rnn-inspect $view -m "$models/all.zst" --column xpos --sequences 1 "$models/all.seq.zst"
  expect_exit 0
done
run rnn-inspect saliency -m "$models/all.zst" --column xpos --sequences 1 --step 1 "$models/gold.conllu"
expect_stdout_matches '^0	NNS	'
run rnn-inspect saliency -m "$models/all.zst" --column deprel "$models/gold.conllu"
expect_exit 64
run rnn-inspect diff "$models/all.zst" "$models/numbered.zst"
expect_exit 1
expect_stdout_contains "columns	upos,xpos,feats	2,3,4"

test_done
