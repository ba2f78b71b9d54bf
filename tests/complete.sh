# rnn-complete: what comes next.
# shellcheck disable=SC2086 # $small is several words
. "${RNN_SOURCE:-.}/tests/lib.sh"

small="--state 16 --epochs 60 --learning-rate 0.02"
models=$test_root/models
mkdir "$models"
i=0
while [ $i -lt 20 ]; do
  echo deep
  i=$((i + 1))
done >"$models/deep.txt"
rnn-train $small --level char -o "$models/deep.zst" "$models/deep.txt"
printf 'the dog runs\nthe cat sits\nthe dog runs\na cat runs\n' >"$models/words.txt"
rnn-train $small --level word -o "$models/words.zst" "$models/words.txt"
printf 'pos\tgood\nneg\tbad\n' | rnn-train $small -o "$models/polarity.zst"
RNN_MODEL=$models/deep.zst
export RNN_MODEL

test_case "d is completed to deep"
echo d >in
run rnn-complete <in
expect_exit 0
expect_stdout "deep"
expect_no_stderr
run rnn-complete --beam 1 in
expect_stdout "deep"

test_case "tied: the embedding is V; the gradients of both paths are right, and only completion has it"
run rnn-train $small --level char --tied=true -o tied.zst "$models/deep.txt"
expect_exit 0
echo d >in
run rnn-complete -m tied.zst in
expect_stdout "deep"
run rnn-inspect check -m tied.zst "$models/deep.txt"
expect_exit 0
zstd -qdc tied.zst >tied.plain
expect "V alone" [ "$(grep -ac '"embedding":{' tied.plain)" = 0 ]
run rnn-complete -m tied.plain in
expect_stdout "deep"
printf 'pos\tgood\nneg\tbad\n' >labelled
run rnn-train $small --tied=true labelled
expect_exit 78
expect_stderr "rnn-train: tied: completion alone has V of the shape of its embedding"
run rnn-train $small --level char --tied=true --embedding 15 "$models/deep.txt"
expect_exit 78
expect_stderr "rnn-train: tied: the embedding must be as wide as the state"

test_case "no input, no output; an empty prefix stays empty"
run rnn-complete </dev/null
expect_exit 0
expect_stdout ""
printf 'd\n\nde\n' >in
run rnn-complete in
expect_stdout "deep

deep"
run rnn-complete --top 2 in
expect "one line for the empty one" [ "$(wc -l <"$out")" = 5 ]

test_case "the best completions, best first, each once"
echo d >in
run rnn-complete --top 5 --prob in
expect "five" [ "$(wc -l <"$out")" = 5 ]
expect "the best" [ "$(head -n 1 "$out" | cut -f 1)" = deep ]
expect "falling" sh -c "cut -f 2 '$out' | sort -c -gr"
expect "each once" [ "$(cut -f 1 "$out" | sort -u | wc -l)" = 5 ]
run rnn-complete --top 2 -J in
expect_stdout_matches '^{"prefix":"d","completions":\[{"text":"deep","probability":0\.[0-9]*,"stopped":true},{"text":"[^"]*","probability":[^,]*,"stopped":[a-z]*}\]}$'

test_case "words are joined by blanks"
printf 'the dog\nthe dog \na\n' >in
run rnn-complete -m "$models/words.zst" in
expect_stdout "the dog runs
the dog runs
a cat runs"

test_case "length and stop"
echo d >in
run rnn-complete --length 2 in
expect_stdout "dee"
run rnn-complete --stop p in
expect_stdout "dee"
run rnn-complete --stop x in
expect_exit 64
expect_stderr "--stop=x: the model has no such symbol"

test_case "drawing depends on the seed and the record alone"
i=0
while [ $i -lt 60 ]; do
  echo d
  i=$((i + 1))
done >in
rnn-complete --sample --temperature 3 in >whole
run rnn-complete --sample --temperature 3 in
expect_same "$out" whole
for options in "--batch 1" "--batch 7 -j 2" "-j 3"; do
  run rnn-complete --sample --temperature 3 $options in
  expect_same "$out" whole
done
expect "draws differ" [ "$(sort -u whole | wc -l)" -gt 3 ]
rnn-complete --sample --temperature 3 --seed 2 in >other
expect "another seed, other draws" sh -c '! cmp -s other whole'
run rnn-complete --sample --temperature 0.01 in
expect "cold: always the best" [ "$(sort -u "$out")" = deep ]

test_case "the same completions for any batch and number of threads"
printf 'd\nde\ndee\np\ne\nx\ndd\n' >in
rnn-complete --top 3 --prob in >whole
for options in "--batch 1" "--batch 3" "-j 2" "-j 3"; do
  run rnn-complete --top 3 --prob $options in
  expect_same "$out" whole
done

test_case "bits per symbol of each line"
printf 'deep\n\npeed\n' >in
run rnn-complete --score in
expect_exit 0
expect "a line each" [ "$(wc -l <"$out")" = 3 ]
expect "none for an empty one" [ "$(sed -n 2p "$out")" = "" ]
expect "what was learnt is foreseen" sh -c "awk 'NR == 1 { a = \$1 } NR == 3 { b = \$1 } END { exit !(a < 1 && b > 2 * a) }' '$out'"
run rnn-complete --score -J in
expect_stdout_contains '{"bits_per_symbol":null}'

test_case "measures of the whole input"
run rnn-complete --test "$models/deep.txt"
expect_exit 0
expect_stdout_contains "count	80"
expect_stdout_matches '^nats	0\.[0-9]*$'
expect_stdout_matches '^perplexity	1\.[0-9]*$'
expect_stdout_matches '^accuracy	1$'
rnn-complete --score "$models/deep.txt" | head -n 1 >bits
expect "the bits of the line are those of all" [ "$(sed -n 's/^bits	//p' "$out" | cut -c 1-6)" = "$(cut -c 1-6 bits)" ]
run rnn-complete --test </dev/null
expect_exit 0
expect_stdout ""

test_case "streams and JSON Lines"
printf 'd\nde\n' >in
rnn-vocab --level char in >in.seq.zst
run rnn-complete in.seq.zst
expect_stdout "deep
deep"
printf '{"key":"k","text":"d"}\n' >in
run rnn-complete --key in
expect_stdout "k	deep"
rnn-vocab --level word in >words.seq.zst
run rnn-complete words.seq.zst
expect_exit 65
expect_stderr "a stream of words, but the model reads characters"

test_case "a model for another task"
run rnn-complete -m "$models/polarity.zst" </dev/null
expect_exit 65
expect_stderr "polarity is a classification model: use rnn-classify"

test_case "options that mean nothing"
for option in --top=0 --beam=0 --length=0 --temperature=0 --temperature=nan --seed=-1 --no-such-option; do
  run rnn-complete $option </dev/null
  expect_exit 64
done

test_done
