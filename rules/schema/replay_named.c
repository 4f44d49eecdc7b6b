/*
 * rules/schema/replay_named.c
 *     What creates and alters objects that are known by name and definition: see replay_named.h.
 */
#include "rules/schema/replay_named.h"

#include "parser/pgparse.h"
#include "parser/tree.h"
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_clauses.h"

/* lead returns what the server's message calls an object before its name. */
static void
refuse_taken(struct lk_catalog *catalog, const struct lk_making *making,
             const struct lk_object *other)
{
    const char *words = lk_class_words(making->class), *name = making->name.name;
    struct lk_refusal *refusal;

    switch (making->class) {
    case LK_CLASS_OPERATOR:
        refusal = lk_refuse(catalog, "42723", -1, "operator %s already exists", name);
        break;
    case LK_CLASS_OPERATOR_CLASS:
    case LK_CLASS_OPERATOR_FAMILY:
        refusal =
            lk_refuse(catalog, "42710", -1, "%s \"%s\" for access method \"%s\" already exists",
                      words, name, making->kind);
        break;
    case LK_CLASS_CAST:
    case LK_CLASS_TRANSFORM:
    case LK_CLASS_USER_MAPPING:
        refusal = lk_refuse(catalog, "42710", -1, "%s %s already exists", words, name);
        break;
    default:
        refusal = lk_refuse(catalog, "42710", -1, "%s \"%s\" already exists", words, name);
        break;
    }
    refusal->object = other;
    refusal->name = lk_quote_ident(catalog->statement_mem, name);
}

struct lk_named *
lk_replay_make(struct lk_catalog *catalog, const struct lk_making *making)
{
    const char *schema = making->name.schema;
    struct lk_named *named;

    if (lk_replay_no_schema(catalog, schema))
        return NULL;
    if (schema == NULL)
        schema = lk_catalog_creation_schema(catalog);
    named = lk_replay_named(catalog, making->class, schema, making->name.name, making->kind);
    if (named != NULL) {
        bool is_shell = named->definition == NULL;
        if (!named->object.assumed && !is_shell && !making->replace) {
            if (!making->if_not_exists)
                refuse_taken(catalog, making, &named->object);
            return NULL;
        }
        lk_undepend_on(catalog, &named->object);
        lk_catalog_touch(catalog, named);
        if (named->object.assumed)
            catalog->created = &named->object;
        named->object.assumed = named->object.doubtful = false;
        named->changes = NULL;
    } else {
        named = lk_catalog_add_named(catalog, making->class, schema, making->name.name);
        lk_replay_created(catalog, &named->object);
    }
    named->kind = lk_strdup(named, making->kind);
    named->definition = lk_replay_definition(catalog, making->keyword, &named->object);
    return named;
}

static struct lk_named *
change(struct lk_catalog *catalog, const struct lk_sought *sought)
{
    struct lk_object *object = lk_replay_find(catalog, sought);
    struct lk_named *named = (struct lk_named *)object;

    if (object == NULL)
        return NULL;
    lk_catalog_touch(catalog, object);
    named->changes =
        lk_replay_changed(catalog, object, named->changes, lk_replay_kind(sought->type)->keyword);
    return named;
}

struct lk_named *
lk_replay_change(struct lk_catalog *catalog, ObjectType type, const char *name)
{
    String word = {.type = T_String, .sval = lk_strdup(catalog->statement_mem, name)};
    struct lk_sought sought = {.type = type, .object = (Node *)&word};

    return change(catalog, &sought);
}

bool
lk_replay_refuse_absent(struct lk_catalog *catalog, ObjectType type, const char *name)
{
    String word = {.type = T_String, .sval = lk_strdup(catalog->statement_mem, name)};
    size_t refusals = catalog->refusals.items.count;

    lk_replay_find_as(catalog, type, NULL, (Node *)&word);
    return catalog->refusals.items.count > refusals;
}

