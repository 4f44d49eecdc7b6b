/*
 * cli/xml.h
 *     XML documents, written by libxml2: what reporters of XML share.
 */
#ifndef LK_CLI_XML_H
#define LK_CLI_XML_H

#include <stdio.h>

#include "parser/base/err.h"
#include "parser/base/mem.h"

struct lk_xml; /* a document under construction */

/* lk_xml_load makes the functions below callable, if they are not yet: it fails without libxml2. */
bool lk_xml_load(struct lk_error *err) LK_MUST_CHECK;

/* lk_xml_start begins a document, lk_xml_end writes it to a stream and releases it. */
struct lk_xml *lk_xml_start(void);
void lk_xml_end(struct lk_xml *xml, FILE *stream);

/* lk_xml_open begins an element, lk_xml_close ends the one that was begun last. */
void lk_xml_open(struct lk_xml *xml, const char *name);
void lk_xml_close(struct lk_xml *xml);

/* lk_xml_attribute, lk_xml_number and lk_xml_text fill it; what XML does not allow becomes U+FFFD.
 */
void lk_xml_attribute(struct lk_xml *xml, const char *name, const char *value);
void lk_xml_number(struct lk_xml *xml, const char *name, size_t value);
void lk_xml_text(struct lk_xml *xml, const char *text);

#endif
