/*
 * rules/schema/replay_clauses.c
 *     Which options there are: see replay_clauses.h.
 */
#include "rules/schema/replay_clauses.h"
#include "rules/schema/catalog_private.h"

static const struct {
    const char *sqlstate;
    const char *message;
    bool twice;
} lists[] = {
#define LK_CLAUSES(list, sqlstate, message, twice) [LK_CLAUSES_##list] = {sqlstate, message, twice},
#define LK_CLAUSE(list, name, since)
#include "rules/schema/clauses.def"
#undef LK_CLAUSE
#undef LK_CLAUSES
};

static const struct {
    enum lk_clauses list;
    const char *name;
    unsigned since;
} clauses[] = {
#define LK_CLAUSES(list, sqlstate, message, twice)
#define LK_CLAUSE(list, name, since) {LK_CLAUSES_##list, name, since},
#include "rules/schema/clauses.def"
#undef LK_CLAUSE
#undef LK_CLAUSES
};

/* is_known returns whether an option is in a list; also where only some versions have it. */
static bool
is_known(enum lk_clauses list, const char *name, unsigned version)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(clauses); i++)
        if (clauses[i].list == list && strcmp(clauses[i].name, name) == 0)
            return version == 0 || version >= clauses[i].since;
    return false;
}

/* is_repeated returns whether an option stands before, too. */
static bool
is_repeated(const List *options, const ListCell *cell)
{
    const char *name = lfirst_node(DefElem, cell)->defname;

    for (const ListCell *other = list_head(options); other != cell; other = lnext(options, other))
        if (strcmp(lfirst_node(DefElem, other)->defname, name) == 0)
            return true;
    return false;
}

static void
refuse_repeated(struct lk_catalog *catalog, const DefElem *option)
{
    lk_refuse(catalog, "42601", option->location, "conflicting or redundant options");
}

bool
lk_refuse_clauses(struct lk_catalog *catalog, enum lk_clauses list, const List *options)
{
    unsigned version = lk_catalog_version(catalog);
    ListCell *cell;

    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (!is_known(list, option->defname, version)) {
            char *message = lk_strdup(catalog->statement_mem, lists[list].message);
            char *place = strstr(message, "%s");
            *place = '\0';
            lk_refuse(catalog, lists[list].sqlstate, option->location, "%s%s%s", message,
                      option->defname, place + strlen("%s"));
            return true;
        }
        if (lists[list].twice || !is_repeated(options, cell))
            continue;
        refuse_repeated(catalog, option);
        return true;
    }
    return false;
}

bool
lk_refuse_repeated(struct lk_catalog *catalog, const List *options, const char *but)
{
    ListCell *cell;

    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if ((but != NULL && strcmp(option->defname, but) == 0) || !is_repeated(options, cell))
            continue;
        refuse_repeated(catalog, option);
        return true;
    }
    return false;
}
