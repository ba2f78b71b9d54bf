#!/bin/sh
# rnn-inspect looks inside: gradients, Jacobians, tensor, states, saliency, pictures.
. "${RNN_SOURCE:-.}/tests/lib.sh"

models=$test_root/models
mkdir "$models"
cat >"$models/reviews.tsv" <<'EOF'
good	a good film , and loved by all
bad	a bad film
good	loved it
bad	boring , dull and bad
EOF
printf 'the\tDET\ncat\tNOUN\nsat\tVERB\n\na\tDET\ndog\tNOUN\n\n' >"$models/tags.txt"
printf '# label: up\n0 1 2\n1 2 3\n\n# label: down\n3 2 1\n2 1 0\n1 0 -1\n\n' >"$models/frames.txt"
{
  rnn-train -D epochs=2 -D state=4 -D embedding=3 -D wide=none -F tsv -o "$models/reviews.zst" "$models/reviews.tsv" &&
    rnn-train -D epochs=2 -D state=4 -D embedding=0 -F frames -o "$models/frames.zst" "$models/frames.txt"
} >"$test_root/log" 2>&1 || {
  sed 's/^/# /' "$test_root/log"
  exit 99
}

# fact NAME: its value in the last output.
fact() {
  awk -F'\t' -v name="$1" '$1 == name { print $2 }' "$out"
}

# shellcheck disable=SC2317 # called by its name
below() {
  awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a < b) }'
}

for cell in elman gru lstm sru mingru indrnn; do
  test_case "gradients of $cell: parts add up to back-propagation, tau = T is the whole"
  for task in "tsv $models/reviews.tsv" "columns $models/tags.txt" "frames $models/frames.txt"; do
    run rnn-inspect gradients -D state=4 -D "cell=$cell" -F "${task%% *}" "${task#* }"
    expect_exit 0
    expect_no_stderr
    expect "parts_error $(fact parts_error)" below "$(fact parts_error)" 1e-6
    run rnn-inspect gradients --show parts -D state=4 -D "cell=$cell" -F "${task%% *}" "${task#* }"
    sum=$(awk -F'\t' 'NR > 1 { sum[$1 $2] += $6 } END { for (i in sum) print sum[i] }' "$out" | sort -u)
    expect "shares of dL/db add up to 1, not $sum" [ "$sum" = 1 ]
    run rnn-inspect gradients --show truncation -D state=4 -D "cell=$cell" -F "${task%% *}" "${task#* }"
    last=$(tail -n 1 "$out" | cut -f3)
    expect "error $last at tau = T" below "$last" 1e-9
  done

  test_case "jacobians of $cell: norms stay within their bounds, and there is a verdict"
  run rnn-inspect jacobians -D state=5 -D "cell=$cell" -D layers=2 -F columns "$models/tags.txt"
  expect_exit 0
  expect_stdout_matches '^layer1.verdict	'
  expect_stdout_matches '^config	bptt: '
  run rnn-inspect jacobians --show products -D state=5 -D "cell=$cell" -F columns "$models/tags.txt"
  # shellcheck disable=SC2016 # of awk
  expect "a norm above its bound" awk -F'\t' 'NR > 1 { n++; if ($7 > $8 * 1.000000001) exit 1 } END { exit !n }' "$out"
  run rnn-inspect jacobians --show values -j 2 -D state=5 -D "cell=$cell" -F columns "$models/tags.txt"
  cp "$out" two
  run rnn-inspect jacobians --show values -j 1 -D state=5 -D "cell=$cell" -F columns "$models/tags.txt"
  expect_same "$out" two

  test_case "check of a new $cell network, on data, on threads"
  run rnn-inspect check -j 2 -D state=4 -D "cell=$cell" -F columns "$models/tags.txt"
  expect_exit 0
  cp "$out" two
  run rnn-inspect check -j 1 -D state=4 -D "cell=$cell" -F columns "$models/tags.txt"
  expect_same "$out" two
done

