# Sequences of frames: arrays and videos through the programs.
. "${RNN_SOURCE:-.}/tests/lib.sh"

# npy SHAPE DTYPE BYTES: an array as numpy.save writes it; the bytes are a format of printf.
npy() {
  header="{'descr': '$2', 'fortran_order': False, 'shape': $1, }"
  # shellcheck disable=SC2059 # the bytes are a format
  printf "\\223NUMPY\\001\\000\\$(printf %o ${#header})\\000%s$3" "$header"
}
one='\000\000\200\077' two='\000\000\000\100' three='\000\000\100\100' four='\000\000\200\100'

test_case "an array of NumPy is a sequence of frames, known by its magic number"
npy '(2, 2)' '<f4' "$one$two$three$four" >a.npy
run rnn-vocab --label squat a.npy
expect_exit 0
expect_no_stderr
cp "$out" a.seq
run rnn-vocab --text a.seq
expect_stdout "# label: squat
1 2
3 4
"
run_shell 'cat a.npy a.npy | rnn-vocab --text'
expect_stdout "1 2
3 4

1 2
3 4
"

test_case "an array of three dimensions is as many sequences as its first says"
npy '(2, 1, 2)' '>f8' '\077\360\0\0\0\0\0\0\100\0\0\0\0\0\0\0\100\010\0\0\0\0\0\0\100\020\0\0\0\0\0\0' >a.npy
run rnn-vocab --text -F npy a.npy
expect_stdout "1 2

3 4
"

test_case "what is no array of frames is refused, with the place"
npy '(2, 2)' '<i4' "$one$two$three$four" >a.npy
run rnn-vocab a.npy
expect_exit 65
expect_stderr "a.npy: dtype '<i4' is not read: float32 and float64 are"
npy '(2, 2)' '<f4' "$one$two$three" >cut.npy
run rnn-vocab <cut.npy
expect_exit 65
expect_stderr "(stdin): frame 2: the array is cut"
npy '(1, 2, 2)' '<f4' "$one$two"'\000\000\300\177'"$four" >nan.npy
run rnn-vocab nan.npy
expect_exit 65
expect_stderr "nan.npy: sequence 1: frame 2: number 1 is not finite"
{ cat nan.npy && npy '(1, 2)' '<f4' "$one$two"; } >both.npy
run rnn-vocab --text --on-error=skip both.npy
expect_exit 1
expect_stdout "1 2
"

test_case "an array is answered, whole and while it comes"
printf '# label: up\n1 2\n2 3\n3 4\n\n# label: down\n4 3\n3 2\n2 1\n\n' |
  rnn-train --state 8 --epochs 60 --learning-rate 0.02 --time-warp 0 -o m.zst
npy '(2, 2, 2)' '<f4' "$one$two$two$three$four$three$three$two" >a.npy
run rnn-classify -m m.zst a.npy
expect_exit 0
expect_stdout "up
down"
run rnn-classify -m m.zst --each=2 a.npy
expect_stdout "2	up
2	down"
npy '(1, 3)' '<f4' "$one$two$two" >wide.npy
run rnn-classify -m m.zst wide.npy
expect_exit 65
expect_stderr "wide.npy: frames of 3 numbers, but the model reads frames of 2"
run rnn-classify -m m.zst --test a.npy
expect_exit 65
expect_stderr "record 1: no label, --test needs one"

test_case "of every N frames the first is read, in every format"
printf '# label: a\n1 2\n3 4\n5 6\n7 8\n\n# label: b\n9 8\n7 6\n' >a.frames
printf '# label: a\n1 2\n5 6\n\n# label: b\n9 8\n\n' >thin
run rnn-vocab --every 2 a.frames
expect_exit 0
rnn-vocab thin >thin.seq
expect_same thin.seq "$out"
echo '{"frames":[[1,2],[3,4],[5,6]],"tags":["x","y","z"]}' | rnn-vocab --every=2 >a.seq
run rnn-vocab --text a.seq
expect_stdout "1 2	x
5 6	z
"
npy '(2, 2, 1)' '<f4' "$one$two$three$four" >a.npy
run_shell 'rnn-vocab --every=2 a.npy | rnn-vocab --text'
expect_stdout "1

3
"
{ printf 'YUV4MPEG2 W2 H1\n' && printf 'FRAME\nab..' && printf 'FRAME\ncd..' && printf 'FRAME\nba..'; } >a.y4m
{ printf 'YUV4MPEG2 W2 H1\n' && printf 'FRAME\nab..' && printf 'FRAME\nba..'; } >thin.y4m
rnn-vocab thin.y4m >thin.seq
run rnn-vocab --every 2 a.y4m
expect_exit 0
expect_same thin.seq "$out"
run rnn-classify -m m.zst --every 0 a.frames
expect_exit 64

