# rnn-vocab: anything in, a sequence stream out, and back.
. "${RNN_SOURCE:-.}/tests/lib.sh"

# The temporary files of outputs in the present directory.
temporaries() {
  find . -name '.*.tmp'
}

# back TEXT ARGUMENT...: the text through rnn-vocab and back again is in $out.
back() {
  # shellcheck disable=SC2059 # the text has escapes
  printf "$1" >in
  shift
  run_shell "rnn-vocab $* <in | rnn-vocab --text"
}

test_case "no input gives no output"
run rnn-vocab </dev/null
expect_exit 0
expect_stdout ""
expect_no_stderr

test_case "lines of text go in and come back, empty ones too"
back 'a b\n\n  \nc\n'
expect_exit 0
expect_no_stderr
printf 'a b\n\n\nc\n' >wanted
expect_same wanted "$out"

test_case "a mark of byte order, CR LF and a missing last line end make no difference"
printf 'a b\nc\n' | rnn-vocab >plain
printf '\357\273\277a b\r\nc' | rnn-vocab >odd
expect_same plain odd

test_case "zstd input is told by its content"
have zstd || skip "zstd is not installed"
printf 'a b\nc\n' >in
rnn-vocab in >plain
if have zstd; then
  zstd -q in -o in.gz
  rnn-vocab in.gz >packed
  expect_same plain packed
fi

test_case "each format comes back in the natural form of its task"
back 'pos\tgood film\nneg\tbad\n'
expect_stdout "pos	good film
neg	bad"
back '__label__pos good film\n'
expect_stdout "pos	good film"
back '# sent_id = 1\n1\tGo\tgo\tVERB\t_\t_\t0\troot\t_\t_\n2\tup\tup\tADV\t_\t_\t1\tadvmod\t_\t_\n\n'
expect_stdout "Go	VERB
up	ADV
"
back 'Go\tB-X\nup\tO\n\n'
expect_stdout "Go	B-X
up	O
"
back '{"tokens":["a","b c"],"tags":["X","Y"]}\n'
expect_stdout "a	X
b c	Y
"
back '# label: sit\n1 2.5\n-3 4e10\n\n'
expect_stdout "# label: sit
1 2.5
-3 40000000000
"

test_case "another column of conllu"
back '1\tGo\tgo\tVERB\t_\t_\t0\troot\t_\t_\n\n' -F conllu --column deprel
expect_stdout "Go	root
"
back '1\tGo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n\n' -F conllu --column upos,xpos,feats
expect_stdout "Go	VERB	VB	_
"
back 'Go VERB VB\n' -F columns --column 3,2
expect_stdout "Go	VB	VERB
"
back '{"tokens":["Go"],"tags":{"upos":["VERB"],"xpos":["VB"]}}\n'
expect_stdout "Go	VERB	VB
"
printf '1\tGo\tgo\tVERB\t_\t_\t0\troot\t_\t_\n\n' >in
run rnn-vocab -F conllu --column nosuch in
expect_exit 64
expect_stderr "'nosuch' is no column of CoNLL-U"
run rnn-vocab --column upos,,xpos in
expect_exit 64
run_shell "{ rnn-vocab --column upos,xpos in; rnn-vocab --column xpos,upos in; } | rnn-vocab >/dev/null"
expect_exit 65

test_case "the list: by count, then by bytes, with what would break a line escaped"
printf 'b a b\nc a b\n' >in
run rnn-vocab --list in
expect_stdout "b	3
a	2
c	1"
printf 'a\n\\\tb' >in
run rnn-vocab --list -z --level char -F text in
expect_stdout '\t	1
\n	1
\\	1
a	1
b	1'
expect_no_stderr

test_case "levels: words, characters, bytes"
printf 'Aé\n' >in
run rnn-vocab --list --level word in
expect_stdout "Aé	1"
run rnn-vocab --list --level char in
expect_stdout "A	1
é	1"
rnn-vocab --list --level byte in | LC_ALL=C od -An -c >bytes
expect "three bytes" grep -q '303' bytes
run rnn-vocab --list --lowercase in
expect_stdout "aé	1"

test_case "with -z a whole file is one record, and its line ends are symbols"
printf 'ab\ncd\n' >in
run_shell "rnn-vocab --level char -z in | rnn-vocab --text -z"
printf 'ab\ncd\n\0' >wanted
expect_same wanted "$out"

test_case "streams laid end to end are the stream of all files at once"
printf 'pos\tgood film\nneg\tbad film\n' >a.tsv
printf 'neg\tdull dull film\npos\tgood\n' >b.tsv
rnn-vocab a.tsv >a.seq.zst
rnn-vocab b.tsv >b.seq.zst
rnn-vocab a.tsv b.tsv >ab.seq.zst
cat a.seq.zst b.seq.zst >cat.seq.zst
rnn-vocab cat.seq.zst >again.seq.zst
expect_same ab.seq.zst again.seq.zst
rnn-vocab a.seq.zst b.tsv >mixed.seq.zst
expect_same ab.seq.zst mixed.seq.zst
rnn-vocab --list a.tsv b.tsv >list.raw
rnn-vocab --list cat.seq.zst >list.stream
expect_same list.raw list.stream

