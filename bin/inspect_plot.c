/* gnuplot as a child. Its script comes through a pipe, data first, so that it draws once all is told; the picture comes
 * back through another, so that a file appears whole or not at all. */
#include "inspect_plot.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "number.h"

extern char **environ;

enum kind { SVG, PNG, LETTERS };

struct inspect_plot {
  enum kind kind;
  pid_t child; /* 0: none */
  FILE *to;    /* its script */
  int from;    /* its picture */
  struct rnn_output *output;
};

/* Blends with light and dark pages. */
static const char *const colours[] = {"#3b82c4", "#e07b39", "#3f9e5b", "#a866c4", "#c9504d", "#8a8a3c", "#4ba3a3"};
enum {
  COLOURS = sizeof colours / sizeof colours[0],
  MOST_GROUPS = 32,
  MOST_SERIES = 8,
  MOST_BOXES = 25000,
  WIDTH = 720,
  HEIGHT = 400
};

/* ---- the child ---- */

static enum rnn_status start(struct inspect_plot *plot, struct rnn_error *error)
{
  static char name[] = "gnuplot", quiet[] = "-d";
  char *arguments[] = {name, quiet, NULL};
  posix_spawn_file_actions_t actions;
  int script[2], picture[2];
  if (pipe2(script, O_CLOEXEC) != 0)
    return rnn_error_set(error, RNN_UNAVAILABLE, "no pipe to gnuplot: %s", strerror(errno));
  if (pipe2(picture, O_CLOEXEC) != 0) {
    close(script[0]);
    close(script[1]);
    return rnn_error_set(error, RNN_UNAVAILABLE, "no pipe from gnuplot: %s", strerror(errno));
  }
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, script[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, picture[1], STDOUT_FILENO);
  int failure = posix_spawnp(&plot->child, name, &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(script[0]);
  close(picture[1]);
  plot->from = picture[0];
  plot->to = fdopen(script[1], "w");
  if (failure != 0) {
    plot->child = 0;
    return rnn_error_set(error, RNN_UNAVAILABLE, "--plot needs gnuplot, which cannot be started: %s",
                         strerror(failure));
  }
  return RNN_OK;
}

static bool ends_in(const char *name, const char *end)
{
  size_t length = strlen(name), tail = strlen(end);
  return length > tail && strcmp(name + length - tail, end) == 0;
}

enum rnn_status inspect_plot_open(struct inspect_plot **plot, const char *name, struct rnn_error *error)
{
  enum rnn_status status;
  struct inspect_plot *fresh = NULL;
  *plot = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a plot", error));
  *fresh = (struct inspect_plot){.kind = LETTERS, .from = -1};
  if (ends_in(name, ".svg"))
    fresh->kind = SVG;
  else if (ends_in(name, ".png"))
    fresh->kind = PNG;
  else if (strcmp(name, "-") != 0)
    RNN_TRY(
        rnn_error_set(error, RNN_USAGE, "--plot=%s: a name that ends in .svg or .png, or - for the terminal", name));
  RNN_TRY(start(fresh, error));
  if (fresh->kind != LETTERS)
    RNN_TRY(rnn_output_open(&fresh->output, name, false, false, error));
  *plot = fresh;
  fresh = NULL;
out:
  inspect_plot_close(fresh);
  return status;
}

bool inspect_plot_is_text(const struct inspect_plot *plot)
{
  return plot->kind == LETTERS;
}

void inspect_plot_close(struct inspect_plot *plot)
{
  if (plot == NULL)
    return;
  if (plot->to != NULL)
    fclose(plot->to);
  if (plot->from >= 0)
    close(plot->from);
  if (plot->child > 0)
    waitpid(plot->child, NULL, 0); /* it ends with its script */
  rnn_output_abandon(plot->output);
  rnn_memory_free(plot);
}

/* ---- the script: data ---- */

/* Which rows make one curve. */
struct group {
  size_t row; /* the first, */
  bool *is;   /* [rows] and all of them */
};

/* A picture of many sequences would show none: it shows the first. */
static bool is_of_first_sequence(const struct inspect_picture *picture)
{
  return picture->group[0] != NULL && strcmp(picture->group[0], "sequence") == 0;
}

static bool same_text(struct rnn_table *table, const char *column, size_t a, size_t b)
{
  char kept[RNN_NUMBER_BYTES * 4];
  size_t length_a, length_b;
  const char *text = rnn_table_text(table, a, column, &length_a);
  snprintf(kept, sizeof kept, "%.*s", (int)length_a, text);
  text = rnn_table_text(table, b, column, &length_b);
  return length_a == length_b && strncmp(kept, text, length_a) == 0;
}

static bool same_group(struct rnn_table *table, const struct inspect_picture *picture, size_t a, size_t b)
{
  for (size_t i = 0; i < 3 && picture->group[i] != NULL; i++)
    if (!same_text(table, picture->group[i], a, b))
      return false;
  return true;
}

static size_t find_groups(struct rnn_table *table, const struct inspect_picture *picture, size_t *first)
{
  size_t groups = 0;
  for (size_t row = 0; row < rnn_table_rows(table); row++) {
    size_t i = 0;
    if (is_of_first_sequence(picture) && !same_text(table, "sequence", 0, row))
      continue;
    while (i < groups && !same_group(table, picture, first[i], row))
      i++;
    if (i == groups && groups < MOST_GROUPS)
      first[groups++] = row;
  }
  return groups;
}

static void write_number(FILE *to, double number)
{
  char text[RNN_NUMBER_BYTES];
  fprintf(to, "%s", isfinite(number) ? rnn_number_double(number, text) : "NaN");
}

/* A string of gnuplot: what it would take for its own becomes harmless. */
static void write_string(FILE *to, const char *text, size_t length)
{
  fputc('"', to);
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte == '"' || byte == '\\')
      fputc('\\', to);
    fputc(byte < 0x20 || byte == 0x7f ? ' ' : byte == '`' ? '\'' : byte, to);
  }
  fputc('"', to);
}

