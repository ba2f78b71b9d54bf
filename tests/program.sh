# What all programs share: models by name, standard descriptors, help, the way out.
. "${RNN_SOURCE:-.}/tests/lib.sh"

programs="rnn-vocab rnn-train rnn-tag rnn-classify rnn-complete rnn-inspect"

reviews() {
  printf 'pos\tgood fine film\nneg\tbad dull film\n'
}
train() {
  reviews | rnn-train --state 4 --epochs 1
}

test_case "help, usage and version go to standard output, and nowhere else"
for program in $programs; do
  for option in --help -h --usage --version -V; do
    run "$program" $option
    expect_exit 0
    expect_no_stderr
    expect_stdout_contains "$program"
    run_shell "$program $option >/dev/full"
    expect_exit 74
    expect_stderr "No space left on device"
  done
done

test_case "a mistake is one sentence and a way to help"
for program in $programs; do
  run "$program" --no-such-option
  expect_exit 64
  expect_stdout ""
  expect_stderr "$program: unrecognized option '--no-such-option'"
  expect_stderr "$program --help"
  expect "two lines" [ "$(wc -l <"$err")" = 2 ]
done

test_case "a model is found by its path, and by its name along RNN_MODEL_PATH"
mkdir first second
train >second/mine.zst
zstd -qdc second/mine.zst >first/plain.safetensors 2>/dev/null || cp second/mine.zst first/plain.safetensors
reviews | cut -f 2 >in
rnn-classify -m second/mine.zst in >wanted
RNN_MODEL_PATH=$PWD/first:$PWD/second run rnn-classify -m mine in
expect_exit 0
expect_same wanted "$out"
RNN_MODEL_PATH=$PWD/first:$PWD/second run rnn-classify -m mine.zst in
expect_same wanted "$out"
RNN_MODEL_PATH=$PWD/first:$PWD/second run rnn-classify -m plain in
expect_same wanted "$out"
RNN_MODEL_PATH=$PWD/first:$PWD/second RNN_MODEL=mine run rnn-classify in
expect_same wanted "$out"
RNN_MODEL=nosuch run rnn-classify -m second/mine.zst in
expect_same wanted "$out"

test_case "and in the user's data directory"
mkdir -p data/rnn-tools/models home/.local/share/rnn-tools/models
train >data/rnn-tools/models/mine.zst
cp data/rnn-tools/models/mine.zst home/.local/share/rnn-tools/models/yours.zst
echo "good film" >in
XDG_DATA_HOME=$PWD/data run rnn-classify -m mine in
expect_exit 0
(unset XDG_DATA_HOME && HOME=$PWD/home rnn-classify -m yours in) >"$out" 2>"$err"
code=$?
expect_exit 0

test_case "a file of that name in the present directory comes first"
mkdir elsewhere
train >mine
echo "no model" >elsewhere/mine
echo "good film" >in
RNN_MODEL_PATH=$PWD/elsewhere run rnn-classify -m mine in
expect_exit 0

test_case "a model that is not there: the message lists where it looked"
echo a >in
RNN_MODEL_PATH=/one:/two XDG_DATA_HOME=/three run rnn-classify -m nosuch in
expect_exit 66
expect_stderr "rnn-classify: no model 'nosuch'"
expect_stderr "/one:/two:/three/rnn-tools/models:"
run rnn-classify -m ./nosuch in
expect_exit 66
expect_stderr "./nosuch: No such file or directory"
run rnn-classify -m . in
expect_exit 66
run rnn-classify -m "" in
expect_exit 66
expect_stderr "rnn-classify: no model ''"

test_case "what may not be read is named, with the reason"
train >m.zst
echo "good film" >in
if [ "$(id -u)" -eq 0 ]; then
  skip "root may read everything"
else
  chmod 0 m.zst in
  run rnn-classify -m m.zst
  expect_exit 66
  expect_stderr "m.zst: Permission denied"
  run rnn-vocab in
  expect_exit 66
  expect_stderr "in: Permission denied"
