#!/bin/sh
# Sees to it that everything the build needs is there; pipelines/quickstart.sh and tests/run.sh begin with it.
#
#   sh pipelines/setup.sh          installs what is missing (Debian, Ubuntu: as root or through sudo)
#   sh pipelines/setup.sh --list   prints what is missing, installs nothing
#
# Says nothing and takes no time where nothing is missing. On another system it names what is missing and exits with 69.
set -eu

# What must be there: a program, or a header that the compiler finds; the Debian package it comes from.
missing_packages() {
  need_program autoreconf autoconf
  need_program aclocal automake
  need_program make make
  need_program pkg-config pkg-config
  need_program help2man help2man
  if command -v "${CC:-cc}" >/dev/null 2>&1; then
    need_header stdlib.h libc6-dev
    need_header yaml.h libyaml-dev
    need_header zstd.h libzstd-dev
    need_header jansson.h libjansson-dev
    need_header uniwbrk.h libunistring-dev
    need_header xxhash.h libxxhash-dev
    need_header Random123/philox.h librandom123-dev
    need_header criterion/criterion.h libcriterion-dev
  else
    echo gcc libc6-dev libyaml-dev libzstd-dev libjansson-dev libunistring-dev libxxhash-dev librandom123-dev \
      libcriterion-dev
  fi
}

need_program() {
  command -v "$1" >/dev/null 2>&1 || echo "$2"
}

need_header() {
  echo "#include <$1>" | "${CC:-cc}" -E -x c -o /dev/null - 2>/dev/null || echo "$2"
}

missing=$(missing_packages | tr '\n' ' ')
missing=${missing% }
if [ "${1:-}" = --list ]; then
  echo "$missing"
  exit 0
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "setup.sh: these packages are missing (named as in Debian): $missing" >&2
  echo "setup.sh: this system has no apt-get; install them by its own means and run again" >&2
  exit 69
fi
if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null 2>&1; then
  as_root=sudo
else
  echo "setup.sh: these packages are missing: $missing" >&2
  echo "setup.sh: run again as root, or install sudo" >&2
  exit 69
fi

echo "setup.sh: installing $missing" >&2
install_packages() {
  # shellcheck disable=SC2086 # a list of names
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}
log=$(mktemp "${TMPDIR:-/tmp}/rnn-setup.XXXXXX")
trap 'rm -f "$log"' EXIT
# The lists of packages may be old or not there at all: then they are fetched and it is tried once more.
if ! install_packages >"$log" 2>&1; then
  if ! { $as_root apt-get update -q && install_packages; } >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "setup.sh: could not install $missing" >&2
    exit 69
  fi
fi
missing=$(missing_packages | tr '\n' ' ')
if [ -n "${missing% }" ]; then
  echo "setup.sh: still missing after the installation: $missing" >&2
  exit 69
fi