/* One block of data for each curve: x, y, z. */
static void write_data(FILE *to, struct rnn_table *table, const struct inspect_picture *picture, size_t group,
                       size_t first)
{
  for (size_t s = 0; picture->series[s].y != NULL; s++) {
    const struct inspect_series *series = &picture->series[s];
    fprintf(to, "$data%zu_%zu << END_OF_DATA\n", group, s);
    for (size_t row = 0; row < rnn_table_rows(table); row++) {
      if (!same_group(table, picture, first, row))
        continue;
      write_number(to, rnn_table_real(table, row, series->x));
      fputc(' ', to);
      write_number(to, rnn_table_real(table, row, series->y));
      fputc(' ', to);
      if (series->z != NULL && series->mark == INSPECT_BARS) {
        size_t length;
        const char *text = rnn_table_text(table, row, series->z, &length);
        write_string(to, length == 0 ? " " : text, length == 0 ? 1 : length);
      } else
        write_number(to, series->z == NULL ? NAN : rnn_table_real(table, row, series->z));
      fputc('\n', to);
    }
    fputs("END_OF_DATA\n", to);
  }
}

/* ---- the script: style ---- */

static bool has_mark(const struct inspect_picture *picture, enum inspect_mark mark)
{
  for (size_t s = 0; picture->series[s].y != NULL; s++)
    if (picture->series[s].mark == mark)
      return true;
  return false;
}

static size_t panels_of(const struct inspect_picture *picture)
{
  int most = 0;
  for (size_t s = 0; picture->series[s].y != NULL; s++)
    most = picture->series[s].panel > most ? picture->series[s].panel : most;
  return (size_t)most + 1;
}