fi

test_case "empty lines, blanks, a mark of byte order, CR LF: no program minds"
train >classify.zst
printf 'good\tX\n\n' | rnn-train --state 4 --epochs 1 -F columns >tag.zst
echo "good film" | rnn-train --state 4 --epochs 1 >complete.zst
for program in tag classify complete; do
  printf 'good film\n' | rnn-$program -m $program.zst >wanted
  printf '\357\273\277good film\r\n' | rnn-$program -m $program.zst | tr -d '\r' >got
  expect_same wanted got
  printf '\n \t \n' >in
  run rnn-$program -m $program.zst in
  expect_exit 0
  expect_no_stderr
  expect "$program: an answer for each" [ "$(wc -l <"$out")" = 2 ]
  printf 'good\nfi\0lm\n' >in
  run rnn-$program -m $program.zst in
  expect_exit 65
  expect_stderr "rnn-$program: in:2: NUL at byte 3"
  printf 'good\nfi\377lm\n' >in
  run rnn-$program -m $program.zst in
  expect_exit 65
  expect_stderr "rnn-$program: in:2: invalid UTF-8 at byte 3"
done

test_case "a row of CoNLL-U that lost a column is not taken for text"
printf 'good\tX\n\n' | rnn-train --state 4 --epochs 1 -F columns >tag.zst
printf '1\tgood\t_\t_\t_\t_\t_\t_\t_\n\n' >in
for program in "rnn-tag -m tag.zst" rnn-train rnn-vocab; do
  run $program in
  expect_exit 65
  expect_stdout ""
  expect_stderr "in:1: 10 columns expected, 9 found"
done

test_case "standard input is read once"
train >m.zst
run_shell "rnn-classify -m - <m.zst"
expect_exit 64
expect_stderr "standard input is named twice: for the model and for the data"
run_shell "rnn-classify -m /dev/stdin - <m.zst"
expect_exit 64
echo "good film" >in
run_shell "cat m.zst | rnn-classify -m - in"
expect_exit 0

test_case "closed standard descriptors: no file takes their place, lost output is an error"
train >m.zst
echo "good film" >in
rnn-classify -m m.zst in >wanted
cp m.zst before
run_shell "rnn-classify -m m.zst -o answer in <&- >&- 2>&-"
expect_exit 0
expect_same wanted answer
run_shell "rnn-classify -m m.zst in <&- >&-"
expect_exit 74
run_shell "rnn-classify -m m.zst in >&- 2>&-"
expect_exit 74
run_shell "rnn-classify -m m.zst in <&- 2>&-"
expect_exit 0
expect_same wanted "$out"
run_shell "rnn-classify -m m.zst <&-"
expect_exit 66
run_shell "rnn-classify -m nosuch in 2>&-"
expect_exit 66
run_shell "rnn-train --state 4 --epochs 1 in >&-"
expect_exit 74
run_shell "rnn-train --help >&-"
expect_exit 74
expect_same before m.zst

test_case "a kernel that this machine has not is named, and another does the work"
echo "good film" >in
RNN_KERNEL=avx3 run rnn-vocab --list in
expect_exit 0
expect_stderr "rnn-vocab: RNN_KERNEL=avx3: not a kernel for this processor"
RNN_KERNEL='' run rnn-vocab --list in
expect_exit 0
expect_no_stderr

test_case "a full disk ends a filter that is fed without end"
train >m.zst
run_shell "yes 'good film' | rnn-classify -m m.zst >/dev/full"
expect_exit 74
run_shell "(ulimit -f 1; rnn-vocab --text -o big /dev/stdin; echo \$? >code) <<EOF
$(seq 1 20000)
EOF"
expect "the limit of file sizes is a failed write" grep -qx 74 code
expect_no_file big

test_done
