/*
 * cli/xml.c
 *     XML documents: see xml.h.
 */
#include "cli/xml.h"

#include <libxml/xmlwriter.h>

#include "cli/clean.h"

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

    xml->buffer = xmlBufferCreate();
    xml->writer = xml->buffer != NULL ? xmlNewTextWriterMemory(xml->buffer, 0) : NULL;
    if (xml->writer == NULL)
        LK_BUG("out of memory");
    check(xmlTextWriterSetIndent(xml->writer, 1));
    check(xmlTextWriterSetIndentString(xml->writer, BAD_CAST "  "));
    check(xmlTextWriterStartDocument(xml->writer, NULL, "UTF-8", NULL));
    return xml;
}

void
lk_xml_end(struct lk_xml *xml, FILE *stream)
{
    check(xmlTextWriterEndDocument(xml->writer));
    xmlFreeTextWriter(xml->writer);
    fwrite(xmlBufferContent(xml->buffer), 1, (size_t)xmlBufferLength(xml->buffer), stream);
    xmlBufferFree(xml->buffer);
    talloc_free(xml);
}

void
lk_xml_open(struct lk_xml *xml, const char *name)
{
    check(xmlTextWriterStartElement(xml->writer, BAD_CAST name));
}

void
lk_xml_close(struct lk_xml *xml)
{
    check(xmlTextWriterEndElement(xml->writer));
}

void
lk_xml_attribute(struct lk_xml *xml, const char *name, const char *value)
{
    char *clean = lk_clean(xml, value, LK_CLEAN_XML);

    check(xmlTextWriterWriteAttribute(xml->writer, BAD_CAST name, BAD_CAST clean));
    talloc_free(clean);
}

void
lk_xml_number(struct lk_xml *xml, const char *name, size_t value)
{
    check(xmlTextWriterWriteFormatAttribute(xml->writer, BAD_CAST name, "%zu", value));
}

void
lk_xml_text(struct lk_xml *xml, const char *text)
{
    char *clean = lk_clean(xml, text, LK_CLEAN_XML);

    check(xmlTextWriterWriteString(xml->writer, BAD_CAST clean));
    talloc_free(clean);
}