/* The height leaves room for two curves a line in the key. */
static void write_style(FILE *to, enum kind kind, const struct inspect_picture *picture, size_t groups)
{
  size_t series = 0;
  while (picture->series[series].y != NULL)
    series++;
  size_t lines = groups > 1 ? (groups * series + 1) / 2 : 0;
  size_t height = HEIGHT + (panels_of(picture) - 1) * HEIGHT / 2 + lines * 18;
  fputs("set encoding utf8\n", to);
  if (kind == SVG)
    fprintf(to, "set terminal svg size %d,%zu dynamic noenhanced font 'sans-serif,15' linewidth 1.4\n", WIDTH, height);
  else if (kind == PNG)
    fprintf(to, "set terminal pngcairo size %d,%zu noenhanced font 'sans,10' linewidth 1.4 background '#ffffff'\n",
            WIDTH, height);
  else
    fputs("set terminal dumb size 79,28 noenhanced\n", to);
  if (kind != LETTERS)
    fputs(
        "set border 3 lc rgb '#808080'\nset tics nomirror textcolor rgb '#808080'\n"
        "set key tmargin right horizontal textcolor rgb '#808080' samplen 2\nset title textcolor rgb '#808080'\n"
        "set xlabel textcolor rgb '#808080'\nset ylabel textcolor rgb '#808080'\nset cblabel textcolor rgb '#808080'\n"
        "set grid lt 1 lc rgb '#808080' lw 0.3 dt 3\n",
        to);
  fputs("set style fill solid 0.8 noborder\nset boxwidth 0.8\nset format '%g'\n", to);
  if (picture->log_x)
    fputs("set logscale x\n", to);
  if (picture->log_y)
    fputs("set logscale y\nset format y '1e%T'\n", to);
}

/* Adds what makes a group, from its i-th column on: "layer 0, forward". */
static size_t add_group(char *text, size_t room, size_t used, struct rnn_table *table,
                        const struct inspect_picture *picture, size_t i, size_t row)
{
  for (; i < 3 && picture->group[i] != NULL && used < room; i++) {
    size_t length;
    const char *value = rnn_table_text(table, row, picture->group[i], &length);
    bool number = length > 0 && value[0] >= '0' && value[0] <= '9';
    used += (size_t)snprintf(text + used, room - used, "%s%s%s%.*s", used == 0 ? "" : ", ",
                             number ? picture->group[i] : "", number ? " " : "", (int)length, value);
  }
  return used;
}

/* Of a curve, in the key. */
static void write_title(FILE *to, struct rnn_table *table, const struct inspect_picture *picture,
                        const struct inspect_series *series, size_t first, bool many)
{
  char text[256];
  size_t used = (size_t)snprintf(text, sizeof text, "%s", series->title == NULL ? "" : series->title);
  if (many)
    add_group(text, sizeof text, used, table, picture, is_of_first_sequence(picture), first);
  fputs(text[0] == '\0' ? " notitle" : " title ", to);
  if (text[0] != '\0')
    write_string(to, text, strlen(text));
}

/* Of the picture: what it leaves out is said there. */
static void write_headline(FILE *to, struct rnn_table *table, const struct inspect_picture *picture, size_t groups,
                           size_t first)
{
  char text[256];
  size_t used = (size_t)snprintf(text, sizeof text, "%s", picture->title);
  if (groups > 0 && has_mark(picture, INSPECT_HEAT))
    add_group(text, sizeof text, used, table, picture, 0, first);
  else if (groups > 0 && is_of_first_sequence(picture))
    snprintf(text + used, sizeof text - used, ", sequence %g", rnn_table_real(table, first, "sequence"));
  fputs("set title ", to);
  write_string(to, text, strlen(text));
  fputc('\n', to);
}

