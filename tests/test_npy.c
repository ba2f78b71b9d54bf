/* NumPy's arrays: which are read, how they come in parts, and which are refused. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "file_case.h"
#include "memory.h"
#include "reader.h"

enum { MOST_BYTES = 4096, MOST_NUMBERS = 256 };

static struct rnn_error error;
static char bytes[MOST_BYTES];
static size_t size;

/* ---- writing ---- */

static void put(const void *what, size_t length)
{
  cr_assert_leq(size + length, MOST_BYTES);
  memcpy(bytes + size, what, length);
  size += length;
}

static void put_header(int version, const char *header)
{
  size_t length = strlen(header);
  unsigned char front[12] = {
      0x93, 'N', 'U', 'M', 'P', 'Y', (unsigned char)version, 0, (unsigned char)length, (unsigned char)(length >> 8)};
  put(front, version == 1 ? 10 : 12);
  put(header, length);
}

/* i, i + 1, ... as the dtype has them. */
static void put_numbers(const char *dtype, size_t first, size_t count)
{
  size_t number_bytes = dtype[2] == '8' ? 8 : 4;
  for (size_t i = 0; i < count; i++) {
    double wide = (double)(first + i) / 4;
    float narrow = (float)wide;
    unsigned char number[8];
    memcpy(number, number_bytes == 8 ? (const void *)&wide : &narrow, number_bytes);
    for (size_t j = 0; dtype[0] == '>' && j < number_bytes / 2; j++) {
      unsigned char kept = number[j];
      number[j] = number[number_bytes - 1 - j];
      number[number_bytes - 1 - j] = kept;
    }
    put(number, number_bytes);
  }
}

static void put_array(const char *dtype, const char *shape, size_t count)
{
  char header[128];
  snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }   \n", dtype, shape);
  put_header(1, header);
  put_numbers(dtype, 0, count);
}

/* ---- reading ---- */

struct reading {
  size_t sequences, steps, bad, numbers;
  float number[MOST_NUMBERS]; /* of all good parts */
  enum rnn_status status;     /* of the last mistake */
};

static void take(struct reading *it, const struct rnn_record *record)
{
  size_t numbers = record->steps * record->frame_width;
  cr_assert(record->has_label && record->steps > 0 && it->numbers + numbers <= MOST_NUMBERS);
  memcpy(it->number + it->numbers, record->frame, numbers * sizeof(float));
  it->numbers += numbers;
  it->steps += record->steps;
  it->sequences += !record->more;
}

/* All sequences of the bytes, in parts of `part` steps or whole (0). */
static struct reading read_arrays(size_t part)
{
  static const struct rnn_input_settings settings = {.record_end = '\n'};
  static const struct rnn_reader_settings labelled = {.label = "squat"};
  struct reading it = {.sequences = 0};
  struct rnn_input *input;
  struct rnn_record record;
  file_write(file_path("a.npy"), bytes, size);
  cr_assert_eq(rnn_input_open(&input, file_path("a.npy"), &settings, &error), RNN_OK);
  rnn_record_init(&record);
  for (bool end = false;;) {
    enum rnn_status status = part > 0 ? rnn_format_npy.next_part(input, &labelled, part, &record, &end, &error)
                                      : rnn_format_npy.next(input, &labelled, &record, &end, &error);
    if (status == RNN_OK && end)
      break;
    it.status = status == RNN_OK ? it.status : status;
    it.bad += status != RNN_OK;
    cr_assert_lt(it.bad, 10);
    if (status == RNN_OK)
      take(&it, &record);
  }
  rnn_record_clear(&record);
  rnn_input_close(input);
  return it;
}

static void expect_numbers(const struct reading *it, size_t count, const char *what)
{
  cr_assert(it->status == RNN_OK, "%s: %s", what, error.text);
  cr_assert_eq(it->numbers, count, "%s: %zu", what, it->numbers);
  for (size_t i = 0; i < count; i++)
    cr_assert_eq(it->number[i], (float)i / 4, "%s: number %zu is %g", what, i, (double)it->number[i]);
}

