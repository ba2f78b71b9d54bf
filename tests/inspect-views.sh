#!/bin/sh
# Every view of rnn-inspect with every cell, in layers and both directions, for every task, pooling and kind of input.
. "${RNN_SOURCE:-.}/tests/lib.sh"

data=$test_root/data
mkdir "$data"
printf 'good\ta good film , and loved\nbad\ta bad film\n' >"$data/tsv"
printf 'the\tDET\ncat\tNOUN\nsat\tVERB\n\na\tDET\ndog\tNOUN\n\n' >"$data/columns"
printf '# label: up\n0 1 2\n1 2 3\n\n# label: down\n3 2 1\n2 1 0\n1 0 -1\n\n' >"$data/frames"
printf 'deep\nsea\n' >"$data/text"

# look VIEW FORMAT CELL SETTING...: its answer is a table and nothing else, or, for what a cell without W has not, the sentence that says so.
look() {
  view=$1 format=$2 cell=$3
  shift 3
  run rnn-inspect "$view" -F "$format" -D "cell=$cell" -D state=3 "$@" "$data/$format"
  case $view$cell in
  tensorsru | tensormingru | tensorindrnn)
    expect_exit 65
    expect_stderr "has no W"
    ;;
  *)
    expect_exit 0
    expect_no_stderr
    expect "numbers, and finite ones" awk '/(^|\t)-?(nan|inf)/ { exit 1 } END { exit NR < 2 }' "$out"
    ;;
  esac
}

for cell in elman gru lstm sru mingru indrnn; do
  test_case "$cell: layers, directions, tasks, frames, one-hot input, spelling"
  for view in gradients jacobians tensor check states saliency; do
    for shape in layers=1 residual=true bidirectional=true; do
      for format in tsv columns frames; do
        look "$view" "$format" "$cell" -D layers=2 -D "$shape"
      done
    done
    look "$view" text "$cell" --level char -D layers=2
    look "$view" columns "$cell" -D embedding=none
    look "$view" columns "$cell" -D features=true -D embedding=4
  done

  test_case "$cell: each pooling"
  for view in gradients jacobians check saliency; do
    for pooling in last mean max mean-max attention; do
      look "$view" tsv "$cell" -D "pooling=$pooling" -D bidirectional=true
    done
  done
done

test_case "frames that are changed on their way in: joints, motion, one scale; of a new network and of a trained one"
for view in gradients jacobians tensor check states saliency; do
  look "$view" frames gru -D motion=acceleration -D standardise=true
  look "$view" frames lstm -D joints=3 -D motion=velocity
done
rnn-train -F frames -D epochs=2 -D state=3 -D joints=3 -D motion=velocity -o model.zst "$data/frames" 2>err || fail "$(cat err)"
for view in gradients jacobians check states saliency; do
  run rnn-inspect "$view" -m model.zst -F frames "$data/frames"
  expect_exit 0
  expect_no_stderr
done

test_done
