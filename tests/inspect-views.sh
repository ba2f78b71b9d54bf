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

# Of trained models: what the programs answer with is what the views look at, or they say in a sentence why not.
test_case "tags that are a chain; n-grams beside the network; spelling"
printf 'Anna\tB-PER\nSmith\tI-PER\nwent\tO\n\nto\tO\nRome\tB-LOC\n\nAnna\tB-PER\nwent\tO\n\n' >"$data/spans"
rnn-train -F columns -D epochs=2 -D state=3 -o chain.zst "$data/spans" 2>err || fail "$(cat err)"
for i in 1 2 3 4; do printf 'good\ta good film %s\nbad\ta bad film %s\n' $i $i; done >"$data/reviews"
rnn-train -F tsv -D epochs=2 -D state=3 -o wide.zst "$data/reviews" 2>err || fail "$(cat err)"
rnn-inspect config chain.zst >settings
expect "the chain and the spelling are chosen" [ "$(grep -cx 'output: crf\|features: true' settings)" -eq 2 ]
rnn-inspect summary wide.zst >facts
expect "n-grams are there" grep -q wide.n_grams facts
for model in chain:columns:spans wide:tsv:reviews; do
  name=${model%%:*} format=${model#*:}
  for view in gradients jacobians tensor check states "states --show units" saliency summary history; do
    case $view in summary | history) given="$name.zst" ;; *) given="-m $name.zst -F ${format%:*} $data/${format#*:}" ;; esac
    # shellcheck disable=SC2086 # one word an argument
    run rnn-inspect $view $given
    expect_exit 0
    expect_no_stderr
    expect "finite numbers of $view" awk '/(^|\t)-?(nan|inf)/ { exit 1 } END { exit NR < 2 }' "$out"
  done
  rnn-inspect diff "$name.zst" "$name.zst" >"$out" || fail "differs from itself"
done
run rnn-inspect diff chain.zst wide.zst
expect_exit 1

test_case "data without tags: the states have Jacobians, and standard error stays empty"
rnn-train -F columns -D epochs=2 -D state=3 -D output=softmax -o model.zst "$data/spans" 2>err || fail "$(cat err)"
printf 'Anna went\n' >text
run rnn-inspect jacobians -m model.zst -F text text
expect_exit 0
expect_no_stderr
expect_stdout_contains "verdict"
printf 'Anna\n' >text
run rnn-inspect jacobians -m model.zst -F text text
expect_stdout_matches '^verdict	too short to tell$'

test_done
