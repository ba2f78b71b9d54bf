#!/bin/sh
# The laws of the house that can be read from the sources.
. "${RNN_SOURCE:-.}/tests/lib.sh"

# A file of lib uses only its own group and those before it, in the order ARCHITECTURE.md gives: the lines from "real" to
# "gradient_flow". A name counts for the longest part of it that is there: cell_elman as cell.
order=$(sed -n '/^    real /,/gradient_flow/p' "$RNN_SOURCE/ARCHITECTURE.md")

source_files() {
  (cd "$RNN_SOURCE" && find "$@" -name '*.[ch]' | LC_ALL=C sort)
}

# FILE:LINE:text of the sources named, without comments and strings.
code_of() {
  (cd "$RNN_SOURCE" && awk '
    FNR == 1 { inside = 0 }
    {
      line = $0; kept = ""
      if (line ~ /^[ \t]*#[ \t]*include/) { print FILENAME ":" FNR ":" line; next }
      while (line != "") {
        if (inside) {
          at = index(line, "*/")
          if (!at) break
          line = substr(line, at + 2); inside = 0; kept = kept " "
        } else if (substr(line, 1, 2) == "/*") { inside = 1; line = substr(line, 3) }
        else if (substr(line, 1, 2) == "//") break
        else if (match(line, /^"([^"\\]|\\.)*"/)) { kept = kept "\"\""; line = substr(line, RLENGTH + 1) }
        else { kept = kept substr(line, 1, 1); line = substr(line, 2) }
      }
      if (kept ~ /[^ \t]/) print FILENAME ":" FNR ":" kept
    }' "$@")
}

# No line of standard input may match: expect_none "what is wrong" PATTERN
expect_none() {
  found=$(grep -E -e "$2" | head -n 20)
  [ -z "$found" ] || fail "$1:
$found"
}

# shellcheck disable=SC2046 # names of sources have no blanks
{
  code_of $(source_files lib) >"$test_root/lib"
  code_of $(source_files formats) >"$test_root/formats"
  code_of $(source_files bin) >"$test_root/bin"
}

test_case "bin uses formats and lib, formats uses lib, never the other way"
for part in lib formats bin; do
  case $part in
  lib) may="lib" ;;
  formats) may="lib formats" ;;
  bin) may="lib formats bin" ;;
  esac
  sed -n 's/^\([^:]*:[0-9]*\):[ \t]*#[ \t]*include "\(.*\)".*/\1 \2/p' "$test_root/$part" >"$test_root/includes"
  while read -r place header; do
    for directory in $may; do
      [ ! -e "$RNN_SOURCE/$directory/$header" ] || continue 2
    done
    fail "$place includes \"$header\", which is not in: $may"
  done <"$test_root/includes"
done

test_case "inside lib a file uses only what stands to its left"
[ -n "$order" ] || fail "ARCHITECTURE.md has no order of lib any more"
sed -n 's/^lib\/\([^:]*\)\.[ch]:\([0-9]*\):[ \t]*#[ \t]*include "\(.*\)\.h".*/\1 \3 \2/p' "$test_root/lib" |
  awk -v order="$order" '
    function rank_of(name) {
      while (!(name in rank) && sub(/_[^_]*$/, "", name)) ;
      return name in rank ? rank[name] : 0
    }
    BEGIN {
      count = split(order, word, /[ \n]+/)
      group = 1
      for (i = 1; i <= count; i++) if (word[i] == "|") group++; else rank[word[i]] = group
    }
    !rank_of($1) { print "lib/" $1 " has no place in the order of ARCHITECTURE.md" }
    rank_of($2) > rank_of($1) { print "lib/" $1 ":" $3 " uses " $2 ", which stands to its right" }' |
  sort -u >"$test_root/wrong"
[ ! -s "$test_root/wrong" ] || fail "$(cat "$test_root/wrong")"

test_case "lib opens, prints and ends nothing"
expect_none "lib must not" \
  '[^_a-z]((FILE|stdout|stderr)[^_a-zA-Z0-9]|((v|f|vf)?printf|f?puts|f?putc(har)?|perror|_?exit|_Exit|abort|fopen|fwrite|fread) *\()' \
  <"$test_root/lib"

test_case "only programs print on standard error and end the program"
expect_none "formats must not" '[^_a-z](stderr|exit|_exit|abort|perror)[^_a-zA-Z0-9]' <"$test_root/formats"

test_case "each library of others is known to the file that wraps it"
cat "$test_root/lib" "$test_root/formats" "$test_root/bin" >"$test_root/all"
grep -v '^formats/config_file\.c:' "$test_root/all" | expect_none "libyaml outside formats/config_file.c" 'include <yaml'
grep -v '^formats/container\.c:' "$test_root/all" | expect_none "zstd outside formats/container.c" 'include <zstd'
grep 'include <jansson' "$test_root/all" | expect_none "JSON outside formats" '^(lib|bin)/'
files=$(grep 'include <jansson' "$test_root/all" | cut -d: -f1 | sort -u | wc -l)
[ "$files" -le 2 ] || fail "jansson is used in $files files, two at most"
grep -Ev '^lib/(kernel|vector|gemm)[^/]*:' "$test_root/all" |
  expect_none "intrinsics outside the kernel files of lib" 'include <([a-z]*intrin|arm_neon|arm_sve)\.h'

test_case "names: no _t of our own"
expect_none "a type of ours ends in _t" 'typedef .*_t;|(struct|enum|union) rnn_[a-z_]*_t[^a-z_]' <"$test_root/all"

test_case "nothing is left to be done"
(cd "$RNN_SOURCE" && grep -rnE 'TO''DO|FIX''ME|(^|[^X])XX''X([^X]|$)' \
  lib formats bin tests pipelines man configure.ac Makefile.am ./*.md 2>/dev/null) |
  expect_none "marks of unfinished work" .

test_case "each file begins by saying what it is"
for file in $(source_files lib formats bin); do
  head -n 1 "$RNN_SOURCE/$file" | grep -q '^/\*' || fail "$file does not begin with a comment"
done

test_case "each source stands in Makefile.am, each test too"
for file in $(source_files lib formats bin tests) $(cd "$RNN_SOURCE" && ls tests/*.sh); do
  grep -qE "(^| |\+= )$file( |\$)" "$RNN_SOURCE/Makefile.am" || fail "$file is not in Makefile.am"
done

test_case "nothing stands in Makefile.am twice"
twice=$(grep ' += ' "$RNN_SOURCE/Makefile.am" | grep -v '^CLEANFILES' | LC_ALL=C sort | uniq -d)
[ -z "$twice" ] || fail "$twice"

test_case "what lib needs from outside is neither printing nor a format"
if have nm && [ -e "$RNN_BUILD/lib/librnn.a" ]; then
  nm -u "$RNN_BUILD/lib/librnn.a" |
    expect_none "undefined symbols of lib" ' (__)?(v?f?printf(_chk)?|puts|exit|abort|fopen|stdout|stderr|yaml_.*|ZSTD_.*|json_.*)$'
else
  skip "nm or lib/librnn.a is not there"
fi

test_case "the scripts are clean for shellcheck"
if have shellcheck; then
  run_command="shellcheck"
  # shellcheck disable=SC2046
  (cd "$RNN_SOURCE" && shellcheck -x -s sh -e SC1091,SC2154 $(git ls-files 2>/dev/null '*.sh' .ci/run || ls ./*.sh tests/*.sh pipelines/*.sh)) >"$out" 2>&1 ||
    fail "shellcheck has something to say"
else
  skip "shellcheck is not installed"
fi

test_done