test_case "--size says what pictures are scaled to, and the model repeats it"
numbers() { head -n 2 "$1" | tail -n 1 | wc -w; } # of the first frame of a text
{ printf 'YUV4MPEG2 W2 H1\n' && printf 'FRAME\nab..' && printf 'FRAME\ncd..' && printf 'FRAME\nba..'; } >a.y4m
rnn-vocab --text --label a a.y4m >usual
rnn-vocab --text --label a --size 48x36 a.y4m >same
expect_same usual same
rnn-vocab --text --label a --size=24x12 a.y4m >small
rnn-vocab --text --label a --size=12x24 a.y4m >high
expect "W H greys" [ "$(numbers usual) $(numbers small) $(numbers high)" = "1728 288 288" ]
rnn-vocab --label a --size=24x12 a.y4m >small.seq
run rnn-inspect summary small.seq
expect_stdout_contains "picture	24x12"
rnn-vocab --label b --size=24x12 --every 2 a.y4m | cat small.seq - | rnn-train --state 4 --epochs 2 -o small.zst
run rnn-inspect summary small.zst
expect_stdout_contains "picture	24x12"
rnn-classify -m small.zst --prob small.seq >whole
run rnn-classify -m small.zst --prob a.y4m
expect_same whole "$out"
run rnn-classify -m small.zst --prob --size 24x12 --state-out s a.y4m
expect_same whole "$out"
run rnn-classify -m small.zst --size 12x24 a.y4m
expect_exit 64
expect_stderr "--size=12x24: the model was trained on pictures of 24x12"
run rnn-train --init small.zst --epochs 1 --label a -o again.zst a.y4m
expect_exit 0
expect "training goes on with the model's size" [ "$(rnn-inspect again.zst | grep ^picture)" = "$(rnn-inspect small.zst | grep ^picture)" ]
run rnn-train --init small.zst --size 12x24 --label a a.y4m
expect_exit 64
expect_stderr "--size=12x24: the model was trained on pictures of 24x12"
rnn-vocab --label a --size=12x24 a.y4m >high.seq
run rnn-train --init small.zst high.seq
expect_exit 65
run rnn-classify -m small.zst high.seq
expect_exit 65
expect_stderr "high.seq: frames of pictures of 12x24, but the model reads those of 24x12"
run rnn-vocab small.seq high.seq
expect_exit 65
expect_stderr "high.seq: frames of pictures of 12x24, those before of 24x12"
run_shell "cat small.seq high.seq | rnn-vocab"
expect_exit 65
expect_stderr "zstd frame 2: pictures of another size than in the blocks before"
run rnn-vocab --size 48x36 small.seq
expect_exit 65
expect_stderr "small.seq: frames of pictures of 24x12, not of 48x36"
run rnn-vocab --size 25x12 a.y4m
expect_exit 64
expect_stderr "--size=25x12: WIDTHxHEIGHT is expected, multiples of 12 up to 252, such as 96x72"
for size in 12x 24x 24x12x 0x12 264x12 -24x12 99999999999999999999x12; do
  run rnn-vocab --size=$size a.y4m
  expect_exit 64
done
zstd -dcq small.zst | sed 's/"24x12"/"24x24"/' >bad.model # the same length, but not so many greys
run rnn-classify -m bad.model a.y4m
expect_exit 65
expect_stderr "metadata 'picture' is '24x24'"
zstd -dcq small.seq | sed 's/"24x12"/"24y12"/' >bad.block
zstd -q bad.block -o bad.seq
run rnn-vocab bad.seq
expect_exit 65
expect_stderr "metadata 'picture' is no size of a picture, such as 48x36"
zstd -dcq small.seq | sed 's/"24x12"/"24x24"/' >bad.block
zstd -q -f bad.block -o bad.seq
run rnn-vocab bad.seq
expect_exit 65
expect_stderr "frames of 288 numbers are no pictures of 24x24"

