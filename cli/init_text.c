/*
 * cli/init_text.c
 *     Writing a configuration: see init_text.h.
 */
#include "cli/init_text.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "rules/rule.h"

#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-"

char *
lk_init_relative(TALLOC_CTX *mem, const char *home, const char *path)
{
    char *from = lk_path_absolute(mem, home), *to = lk_path_absolute(mem, path);
    struct lk_buf ret = lk_buf_init(mem);
    size_t common = 0; /* the length of the folders that both are in */

    for (size_t i = 0;; i++) {
        bool ends = (from[i] == '/' || from[i] == '\0') && (to[i] == '/' || to[i] == '\0');
        if (ends)
            common = i;
        if (from[i] != to[i] || from[i] == '\0')
            break;
    }
    for (const char *at = from + common; *at != '\0'; at++)
        if (*at == '/' && at[1] != '\0')
            lk_buf_add(&ret, "../");
    lk_buf_add(&ret, to + common + strspn(to + common, "/"));
    if (ret.len > 0 && ret.data[ret.len - 1] == '/')
        ret.data[--ret.len] = '\0';
    return ret.len > 0 ? ret.data : lk_strdup(mem, ".");
}

/* add_quoted adds a text as YAML has it between quotes. */
static void
add_quoted(struct lk_buf *yaml, const char *text)
{
    lk_buf_addc(yaml, '"');
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            lk_buf_addc(yaml, '\\');
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            lk_buf_addf(yaml, "\\x%02X", (unsigned char)*at);
        else
            lk_buf_addc(yaml, *at);
    }
    lk_buf_addc(yaml, '"');
}