test_case "a label for every record"
printf 'a\nb\n' >in
run_shell "rnn-vocab --label yes in | rnn-vocab --text"
expect_stdout "yes	a
yes	b"

test_case "a bad record is named by file and line"
printf 'ok\na\377b\n' >in.txt
run rnn-vocab in.txt
expect_exit 65
expect_stderr "rnn-vocab: in.txt:2: invalid UTF-8"
expect_stdout ""
printf 'ok\na\0b\n' >in.txt
run rnn-vocab in.txt
expect_exit 65
expect_stderr "in.txt:2: NUL"
printf '1\ta\t_\t_\t_\t_\t_\t_\t_\n\n' >in.conllu
run rnn-vocab -F conllu in.conllu
expect_exit 65
expect_stderr "in.conllu:1: 10 columns expected, 9 found"
printf '# label: a\n1 2\n3\n\n' >in.frames
run rnn-vocab in.frames
expect_exit 65
expect_stderr "in.frames:3: 2 numbers expected, 1 found"
printf '# label: a\n1 nan\n\n' >in.frames
run rnn-vocab in.frames
expect_exit 65
expect_stderr "in.frames:2: field 2: 'nan'"

test_case "records of different kinds do not mix"
printf '{"text":"a","label":"x"}\n{"text":"b"}\n' >in.jsonl
run rnn-vocab in.jsonl
expect_exit 65
expect_stderr "in.jsonl:2: no label, those before have a label"
printf '# label: a\n1 2\n\n' >a.frames
printf '# label: a\n1 2 3\n\n' >b.frames
run rnn-vocab a.frames b.frames
expect_exit 65
expect_stderr "b.frames:1: frames of 3 numbers, those before have 2"
printf 'a\n' | rnn-vocab --level char >c.seq
printf 'a\n' | rnn-vocab >w.seq
run rnn-vocab w.seq c.seq
expect_exit 65
expect_stderr "c.seq: cut into characters, those before into words"
run rnn-vocab --level char w.seq
expect_exit 65
expect_stderr "w.seq: this stream is cut into words already, not into characters"
run rnn-vocab --lowercase w.seq
expect_exit 65
expect_stderr "w.seq: this stream is cut into words already, not into lower-case words"
printf 'a\n' | rnn-vocab --lowercase >l.seq
run rnn-vocab w.seq l.seq
expect_exit 65
expect_stderr "l.seq: in lower case, those before in any case"
run rnn-vocab l.seq w.seq
expect_exit 65
expect_stderr "w.seq: in any case, those before in lower case"
rnn-vocab --label a a.frames >f.seq
run rnn-vocab f.seq w.seq
expect_exit 65
expect_stderr "w.seq: symbols, those before are frames"
run rnn-vocab w.seq f.seq
expect_exit 65
expect_stderr "f.seq: frames, those before are symbols"
printf '{"tokens":["a"],"tags":["x"]}\n{"tokens":["a"],"tags":{"p":["x"],"q":["y"]}}\n' >tags.jsonl
run rnn-vocab tags.jsonl
expect_exit 65
expect_stderr "tags.jsonl:2: the columns p,q, those before have one"
head -n 1 tags.jsonl | rnn-vocab >one.seq
tail -n 1 tags.jsonl | rnn-vocab >two.seq
run rnn-vocab two.seq one.seq
expect_exit 65
expect_stderr "one.seq: one column of tags, those before have p,q"
run rnn-vocab one.seq w.seq
expect_exit 65
expect_stderr "w.seq: no label, those before have a tag at each step"

test_case "bad records can be skipped or marked: exit code 1, and the rest is whole"
printf 'a\377b\nfine\nc\377d\nend\n' >in
run rnn-vocab --on-error=skip -o skip.seq in
expect_exit 1
expect_stderr "in:1: invalid UTF-8"
expect_stderr "in:3: invalid UTF-8"
run rnn-vocab --text skip.seq
expect_stdout "fine
end"
run rnn-vocab --on-error=mark -q -o mark.seq in
expect_exit 1
expect_no_stderr
run rnn-vocab --text mark.seq
printf '\nfine\n\nend\n' >wanted
expect_same wanted "$out"
run rnn-vocab --utf8=replace --list --level char in
expect_exit 0
expect_stdout_contains "�	2"

test_case "inputs that are not there"
run rnn-vocab missing.txt
expect_exit 66
expect_stderr "rnn-vocab: missing.txt: No such file or directory"
run rnn-vocab .
expect_exit 66
expect_stderr "Is a directory"
run rnn-vocab - - </dev/null
expect_exit 64
expect_stderr "standard input is named twice"
run_shell "rnn-vocab <&-"
expect_exit 66