Test(npy, floats_of_both_sizes_and_orders_of_bytes)
{
  static const char *const dtype[] = {"<f4", ">f4", "<f8", ">f8"};
  for (size_t i = 0; i < 4; i++) {
    size = 0;
    put_array(dtype[i], "(5, 3)", 15);
    struct reading it = read_arrays(0);
    expect_numbers(&it, 15, dtype[i]);
    cr_assert(it.sequences == 1 && it.steps == 5);
    size = 0;
    put_array(dtype[i], "(2, 4, 3)", 24);
    it = read_arrays(0);
    expect_numbers(&it, 24, dtype[i]);
    cr_assert(it.sequences == 2 && it.steps == 8);
  }
}

Test(npy, headers_as_others_write_them)
{
  static const char *const header[] = {"{\"shape\":(2,2),\"fortran_order\":False,\"descr\":\"<f4\"}",
                                       "{'descr': '<f4', 'fortran_order': False, 'shape': (1,2,2,),}\n",
                                       " { 'fortran_order' : False , 'descr':'<f4','shape': ( 2 , 2 ) }  \n"};
  for (int version = 1; version <= 3; version++)
    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++) {
      size = 0;
      put_header(version, header[i]);
      put_numbers("<f4", 0, 4);
      struct reading it = read_arrays(0);
      if (i == 1)
        cr_assert(it.bad == 0 && it.sequences == 1, "%s", error.text);
      expect_numbers(&it, 4, header[i]);
    }
}

Test(npy, parts_are_the_whole_and_arrays_may_lie_end_to_end)
{
  for (size_t part = 0; part < 7; part++) {
    size = 0;
    put_array("<f8", "(2, 5, 2)", 20);
    put_array("<f4", "(0, 3, 2)", 0);
    struct reading it = read_arrays(part);
    expect_numbers(&it, 20, "the first");
    put_array(">f4", "(3, 2)", 6);
    it = read_arrays(part);
    cr_assert(it.status == RNN_OK && it.sequences == 3 && it.steps == 13 && it.numbers == 26, "parts of %zu", part);
  }
}

Test(npy, a_number_that_is_not_finite_is_named_and_the_next_sequence_is_read)
{
  for (size_t part = 0; part < 5; part++) {
    size = 0;
    put_array("<f4", "(3, 4, 2)", 24);
    float nan = NAN;
    memcpy(bytes + size - (24 - 13) * sizeof nan, &nan, sizeof nan); /* number 13: sequence 2, frame 3, number 2 */
    struct reading it = read_arrays(part);
    cr_assert(it.bad == 1 && it.status == RNN_DATA, "parts of %zu: %zu", part, it.bad);
    cr_assert_not_null(strstr(error.text, "a.npy: sequence 2: frame 3: number 2 is not finite"), "%s", error.text);
    cr_assert(it.sequences == 2 && it.number[it.numbers - 1] == 23.0F / 4, "parts of %zu: %zu", part, it.sequences);
  }
  size = 0;
  put_array("<f8", "(1, 2)", 2);
  double large = 1e300;
  memcpy(bytes + size - sizeof large, &large, sizeof large);
  struct reading it = read_arrays(0);
  cr_assert(it.bad == 1 && strstr(error.text, "a.npy: frame 1: number 2 is not finite") != NULL, "%s", error.text);
}

Test(npy, what_is_no_array_of_frames_is_refused)
{
  static const struct {
    const char *header, *why;
  } bad[] = {
      {"{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2), }", "dtype '<i8' is not read: float32 and float64"},
      {"{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 2), }", "dtype [('x', '<f4')] is not read"},
      {"{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", "fortran order is not read"},
      {"{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 2), }", "header of the array is damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", "an array of 1 dimensions"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "an array of 0 dimensions"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 2, 2), }", "an array of 4 dimensions"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0), }", "frames of 0 numbers"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 65537), }", "frames of 65537 numbers: 1 to 65536"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2), }", "sequences without frames"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1152921504606846976, 16), }", "too long"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (100000000, 16), }", "too long to be read as a whole"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1), }", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 2), }", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2 2), }", "damaged"},
      {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), 'x': 1}", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False}", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)} x", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), 'shape': (2, 2)}", "damaged"},
      {"{'fortran_order': False, 'fortran_order': False, 'descr': '<f4', 'shape': (2, 2)}", "damaged"},
      {"{'fortran_order': False, 'shape': (2, 2)}", "damaged"},
      {"{'descr': '<f4', 'shape': (2, 2)}", "damaged"},
      {"{'descr': '<f4' 'fortran_order': False, 'shape': (2, 2)}", "damaged"},
      {"{'descr' '<f4', 'fortran_order': False, 'shape': (2, 2)}", "damaged"},
      {"{'descr: '<f4', 'fortran_order': False, 'shape': (2, 2)}", "damaged"},
      {"{descr: '<f4', 'fortran_order': False, 'shape': (2, 2)}", "damaged"},
      {"{'descr': '<f4", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': [2, 2]}", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, x)}", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2", "damaged"},
      {"{'descr': {'x': ('<f4', 0)}, 'fortran_order': False, 'shape': (2, 2), }",
       "dtype {'x': ('<f4', 0)} is not read"},
      {"[]", "damaged"},
      {"", "damaged"}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    size = 0;
    put_header(1, bad[i].header);
    put_numbers("<f4", 0, 4);
    struct reading it = read_arrays(0);
    cr_assert(it.bad == 1 && it.status == RNN_DATA && it.sequences == 0, "%s", bad[i].header);
    cr_assert(strstr(error.text, "a.npy: ") != NULL && strstr(error.text, bad[i].why) != NULL, "%s: %s", bad[i].header,
              error.text);
  }
}

