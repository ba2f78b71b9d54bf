#!/bin/sh
# Runs each fuzz target: run.sh BUILT CASES [RUNS]. Begins with the cases of the tree, and leaves what it finds in ./found.
# No input may take longer than a second or more than 256 MiB.
set -u
built=$1 cases=$2 runs=${3:-100000}
failed=0
mkdir -p found || exit 73
# argp allocates what the end of the program would have released
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
run() {
  name=$1 target=$2
  mkdir -p "found/$name.corpus"
  "$built/fuzz_$target" -runs="$runs" -max_len=4096 -timeout=1 -rss_limit_mb=256 -artifact_prefix="found/$name-" \
    -print_final_stats=1 "found/$name.corpus" "$cases/$target" >"found/$name.log" 2>&1
  code=$?
  echo "$name: $(sed -n 's/stat::number_of_executed_units: *//p' "found/$name.log") executions, ended with $code"
  [ "$code" -eq 0 ] || failed=1
}
for target in checkpoint config container model number stream token; do run "$target" "$target"; done
ASAN_OPTIONS=detect_leaks=0 run options options
# Each format by itself, whatever the first byte says.
for format in text tsv fasttext conllu columns jsonl frames y4m; do
  RNN_FUZZ_FORMAT=$format run "reader-$format" reader
done
exit "$failed"
