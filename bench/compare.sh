#!/bin/sh
# Whole networks beside a peer: sh bench/compare.sh OURS [THREADS [WINDOWS [SECONDS]]]
#
# OURS is the program bench/network. On one thread the peer is PyTorch; on more of them it is OURS on one. Both are asked
# in turn, window by window, in one run; a line of TSV for each case, cell and mode: the medians of thousand steps per CPU
# second and per second of wall time, ours and the peer's, and the ratios. Without PyTorch (python3-torch; PYTHON names
# the interpreter) the peer's columns are "-".
set -eu
ours=$1 threads=${2:-1} windows=${3:-5} seconds=${4:-1}
here=$(dirname "$0")
OPENBLAS_CORETYPE=$(sh "$here/peers.sh" core)
export OPENBLAS_CORETYPE
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python=${PYTHON:-python3}
if [ "$threads" -gt 1 ]; then
  peer() { "$ours" 1; }
  peer_cells="elman gru lstm sru mingru indrnn"
else
  peer() { "$python" "$here/peer_torch.py"; }
  peer_cells="elman gru lstm"
fi
if [ "$threads" = 1 ] && ! "$python" -c 'import torch' 2>/dev/null; then
  echo "compare.sh: no PyTorch ($python): the peer is left out" >&2
  peer_cells=
elif ! peer < /dev/null; then
  echo "compare.sh: the peer is left out" >&2
  peer_cells=
fi

mkfifo "$scratch/ask" "$scratch/answer" "$scratch/peer-ask" "$scratch/peer-answer"
"$ours" "$threads" < "$scratch/ask" > "$scratch/answer" &
exec 3> "$scratch/ask" 4< "$scratch/answer"
if [ -n "$peer_cells" ]; then
  peer < "$scratch/peer-ask" > "$scratch/peer-answer" &
  exec 5> "$scratch/peer-ask" 6< "$scratch/peer-answer"
fi

measure() { # CASE CELL MODE
  window=0
  while [ $window -lt "$windows" ]; do
    echo "$1 $2 $3 $seconds" >&3
    read -r answer <&4
    peer_answer="0 1 1"
    case " $peer_cells " in
    *" $2 "*)
      echo "$1 $2 $3 $seconds" >&5
      read -r peer_answer <&6 ;;
    esac
    echo "$answer $peer_answer"
    window=$((window + 1))
  done | awk -v OFS='\t' -v row="$1	$2	$3	$threads" '
    function median(v, n,    i, j, kept) {
      for (i = 2; i <= n; i++)
        for (j = i; j > 1 && v[j] < v[j - 1]; j--) { kept = v[j]; v[j] = v[j - 1]; v[j - 1] = kept }
      return v[int((n + 1) / 2)]
    }
    { cpu[NR] = $1 / $2 / 1000; wall[NR] = $1 / $3 / 1000; peer_cpu[NR] = $4 / $5 / 1000; peer_wall[NR] = $4 / $6 / 1000
      if ($4 > 0) { cpu_ratio[NR] = cpu[NR] / peer_cpu[NR]; wall_ratio[NR] = wall[NR] / peer_wall[NR] } }
    END {
      printf "%s\t%.1f\t%.1f", row, median(cpu, NR), median(wall, NR)
      if (NR in cpu_ratio)
        printf "\t%.1f\t%.1f\t%.2f\t%.2f\n", median(peer_cpu, NR), median(peer_wall, NR), median(cpu_ratio, NR), median(wall_ratio, NR)
      else
        printf "\t-\t-\t-\t-\n"
    }'
}

printf 'case\tcell\tmode\tthreads\tksteps_cpu_sec\tksteps_sec\tpeer_ksteps_cpu_sec\tpeer_ksteps_sec\tratio_cpu\tratio\n'
for mode in train predict; do
  for case in ${CASES:-a b c d}; do
    for cell in ${CELLS:-elman gru lstm sru mingru indrnn}; do
      measure "$case" "$cell" "$mode"
    done
  done
done