static void write_curve(FILE *to, struct rnn_table *table, const struct inspect_picture *picture, size_t s,
                        size_t group, size_t first, size_t groups, size_t colour)
{
  const struct inspect_series *series = &picture->series[s];
  const char *rgb = colours[colour % COLOURS];
  fprintf(to, "$data%zu_%zu using ", group, s);
  switch (series->mark) {
  case INSPECT_BAND:
    fprintf(to, "1:2:3 with filledcurves fill transparent solid 0.2 noborder lc rgb '%s'", rgb);
    break;
  case INSPECT_BARS:
    fprintf(to,
            "1:($2 >= 0 ? $2 : NaN):xtic(3) with boxes lc rgb '%s' notitle, $data%zu_%zu using 1:($2 < 0 ? $2 : NaN) "
            "with boxes lc rgb '%s' notitle",
            colours[0], group, s, colours[4]);
    return;
  case INSPECT_HEAT:
    fputs(rnn_table_rows(table) <= MOST_BOXES ? "1:2:(0.5):(0.5):3 with boxxyerror fill solid 1 noborder lc palette z"
                                              : "1:2:3 with image",
          to);
    break;
  case INSPECT_POINTS:
    fprintf(to, "1:2 with points pt 7 ps 0.5 lc rgb '%s'", rgb);
    break;
  case INSPECT_LINE: /* the third is dashed: where it lies on another both are seen */
    fprintf(to, "1:2 with lines lw 1.6 lc rgb '%s'%s", rgb, s == 2 && panels_of(picture) == 1 ? " dt 2" : "");
    break;
  }
  write_title(to, table, picture, series, first, groups > 1 && series->mark != INSPECT_HEAT);
}

/* From the least to the greatest number. */
struct range {
  double least, most;
};

/* Takes in the numbers of a column that are drawn; false if there is none. */
static bool take_in(struct rnn_table *table, const struct inspect_picture *picture, const char *column,
                    bool logarithmic, struct range *range)
{
  bool found = false;
  for (size_t row = 0; row < rnn_table_rows(table); row++) {
    double number = rnn_table_real(table, row, column);
    if (!isfinite(number) || (logarithmic && number <= 0) ||
        (is_of_first_sequence(picture) && !same_text(table, "sequence", 0, row)))
      continue;
    range->least = fmin(range->least, number);
    range->most = fmax(range->most, number);
    found = true;
  }
  return found;
}

/* gnuplot complains where all numbers are the same: they get some room. */
static void write_range(FILE *to, char axis, bool logarithmic, struct range range)
{
  if (range.least < range.most)
    fprintf(to, "set %crange [*:*]\n", axis);
  else if (!(range.least <= range.most))
    fprintf(to, "set %crange [0.1:1]\n", axis);
  else if (logarithmic)
    fprintf(to, "set %crange [%g:%g]\n", axis, range.least / 10, range.most * 10);
  else
    fprintf(to, "set %crange [%g:%g]\n", axis, fmin(range.least, 0), range.most == 0 ? 1 : fmax(1.2 * range.most, 0));
}

/* What is counted has no halves, however few there are. */
static void write_tics(FILE *to, char axis, struct range range)
{
  const double few = 8;
  if (range.most - range.least <= few)
    fprintf(to, "set %ctics 1\n", axis);
}

/* Numbers of both signs: no colour is zero, and as far on both sides. Others: from dark to light. */
static void write_palette(FILE *to, struct rnn_table *table, const struct inspect_picture *picture, size_t first)
{
  double least = 0, greatest = 0;
  for (size_t row = 0; row < rnn_table_rows(table); row++)
    if (same_group(table, picture, first, row)) {
      least = fmin(least, rnn_table_real(table, row, picture->series[0].z));
      greatest = fmax(greatest, rnn_table_real(table, row, picture->series[0].z));
    }
  double most = fmax(-least, greatest);
  fputs("unset grid\nset style fill solid 1 noborder\nset autoscale xfix\nset autoscale yfix\n", to);
  if (least < 0 && greatest > 0 && !picture->one_sided)
    fprintf(to,
            "set palette defined (-1 '#c9504d', 0 '#f4f1ea', 1 '#2f6fb0')\n"
            "set cbrange [%g:%g]\n",
            -most, most);
  else
    fputs("set palette defined (0 '#5b3f8f', 1 '#3b78b5', 2 '#4fb08b', 3 '#f2d669')\n", to);
}

