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

test_done