static struct lk_named *
change_in_schema(struct lk_catalog *catalog, ObjectType type, void *object, bool missing_ok)
{
    struct lk_sought sought = {.type = type, .object = object, .missing_ok = missing_ok};

    return change(catalog, &sought);
}

void
lk_replay_lean_on_function(struct lk_catalog *catalog, struct lk_object *object, const List *words)
{
    struct lk_qname name = lk_qname_of_list(words);
    struct lk_function *function = lk_catalog_functions(catalog, name.schema, name.name, NULL);

    if (function != NULL && lk_catalog_functions(catalog, name.schema, name.name, function) == NULL)
        lk_depend(catalog, object, &function->object, LK_DEPENDS_NORMAL);
}

void
lk_replay_lean_on_named(struct lk_catalog *catalog, struct lk_object *object, enum lk_class class,
                        const char *schema, const char *name)
{
    struct lk_object *on = lk_catalog_object(catalog, class, schema, name);

    if (on != NULL)
        lk_depend(catalog, object, on, LK_DEPENDS_NORMAL);
}

/* lean_on_target makes an object lean on the function that is written with its arguments. */
static void
lean_on_target(struct lk_catalog *catalog, struct lk_object *object, const ObjectWithArgs *target)
{
    struct lk_sought sought = {.type = OBJECT_FUNCTION, .missing_ok = true};
    struct lk_function *function = NULL;

    if (target != NULL)
        function = lk_replay_find_function(catalog, &sought, target);
    if (function != NULL)
        lk_depend(catalog, object, &function->object, LK_DEPENDS_NORMAL);
}

/* ---- what CREATE ... (name = value, ...) makes ---- */

static const List *
words_of(const Node *value)
{
    if (value == NULL)
        return NIL;
    if (IsA(value, TypeName))
        return ((const TypeName *)value)->names;
    return IsA(value, List) ? (const List *)value : NIL;
}

void
lk_replay_lean_on_elements(struct lk_catalog *catalog, struct lk_object *object,
                           const List *definition)
{
    static const char *const functions[] = {
        "function",     "procedure", "sfunc",     "finalfunc",  "combinefunc",  "serialfunc",
        "deserialfunc", "msfunc",    "minvfunc",  "mfinalfunc", "input",        "output",
        "receive",      "send",      "typmod_in", "typmod_out", "analyze",      "subscript",
        "start",        "gettoken",  "end",       "headline",   "lextypes",     "init",
        "lexize",       "restrict",  "join",      "canonical",  "subtype_diff", "sfunc1",
    };
    ListCell *cell;

    foreach(cell, definition) {
        const DefElem *item = lfirst_node(DefElem, cell);
        const List *words = words_of(item->arg);
        struct lk_qname name = lk_qname_of_list(words);
        if (words == NIL || !IsA(linitial(words), String))
            continue;
        for (size_t i = 0; i < LK_ARRAY_SIZE(functions); i++)
            if (strcmp(item->defname, functions[i]) == 0)
                lk_replay_lean_on_function(catalog, object, words);
        if (strcmp(item->defname, "template") == 0)
            lk_replay_lean_on_named(catalog, object, LK_CLASS_TS_TEMPLATE, name.schema, name.name);
        else if (strcmp(item->defname, "parser") == 0)
            lk_replay_lean_on_named(catalog, object, LK_CLASS_TS_PARSER, name.schema, name.name);
    }
}

static const TypeName *
type_element(const List *definition, const char *name)
{
    const DefElem *item = lk_tree_option(definition, name);

    return item != NULL && item->arg != NULL && IsA(item->arg, TypeName)
               ? (const TypeName *)item->arg
               : NULL;
}

/* number_of returns the number of a built-in type; LK_BT_NONE: of no operand. */
static uint16_t
number_of(const struct lk_catalog *catalog, const TypeName *name)
{
    struct lk_type type;

    if (name == NULL)
        return LK_BT_NONE;
    return lk_type_of(catalog->statement_mem, name, &type) ? lk_builtin_type_of(&type)
                                                           : (uint16_t)LK_BT_OPAQUE;
}

