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

test_done