/* add_path adds a path, between quotes where it needs some. */
static void
add_path(struct lk_buf *yaml, const char *path)
{
    bool word = strpbrk(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != NULL;

    if (strcmp(path, ".") == 0 || (word && path[strspn(path, PLAIN)] == '\0' && path[0] != '-'))
        lk_buf_add(yaml, path);
    else
        add_quoted(yaml, path);
}

/* ---- where the migrations are ---- */

/* names_nothing returns whether a folder is called like folders of migrations anywhere. */
static bool
names_nothing(const char *name, size_t length)
{
    static const char *const words[] = {"migrations", "migration", "migrate", "db",   "database",
                                        "sql",        "postgres",  "src",     "main", "resources",
                                        "schema",     "schemas",   ".",       "..",   "postgresql"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (lk_word_is(name, length, words[i]))
            return true;
    return length == 0;
}

/* telling_part returns the nearest folder of a path that says which migrations these are. */
static char *
telling_part(TALLOC_CTX *mem, const char *path)
{
    const char *end = path + strlen(path), *start = end;

    do {
        end = start > path && start[-1] == '/' ? start - 1 : start;
        start = end;
        while (start > path && start[-1] != '/')
            start--;
    } while (start > path && names_nothing(start, (size_t)(end - start)));
    return names_nothing(start, (size_t)(end - start))
               ? lk_strdup(mem, "main")
               : lk_strndup(mem, start, (size_t)(end - start));
}

/* Names of databases. */
struct names {
    LK_VEC(const char *) items;
};

/* free_name returns `name`, with a number where another database has that name. */
static const char *
free_name(TALLOC_CTX *mem, const struct names *names, const char *name)
{
    const char *wanted = name;

    for (size_t number = 2;; number++) {
        bool taken = false;
        lk_vec_foreach(other, &names->items)
            taken |= strcmp(*other, wanted) == 0;
        if (!taken)
            return wanted;
        wanted = lk_fmt(mem, "%s-%zu", name, number);
    }
}

static void
add_databases(TALLOC_CTX *mem, struct lk_buf *yaml, const struct lk_init *init)
{
    struct names names = {0};

    lk_vec_foreach(folder, &init->folders) {
        const char *name = free_name(mem, &names, telling_part(mem, folder->path));
        lk_vec_push(mem, &names.items, name);
        lk_buf_add(yaml, "  ");
        add_path(yaml, name);
        lk_buf_add(yaml, ":\n    migrations: [");
        add_path(yaml, folder->path);
        lk_buf_add(yaml, "]\n");
        if (folder->newest == NULL)
            continue;
        lk_buf_add(yaml, "    baseline: ");
        add_quoted(yaml, folder->newest);
        lk_buf_addc(yaml, '\n');
    }
}

static void
add_folders(TALLOC_CTX *mem, struct lk_buf *yaml, const struct lk_init *init)
{
    static const char baseline[] =
        "# Findings only of what comes after this version; what comes before is replayed all the "
        "same.\n# Without it, `lockkeeper lint` shows all there is.\n";
    const struct lk_init_folder *first = &init->folders.items[0];

    if (init->folders.count > 1) {
        lk_buf_add(yaml, "# Folders that make up one database belong in one list, in the order of "
                         "application.\n# `baseline`: findings only of what comes after this "
                         "version; what comes before is replayed\n# all the same.\ndatabases:\n");
        add_databases(mem, yaml, init);
        return;
    }
    lk_buf_add(yaml, "migrations: [");
    add_path(yaml, first->path);
    lk_buf_add(yaml, "]\n");
    if (first->naming != NULL)
        lk_buf_addf(yaml, "naming: %s\n", first->naming->name);
    if (first->newest == NULL)
        return;
    lk_buf_addf(yaml, "\n%sbaseline: ", baseline);
    add_quoted(yaml, first->newest);
    lk_buf_addc(yaml, '\n');
}

/* ---- what is left out besides ---- */

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* rules_of returns the rules that have findings in a file, as a mapping: "{a: off, b: off}". */
static char *
rules_of(TALLOC_CTX *mem, const struct lk_findings *findings, const char *path)
{
    LK_VEC(const char *) names = {0};
    struct lk_buf ret = lk_buf_init(mem);

    lk_vec_foreach(finding, &findings->items)
        if (!finding->suppressed && strcmp(finding->path, path) == 0)
            lk_vec_push(mem, &names, finding->rule->name);
    if (names.count > 0)
        qsort(names.items, names.count, sizeof(names.items[0]), compare_names);
    for (size_t i = 0; i < names.count; i++) {
        if (i > 0 && strcmp(names.items[i], names.items[i - 1]) == 0)
            continue;
        lk_buf_sep(&ret, ", ");
        lk_buf_addf(&ret, "%s: off", names.items[i]);
    }
    return ret.data;
}

/* A file with findings. */
struct file {
    const char *path;
    const char *rules;
};

struct files {
    LK_VEC(struct file) items;
};

static int
compare_files(const void *a, const void *b)
{
    const struct file *left = a, *right = b;
    int order = strcmp(left->rules, right->rules);

    return order != 0 ? order : strcmp(left->path, right->path);
}

static struct files
files_of(TALLOC_CTX *mem, const struct lk_findings *findings)
{
    struct files files = {0};
    const char *last = NULL;

    lk_vec_foreach(finding, &findings->items) { /* sorted: those of a file stand together */
        if (finding->suppressed || (last != NULL && strcmp(last, finding->path) == 0))
            continue;
        last = finding->path;
        bool known = false;
        lk_vec_foreach(file, &files.items)
            known |= strcmp(file->path, last) == 0;
        if (!known)
            *lk_vec_add(mem, &files.items) = (struct file){last, rules_of(mem, findings, last)};
    }
    if (files.items.count > 0)
        qsort(files.items.items, files.items.count, sizeof(struct file), compare_files);
    return files;
}

/* add_left_out says of which rules it is that `apply` refuses what they report. */
static void
add_left_out(struct lk_buf *yaml, const struct lk_findings *findings)
{
    const struct lk_rule *last = NULL;

    lk_vec_foreach(finding, &findings->items) {
        if (finding->suppressed || !finding->rule->leaves_out || finding->rule == last)
            continue;
        last = finding->rule;
        if (strstr(yaml->data, last->name) == NULL)
            lk_buf_addf(yaml, "# What %s reports, `lockkeeper apply` refuses.\n", last->name);
    }
}

/* add_overrides switches off what has findings and no version to come after. */
static void
add_overrides(TALLOC_CTX *mem, struct lk_buf *yaml, const struct lk_init *init)
{
    const struct files files =
        init->findings != NULL ? files_of(mem, init->findings) : (struct files){0};
    const char *rules = NULL;

    if (files.items.count == 0)
        return;
    lk_buf_add(yaml, "\n# What a baseline does not speak of, and had findings when this file was "
                     "written.\n");
    add_left_out(yaml, init->findings);
    lk_buf_add(yaml, "overrides:\n");
    for (size_t i = 0; i < files.items.count; i++) {
        const struct file *file = &files.items.items[i];
        if (rules == NULL || strcmp(rules, file->rules) != 0)
            lk_buf_addf(yaml, "  - rules: {%s}\n    paths:\n", file->rules);
        rules = file->rules;
        lk_buf_add(yaml, "      - ");
        add_path(yaml, lk_init_relative(mem, init->home, file->path));
        lk_buf_addc(yaml, '\n');
    }
}

char *
lk_init_text(TALLOC_CTX *mem, const struct lk_init *init)
{
    struct lk_buf yaml = lk_buf_init(mem);

    lk_buf_add(&yaml, "# Lockkeeper. `lockkeeper rules` lists the rules, `lockkeeper explain RULE` "
                      "tells about one.\n\n");
    lk_buf_add(&yaml, "# The major version of the servers: facts and advice are for it.\n");
    if (init->postgres_version != 0)
        lk_buf_addf(&yaml, "postgres_version: %d\n\n", init->postgres_version);
    else
        lk_buf_add(&yaml, "# postgres_version: 16\n\n");
    add_folders(mem, &yaml, init);
    lk_buf_add(&yaml, "\n# From which severity on findings fail a run: error, warning, info or "
                      "never.\nfail_on: error\n\n"
                      "# Severities of rules and of groups of them, and the options of rules.\n"
                      "# rules:\n"
                      "#   ban-drop-column: error\n"
                      "#   prefer-robust-stmts: {severity: warning, always: true}\n");
    add_overrides(mem, &yaml, init);
    return yaml.data;
}
