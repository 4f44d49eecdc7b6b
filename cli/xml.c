/*
 * cli/xml.c
 *     XML documents by libxml2, which is loaded when one is written: see xml.h.
 */
#include "cli/xml.h"

#include <libxml/xmlwriter.h>

#include "cli/clean.h"
#include "parser/base/library.h"

/* The functions of libxml2 that are called. */
#define XML_FUNCTIONS(FUNCTION)                                                                    \
    FUNCTION(xmlBufferCreate)                                                                      \
    FUNCTION(xmlBufferContent)                                                                     \
    FUNCTION(xmlBufferLength)                                                                      \
    FUNCTION(xmlBufferFree)                                                                        \
    FUNCTION(xmlNewTextWriterMemory)                                                               \
    FUNCTION(xmlFreeTextWriter)                                                                    \
    FUNCTION(xmlTextWriterSetIndent)                                                               \
    FUNCTION(xmlTextWriterSetIndentString)                                                         \
    FUNCTION(xmlTextWriterStartDocument)                                                           \
    FUNCTION(xmlTextWriterEndDocument)                                                             \
    FUNCTION(xmlTextWriterStartElement)                                                            \
    FUNCTION(xmlTextWriterEndElement)                                                              \
    FUNCTION(xmlTextWriterWriteAttribute)                                                          \
    FUNCTION(xmlTextWriterWriteFormatAttribute)                                                    \
    FUNCTION(xmlTextWriterWriteString)

static struct {
#define FUNCTION(name) __typeof__(name) *name;
    XML_FUNCTIONS(FUNCTION)
#undef FUNCTION
} lib;

bool
lk_xml_load(struct lk_error *err)
{
    static const struct lk_symbol symbols[] = {
#define FUNCTION(name) {#name, &lib.name},
        XML_FUNCTIONS(FUNCTION)
#undef FUNCTION
    };

    return lib.xmlBufferCreate != NULL ||
           lk_library_load("libxml2.so.2", "libxml2", symbols, LK_ARRAY_SIZE(symbols), LK_ERR_INPUT,
                           err);
}

struct lk_xml {
    xmlBufferPtr buffer;
    xmlTextWriterPtr writer;
};

/* check ends the process where the writer cannot go on: it has nothing but memory to run out of. */
static void
check(int result)
{
    if (result < 0)
        LK_BUG("out of memory");
}

struct lk_xml *
lk_xml_start(void)
{
    struct lk_xml *xml = lk_new(NULL, struct lk_xml);

    xml->buffer = lib.xmlBufferCreate();
    xml->writer = xml->buffer != NULL ? lib.xmlNewTextWriterMemory(xml->buffer, 0) : NULL;
    if (xml->writer == NULL)
        LK_BUG("out of memory");
    check(lib.xmlTextWriterSetIndent(xml->writer, 1));
    check(lib.xmlTextWriterSetIndentString(xml->writer, BAD_CAST "  "));
    check(lib.xmlTextWriterStartDocument(xml->writer, NULL, "UTF-8", NULL));
    return xml;
}

void
lk_xml_end(struct lk_xml *xml, FILE *stream)
{
    check(lib.xmlTextWriterEndDocument(xml->writer));
    lib.xmlFreeTextWriter(xml->writer);
    fwrite(lib.xmlBufferContent(xml->buffer), 1, (size_t)lib.xmlBufferLength(xml->buffer), stream);
    lib.xmlBufferFree(xml->buffer);
    talloc_free(xml);
}

void
lk_xml_open(struct lk_xml *xml, const char *name)
{
    check(lib.xmlTextWriterStartElement(xml->writer, BAD_CAST name));
}

void
lk_xml_close(struct lk_xml *xml)
{
    check(lib.xmlTextWriterEndElement(xml->writer));
}

void
lk_xml_attribute(struct lk_xml *xml, const char *name, const char *value)
{
    char *clean = lk_clean(xml, value, LK_CLEAN_XML);

    check(lib.xmlTextWriterWriteAttribute(xml->writer, BAD_CAST name, BAD_CAST clean));
    talloc_free(clean);
}

void
lk_xml_number(struct lk_xml *xml, const char *name, size_t value)
{
    check(lib.xmlTextWriterWriteFormatAttribute(xml->writer, BAD_CAST name, "%zu", value));
}

void
lk_xml_text(struct lk_xml *xml, const char *text)
{
    char *clean = lk_clean(xml, text, LK_CLEAN_XML);

    check(lib.xmlTextWriterWriteString(xml->writer, BAD_CAST clean));
    talloc_free(clean);
}