test_case "products of Jacobians that leave the range of one number on the way: of W = I/1000 all are 1000^-n and less"
awk 'BEGIN { for (i = 0; i < 60; i++) print "w" i % 7 "\tX"; print "" }' >long
run rnn-inspect jacobians --show products -D state=4 -D cell=elman -D initial=identity -D initial_gain=0.001 -F columns long
expect_exit 0
# shellcheck disable=SC2016 # of awk
expect "what tanh takes off is less each step further back, and never nothing" awk -F'\t' '
  NR > 1 { share = $7 * 1000 ^ $6; if (!(share > 1e-20 && share <= ($6 ? before : 1) * 1.000000001)) exit 1; before = share; n++ }
  END { exit n != 120 }' "$out"

test_case "tensor: the rule, the differences, one element"
run rnn-inspect tensor -D state=4 -D cell=elman -F columns "$models/tags.txt"
expect_exit 0
expect "64 elements" [ "$(fact elements)" = 64 ]
expect "three of four are zero" [ "$(fact zero_by_rule)" = 48 ]
expect "worst error" below "$(fact worst_error)" 1e-6
run rnn-inspect tensor --step 1 --p 2 --q 2 --r 1 -D state=4 -D cell=elman -F columns "$models/tags.txt"
expect "a heading and an element" [ "$(wc -l <"$out")" -eq 2 ]
run rnn-inspect tensor --step 1 --p 2 --q 1 --r 1 -D state=4 -D cell=elman -F columns "$models/tags.txt"
expect_stdout_matches '^2	1	1	0	'
run rnn-inspect tensor --p 4 -D state=4 -D cell=elman -F columns "$models/tags.txt"
expect_exit 64
run rnn-inspect tensor -D state=4 -D cell=sru -F columns "$models/tags.txt"
expect_exit 65
expect_stderr "has no W"

test_case "states: one row for each unit and step, arrays for NumPy, units"
run rnn-inspect states -m "$models/reviews.zst" -F tsv "$models/reviews.tsv"
expect "68 rows and a heading" [ "$(wc -l <"$out")" -eq $((4 * (8 + 3 + 2 + 5) + 1)) ]
run rnn-inspect states --show units -m "$models/reviews.zst" -F tsv "$models/reviews.tsv"
expect "a unit a row" [ "$(wc -l <"$out")" -eq 5 ]
run rnn-inspect states --show c -D cell=lstm -D state=3 -F columns "$models/tags.txt"
expect_exit 0
run rnn-inspect states --show c -m "$models/reviews.zst" -F tsv "$models/reviews.tsv"
expect_exit 64
rnn-inspect states --npy -m "$models/reviews.zst" -F tsv "$models/reviews.tsv" >s.npy
expect "128 bytes and 18 x 4 doubles" [ "$(wc -c <s.npy)" -eq $((128 + 18 * 4 * 8)) ]

test_case "saliency: of a model with n-grams beside the network, it is of the answer of both"
rnn-train -D epochs=1 -D state=4 -F tsv -o wide.zst "$models/reviews.tsv"
run rnn-inspect saliency -m wide.zst -F tsv "$models/reviews.tsv"
expect_exit 0
expect_no_stderr
# shellcheck disable=SC2016 # of awk
expect "n-grams have a part in it" awk -F'\t' 'NR > 1 && $8 != 0 { found = 1 } END { exit !found }' "$out"
awk -F'\t' 'NR > 1 && $4 == 0 { printf "%s %.5f\n", $2, $3 }' "$out" >inside
rnn-classify -m wide.zst --prob -F tsv "$models/reviews.tsv" | awk -F'\t' '{ printf "%s %.5f\n", $1, $2 }' >outside
expect_same inside outside

test_case "saliency: of a text that the model does not read to its beginning, it is of the same answer"
awk 'BEGIN { for (i = 0; i < 700; i++) printf "%s ", i % 7 == 0 ? "good" : "dull"; print "" }' >long
run rnn-train -F tsv -D cell=elman -D max_steps=20 -D epochs=2 -o cut.zst "$models/reviews.tsv"
run rnn-classify --prob -m cut.zst long
answered=$(cut -f 2 "$out")
run rnn-inspect saliency -m cut.zst -F text long
# shellcheck disable=SC2016 # awk's
expect "the probability is rnn-classify's, $answered" awk -F '\t' -v p="$answered" 'NR == 2 { d = $3 - p; exit !(d < 1e-6 && d > -1e-6) }' "$out"
expect "all words have a row" [ "$(wc -l <"$out")" -eq 701 ]

