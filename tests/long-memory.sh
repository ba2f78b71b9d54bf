#!/bin/sh
# The tests of memory ask what they say: their answers, worked out a second time; and what is scored is what was learned.
. "${RNN_SOURCE:-.}/tests/lib.sh"

memory=$RNN_SOURCE/pipelines/long-memory
BIN=$RNN_BIN/
export BIN

# make TASK T: 100 sequences.
make() {
  awk -v task="$1" -v T="$2" -v count=100 -v seed=1 -f "$memory/generate.awk"
}

test_case "latch, order, parity: the answer follows from the sequence, and each answer occurs"
make latch 20 | awk -F '\t' '{ split($2, x, " "); if (split($2, x, " ") != 20 || x[1] != $1) exit 1; seen[$1]++ }
  END { exit !(seen["a"] > 20 && seen["b"] > 20) }' || fail "latch"
make order 20 | awk -F '\t' '{ n = split($2, x, " "); seen[$1]++; found = ""
    for (i = 1; i <= n; i++) if (x[i] ~ /[ab]/) { found = found x[i]; if (i > 12) exit 1 }
    if (n != 20 || found != $1) exit 1 }
  END { exit !(seen["aa"] > 5 && seen["ab"] > 5 && seen["ba"] > 5 && seen["bb"] > 5) }' || fail "order"
make parity 20 | awk -F '\t' '{ ones = gsub(/1/, "1", $2); seen[$1]++; if ($1 != (ones % 2 ? "odd" : "even") || split($2, x, " ") != 20) exit 1 }
  END { exit !(seen["odd"] > 20 && seen["even"] > 20) }' || fail "parity"

test_case "adding: two marks, one in each half, and their sum; copy: the letters again, at the marks"
make adding 20 | awk 'function check() { if (t != 20 || marks != 2 || halves != 1 || (sum > 1 ? "more" : "less") != label) { failed = 1; exit } }
    /^# label/ { label = $3; seen[label]++; t = marks = sum = halves = 0; next }
    NF == 0 { check(); next }
    { if ($2 == 1) { marks++; sum += $1; halves += t >= 10 } t++ }
    END { exit failed || !(seen["more"] > 20 && seen["less"] > 20) }' || fail "adding"
make copy 20 | awk 'NF == 0 { if (t != 26 || said != kept) { failed = 1; exit } t = 0; said = kept = ""; n++; next }
    { t++; if ($1 ~ /[a-d]/) kept = kept $1; if ($1 == "?") said = said $2; else if ($2 != "-") failed = 1 }
    END { exit failed || n != 100 }' || fail "copy"

test_case "what is easy is learned, by the words of a class and by the letters at the marks"
run sh "$memory/learn.sh" latch 3 60 -D cell=gru -D epochs=5
expect_exit 0
expect_stdout 1
run sh "$memory/learn.sh" copy 1 60 -D cell=gru -D epochs=10
expect_exit 0
# shellcheck disable=SC2016 # of awk
expect "more than chance, $(cat "$out")" awk '{ exit !($1 > 0.5 && $1 <= 1) }' "$out"

test_case "a training that diverges has learned nothing; one that cannot begin is an error"
run sh "$memory/learn.sh" latch 40 60 -D cell=elman -D activation=relu -D initial=identity -D initial_gain=100 -D epochs=2
expect_exit 0
expect_stdout 0
run sh "$memory/learn.sh" latch 5 60 -D cell=none
expect_exit 78

test_done
