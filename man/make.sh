#!/bin/sh
# Makes what is made from a program's --help: make.sh man|bash PROGRAM DIRECTORY-OF-H2M
set -eu
kind=$1 program=$2 texts=$3
name=$(basename "$program")
case $kind in
man)
  # The headings of groups of options become subsections.
  help2man --no-info --section=1 --manual=rnn-tools --include="$texts/$name.h2m" --include="$texts/common.h2m" "$program" |
    sed '/^\.IP$/{
      N
      s/^\.IP\n\([A-Z][a-z ]*\):$/.SS "\1"/
    }'
  ;;
bash)
  echo "# Completion of $name, made from its --help."
  LC_ALL=C "$program" --help | awk -v name="$name" '
    { line = $0
      while (match(line, /--[a-z0-9][-a-z0-9]*(\[?=)?/)) {
        word = substr(line, RSTART, RLENGTH); line = substr(line, RSTART + RLENGTH)
        sub(/\[?=$/, "", word)
        if ($1 ~ /^-/ && !seen[word]++) words = words " " word
      } }
    /^WHAT is one of/ { views = 1; next }
    views && /^  [a-z]/ { words = words " " $1 }
    views && /^$/ { views = 0 }
    END { print "complete -o default -W \"" substr(words, 2) "\" " name }'
  ;;
esac