Test(npy, other_versions_magic_widths_and_huge_headers_are_refused)
{
  static const unsigned char huge[] = {0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 0xFF, 0xFF, 0xFF, 0x7F};
  struct reading it;
  size = 0;
  put_header(4, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }");
  it = read_arrays(0);
  cr_assert(it.bad == 1 && strstr(error.text, "version 4 of npy is not read") != NULL, "%s", error.text);
  bytes[1] = 'X';
  it = read_arrays(0);
  cr_assert(it.bad == 1 && strstr(error.text, "no array") != NULL, "%s", error.text);
  size = 0;
  put(huge, sizeof huge);
  it = read_arrays(0);
  cr_assert(it.bad == 1 && strstr(error.text, "a header of 2147483647 bytes") != NULL, "%s", error.text);
  size = 0;
  put_array("<f4", "(2, 2)", 4);
  put_array("<f4", "(2, 3)", 6);
  it = read_arrays(0);
  cr_assert(it.bad == 1 && it.sequences == 1, "%zu", it.sequences);
  cr_assert_not_null(strstr(error.text, "frames of 3 numbers, those before have 2"), "%s", error.text);
}

Test(npy, cut_anywhere_it_is_refused)
{
  size = 0;
  put_array("<f8", "(2, 3, 2)", 12);
  size_t whole = size, sequence = 6 * sizeof(double);
  for (size_t cut = 1; cut < whole; cut++) {
    size = cut;
    struct reading it = read_arrays(0);
    cr_assert(it.bad == 1 && it.status == RNN_DATA, "%zu of %zu bytes", cut, whole);
    cr_assert_not_null(strstr(error.text, "the array is cut"), "%zu: %s", cut, error.text);
    cr_assert_eq(it.sequences, whole - cut > sequence ? 0 : 1, "%zu of %zu bytes", cut, whole);
  }
  size = whole - 1;
  read_arrays(0);
  cr_assert_not_null(strstr(error.text, "a.npy: sequence 2: frame 3: the array is cut"), "%s", error.text);
}

/* It is not the header up to there. */
Test(npy, a_header_with_nul_in_it_is_damaged)
{
  size = 0;
  put_array("<f4", "(2, 2)", 4);
  *strchr(bytes + 10, ' ') = '\0';
  struct reading it = read_arrays(0);
  cr_assert(it.bad == 1 && strstr(error.text, "the header of the array is damaged") != NULL, "%s", error.text);
}

/* What is left of a refused sequence is passed over, and where that is cut, too, nothing is read behind it. */
Test(npy, a_refused_sequence_that_is_cut_is_the_last)
{
  size = 0;
  put_array("<f4", "(2, 8, 2)", 32);
  float nan = NAN;
  memcpy(bytes + size - 32 * sizeof nan, &nan, sizeof nan);
  size -= 20 * sizeof nan; /* in the middle of the first sequence */
  struct reading it = read_arrays(2);
  cr_assert(it.bad == 1 && it.sequences == 0, "%zu", it.bad);
  cr_assert_not_null(strstr(error.text, "a.npy: sequence 1: frame 1: number 1 is not finite"), "%s", error.text);
}
