# RNN_FLAG(VARIABLE, FLAG...): appends each flag that the compiler and the linker take without a word.
AC_DEFUN([RNN_FLAG], [
m4_foreach_w([one_flag], [$2], [
AS_VAR_PUSHDEF([answer], [rnn_cv_flag_[]one_flag])
AC_CACHE_CHECK([whether $CC takes one_flag], [answer], [
  rnn_saved_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS $RNN_FLAG_BASE -Werror one_flag"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>
    #include <stdio.h>]], [[char text[9]; memset(text, 'a', 8); text[8] = 0; puts(text);]])],
    [AS_VAR_SET([answer], [yes])], [AS_VAR_SET([answer], [no])])
  CFLAGS=$rnn_saved_CFLAGS])
AS_VAR_IF([answer], [yes], [$1="$$1 one_flag"])
AS_VAR_POPDEF([answer])])])

# RNN_PACKAGE(NAME, PKG-CONFIG-NAME, LINKER-FLAGS, HEADER, STATEMENT, DEBIAN-PACKAGE)
# Sets NAME_CFLAGS and NAME_LIBS (a user's own come first, then pkg-config, then LINKER-FLAGS) and rnn_have_NAME;
# adds DEBIAN-PACKAGE to rnn_missing where STATEMENT cannot be compiled and linked.
AC_DEFUN([RNN_PACKAGE], [
AC_ARG_VAR([$1_CFLAGS], [compiler flags for $6])
AC_ARG_VAR([$1_LIBS], [linker flags for $6])
AS_IF([test -z "$$1_CFLAGS$$1_LIBS"], [
  AS_IF([test -n "$PKG_CONFIG" && test -n "$2" && $PKG_CONFIG --exists "$2" 2>/dev/null],
    [$1_CFLAGS=`$PKG_CONFIG --cflags "$2"`
     $1_LIBS=`$PKG_CONFIG --libs "$2"`],
    [$1_LIBS="$3"])])
AC_MSG_CHECKING([for $6])
rnn_saved_CFLAGS=$CFLAGS
rnn_saved_LIBS=$LIBS
CFLAGS="$CFLAGS $$1_CFLAGS"
LIBS="$$1_LIBS $LIBS"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <$4>]], [[$5]])], [rnn_have_$1=yes], [rnn_have_$1=no])
CFLAGS=$rnn_saved_CFLAGS
LIBS=$rnn_saved_LIBS
AC_MSG_RESULT([$rnn_have_$1])])

# RNN_NEED(NAME, ...): the same, and a package the programs cannot be built without.
AC_DEFUN([RNN_NEED], [RNN_PACKAGE($@)
AS_IF([test "$rnn_have_$1" = no], [rnn_missing="$rnn_missing $6"])])

# RNN_SWITCH(NAME, HELP): --enable-NAME, off by default; sets rnn_NAME to yes or no.
AC_DEFUN([RNN_SWITCH], [
AC_ARG_ENABLE([$1], [AS_HELP_STRING([--enable-$1], [$2])], [rnn_$1=$enableval], [rnn_$1=no])
AS_CASE([$rnn_$1], [yes|no], [], [AC_MSG_ERROR([--enable-$1 is yes or no, not "$rnn_$1"])])])
