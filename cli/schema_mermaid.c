/*
 * cli/schema_mermaid.c
 *     The tables as a Mermaid entity-relationship diagram, which code hosts draw.
 *
 * An attribute is a type, a name and keys, in words of letters, digits, _, - and brackets; names of
 * entities are delimited by double quotes, which cannot stand in them.
 */
#include "cli/schema_diagram.h"
#include "parser/base/buf.h"

/* as_word makes a text one word of those that an attribute is made of. */
static char *
as_word(TALLOC_CTX *mem, const char *text)
{
    struct lk_buf word = lk_buf_init(mem);

    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        bool kept = (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
                    (*at >= 'A' && *at <= 'Z') || strchr("_-()[]", *at) != NULL || *at >= 0x80;
        if (word.len == 0 && !((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z'))
            lk_buf_addc(&word, 'x'); /* the first one is a letter */
        lk_buf_addc(&word, kept ? (char)*at : '_');
    }
    return word.data;
}

static char *
as_name(const struct lk_diagram *diagram, const struct lk_relation *table)
{
    char *name = lk_diagram_name(diagram, table);

    for (char *at = name; *at != '\0'; at++)
        if (*at == '"' || (unsigned char)*at < ' ')
            *at = '\'';
    return name;
}

static char *
as_label(TALLOC_CTX *mem, const struct lk_constraint *key)
{
    struct lk_buf label = lk_buf_init(mem);

    lk_vec_foreach(column, &key->columns) {
        lk_buf_sep(&label, ", ");
        for (const char *at = *column; *at != '\0'; at++)
            lk_buf_addc(&label, *at == '"' || (unsigned char)*at < ' ' ? '\'' : *at);
    }
    return label.data;
}

static void
write_table(FILE *stream, const struct lk_diagram *diagram, const struct lk_relation *table)
{
    fprintf(stream, "    \"%s\" {\n", as_name(diagram, table));
    lk_vec_foreach(column, &table->columns) {
        const char *type =
            (*column)->type_known ? lk_type_sql(diagram->mem, &(*column)->type) : "unknown";
        const char *keys = lk_diagram_keys(diagram, table, *column);
        fprintf(stream, "        %s %s%s%s\n", as_word(diagram->mem, type),
                as_word(diagram->mem, (*column)->object.name), *keys != '\0' ? " " : "", keys);
    }
    fputs("    }\n", stream);
}

static void
write_mermaid(FILE *stream, const struct lk_catalog *catalog)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_diagram diagram = lk_diagram_of(scratch, catalog);

    fputs("erDiagram\n", stream);
    lk_vec_foreach(table, &diagram.tables)
        write_table(stream, &diagram, *table);
    lk_vec_foreach(table, &diagram.tables)
        lk_vec_foreach(key, &(*table)->constraints)
            if (lk_diagram_shows(&diagram, *key))
                fprintf(stream, "    \"%s\" %s--%s \"%s\" : \"%s\"\n", as_name(&diagram, *table),
                        lk_diagram_unique(*table, *key) ? "|o" : "}o",
                        lk_diagram_optional(*table, *key) ? "o|" : "||",
                        as_name(&diagram, (*key)->target), as_label(scratch, *key));
}

const struct lk_schema_format lk_schema_format_mermaid = {
    .name = "mermaid",
    .summary = "an entity-relationship diagram to paste into a pull request",
    .write = write_mermaid,
};
