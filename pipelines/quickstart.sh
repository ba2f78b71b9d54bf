#!/bin/sh
# Installs what is missing, builds in build/, and does the main job before your eyes: sh pipelines/quickstart.sh
#
# Each command is shown before its output; every one of them can be typed again. Run once, it starts again in seconds.
# rnn-inspect, which computes in double, takes as long to build as all other programs: it comes when these have answered.
set -eu
cd "$(dirname "$0")/.."
sh pipelines/setup.sh
TARGETS="bin/rnn-vocab bin/rnn-train bin/rnn-tag bin/rnn-classify bin/rnn-complete" sh pipelines/build.sh build
bin=build/bin
[ ! -e config.status ] || bin=bin
model=build/quickstart.zst
mkdir -p build
PATH=$PWD/$bin:$PATH
LC_ALL=C.UTF-8
export PATH LC_ALL
unset RNN_MODEL RNN_MODEL_PATH

say() {
  printf '\n# %s\n' "$1"
}

# Shows a line of shell and runs it; ends where it fails.
show() {
  printf '$ %s\n' "$1"
  sh -c "$1"
}

say "The programs are in $bin; this line lets you call them by name:"
printf '%s\n' "\$ PATH=$PWD/$bin:\$PATH"

say "Classify: one label for each line, with its probability."
show "cat pipelines/sample/new-reviews.txt"
show "rnn-classify --prob < pipelines/sample/new-reviews.txt"

say "Tag: one label for each word."
show "echo 'The old man the boats, and nobody minds.' | rnn-tag"

say "Complete: the likeliest words that begin so, and how likely each is."
show "printf '%s\\n' won terri reco | rnn-complete --top 3 --prob"

say "Train a network of your own on 200 reviews, keep it, and use it at once, all in one pipe."
show "head -n 4 pipelines/sample/reviews.tsv"
show "rnn-vocab --lowercase pipelines/sample/reviews.tsv |
    rnn-train --state 32 --activation relu --initial identity |
    tee $model |
    rnn-classify -m - --prob pipelines/sample/new-reviews.txt"

echo
sh pipelines/build.sh build
say "What has it become?"
show "rnn-inspect $model"

say "And are its gradients right? Back-propagation through time against central differences, in double."
show "rnn-inspect check -m $model"

say "Next: README.md, 'man ./build/man/rnn-train.1', and the experiments in pipelines/."