test_case "pictures are seen from elsewhere while training, and joints are not; mirrored where told"
{ printf 'YUV4MPEG2 W2 H1\n' && printf 'FRAME\nab..' && printf 'FRAME\ncd..' && printf 'FRAME\nba..'; } >a.y4m
learn() { # MODEL OPTION...
  to=$1
  shift
  { rnn-vocab --label a a.y4m && rnn-vocab --label b --every 2 a.y4m; } | rnn-train --state 4 --epochs 8 -o "$to" "$@"
}
viewpoint() { rnn-inspect config "$1" | sed -n 's/^viewpoint: //p'; }
learn usual.zst
expect "by default" [ "$(viewpoint usual.zst)" = 0.12 ]
learn still.zst --viewpoint 0
learn short.zst --bptt 2
expect "not where it is told, nor in windows" [ "$(viewpoint still.zst) $(viewpoint short.zst)" = "0 0" ]
learn mirrored.zst --viewpoint 0 --mirror x
for other in usual.zst mirrored.zst; do
  run rnn-inspect diff still.zst $other
  expect_exit 1
  expect_stdout_contains "layer0.U"
done
printf '# label: a\n1 2\n3 4\n' >numbers.frames
run rnn-train --viewpoint 0.1 numbers.frames
expect_exit 78
expect_stderr "viewpoint: only pictures of a video can be seen from elsewhere"
run rnn-train --joints 3 --label a a.y4m
expect_exit 78
expect_stderr "joints: a picture has none"
run rnn-train --mirror kinect --label a a.y4m
expect_exit 78
expect_stderr "mirror: only joints can be mirrored, and pictures, by x"

test_case "what is missing of a frame is null, goes through a stream, and is not guessed"
i=0
while [ $i -lt 12 ]; do
  echo "{\"label\":\"up\",\"frames\":[[$i,null],[$((i + 1)),5],[$((i + 2)),null]]}"
  echo "{\"label\":\"down\",\"frames\":[[$((i + 2)),null],[$((i + 1)),null],[$i,5]]}"
  i=$((i + 1))
done >a.jsonl
rnn-vocab a.jsonl >a.seq
run rnn-vocab --text a.seq
expect_stdout_contains "0 null
1 5
2 null"
cp "$out" a.frames
run rnn-vocab a.frames
expect_same a.seq "$out"
run rnn-train --state 8 --epochs 40 --learning-rate 0.02 -o m.zst a.seq
expect_exit 0
run rnn-classify -m m.zst --test a.jsonl
expect_stdout_matches "^accuracy	0*1$"
echo '{"frames":[[0,null],[1,null],[2,null]]}' | rnn-classify --prob -m m.zst >missing
echo '{"frames":[[0,5],[1,5],[2,5]]}' | rnn-classify --prob -m m.zst >mean # 5 is the mean, and never changes
expect_same mean missing
echo '{"frames":[[0,null],[1,"x"]]}' >bad.jsonl
run rnn-vocab bad.jsonl
expect_exit 65
expect_stderr "bad.jsonl:1: frame 2: element 2 is no number in range"

# A model of frames of two numbers with all that is remembered, and sequences to answer.
i=0
while [ $i -lt 6 ]; do
  printf '# label: up\n%s 2\n2 3\n3 4\n5 5\n\n# label: down\n4 %s\n3 2\n2 1\n1 0\n\n' $i $i
  i=$((i + 1))
done >"$test_root/train"
awk 'BEGIN { for (i = 0; i < 41; i++) print (i * 7) % 5, (i * i) % 11; print ""; for (i = 0; i < 9; i++) print i, 9 - i }' \
  >"$test_root/long"
train() { # MODEL OPTION...
  model=$test_root/$1.zst
  shift
  rnn-train --state 8 --epochs 4 -o "$model" "$@" "$test_root/train"
}
train attention --cell lstm --motion acceleration
train mean --cell gru --pooling mean-max --layers 2
train both --bidirectional=true

test_case "a stream cut anywhere is one sequence, if its state is kept"
for model in attention mean; do
  for each in --each --each=4; do
    rnn-classify -m "$test_root/$model.zst" --prob $each "$test_root/long" >whole
    for cut in 1 7 8 30 40; do
      head -n $cut "$test_root/long" | rnn-classify -m "$test_root/$model.zst" --prob $each --state-out s >parts
      tail -n +$((cut + 1)) "$test_root/long" |
        rnn-classify -m "$test_root/$model.zst" --prob $each --state-in s >>parts
      expect_same whole parts
    done
  done
  rnn-classify -m "$test_root/$model.zst" --prob "$test_root/long" >whole
  head -n 20 "$test_root/long" | rnn-classify -m "$test_root/$model.zst" --state-out s >first
  expect "an answer to what there is" [ "$(wc -l <first)" = 1 ]
  tail -n +21 "$test_root/long" | rnn-classify -m "$test_root/$model.zst" --prob --state-in s --state-out s >parts
  expect_same whole parts
done

