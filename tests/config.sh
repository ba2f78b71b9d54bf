# The configuration of rnn-train: where values come from, and what is said of mistakes.
. "${RNN_SOURCE:-.}/tests/lib.sh"

# value KEY: the value of a key in what was printed.
value() {
  sed -n "s/^$1: //p" "$out"
}

expect_value() {
  [ "$(value "$1")" = "$2" ] || fail "$1: $2 expected, got $(value "$1")"
}

test_case "--print-config prints a file that reads back to itself, and reads no data"
run rnn-train --print-config
expect_exit 0
expect_no_stderr
cp "$out" first.yaml
run rnn-train --config first.yaml --print-config
expect_same first.yaml "$out"

test_case "command line over environment over file over default"
printf 'state: 3\nlayers: 3\nepochs: 3\n' >c.yaml
RNN_STATE=5 RNN_LAYERS=5 run rnn-train -c c.yaml --state 7 --print-config
expect_exit 0
expect_value state 7
expect_value layers 5
expect_value epochs 3
expect_value seed 1

test_case "options, -D and --set are the same, and the last one counts"
run rnn-train --learning-rate 0.5 -D learning_rate=0.25 --set learning-rate=0.125 --print-config
expect_value learning_rate 0.125
run rnn-train -D learning_rate=0.25 --learning-rate=0.5 -s 9 --bidirectional --print-config
expect_value learning_rate 0.5
expect_value seed 9
expect_value bidirectional true
run rnn-train --bidirectional=false --max-time 10m --bptt full --print-config
expect_value bidirectional false
expect_value max_time 600s
expect_value bptt full

test_case "the configuration may come through a pipe"
run_shell "echo 'state: 3' | rnn-train -c - --print-config"
expect_value state 3
run_shell "echo 'state: 3' | rnn-train -c - </dev/null"
expect_exit 64
expect_stderr "standard input is named twice"

test_case "a mistake in the file is named by line and column"
printf 'seed: 2\n\nhiden: 3\n' >train.yaml
run rnn-train -c train.yaml --print-config
expect_exit 78
expect_stderr "rnn-train: train.yaml:3:1: unknown key 'hiden'; did you mean 'state'?"
expect_stdout ""
printf 'state: 2\nseed: 1\nstate: 3\n' >train.yaml
run rnn-train -c train.yaml --print-config
expect_exit 78
expect_stderr "train.yaml:3:1: 'state' is given twice, first in line 1"
printf 'state: &a 2\nseed: *a\n' >train.yaml
run rnn-train -c train.yaml --print-config
expect_exit 78
expect_stderr "train.yaml:1:8: anchors are not allowed"
printf 'state: 0\n' >train.yaml
run rnn-train -c train.yaml --print-config
expect_exit 78
expect_stderr "train.yaml:1:8: state: '0' is not a whole number from 1 to 65536, or auto"

test_case "100 kB of brackets are refused at once"
head -c 100000 /dev/zero | tr '\0' '[' >train.yaml
RNN_TIMEOUT=2 run rnn-train -c train.yaml --print-config
expect_exit 78
expect_stderr "train.yaml:1:1:"

test_case "files that are none"
run rnn-train -c missing.yaml --print-config
expect_exit 66
expect_stderr "missing.yaml: No such file"
run rnn-train -c . --print-config
expect_exit 66

test_case "a mistake in the environment says so"
RNN_STATE=many run rnn-train --print-config
expect_exit 78
expect_stderr "environment: state: 'many'"

test_case "mistakes on the command line"
run rnn-train --state=0 --print-config
expect_exit 64
expect_stderr "state: '0' is not a whole number from 1 to 65536, or auto"
run rnn-train -D hiden=3 --print-config
expect_exit 64
expect_stderr "did you mean 'state'?"
run rnn-train -D state --print-config
expect_exit 64
expect_stderr "KEY=VALUE is expected"
run rnn-train --dropout=nan --print-config
expect_exit 64
run rnn-train --threads=-1 --print-config
expect_exit 64

test_case "the help lists every key with its default"
rnn-train --print-config >keys
run rnn-train --help
expect_exit 0
expect_no_stderr
sed 's/:.*//; s/_/-/g' keys >names
while read -r name; do
  expect "--help has --$name" grep -qe "--$name" "$out"
done <names
cp "$out" long
run rnn-train -h
expect_same long "$out"
run rnn-train --version
expect_stdout_matches '^rnn-train (rnn-tools) [0-9]'

test_case "another language changes nothing"
run rnn-train --learning-rate 0.25 --print-config
cp "$out" english
LC_ALL=de_DE.UTF-8 run rnn-train --learning-rate 0.25 --print-config
expect_same english "$out"
LC_ALL=de_DE.UTF-8 run rnn-train --learning-rate 0,25 --print-config
expect_exit 64

test_done
