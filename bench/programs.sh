#!/bin/sh
# Whole programs as processes: sh bench/programs.sh BIN COST
#
# BIN is the folder of the programs, COST the program bench/cost. Prints TSV: what, program, CPU seconds, wall seconds, peak memory
# in kB, lines a CPU second. Start-up, 100,000 lines of 16 words from stdin, and memory on a long stream; beside fastText where it is
# installed, on the same lines in the same run.
set -eu
bin=$1 cost=$2
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

row() { # WHAT PROGRAM LINES COMMAND
  taken=$("$cost" sh -c "exec $4")
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$taken" "$(echo "$taken" | awk -v lines="$3" '{ print (lines > 0 ? int(lines / $1) : "-") }')"
}

awk -v sequences=2000 -v steps=16 -v symbols=20000 -f "$here/corpus.awk" > train.tsv
awk -v sequences=100000 -v steps=16 -v symbols=20000 -f "$here/corpus.awk" | cut -f 2 > lines.txt
head -n 1 lines.txt > line.txt
"$bin/rnn-train" -F tsv -D state=128 -D embedding=128 -D min_count=1 -D epochs=1 -o model.zst train.tsv
zstd -qdf model.zst -o model.safetensors
bytes=$(wc -c < model.safetensors)

printf 'what\tprogram\tcpu_sec\twall_sec\tpeak_kb\tlines_cpu_sec\n'
row "one line, model of $bytes bytes, plain" rnn-classify 0 "$bin/rnn-classify -m model.safetensors line.txt"
row "one line, the same, zstd" rnn-classify 0 "$bin/rnn-classify -m model.zst line.txt"
row "100000 lines of 16 words, Elman d = 128" rnn-classify 100000 "$bin/rnn-classify -m model.safetensors - < lines.txt"
row "100000 lines of 16 words, to a stream" rnn-vocab 100000 "$bin/rnn-vocab -F text - < lines.txt"
for _ in 1 2 3 4 5 6 7 8 9 10; do cat lines.txt; done > million.txt
row "1000000 lines of 16 words" rnn-classify 1000000 "$bin/rnn-classify -m model.safetensors - < million.txt"
if command -v fasttext > /dev/null; then
  sed 's/^\([a-z]*\)\t/__label__\1 /' train.tsv > train.ft
  fasttext supervised -input train.ft -output ft -dim 128 -epoch 1 -thread 1 > /dev/null 2>&1
  row "one line" fasttext 0 "fasttext predict ft.bin line.txt"
  row "100000 lines of 16 words, d = 128" fasttext 100000 "fasttext predict ft.bin - < lines.txt"
else
  echo "programs.sh: no fasttext: left out" >&2
fi
