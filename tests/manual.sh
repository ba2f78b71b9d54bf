#!/bin/sh
# Each manual page says what --help says, and the completion knows each option.
. "${RNN_SOURCE:-.}/tests/lib.sh"
[ -e "$RNN_BUILD/man/rnn-inspect.1" ] || skip_all "no manual pages were made (help2man is missing)"

for name in vocab train tag classify complete inspect; do
  program=rnn-$name

  test_case "$program(1) has each option of --help, and the sections a reader looks for"
  run "$program" --help
  expect_exit 0
  # In the page - is \- and options have fonts around them.
  sed 's/\\f[BIR]//g; s/\\-/-/g; s/\\[,\/]//g' "$RNN_BUILD/man/$program.1" >page
  grep -oE '^ +(-[A-Za-z], )?--?[a-zA-Z0-9-]+' "$out" | grep -oE -e '--?[a-zA-Z0-9-]+$' | sort -u >options
  expect "there are options" [ "$(wc -l <options)" -ge 5 ]
  while read -r option; do
    grep -qE -e "(^|[ ,.])${option}([ =,[]|\$)" page || fail "$option is not in the page"
  done <options
  for section in NAME SYNOPSIS DESCRIPTION EXAMPLES "EXIT STATUS" ENVIRONMENT FILES "SEE ALSO"; do
    grep -qE "^\.SH \"?$section\"?\$" page || fail "the page has no section $section"
  done

  test_case "completion of $program has each long option"
  while read -r option; do
    case $option in --*)
      grep -qE -e "[ \"]${option}[ \"]" "$RNN_BUILD/man/$program.bash" || fail "$option is not completed"
      ;;
    esac
  done <<EOF
$(run "$program" --help && grep -oE '^ +(-[A-Za-z], )?--[a-z0-9-]+' "$out" | grep -oE -e '--[a-z0-9-]+$')
EOF

  test_case "$program --help fits a terminal of 80 columns"
  run "$program" --help
  awk 'length($0) > 79 { print FILENAME ": " $0 }' "$out" >long
  [ ! -s long ] || fail "$(cat long)"
done

test_case "the pages are well-formed"
if have man; then
  for page in "$RNN_BUILD"/man/rnn-*.1; do
    MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" >/dev/null 2>warnings
    [ ! -s warnings ] || fail "$page: $(cat warnings)"
  done
else
  skip "man is not installed"
fi

test_done