/* is_builtin returns whether an operator for two types is the server's own. */
static bool
is_builtin(const struct lk_catalog *catalog, struct lk_qname name, const TypeName *left,
           const TypeName *right)
{
    struct lk_builtin_operator it = {0};
    uint16_t types[] = {number_of(catalog, left), number_of(catalog, right)};

    if (name.schema != NULL && strcmp(name.schema, lk_pg_catalog) != 0)
        return false;
    while (lk_builtin_operator_next(name.name, &it))
        if (it.left == types[0] && it.right == types[1])
            return true;
    return false;
}

/* add_shell makes the operator that another one names as its commutator or negator. */
static void
add_shell(struct lk_catalog *catalog, const List *definition, const char *what,
          const TypeName *left, const TypeName *right, const struct lk_named *self)
{
    const DefElem *item = lk_tree_option(definition, what);
    struct lk_qname name;

    if (item == NULL || words_of(item->arg) == NIL)
        return;
    name = lk_qname_of_list(words_of(item->arg));
    const char *kind = lk_replay_operator_kind(catalog, left, right);
    if (lk_replay_named(catalog, LK_CLASS_OPERATOR, name.schema, name.name, kind) != NULL ||
        is_builtin(catalog, name, left, right))
        return;
    struct lk_named *shell = lk_catalog_add_named(
        catalog, LK_CLASS_OPERATOR, name.schema != NULL ? name.schema : self->schema, name.name);
    shell->kind = lk_strdup(shell, kind);
}

/*
 * refuse_operator refuses an operator without a function, or of types that are not there.
 * Source: DefineOperator(), src/backend/commands/operatorcmds.c.
 */
static bool
refuse_operator(struct lk_catalog *catalog, const List *definition)
{
    bool function = false;
    ListCell *cell;

    foreach(cell, definition) {
        const char *name = lfirst_node(DefElem, cell)->defname;
        function |= strcmp(name, "function") == 0 || strcmp(name, "procedure") == 0;
    }
    if (!function) {
        lk_refuse(catalog, "42P13", -1, "operator function must be specified");
        return true;
    }
    return lk_refuse_type(catalog, type_element(definition, "leftarg")) ||
           lk_refuse_type(catalog, type_element(definition, "rightarg"));
}

static void
create_operator(struct lk_catalog *catalog, const DefineStmt *stmt)
{
    const TypeName *left = type_element(stmt->definition, "leftarg");
    const TypeName *right = type_element(stmt->definition, "rightarg");
    uint32_t start = catalog->statement->span.start;

    if (refuse_operator(catalog, stmt->definition))
        return;
    struct lk_named *operator= lk_replay_make(
        catalog, &(struct lk_making){.class = LK_CLASS_OPERATOR,
                                     .name = lk_qname_of_list(stmt->defnames),
                                     .kind = lk_replay_operator_kind(catalog, left, right),
                                     .keyword = "operator"});
    if (operator== NULL)
        return;
    lk_replay_lean_on_elements(catalog, &operator->object, stmt->definition);
    lk_replay_use_type(catalog, left, &operator->object, operator->definition, start);
    lk_replay_use_type(catalog, right, &operator->object, operator->definition, start);
    add_shell(catalog, stmt->definition, "commutator", right, left, operator);
    add_shell(catalog, stmt->definition, "negator", left, right, operator);
}