test_case "gradients, states: of a long text what the model reads of it, here both ends"
run rnn-train -F tsv -D cell=elman -D max_steps=20 -D kept=ends -D epochs=1 -o ends.zst "$models/reviews.tsv"
awk 'BEGIN { printf "pos\t"; for (i = 0; i < 30; i++) printf "%s ", i < 10 ? "good" : i < 20 ? "dull" : "fine"; print "" }' >ends.tsv
awk -F '\t' -v OFS='\t' '{ gsub("dull ", ""); print }' ends.tsv >together.tsv
for view in gradients "gradients --show steps" states "states --show gates" jacobians; do
  # shellcheck disable=SC2086 # a view and its options
  run rnn-inspect $view -m ends.zst -F tsv ends.tsv
  cp "$out" ends
  # shellcheck disable=SC2086
  run rnn-inspect $view -m ends.zst -F tsv together.tsv
  expect_same "$out" ends
done

test_case "saliency: of a completion model the decision is the next symbol, or that the line ends"
printf 'to be or not\nto be or not\n' >lines
rnn-train -F text -D epochs=40 -D state=16 --valid none -o next.zst lines
run rnn-inspect saliency -m next.zst -F text lines
expect_exit 0
expect_stdout_matches '^0	(end)	'
run rnn-inspect saliency -m next.zst -F text --step 1 lines
expect_stdout_matches '^0	or	'
run rnn-inspect states --show units -m next.zst -F text lines
expect_exit 0

test_case "saliency: complete, for text without labels too; HTML, JSON"
printf 'loved it and a good film\n' >new.txt
run rnn-inspect saliency -m "$models/reviews.zst" -F text new.txt
expect_exit 0
expect "a step a row" [ "$(wc -l <"$out")" -eq 7 ]
# shellcheck disable=SC2016 # of awk
expect "a gap" awk -F'\t' 'NR > 1 && $9 > 1e-4 { exit 1 }' "$out"
run rnn-inspect saliency -J -m "$models/reviews.zst" -F text new.txt
expect_stdout_contains '"token":"loved"'
run rnn-inspect saliency --html -m "$models/reviews.zst" -F text new.txt
expect_stdout_contains '<!DOCTYPE html>'
expect_stdout_contains '>loved</span>'
run rnn-inspect saliency -m "$models/frames.zst" -F frames "$models/frames.txt"
expect_exit 0

test_case "saliency: on a page markup is text; on a terminal tokens stand on their colours, but with NO_COLOR"
printf 'good <b> & loved\n' >new.txt
run rnn-inspect saliency --html -m "$models/reviews.zst" -F text new.txt
expect_exit 0
for token in '&lt;' b '&gt;' '&amp;'; do expect_stdout_contains ">$token</span>"; done
expect "the only markup is the page's own" [ "$(grep -c '<b> ' "$out")" = 0 ]
if have script; then
  run script -qec "rnn-inspect saliency -m $models/reviews.zst -F text new.txt" /dev/null
  tr -d '\r' <"$out" | sed "s/$(printf '\033')\[[0-9;]*m/|/g" >shown
  expect "a line of text, the decision before it" grep -qE '^(good|bad) 0\.[0-9]* ' shown
  expect "colours, each of them ended" [ "$(tr -cd '|' <shown | wc -c)" -ge 2 ]
  tr -d '|' <shown >tokens
  expect "the tokens as they are" grep -qF 'good < b > & loved' tokens
  run script -qec "NO_COLOR=1 rnn-inspect saliency -m $models/reviews.zst -F text new.txt" /dev/null
  expect "no colours" [ "$(tr -cd '\033' <"$out" | wc -c)" = 0 ]
  expect_stdout_matches '^sequence  *decision'
  run script -qec "rnn-inspect" /dev/null
  expect_stdout_contains "no model or stream is given, and standard input is a terminal"