test_case "the state of a video holds its last picture, and where --every is"
awk 'BEGIN { for (i = 0; i < 12; i++) { print "FRAME"; for (j = 0; j < 6; j++) printf "%c", 97 + (i * j) % 20 } }' >pictures
{ echo 'YUV4MPEG2 W3 H2 Cmono' && cat pictures; } >a.y4m
rnn-vocab --label a a.y4m >a.seq
rnn-vocab --label b --every 3 a.y4m >b.seq
cat a.seq b.seq | rnn-train --state 4 --epochs 2 -o m.zst
for every in 1 5; do
  rnn-classify -m m.zst --prob --each --every $every a.y4m >whole
  for cut in 1 5 6 11; do
    { echo 'YUV4MPEG2 W3 H2 Cmono' && head -c $((12 * cut)) pictures; } >1.y4m
    { echo 'YUV4MPEG2 W3 H2 Cmono' && tail -c +$((12 * cut + 1)) pictures; } >2.y4m
    rnn-classify -m m.zst --prob --each --every $every --state-out s 1.y4m >parts
    rnn-classify -m m.zst --prob --each --every $every --state-in s 2.y4m >>parts
    expect_same whole parts
  done
done

test_case "a state goes on in the next sequence alone, with its own model alone"
rnn-classify -m "$test_root/mean.zst" --state-out s "$test_root/long" >/dev/null
cp s before
run rnn-classify -m "$test_root/mean.zst" --state-in s --state-out s </dev/null
expect_exit 0
expect_stdout ""
expect_same before s
run rnn-classify -m "$test_root/attention.zst" --state-in s "$test_root/long"
expect_exit 65
expect_stderr "s: the state of another model"
run rnn-classify -m "$test_root/mean.zst" --state-in "$test_root/mean.zst" "$test_root/long"
expect_exit 65
expect_stderr "not a state"
head -c 100 s >cut.state
run rnn-classify -m "$test_root/mean.zst" --state-in cut.state "$test_root/long"
expect_exit 65
: >empty.state
run rnn-classify -m "$test_root/mean.zst" --state-in empty.state "$test_root/long"
expect_exit 65
expect_stderr "empty.state: empty"
cat s s >two.state
run rnn-classify -m "$test_root/mean.zst" --state-in two.state "$test_root/long"
expect_exit 65
expect_stderr "two.state: bytes after its end"
run rnn-classify -m "$test_root/mean.zst" --state-in none "$test_root/long"
expect_exit 66
run rnn-classify -m "$test_root/both.zst" --state-out none "$test_root/long"
expect_exit 64
expect_stderr "a state can be kept of a model that reads in one direction alone"
expect_no_file none
run rnn-classify -m "$test_root/mean.zst" --state-out no/s "$test_root/long"
expect_exit 73

test_case "steps are tagged as they come, and go on in the next call"
awk 'BEGIN { for (i = 0; i < 12; i++) { printf "{\"frames\":["; for (t = 0; t < 9; t++) printf "%s[%d,%d]", t ? "," : "", (i * t) % 5, t % 4
  printf "],\"tags\":["; for (t = 0; t < 9; t++) printf "%s\"%s\"", t ? "," : "", t % 4 < 2 ? "lo" : "hi"; print "]}" } }' >train.jsonl
rnn-train --bidirectional=false --state 6 --epochs 3 -o m.zst train.jsonl
rnn-vocab -F frames "$test_root/long" >long.seq # a stream is answered by whole sequences
rnn-tag -m m.zst --prob long.seq >whole
run rnn-tag -m m.zst --prob "$test_root/long"
expect_same whole "$out"
for cut in 1 7 8 30 40 46; do
  head -n $cut "$test_root/long" | rnn-tag -m m.zst --prob --state-out s >parts
  tail -n +$((cut + 1)) "$test_root/long" | rnn-tag -m m.zst --prob --state-in s >>parts
  expect_same whole parts
done
run rnn-tag -m m.zst --state-in s --state-out s </dev/null
expect_exit 0
expect_stdout ""

test_case "tags of words go on in the next call, where the model lets them"
printf 'a\tx\nb\ty\na\tx\nc\ty\n\nb\ty\na\tx\n\n' >words
rnn-train --bidirectional=false --state 6 --epochs 3 -F columns -o w.zst words
echo "a b c a" | rnn-tag -m w.zst --prob >whole
echo "a b" | rnn-tag -m w.zst --prob --state-out s >parts
echo "c a" | rnn-tag -m w.zst --prob --state-in s --state-out t >>parts
echo >>parts # whether the text ends, the next call knows
expect_same whole parts
echo | rnn-tag -m w.zst --state-in t --state-out u >/dev/null # no word: the state stays
expect_same t u
echo c | rnn-tag -m w.zst --state-out t >first
{ echo "a b" && echo "c"; } | rnn-tag -m w.zst --state-out u >second
expect_same t u # the second sequence began anew
{ echo "a b" | rnn-tag -m w.zst && cat first; } >both
expect_same both second
rnn-train --bidirectional=true --state 6 --epochs 1 -F columns -o both.zst words
run rnn-tag -m both.zst --state-out no words
expect_exit 64
expect_stderr "a state can be kept of a model that reads in one direction alone"
rnn-train --bidirectional=false --output crf --state 6 --epochs 1 -F columns -o chain.zst words
run rnn-tag -m chain.zst --state-in s words
expect_exit 64
expect_stderr "no state can be kept of a model whose tags are a chain (output: crf): it looks at the whole"
expect_no_file no