static void write_panel(FILE *to, struct rnn_table *table, const struct inspect_picture *picture, size_t panel,
                        const size_t *first, size_t groups)
{
  size_t drawn = 0, colour = 0;
  bool heat = has_mark(picture, INSPECT_HEAT), shown[MOST_SERIES] = {false};
  struct range x = {INFINITY, -INFINITY}, y = x;
  for (size_t s = 0; picture->series[s].y != NULL; s++)
    if ((size_t)picture->series[s].panel == panel && take_in(table, picture, picture->series[s].y, picture->log_y, &y))
      shown[s] = take_in(table, picture, picture->series[s].x, picture->log_x, &x);
  if (!has_mark(picture, INSPECT_BARS))
    write_tics(to, 'x', x);
  if (heat)
    write_tics(to, 'y', y);
  if (heat && y.least == y.most)
    fprintf(to, "set ytics (%g)\n", y.least);
  if (!heat) {
    write_range(to, 'x', picture->log_x, x);
    write_range(to, 'y', picture->log_y, y);
  }
  fputs("set ylabel ", to);
  write_string(to, picture->y_title[panel], strlen(picture->y_title[panel]));
  fputs("\nset xlabel ", to);
  const char *title = panel + 1 == panels_of(picture) ? picture->x_title : "";
  write_string(to, title, strlen(title));
  fputs("\nplot ", to);
  for (size_t group = 0; group < (heat && groups > 0 ? 1 : groups); group++)
    for (size_t s = 0; picture->series[s].y != NULL; s++) {
      if (!shown[s])
        continue;
      fputs(drawn++ > 0 ? ", " : "", to);
      write_curve(to, table, picture, s, group, first[group], groups, colour);
      colour += picture->series[s].mark != INSPECT_BAND;
    }
  fputs(drawn > 0 ? "\n" : "NaN notitle\n", to);
}

static void write_script(struct inspect_plot *plot, struct rnn_table *table, const struct inspect_picture *picture)
{
  size_t first[MOST_GROUPS], groups = find_groups(table, picture, first), panels = panels_of(picture);
  FILE *to = plot->to;
  for (size_t group = 0; group < groups; group++)
    write_data(to, table, picture, group, first[group]);
  write_style(to, plot->kind, picture, has_mark(picture, INSPECT_HEAT) ? 1 : groups);
  if (has_mark(picture, INSPECT_BARS))
    fputs("set xtics rotate by 60 right nomirror\nset xzeroaxis lt 1 lc rgb '#808080'\nset grid noxtics\n", to);
  if (groups > 0 && has_mark(picture, INSPECT_HEAT))
    write_palette(to, table, picture, first[0]);
  if (picture->square)
    fputs("set yrange [*:*] reverse\n", to);
  write_headline(to, table, picture, groups, first[0]);
  if (panels > 1)
    fprintf(to, "set multiplot layout %zu,1\n", panels);
  for (size_t panel = 0; panel < panels && groups > 0; panel++) {
    if (panel == 1)
      fputs("unset title\n", to);
    write_panel(to, table, picture, panel, first, groups);
  }
}

/* ---- the picture ---- */

static enum rnn_status copy_picture(struct inspect_plot *plot, struct rnn_output *output, size_t *bytes,
                                    struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  char buffer[4096];
  for (*bytes = 0;;) {
    ssize_t got = read(plot->from, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return RNN_OK;
    *bytes += (size_t)got;
    RNN_TRY(rnn_output_write(output, buffer, (size_t)got, error));
  }
out:
  return status;
}

enum rnn_status inspect_plot_draw(struct inspect_plot *plot, struct rnn_table *table,
                                  const struct inspect_picture *picture, struct rnn_output *output,
                                  struct rnn_error *error)
{
  enum rnn_status status;
  int ended = 0;
  size_t bytes;
  void (*handler)(int) = signal(SIGPIPE, SIG_IGN);
  write_script(plot, table, picture);
  bool told = fclose(plot->to) == 0;
  plot->to = NULL;
  signal(SIGPIPE, handler);
  RNN_TRY(copy_picture(plot, plot->kind == LETTERS ? output : plot->output, &bytes, error));
  while (waitpid(plot->child, &ended, 0) < 0 && errno == EINTR)
    ;
  plot->child = 0;
  if (!told || ended != 0 || bytes == 0)
    return rnn_error_set(error, RNN_UNAVAILABLE, "gnuplot drew no picture");
  if (plot->output != NULL)
    RNN_TRY(rnn_output_finish(plot->output, error));
  plot->output = NULL;
out:
  return status;
}