void
lk_replay_define(struct lk_catalog *catalog, const DefineStmt *stmt)
{
    const struct lk_object_kind *kind = lk_replay_kind(stmt->kind);
    struct lk_named *named;

    switch (stmt->kind) {
    case OBJECT_AGGREGATE:
        lk_replay_create_aggregate(catalog, stmt);
        break;
    case OBJECT_TYPE:
        lk_replay_create_base(catalog, stmt);
        break;
    case OBJECT_OPERATOR:
        create_operator(catalog, stmt);
        break;
    default:
        if (kind == NULL ||
            (stmt->kind == OBJECT_COLLATION &&
             lk_refuse_clauses(catalog, LK_CLAUSES_COLLATION, stmt->definition)) ||
            (stmt->kind == OBJECT_TSCONFIGURATION &&
             lk_refuse_clauses(catalog, LK_CLAUSES_TS_CONFIGURATION, stmt->definition)))
            return;
        named =
            lk_replay_make(catalog, &(struct lk_making){.class = kind->class,
                                                        .name = lk_qname_of_list(stmt->defnames),
                                                        .keyword = kind->keyword,
                                                        .if_not_exists = stmt->if_not_exists});
        if (named != NULL)
            lk_replay_lean_on_elements(catalog, &named->object, stmt->definition);
        break;
    }
}

/* ---- operator classes and families, casts, transforms, conversions ---- */

/* go_with_method makes an object one that goes with its access method. */
static void
go_with_method(struct lk_catalog *catalog, struct lk_object *object, const char *name)
{
    struct lk_object *method = lk_catalog_object(catalog, LK_CLASS_ACCESS_METHOD, NULL, name);

    if (method != NULL)
        lk_depend(catalog, object, method, LK_DEPENDS_AUTO);
}

static struct lk_named *
make_family(struct lk_catalog *catalog, struct lk_qname name, const char *method,
            const char *keyword)
{
    return lk_replay_make(catalog, &(struct lk_making){.class = LK_CLASS_OPERATOR_FAMILY,
                                                       .name = name,
                                                       .kind = method,
                                                       .keyword = keyword});
}

void
lk_replay_create_operator_family(struct lk_catalog *catalog, const CreateOpFamilyStmt *stmt)
{
    struct lk_named *family =
        make_family(catalog, lk_qname_of_list(stmt->opfamilyname), stmt->amname, "family");

    if (family != NULL)
        go_with_method(catalog, &family->object, stmt->amname);
}

static void
lean_on_items(struct lk_catalog *catalog, struct lk_object *object, const List *items)
{
    ListCell *cell;

    foreach(cell, items) {
        const CreateOpClassItem *item = lfirst_node(CreateOpClassItem, cell);
        if (item->name == NULL)
            continue;
        if (item->itemtype == OPCLASS_ITEM_FUNCTION)
            lean_on_target(catalog, object, item->name);
        else if (item->itemtype == OPCLASS_ITEM_OPERATOR && list_length(item->name->objargs) == 2) {
            struct lk_qname name = lk_qname_of_list(item->name->objname);
            struct lk_named *operator=
                lk_replay_named(catalog, LK_CLASS_OPERATOR, name.schema, name.name,
                                lk_replay_operator_kind(catalog, linitial(item->name->objargs),
                                                        lsecond(item->name->objargs)));
            if (operator!= NULL)
                lk_depend(catalog, object, &operator->object, LK_DEPENDS_NORMAL);
        }
    }
}

void
lk_replay_create_operator_class(struct lk_catalog *catalog, const CreateOpClassStmt *stmt)
{
    struct lk_qname family = lk_qname_of_list(stmt->opfamilyname);
    struct lk_named *class =
        lk_replay_make(catalog, &(struct lk_making){.class = LK_CLASS_OPERATOR_CLASS,
                                                    .name = lk_qname_of_list(stmt->opclassname),
                                                    .kind = stmt->amname,
                                                    .keyword = "class"});

    if (class == NULL)
        return;
    if (stmt->opfamilyname == NIL) /* one of the same name, made if need be */
        family = (struct lk_qname){class->schema, class->object.name};
    struct lk_named *known = lk_replay_named(catalog, LK_CLASS_OPERATOR_FAMILY, family.schema,
                                             family.name, stmt->amname);
    if (known == NULL && stmt->opfamilyname == NIL) {
        known = lk_catalog_add_named(catalog, LK_CLASS_OPERATOR_FAMILY, family.schema, family.name);
        known->kind = lk_strdup(known, stmt->amname);
    }
    if (known != NULL)
        lk_depend(catalog, &class->object, &known->object, LK_DEPENDS_AUTO);
    lk_replay_use_type(catalog, stmt->datatype, &class->object, class->definition,
                       catalog->statement->span.start);
    lean_on_items(catalog, &class->object, stmt->items);
    go_with_method(catalog, &class->object, stmt->amname);
}

