#!/bin/sh
# What analysers of source have to say: nothing that is not explained here. For "make check-long".
. "${RNN_SOURCE:-.}/tests/lib.sh"
RNN_TIMEOUT=${RNN_TIMEOUT:-7200}
folders="-Ilib -Iformats -Ibin -Ifuzz -D_GNU_SOURCE"

test_case "cppcheck"
if have cppcheck; then
  cd "$RNN_SOURCE" || exit 99
  # internalAstError: cppcheck 2.10 does not parse a compound literal after "?".
  # arrayIndexOutOfBoundsCond: `layer` is less than the number of layers, which a configuration limits to 16.
  # nullPointer: convert_by_libc is asked for a double or for a float, never for neither.
  # invalidFunctionArg: of two classes or more one is the most probable, so the sum is not below 1.
  # uninitvar: where no sample had anything to be counted, none is sorted.
  # pointerSize: room is made for the address itself, which stands before the block.
  # shellcheck disable=SC2086 # a list of options
  run cppcheck -q --std=c11 --error-exitcode=1 --enable=warning,portability --suppress=missingIncludeSystem \
    --suppress=internalAstError --suppress=arrayIndexOutOfBoundsCond --suppress=nullPointer:formats/number.c \
    --suppress=pointerSize:lib/memory.c --suppress=invalidFunctionArg:lib/wide_fit_shares.c \
    --suppress=invalidFunctionArg:lib/gradient_flow_grams.c --suppress=uninitvar:lib/interval.c $folders lib formats bin fuzz
  expect_exit 0
  expect_no_stderr
else
  skip "cppcheck is not installed"
fi

test_case "gcc -fanalyzer"
if echo 'int x;' | gcc -fanalyzer -x c -S -o /dev/null - 2>/dev/null; then
  cd "$RNN_SOURCE" || exit 99
  # -Wno-analyzer-malloc-leak: gcc 12 loses sight of a block that is aligned within a larger one, and of what is stored through
  # a pointer. Lost blocks are counted by tests/memory.sh, at each allocation that fails, and by the address sanitizer.
  for source in lib/*.c formats/*.c bin/*.c; do
    # lib/kernel_: nothing but arithmetic, in vectors of another processor. lib/wide_fit_shares.c: gcc 12 lets a loop over two
    # end before its second turn; tests/valgrind.sh meets nothing that was not written.
    more=
    case $source in
    lib/kernel_*) continue ;;
    lib/wide_fit_shares.c) more=-Wno-analyzer-use-of-uninitialized-value ;;
    esac
    # shellcheck disable=SC2086 # a list of options
    run gcc -std=gnu11 -O1 -fanalyzer -Wno-analyzer-malloc-leak $more -DNDEBUG -DRNN_VERSION='""' -DRNN_MODELS_DIRECTORY='""' $folders \
      -S -o /dev/null "$source"
    expect_exit 0
    expect_no_stderr
  done
else
  skip "there is no gcc with -fanalyzer"
fi

test_case "clang-tidy"
if have clang-tidy; then
  cd "$RNN_SOURCE" || exit 99
  # insecureAPI: it asks for functions that no C library here has (memcpy_s).
  # A beam is at least one wide; a network has a layer; there are two models, or there is no difference; 0.1, 0.5 and 0.9 are below 1; a
  # picture has a group, or its headline names no first one.
  # A failure that is set is never RNN_OK (embeddings.c, stream_reader.c), a document is larger than nothing (container.c), what
  # rnn_document_copy fills is filled (model_reader.c), and a format that is echoed has places for its tags (answer.c).
  for source in lib/*.c formats/*.c bin/*.c; do
    case $source in lib/kernel_*) continue ;; esac
    # shellcheck disable=SC2086 # a list of options
    run clang-tidy --quiet --checks='-*,clang-analyzer-*,-clang-analyzer-security.insecureAPI.*' "$source" -- -std=gnu11 -DNDEBUG \
      -DRNN_VERSION='""' -DRNN_MODELS_DIRECTORY='""' $folders
    explained='(completion|gradient_flow)\.c.*DivideZero|inspect_diff\.c.*NullDereference|inspect_gradients\.c.*FloatLoopCounter|inspect_plot\.c.*CallAndMessage'
    explained="$explained|embeddings\.c.*CallAndMessage|(stream_reader|answer)\.c.*NullDereference|container\.c.*NonNullParam"
    explained="$explained|model_reader\.c.*uninitialized.Assign"
    grep ' warning: ' "$out" | grep -vE "$explained" >"$test_root/left"
    [ ! -s "$test_root/left" ] || fail "$(cat "$test_root/left")"
  done
else
  skip "clang-tidy is not installed"
fi

test_done
