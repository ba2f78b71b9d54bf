#!/bin/sh
# Runs each fuzz target: run.sh BUILT CASES [RUNS], or, with FUZZ_SECONDS set, all of them in turns of so many seconds
# until they are interrupted or have made RUNS each (YAML a fifth of it). Begins with the cases of the tree and with what runs before have
# left, and leaves what it finds in ./found; found/counts.tsv says how often each was run in all.
# No input may take longer than a second or more than 256 MiB.
set -u
built=$1 cases=$2 runs=${3:-100000} seconds=${FUZZ_SECONDS:-0}
failed=0
mkdir -p found || exit 73
touch found/counts.tsv
export UBSAN_OPTIONS=print_stacktrace=1

# made NAME: its executions so far
made() {
  awk -F '\t' -v name="$1" '$1 == name { sum += $2 } END { print sum + 0 }' found/counts.tsv
}

# run NAME TARGET MOST-BYTES MEMORY: one turn
run() {
  name=$1 target=$2 most=$runs
  [ "$name" != config ] || most=$((runs / 5))
  left=$((most - $(made "$name")))
  [ "$left" -gt 0 ] || return
  [ "$name" != options ] || [ "$left" -le 150000 ] || left=150000 # of what argp keeps there is room for so many
  mkdir -p "found/$name.corpus"
  "$built/fuzz_$target" -runs="$left" -max_total_time="$seconds" -max_len="$3" -timeout="${FUZZ_TIMEOUT:-1}" -rss_limit_mb="$4" \
    -artifact_prefix="found/$name-" -dict="${cases%/cases}/words.dict" -print_final_stats=1 \
    "found/$name.corpus" "$cases/$target" >"found/$name.log" 2>&1
  code=$?
  count=$(sed -n 's/stat::number_of_executed_units: *//p' "found/$name.log")
  printf '%s\t%s\t%s\n' "$name" "${count:-0}" "$code" >>found/counts.tsv
  echo "$name: $(made "$name") executions, ended with $code"
  [ "$code" -eq 0 ] || failed=1
  todo=yes
}

turn() {
  # The allocator is to be quick here; a case that was found is run again with fuzz/replay.
  ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:quarantine_size_mb=1:malloc_context_size=1
  export ASAN_OPTIONS
  run number number 64 256
  run token token 512 256
  run config config 512 256
  run embeddings embeddings 512 256
  for target in checkpoint container model state stream; do run $target $target 6144 256; done
  run train train 256 256
  # Each format by itself, whatever the first byte says.
  for format in text tsv fasttext conllu columns jsonl frames npy y4m; do
    RNN_FUZZ_FORMAT=$format
    export RNN_FUZZ_FORMAT
    run "reader-$format" reader 1024 256
  done
  # argp allocates what the end of the program would have released: a little more with each run
  ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
  run options options 512 2048
}

todo=yes
while [ "$todo" = yes ]; do
  todo=no
  turn
  [ "$seconds" -gt 0 ] || break
done
exit "$failed"
