/* The config as YAML: flat, one key a line. The only file that knows libyaml. Specified in formats/config.md. */
#ifndef RNN_CONFIG_FILE_H
#define RNN_CONFIG_FILE_H

#include "config.h"
#include "output.h"

/* Reads a YAML file into the config. RNN_BAD_CONFIG "name:line:column: ..." for unknown keys (with the nearest that
 * exists), duplicate keys, anything nested, anchors, aliases, tags, a second document; RNN_NO_INPUT where there is no
 * file. */
enum rnn_status rnn_config_read(struct rnn_config *config, const char *name, struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_config_read_text(struct rnn_config *config, const char *name, const char *text, size_t length_bytes,
                                     struct rnn_error *error) RNN_MUST_CHECK;

/* All keys in the order of the table; the text belongs to the caller (rnn_memory_free). Reads back to the same config.
 */
enum rnn_status rnn_config_text(const struct rnn_config *config, char **text, struct rnn_error *error) RNN_MUST_CHECK;

#endif