test_case "a failed write is a failed run"
printf 'a\n' >in
for options in "" --list --text --help --version --usage; do
  run_shell "rnn-vocab $options in >/dev/full"
  expect_exit 74
  expect_stderr "No space left on device"
done
run_shell "rnn-vocab in >&-"
expect_exit 74

test_case "-o appears whole or not at all"
printf 'ok\n' >good
printf 'bad\377\n' >bad
echo old >out.seq
run rnn-vocab -o out.seq bad
expect_exit 65
expect "the old file is still there" grep -q old out.seq
run rnn-vocab -o new.seq bad
expect_no_file new.seq
run rnn-vocab -o nosuch/out.seq good
expect_exit 73
run rnn-vocab -o out.seq good
expect_exit 0
expect "no temporary file is left" [ -z "$(temporaries)" ]

test_case "a signal leaves no temporary file"
mkfifo pipe
rnn-vocab -o out.seq pipe 2>err &
process=$!
exec 9>pipe
printf 'a\n' >&9
tries=0
writing() { # the file may have no name
  find /proc/$process/fd -lname "$PWD/*" ! -lname "$PWD/pipe" 2>/dev/null | grep -q .
}
while ! writing && [ $tries -lt 100 ]; do
  tries=$((tries + 1))
  sleep 0.05
done
expect "there is a file being written" writing
kill -TERM $process
wait $process 2>/dev/null
expect "it dies of SIGTERM" [ $? = 143 ]
exec 9>&-
expect "no temporary file is left" [ -z "$(temporaries)" ]
expect_no_file out.seq

test_case "a reader that leaves ends it quietly"
seq 1 100000 >in
run_shell "{ rnn-vocab --text in; echo \$? >code; } | head -n 1"
expect "it dies of SIGPIPE" grep -qx 141 code
expect_no_stderr

test_case "binary output is not for a terminal"
if have script; then
  printf 'a\n' >in
  run script -qec "rnn-vocab in" /dev/null
  expect_exit 64
  expect_stdout_contains "binary output to a terminal"
else
  skip "script is not installed"
fi

test_case "memory is that of the vocabulary and a block"
if built_with asan || ! have prlimit; then
  skip "needs prlimit and a build without sanitizers"
else
  run_shell "yes 'the same few words again and again' | head -n 1000000 | prlimit --as=83886080 rnn-vocab >out.seq"
  expect_exit 0
  run_shell "prlimit --as=83886080 rnn-vocab --list out.seq"
  expect_stdout_contains "again	2000000"
fi

test_case "a video is a sequence of frames, known by its first line"
printf 'YUV4MPEG2 W2 H1 Cmono\nFRAME\nabFRAME\nba' >clip.y4m
run rnn-vocab --label squat clip.y4m
expect_exit 0
cp "$out" clip.seq
run rnn-inspect summary clip.seq
expect_stdout_contains "steps	2"
expect_stdout_contains "labels	1"
run_shell "echo 'YUV4MPEG2 W2 H1 Cmono It' | rnn-vocab -F y4m --label squat"
expect_exit 65
expect_stderr "(stdin): interlaced video is not read"

test_case "labelled texts of single words are cut into characters, unless told otherwise"
i=0
while [ $i -lt 30 ]; do
  printf 'girl\tAnna\nboy\tOtto\n'
  i=$((i + 1))
done >names.tsv
run rnn-vocab names.tsv
expect_exit 0
cp "$out" names.seq
run rnn-inspect summary names.seq
expect_stdout_contains "level	char"
run_shell "(head -c 7 names.tsv; sleep 0.3; tail -c +8 names.tsv) | rnn-vocab"
expect_same names.seq "$out"
sed 's/^\([a-z]*\)./__label__\1 /' names.tsv >names.ft
run_shell "rnn-vocab names.ft | rnn-inspect summary"
expect_stdout_contains "level	char"
run_shell "rnn-vocab --level word names.tsv | rnn-inspect summary"
expect_stdout_contains "level	word"
run_shell "sed 's/o$/o of old/' names.tsv | rnn-vocab | rnn-inspect summary"
expect_stdout_contains "level	word"
run_shell "head -n 19 names.tsv | rnn-vocab | rnn-inspect summary"
expect_stdout_contains "level	word"

test_case "mistakes on the command line"
run rnn-vocab --list --text </dev/null
expect_exit 64
run rnn-vocab --level sentence </dev/null
expect_exit 64
expect_stderr "--level=sentence: one of word, char, byte is expected"
run rnn-vocab --from nosuch </dev/null
expect_exit 64
expect_stderr "conllu"
run rnn-vocab --no-such-option </dev/null
expect_exit 64
expect_stderr "Try \`rnn-vocab --help'"

test_done