fi

test_case "data of another task, a bad model, --set beside --model"
for what in gradients jacobians tensor states saliency; do
  run rnn-inspect $what -m "$models/reviews.zst" -F frames "$models/frames.txt"
  expect_exit 65
  run rnn-inspect $what -m "$models/tags.txt" -F tsv "$models/reviews.tsv"
  expect_exit 65
  run rnn-inspect $what -m "$models/reviews.zst" -D state=3 -F tsv "$models/reviews.tsv"
  expect_exit 64
done
run rnn-inspect gradients -m "$models/reviews.zst" -F text "$models/tags.txt"
expect_exit 65
expect_stderr "without a loss there is no gradient"
run rnn-inspect gradients -D cell=none -F tsv "$models/reviews.tsv"
expect_exit 78
run rnn-inspect gradients --show nothing -m "$models/reviews.zst" -F tsv "$models/reviews.tsv"
expect_exit 64
expect_stderr "only summary, curve, steps, parts, truncation"

test_case "every view and table comes out as JSON with -J, a line a row"
{
  for what in summary history vocabulary labels config gradients "gradients --show curve" "gradients --show steps" "gradients --show parts" \
    "gradients --show truncation" jacobians "jacobians --show products" "jacobians --show steps" "jacobians --show values" tensor \
    "tensor --show elements" check states "states --show gates" "states --show units" saliency; do
    case $what in
    summary | history | vocabulary | labels | config) given="$models/reviews.zst" ;;
    *) given="-m $models/reviews.zst -F tsv $models/reviews.tsv" ;;
    esac
    # shellcheck disable=SC2086 # one word an argument
    run rnn-inspect $what -J $given
    expect_exit 0
    expect "objects of $what" awk '!/^\{".*\}$/ { exit 1 } END { exit !NR }' "$out"
    cat "$out" >>all.jsonl
  done
  run rnn-inspect diff -J "$models/reviews.zst" "$models/frames.zst"
  expect_exit 1
  cat "$out" >>all.jsonl
}
if have jq; then
  expect "JSON" jq -e . all.jsonl
fi

test_case "the verdict is one sentence, and its line of the config trains"
verdict() {
  wanted=$1
  shift
  run rnn-inspect jacobians -D cell=elman -D state=8 -D layers=1 -D bidirectional=false "$@" --level char -F text word
  expect_stdout_matches "^verdict	$wanted: ds_t/ds_k changes by a factor of [0-9.e+-]* a step; .*bptt: [0-9a-z]*"
}
printf 'to be or not to be\n' >word
verdict vanishing -D activation=logistic
verdict exploding -D activation=relu -D initial_gain=3
verdict 'near the edge' -D activation=relu -D initial=identity
run rnn-inspect gradients -D cell=elman -D activation=logistic -D state=8 --level char -F text word
expect "fewer steps than all" grep -q '^config	bptt: [0-9]*$' "$out"
fact config >config.yaml
run rnn-train --config config.yaml --epochs 1 --state 8 --level char -F text -o trained.zst word
expect_exit 0
run rnn-inspect config trained.zst
expect "the line is there again" grep -qxF -f config.yaml "$out"

test_case "check: numbers that are lost are an error above the bound"
printf '# label: up\n1e38 2e38\n3e38 -1e38\n\n# label: down\n-1e38 1e38\n1e38 1e37\n\n' >huge
run rnn-inspect check -D cell=elman -D activation=relu -D initial_gain=100 -D standardise=false -D motion=none -D state=4 -F frames huge
expect_exit 1

test_case "the model stays as it was"
cp "$models/reviews.zst" kept.zst
for what in summary history config; do
  rnn-inspect $what "$models/reviews.zst" >all 2>&1 || fail "$what"
done
for what in gradients jacobians tensor states saliency check; do
  rnn-inspect $what -m "$models/reviews.zst" -F tsv "$models/reviews.tsv" >all 2>&1 || fail "$what"
done
expect_same kept.zst "$models/reviews.zst"