test_case "a long sequence among short ones is answered as it is from a stream"
awk 'BEGIN { for (s = 0; s < 3; s++) { print "# label:", s; for (t = 0; t < (s == 1 ? 700 : 4); t++) {
  printf "%d", (s + t) % 7; for (i = 1; i < 1000; i++) printf " %d", (i * t) % 3; print "" } print "" } }' >wide
printf '# label: 0\n' >few && grep -v '#' wide | head -n 4 >>few
sed 's/: 0/: 1/' few >again
rnn-train --state 2 --epochs 1 --joints 0 -o m.zst <<EOF
$(cat few)

$(cat again)
EOF
rnn-vocab wide >wide.seq
rnn-classify -m m.zst --prob wide.seq >whole
run rnn-classify -m m.zst --prob wide
expect_same whole "$out"
rnn-classify -m m.zst --test wide.seq >whole
run rnn-classify -m m.zst --test wide
expect_same whole "$out"

test_case "joints are mirrored where it is told, and only bodies that are known"
awk 'BEGIN { for (s = 0; s < 4; s++) { print "# label:", s % 2; for (t = 0; t < 5; t++) { for (i = 0; i < 51; i++) printf "%d ", (i * (s + t)) % 7; print "" }
  print "" } }' >body
rnn-train --joints 3 --state 4 --epochs 2 body >plain.zst
rnn-train --joints 3 --state 4 --epochs 2 --mirror none body | cmp - plain.zst
expect "none is what there is" [ $? = 0 ]
rnn-train --joints 3 --state 4 --epochs 2 --mirror coco -o mirrored.zst body
run rnn-inspect config mirrored.zst
expect_stdout_contains "mirror: coco"
expect "another model" eval '! cmp -s plain.zst mirrored.zst'
run rnn-train --joints 3 --mirror kinect body
expect_exit 78
expect_stderr "mirror: kinect has 20 or 25 joints, mediapipe 33, coco 17; here are 17"
run rnn-train --joints 0 --mirror x body
expect_exit 78
expect_stderr "mirror: only joints can be mirrored, and pictures, by x"
run_shell "echo 'a b' | rnn-train --mirror x"
expect_exit 78
expect_stderr "time_warp, frame_dropout, frame_noise, rotation, viewpoint and mirror: of frames alone, and these are symbols"
run rnn-train --mirror left body
expect_exit 64

test_case "a video of any length takes the memory of a short one"
if built_with asan || built_with tsan; then
  skip "the sanitizer takes more memory than the bound"
else
  picture=$(printf '%256s' '' | tr ' ' x)
  { echo 'YUV4MPEG2 W16 H16 Cmono' && printf 'FRAME\n%s' "$picture$(printf 'FRAME\n%s' "$picture")"; } >a.y4m
  rnn-vocab --label a a.y4m >a.seq
  { cat a.seq && rnn-vocab --label b a.y4m; } | rnn-train --state 2 --epochs 1 --cell elman -o m.zst
  video() { # FRAMES
    echo 'YUV4MPEG2 W16 H16 Cmono'
    yes "FRAME
$(printf '%255s' '' | tr ' ' x)" | head -c $((262 * $1))
  }
  frames=20000 # 138 MB of greys
  [ -z "${RNN_LONG:-}" ] || frames=180000 # two hours, 1.2 GB
  video $frames >long.y4m
  least=20000
  # shellcheck disable=SC3045 # the shells there are know it
  while ! (ulimit -v $least && rnn-classify -m m.zst a.y4m >/dev/null 2>&1); do least=$((least + 4000)); done
  for each in "" --each=5000; do
    run_shell "ulimit -v $((least + 12000)) && rnn-classify -m m.zst $each long.y4m"
    expect_exit 0
  done
  run_shell "ulimit -v $((least + 12000)) && rnn-vocab long.y4m" # so much does it take as a whole
  expect_exit 71
fi

test_done
