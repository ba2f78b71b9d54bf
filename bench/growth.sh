#!/bin/sh
# How the cost of training grows: sh bench/growth.sh BIN COST [PLOT.svg]
#
# One epoch of rnn-train -j1 on a made corpus, one quantity changed at a time: length T, state d, vocabulary V, batch, sequences N.
# TSV: quantity, value, time steps, CPU seconds, microseconds a step, peak memory in kB. With PLOT and gnuplot, a picture of it.
set -eu
bin=$1 cost=$2 plot=${3:-}
here=$(dirname "$0")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

run() { # QUANTITY VALUE N T V d BATCH
  awk -v sequences="$3" -v steps="$4" -v symbols="$5" -f "$here/corpus.awk" | "$bin/rnn-vocab" -F tsv > "$scratch/corpus.seq.zst"
  "$cost" -n 3 "$bin/rnn-train" -j1 -D epochs=1 -D min_count=1 -D dropout=0 -D embedding=64 -D state="$6" -D batch="$7" \
    "$scratch/corpus.seq.zst" |
    awk -v OFS='\t' -v quantity="$1" -v value="$2" -v steps="$(($3 * $4))" '{ print quantity, value, steps, $1, 1e6 * $1 / steps, $3 }'
}

printf 'quantity\tvalue\tsteps\tcpu_sec\tusec_step\tpeak_kb\n' | tee "$scratch/growth.tsv"
{
  for T in 8 32 128 512 2048; do run T $T $((262144 / T)) $T 10000 128 32; done
  for d in 32 64 128 256 512; do run d $d 2048 64 10000 $d 32; done
  for V in 100 1000 10000 100000; do run V $V 4096 64 $V 128 32; done
  for B in 1 4 16 64 256; do run batch $B 2048 64 10000 128 $B; done
  for N in 512 2048 8192 32768; do run N $N $N 64 10000 128 32; done
} | tee -a "$scratch/growth.tsv"

[ -n "$plot" ] || exit 0
if ! command -v gnuplot > /dev/null; then
  echo "growth.sh: no gnuplot: no picture" >&2
  exit 0
fi
gnuplot <<PLOT
set terminal svg size 900,600 background rgb "white"
set output "$plot"
set logscale xy
set xlabel "value"
set ylabel "microseconds of CPU a time step, training"
set key outside right
set grid
plot for [q in "T d V batch N"] "< awk -F '\t' -v q=" . q . " '\$1 == q' $scratch/growth.tsv" using 2:5 with linespoints title q
PLOT
