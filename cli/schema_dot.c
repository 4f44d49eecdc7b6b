/*
 * cli/schema_dot.c
 *     The tables as a graph for Graphviz.
 */
#include "cli/schema_diagram.h"
#include "parser/base/buf.h"

/* as_html writes a text as HTML-like labels take it. */
static char *
as_html(TALLOC_CTX *mem, const char *text)
{
    struct lk_buf html = lk_buf_init(mem);

    for (; *text != '\0'; text++) {
        if (*text == '<')
            lk_buf_add(&html, "&lt;");
        else if (*text == '>')
            lk_buf_add(&html, "&gt;");
        else if (*text == '&')
            lk_buf_add(&html, "&amp;");
        else if (*text == '"')
            lk_buf_add(&html, "&quot;");
        else
            lk_buf_addc(&html, (unsigned char)*text < ' ' ? ' ' : *text);
    }
    return html.data;
}

/* node_of returns the number of a table in the diagram: names need no escaping so. */
static size_t
node_of(const struct lk_diagram *diagram, const struct lk_relation *table)
{
    for (size_t i = 0; i < diagram->tables.count; i++)
        if (diagram->tables.items[i] == table)
            return i;
    return diagram->tables.count;
}

static void
write_table(FILE *stream, const struct lk_diagram *diagram, const struct lk_relation *table)
{
    TALLOC_CTX *mem = diagram->mem;

    fprintf(stream,
            "    t%zu [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">"
            "<tr><td><b>%s</b></td></tr>",
            node_of(diagram, table), as_html(mem, lk_diagram_name(diagram, table)));
    lk_vec_foreach(column, &table->columns) {
        const char *keys = lk_diagram_keys(diagram, table, *column);
        const char *type = (*column)->type_known ? lk_type_sql(mem, &(*column)->type) : "?";
        fprintf(stream, "<tr><td align=\"left\">%s %s%s%s</td></tr>",
                as_html(mem, (*column)->object.name), as_html(mem, type), *keys != '\0' ? " " : "",
                keys);
    }
    fputs("</table>>]\n", stream);
}

static void
write_dot(FILE *stream, const struct lk_catalog *catalog)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_diagram diagram = lk_diagram_of(scratch, catalog);

    fputs("digraph schema {\n    rankdir=LR\n    node [shape=plain]\n", stream);
    lk_vec_foreach(table, &diagram.tables)
        write_table(stream, &diagram, *table);
    lk_vec_foreach(table, &diagram.tables)
        lk_vec_foreach(key, &(*table)->constraints)
            if (lk_diagram_shows(&diagram, *key))
                fprintf(stream, "    t%zu -> t%zu [arrowtail=%s, arrowhead=%s, dir=both]\n",
                        node_of(&diagram, *table), node_of(&diagram, (*key)->target),
                        lk_diagram_unique(*table, *key) ? "teeodot" : "crowodot",
                        lk_diagram_optional(*table, *key) ? "teeodot" : "teetee");
    fputs("}\n", stream);
}

const struct lk_schema_format lk_schema_format_dot = {
    .name = "dot",
    .summary = "a graph of the tables for Graphviz",
    .write = write_dot,
};
