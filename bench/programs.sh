#!/bin/sh
# Whole programs as processes: sh bench/programs.sh BIN COST [RUNS]
#
# BIN is the folder of the programs, COST the program bench/cost. Ours and the peer's run in turns, RUNS (7) times each, on the
# same input. A line of TSV for each measurement: the medians of CPU seconds and wall seconds, the peak memory in kB and, for
# many lines, lines a CPU second, ours and the peer's, and how many times more the peer takes of CPU and of wall time. The
# peer of a start is the smallest program there is; of many lines fastText, where it is installed.
set -eu
bin=$1 cost=$2 runs=${3:-7}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

compare() { # WHAT LINES OURS PEER-NAME PEER
  window=0
  while [ $window -lt "$runs" ]; do
    taken=$("$cost" -n 1 sh -c "exec $3")
    peer_taken="0	0	0"
    [ -z "$5" ] || peer_taken=$("$cost" -n 1 sh -c "exec $5")
    printf '%s\t%s\n' "$taken" "$peer_taken"
    window=$((window + 1))
  done | awk -F '\t' -v OFS='\t' -v what="$1" -v lines="$2" -v peer="$4" '
    function median(v, n,    i, j, kept) {
      for (i = 2; i <= n; i++)
        for (j = i; j > 1 && v[j] < v[j - 1]; j--) { kept = v[j]; v[j] = v[j - 1]; v[j - 1] = kept }
      return v[int((n + 1) / 2)]
    }
    { for (i = 1; i <= 6; i++) value[i, NR] = $i
      if ($4 > 0 && $1 > 0) { value[7, NR] = $4 / $1; value[8, NR] = $5 / $2; compared = 1 } }
    function of(i,    k, v) { for (k = 1; k <= NR; k++) v[k] = value[i, k]; return median(v, NR) }
    END {
      printf "%s\t%.4f\t%.4f\t%d\t%s", what, of(1), of(2), of(3), (lines > 0 ? int(lines / of(1)) : "-")
      if (compared)
        printf "\t%s\t%.4f\t%.4f\t%d\t%s\t%.2f\t%.2f\n", peer, of(4), of(5), of(6), (lines > 0 ? int(lines / of(4)) : "-"), of(7), of(8)
      else
        printf "\t-\t-\t-\t-\t-\t-\t-\n"
    }'
}

awk -v sequences=2000 -v steps=16 -v symbols=20000 -f "$here/corpus.awk" > train.tsv
awk -v sequences=100000 -v steps=16 -v symbols=20000 -f "$here/corpus.awk" | cut -f 2 > lines.txt
head -n 1 lines.txt > line.txt
width=200 # so that the plain model has 10 MB
"$bin/rnn-train" -j1 -F tsv -D cell=elman -D bidirectional=false -D layers=1 -D pooling=last -D wide=none -D state=128 -D embedding=$width \
  -D min_count=1 -D epochs=1 -o model.zst train.tsv
"$bin/rnn-train" -j1 -F tsv -D cell=elman -D bidirectional=false -D layers=1 -D pooling=last -D wide=none -D state=128 -D embedding=128 \
  -D min_count=1 -D epochs=1 -o lines.zst train.tsv
zstd -qdf model.zst -o model.safetensors
zstd -qdf lines.zst -o lines.safetensors
bytes=$(wc -c < model.safetensors)
fasttext=
if command -v fasttext > /dev/null; then
  sed 's/^\([a-z]*\)\t/__label__\1 /' train.tsv > train.ft
  fasttext supervised -input train.ft -output ft -dim 128 -epoch 1 -thread 1 > /dev/null 2>&1
  fasttext="fasttext predict ft.bin - < lines.txt"
else
  echo "programs.sh: no fasttext: left out" >&2
fi

printf 'what\tcpu_sec\twall_sec\tpeak_kb\tlines_cpu_sec\tpeer\tpeer_cpu_sec\tpeer_wall_sec\tpeer_peak_kb\tpeer_lines_cpu_sec\tratio_cpu\tratio\n'
compare "one line, model of $bytes bytes, plain" 0 "$bin/rnn-classify -m model.safetensors line.txt" true "$(command -v true)"
compare "one line, the same, zstd" 0 "$bin/rnn-classify -m model.zst line.txt" "zstd -dc" "zstd -qdc model.zst"
[ -z "$fasttext" ] || compare "one line, Elman d = 128" 0 "$bin/rnn-classify -m lines.safetensors line.txt" fasttext "fasttext predict ft.bin line.txt"
compare "100000 lines of 16 words, Elman d = 128" 100000 "$bin/rnn-classify -m lines.safetensors - < lines.txt" fasttext "$fasttext"
compare "100000 lines of 16 words, to a stream" 100000 "$bin/rnn-vocab -F text - < lines.txt" - ""
for _ in 1 2 3 4 5 6 7 8 9 10; do cat lines.txt; done > million.txt
runs=1
compare "1000000 lines of 16 words: memory does not grow" 1000000 "$bin/rnn-classify -m lines.safetensors - < million.txt" - ""
