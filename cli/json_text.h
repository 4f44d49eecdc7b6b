/*
 * cli/json_text.h
 *     Strings of JSON documents.
 */
#ifndef LK_CLI_JSON_TEXT_H
#define LK_CLI_JSON_TEXT_H

#include <jansson.h>

/* lk_json_text returns a string, or null for NULL; what is not UTF-8 in it becomes U+FFFD. */
json_t *lk_json_text(const char *value);

#endif