void
lk_replay_alter_operator_family(struct lk_catalog *catalog, const AlterOpFamilyStmt *stmt)
{
    struct lk_qname name = lk_qname_of_list(stmt->opfamilyname);
    struct lk_named *family =
        lk_replay_named(catalog, LK_CLASS_OPERATOR_FAMILY, name.schema, name.name, stmt->amname);

    if (family == NULL)
        return;
    lk_catalog_touch(catalog, family);
    family->changes = lk_replay_changed(catalog, &family->object, family->changes, "family");
}

void
lk_replay_alter_operator(struct lk_catalog *catalog, const AlterOperatorStmt *stmt)
{
    change_in_schema(catalog, OBJECT_OPERATOR, stmt->opername, false);
}

void
lk_replay_create_cast(struct lk_catalog *catalog, const CreateCastStmt *stmt)
{
    uint32_t start = catalog->statement->span.start;
    struct lk_named *cast = lk_replay_make(
        catalog, &(struct lk_making){.class = LK_CLASS_CAST,
                                     .name = {NULL, lk_replay_cast_name(catalog, stmt->sourcetype,
                                                                        stmt->targettype)}});

    if (cast == NULL)
        return;
    lk_replay_use_type(catalog, stmt->sourcetype, &cast->object, cast->definition, start);
    lk_replay_use_type(catalog, stmt->targettype, &cast->object, cast->definition, start);
    lean_on_target(catalog, &cast->object, stmt->func);
}

void
lk_replay_create_transform(struct lk_catalog *catalog, const CreateTransformStmt *stmt)
{
    struct lk_named *transform = lk_replay_make(
        catalog, &(struct lk_making){
                     .class = LK_CLASS_TRANSFORM,
                     .name = {NULL, lk_replay_transform_name(catalog, stmt->type_name, stmt->lang)},
                     .replace = stmt->replace});

    if (transform == NULL)
        return;
    lk_replay_use_type(catalog, stmt->type_name, &transform->object, transform->definition,
                       catalog->statement->span.start);
    lean_on_target(catalog, &transform->object, stmt->fromsql);
    lean_on_target(catalog, &transform->object, stmt->tosql);
    lk_replay_lean_on_named(catalog, &transform->object, LK_CLASS_LANGUAGE, NULL, stmt->lang);
}

void
lk_replay_create_conversion(struct lk_catalog *catalog, const CreateConversionStmt *stmt)
{
    struct lk_named *conversion =
        lk_replay_make(catalog, &(struct lk_making){.class = LK_CLASS_CONVERSION,
                                                    .name = lk_qname_of_list(stmt->conversion_name),
                                                    .keyword = "conversion"});

    if (conversion != NULL)
        lk_replay_lean_on_function(catalog, &conversion->object, stmt->func_name);
}

/* ---- text search ---- */

void
lk_replay_alter_dictionary(struct lk_catalog *catalog, const AlterTSDictionaryStmt *stmt)
{
    change_in_schema(catalog, OBJECT_TSDICTIONARY, stmt->dictname, false);
}

void
lk_replay_alter_configuration(struct lk_catalog *catalog, const AlterTSConfigurationStmt *stmt)
{
    struct lk_named *named =
        change_in_schema(catalog, OBJECT_TSCONFIGURATION, stmt->cfgname, false);
    ListCell *cell;

    foreach(cell, stmt->dicts) {
        struct lk_qname name = lk_qname_of_list(lfirst_node(List, cell));
        if (named != NULL)
            lk_replay_lean_on_named(catalog, &named->object, LK_CLASS_TS_DICTIONARY, name.schema,
                                    name.name);
    }
}
