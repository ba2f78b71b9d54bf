/* Pictures of a table, by gnuplot: a child that is started before anything is read, is told what to draw once the table
 * is there, and whose picture goes where --plot says. */
#ifndef RNN_INSPECT_PLOT_H
#define RNN_INSPECT_PLOT_H

#include "output.h"
#include "table.h"

enum inspect_mark { INSPECT_LINE, INSPECT_POINTS, INSPECT_BAND, INSPECT_BARS, INSPECT_HEAT };

/* Columns of the table by name. */
struct inspect_series {
  const char *title, *x, *y;
  const char *z; /* BAND: from y to z; BARS: the text below each; HEAT: the colour */
  enum inspect_mark mark;
  int panel; /* 0, 1, ... from above */
};

struct inspect_picture {
  const char *title, *x_title, *y_title[3]; /* of each panel */
  const struct inspect_series *series;      /* ends with y = NULL */
  const char *group[3]; /* columns: rows with different values there are different curves, named by them; for HEAT only
                           the rows like the first */
  bool log_x, log_y;
  bool square;    /* HEAT: y grows downwards, as in a matrix */
  bool one_sided; /* HEAT: zero is a number like others */
};

struct inspect_plot;

/* `name`: a file that ends in .svg or .png, or "-" for a picture of letters on `output`. RNN_USAGE for another name,
 * RNN_UNAVAILABLE where gnuplot is not installed, RNN_CANNOT_CREATE. */
enum rnn_status inspect_plot_open(struct inspect_plot **plot, const char *name, struct rnn_error *error) RNN_MUST_CHECK;
bool inspect_plot_is_text(const struct inspect_plot *plot); /* takes the table's place on standard output */

/* Draws, waits for gnuplot, and finishes the file; what is "-" goes to `output`. */
enum rnn_status inspect_plot_draw(struct inspect_plot *plot, struct rnn_table *table,
                                  const struct inspect_picture *picture, struct rnn_output *output,
                                  struct rnn_error *error) RNN_MUST_CHECK;
void inspect_plot_close(struct inspect_plot *plot); /* NULL is allowed; leaves no file unless drawn */

#endif
