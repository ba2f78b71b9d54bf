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

# learn CONDITION TASK T SECONDS SETTING...: the share of right answers and the CPU-seconds, $1 and $2 of awk.
learn() {
  condition=$1
  shift
  run sh "$memory/learn.sh" "$@" -D cell=gru
  expect_exit 0
  expect "$condition, of $(cat "$out")" awk "NF != 2 || !($condition) { exit 1 }" "$out"
}

# shellcheck disable=SC2016 # of awk
{
  test_case "what is easy is learned, by the words of a class and by the letters at the marks, and no longer than it takes"
  learn '$1 >= 0.95 && $2 < 10' latch 3 60
  learn '$1 >= 0.95 && $2 < 20' copy 1 60

  test_case "the first letter, beyond the steps of the gradient, is not learned by anything beside the cell; the time is up"
  learn '$1 < 0.7 && $2 < 2' latch 60 0.5 -D bptt=5

  test_case "epochs that are used up end it too"
  learn '$2 < 10' parity 40 60 -D epochs=2
}

test_case "a training that diverges has learned nothing; one that cannot begin is an error"
run sh "$memory/learn.sh" latch 40 60 -D cell=elman -D activation=relu -D initial=identity -D initial_gain=100 -D epochs=2
expect_exit 0
expect "nothing, of $(cat "$out")" grep -qx '0 [0-9.]*' "$out"
run sh "$memory/learn.sh" latch 5 60 -D cell=none
expect_exit 78

test_done
