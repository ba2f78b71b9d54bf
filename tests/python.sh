# Python reads and writes the formats with json, struct and the zstd command; PyTorch agrees with our numbers.
# shellcheck disable=SC2086 # $small and $options are several words
. "${RNN_SOURCE:-.}/tests/lib.sh"

have zstd || skip_all "there is no zstd command"
python='' torch=''
for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
  "$candidate" -c 'import json, struct' 2>/dev/null || continue
  python=${python:-$candidate}
  "$candidate" -c 'import torch' 2>/dev/null && torch=$candidate && break
done
[ -n "$python" ] || skip_all "there is no python3"
PYTHONPATH=$RNN_SOURCE/pipelines/python PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
small="--state 6 --epochs 3 --learning-rate 0.05 --min-count 1"

reviews() {
  printf 'pos\tgood fine film\nneg\tbad dull film\npos\tfine good\nneg\tdull bad bad\n'
}
tags() {
  printf 'the\tDET\ndog\tNOUN\nruns\tVERB\n\na\tDET\ncat\tNOUN\nsits\tVERB\n\n'
}

test_case "the program of the page writes a stream"
awk '/^```python/ { on = 1; next } /^```/ { on = 0 } on' "$RNN_SOURCE/formats/sequences.md" >page.py
run "$python" page.py
expect_exit 0
run rnn-vocab --text example.seq.zst
expect_exit 0
expect_stdout "word	deep
noise	ped"

test_case "frames from Python train a model"
cat >frames.py <<'END'
import rnn_files
up = [[[i / 10, 1 - i / 10] for i in range(n)] for n in (5, 7, 6)]
down = [list(reversed(sequence)) for sequence in up]
rnn_files.write("frames.seq.zst", [rnn_files.sequences(up + down, ["up"] * 3 + ["down"] * 3)])
END
run "$python" frames.py
expect_exit 0
run rnn-train $small --epochs 60 -o m.zst frames.seq.zst
expect_exit 0
run rnn-classify -m m.zst frames.seq.zst
expect_stdout "up
up
up
down
down
down"

test_case "Python reads what we write"
tags | rnn-vocab -F columns >a.seq.zst
printf 'dog\tNOUN\nthe\tX\n\n' | rnn-vocab -F columns >>a.seq.zst
run "$python" -c 'import rnn_files
for steps, tags in rnn_files.read_sequences("a.seq.zst"):
    print(b" ".join(steps).decode(), b" ".join(tags).decode())'
expect_stdout "the dog runs DET NOUN VERB
a cat sits DET NOUN VERB
dog the NOUN X"
printf 'dog\tNOUN\tNN\nruns\tVERB\tVBZ\n\n' | rnn-vocab -F columns --column 2,3 >a.seq.zst
run "$python" -c 'import rnn_files
print(list(rnn_files.read_sequences("a.seq.zst")))'
expect_stdout "[([b'dog', b'runs'], [(b'NOUN', b'NN'), (b'VERB', b'VBZ')])]"

test_case "a model that Python has written again answers the same"
reviews | rnn-train $small >m.zst
run "$python" -c 'import rnn_files
document, config = rnn_files.read_model("m.zst")
document.tensors = dict(reversed(document.tensors.items()))
rnn_files.write("again.zst", [document])
open("again.safetensors", "wb").write(document.encode())'
expect_exit 0
reviews >in
rnn-classify -m m.zst --prob in >wanted
run rnn-classify -m again.zst --prob in
expect_same wanted "$out"
run rnn-classify -m again.safetensors --prob in
expect_same wanted "$out"

# agree STREAM PROGRAM...: what the program says of the stream, PyTorch says too, each number to 1e-5.
agree() {
  agree_stream=$1
  shift
  run "$@" -m m.zst "$agree_stream"
  expect_exit 0
  cp "$out" ours
  run "$torch" "$RNN_SOURCE/pipelines/python/predict.py" m.zst "$agree_stream"
  expect_exit 0
  awk -F '\t' '
    NR == FNR { line[NR] = $0; ours = NR; next }
    { n = split(line[FNR], a); theirs = FNR; bad += n != NF }
    { for (i = 1; i <= NF; i++) if (a[i] ~ /^[0-9.e-]+$/) { d = a[i] - $i; bad += d > 1e-5 || d < -1e-5; seen++ }
                                else bad += a[i] != $i }
    END { exit bad > 0 || seen == 0 || ours != theirs }' ours "$out" || fail "PyTorch says otherwise than: $(head -n 5 ours)"
}

for options in "--cell elman" "--cell elman --activation relu --embedding none" "--cell elman --start learned --layers 2" \
  "--cell gru" "--cell gru --bidirectional" "--cell lstm --layers 2 --bidirectional" "--cell lstm --start learned" \
  "--cell gru --pooling mean-max --bidirectional" "--pooling attention" "--pooling max" \
  "--pooling mean --layers 2 --residual" "--cell gru --layers 3 --residual" "--cell lstm --layers 2 --residual --bidirectional"; do
  test_case "PyTorch agrees on probabilities: $options"
  if [ -z "$torch" ]; then
    skip "there is no PyTorch"
    continue
  fi
  reviews >in
  printf 'neg\tunknown words\n' | rnn-vocab in - >in.seq.zst
  rnn-train $small $options in >m.zst
  agree in.seq.zst rnn-classify --prob
  rnn-train $small $options --min-count 2 --max-steps 2 in >m.zst
  agree in.seq.zst rnn-classify --prob
  tags | rnn-vocab -F columns >tags.seq.zst
  rnn-train $small $options --features=false --output softmax tags.seq.zst >m.zst
  agree tags.seq.zst rnn-tag --prob
  tags | awk '{ print $0 (NF ? "\t" NR % 3 : "") }' | rnn-vocab -F columns --column 3,2 >columns.seq.zst
  rnn-train $small $options --features=false --output softmax columns.seq.zst >m.zst
  agree columns.seq.zst rnn-tag --prob
  case $options in *bidirectional*) continue ;; esac
  printf 'deep\nped\nde\n' | rnn-vocab --level char >text.seq.zst
  rnn-train $small $options text.seq.zst >m.zst
  agree text.seq.zst rnn-complete --score
done

test_case "the program for PyTorch says what it does not know"
if [ -z "$torch" ]; then
  skip "there is no PyTorch"
else
  tags | rnn-vocab -F columns >tags.seq.zst
  for options in "--features=true" "--features=false --output crf"; do
    rnn-train $small $options tags.seq.zst >m.zst
    run "$torch" "$RNN_SOURCE/pipelines/python/predict.py" m.zst tags.seq.zst
    expect_exit 1
    expect_stderr "predict.py: this program does not know"
  done
fi

test_done
