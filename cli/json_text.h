/*
 * cli/json_text.h
 *     Strings of JSON documents.
 */
#ifndef LK_CLI_JSON_TEXT_H
#define LK_CLI_JSON_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* lk_json_text returns a string, or null for NULL; what is not UTF-8 in it becomes U+FFFD. */
json_t *lk_json_text(const char *value);

/* lk_json_put writes a part of a document on one line, behind `before`, and releases it: documents
 * of thousands of findings are written part by part. */
void lk_json_put(FILE *stream, const char *before, json_t *part);

#endif