test_case "pictures: as SVG and as letters, of every view"
if have gnuplot; then
  run rnn-inspect gradients -m "$models/reviews.zst" -F tsv "$models/reviews.tsv" --plot curve.svg
  expect_exit 0
  expect_no_stderr
  expect "the table too" grep -q '^layer	direction	distance' "$out"
  expect "a picture" grep -q '</svg>' curve.svg
  for what in "jacobians --show steps" "jacobians --show values" "gradients --show steps" "gradients --show truncation" \
    "gradients --show parts" states saliency "tensor --show elements"; do
    # shellcheck disable=SC2086
    run rnn-inspect $what -m "$models/reviews.zst" -F tsv "$models/reviews.tsv" --plot a.svg
    expect_exit 0
    expect_no_stderr
  done
  for what in "gradients --show curve" "gradients --show parts" "jacobians --show products" "jacobians --show steps" states; do
    # shellcheck disable=SC2086
    run rnn-inspect $what -D cell=lstm -D layers=2 -D bidirectional=true -D state=3 -F columns "$models/tags.txt" --plot a.svg
    expect_exit 0
    expect_no_stderr
  done
  run rnn-inspect jacobians --show products -D cell=lstm -D state=3 -F columns "$models/tags.txt" --plot a.svg
  expect "a bound that is none has no curve" [ "$(grep -c 'gamma lambda' a.svg)" -eq 0 ]
  expect "one sequence of two" grep -q 'sequence 0' a.svg
  run rnn-inspect history "$models/reviews.zst" --plot a.svg
  expect_no_stderr
  run rnn-inspect history "$models/reviews.zst" --plot -
  expect_exit 0
  expect_stdout_contains "Training"
  run rnn-inspect gradients -m "$models/reviews.zst" -F tsv "$models/reviews.tsv" --plot none/curve.svg
  expect_exit 73
else
  skip "gnuplot is not installed"
fi

# A gnuplot that keeps what it is told: its numbers and words are those of the table, not one of its own.
test_case "pictures draw the table's numbers alone, and leave out none of a curve"
mkdir fake
printf '#!/bin/sh\ncat >script\necho "<svg></svg>"\n' >fake/gnuplot
chmod +x fake/gnuplot
PATH=$PWD/fake:$PATH
for what in history gradients "gradients --show steps" "gradients --show parts" "gradients --show truncation" "jacobians --show products" \
  "jacobians --show steps" "jacobians --show values" "tensor --show elements" states "states --show gates" saliency; do
  case $what in history) given="$models/reviews.zst" ;; *) given="-m $models/reviews.zst --sequences 1 -F tsv $models/reviews.tsv" ;; esac
  # shellcheck disable=SC2086 # one word an argument
  run rnn-inspect $what $given --plot a.svg
  expect_exit 0
  # shellcheck disable=SC2016 # of awk
  expect "numbers of $what" awk -F'\t' '
    FNR == NR { for (i = 1; i <= NF; i++) has[$i] = 1; rows = NR - 1; next }
    / << END_OF_DATA$/ { inside = 1; next }
    $0 == "END_OF_DATA" { if (!drawn) exit 1; most = drawn > most ? drawn : most; inside = drawn = 0; next }
    inside { n = split($0, part, " "); drawn++; all++
      for (i = 1; i <= n; i++) if (part[i] != "NaN" && part[i] !~ /^"/ && !(part[i] in has)) { print part[i]; exit 1 } }
    END { exit !all || most > rows }' "$out" script
done

test_case "without gnuplot: one sentence, exit 69; names that are no pictures; tables that have none"
mkdir bin
ln -s "$RNN_BIN/rnn-inspect" bin/rnn-inspect
run env PATH="$PWD/bin" rnn-inspect history "$models/reviews.zst" --plot a.svg
expect_exit 69
expect_stderr "gnuplot"
expect_no_file a.svg
run rnn-inspect history "$models/reviews.zst" --plot a.txt
expect_exit 64
if have gnuplot; then
  run rnn-inspect gradients --show summary -m "$models/reviews.zst" -F tsv "$models/reviews.tsv" --plot a.svg
  expect_exit 64
  expect_no_file a.svg
fi

test_done
