#!/bin/sh
# The lecture is what the programs say: its page and the tables of its pictures, made again, are those of the tree.
. "${RNN_SOURCE:-.}/tests/lib.sh"

for tool in gnuplot zstd; do
  have $tool || skip_all "$tool is not installed"
done

# near A B: the same text, and numbers that differ by no more than the kernels of another processor make them: a part in a thousand.
near() {
  awk 'function number(word) { return word ~ /^-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?[;,]?$/ }
    function abs(x) { return x < 0 ? -x : x }
    function same(a, b) {
      return a == b || (number(a) && number(b) && abs(a - b) <= 1e-3 * (abs(a) + abs(b)) / 2 + 1e-9)
    }
    FNR == NR { line[FNR] = $0; lines = FNR; next }
    {
      shown = $0
      right = split(line[FNR], word)
      wrong = FNR > lines || right != NF
      for (i = 1; i <= NF; i++)
        wrong = wrong || !same(word[i], $i)
      if (wrong) {
        print FNR ": " line[FNR] "\n" FNR ": " shown
        exit failed = 1
      }
    }
    END { exit failed || FNR != lines }' "$1" "$2" >"$test_root/near" && return
  fail "$1 and $2 differ; sh pipelines/lecture/lecture.sh makes them again: $(cat "$test_root/near")"
}

test_case "the comparison sees another number, another word, a line more or less"
printf 'loss 0.5000 nats\nend\n' >a
printf 'loss 0.5001 nats\nend\n' >b
near a b
for other in 'loss 0.502 nats\nend' 'loss 0.5000 bits\nend' 'loss 0.5000 nats' 'loss 0.5000 nats\nend\nend'; do
  printf '%b\n' "$other" >b
  (near a b >/dev/null; [ -e "$test_root/failed" ]) || fail "not seen: $other"
  rm -f "$test_root/failed"
done

for kernel in '' portable; do
  test_case "the page and its tables, ${kernel:-best} kernels"
  RNN_KERNEL=$kernel run sh "$RNN_SOURCE/pipelines/lecture/lecture.sh" "$PWD"
  expect_exit 0
  expect_no_stderr
  near "$RNN_SOURCE/pipelines/lecture/README.md" README.md
  for table in *.tsv; do
    near "$RNN_SOURCE/pipelines/lecture/$table" "$table"
    expect_file "${table%.tsv}.svg"
    expect "a picture" grep -q '</svg>' "${table%.tsv}.svg"
  done
  expect "five tables or more" [ "$(find . -name '*.tsv' | wc -l)" -ge 5 ]
done

test_case "every picture of the page is in the tree, and no other"
sed -n 's/^!\[.*](\(.*\))$/\1/p' "$RNN_SOURCE/pipelines/lecture/README.md" | sort >wanted
(cd "$RNN_SOURCE/pipelines/lecture" && ls ./*.svg) | sed 's,^\./,,' | sort >there
expect_same wanted there

test_done
