/*
 * rules/schema/replay_alter_constraint.c
 *     What ALTER TABLE does to constraints, here and where they are inherited.
 */
#include "rules/schema/replay_relation.h"

/* refuse_only refuses ONLY for a constraint that children must have, too. */
static bool
refuse_only(struct lk_catalog *catalog, const struct lk_relation *table,
            const Constraint *definition, bool recurse)
{
    if (recurse || definition->contype != CONSTR_CHECK || definition->is_no_inherit)
        return false;
    lk_vec_foreach(child, &table->children) {
        if (!lk_is_there(catalog, *child))
            continue;
        lk_refuse(catalog, "42P16", definition->location,
                  "constraint must be added to child tables too");
        return true;
    }
    return false;
}

/*
 * add_not_nulls makes the columns of a new primary key NOT NULL: those of an index that it takes
 * over as well as those it names.
 */
static void
add_not_nulls(struct lk_catalog *catalog, struct lk_relation *table,
              const struct lk_constraint *key, bool recurse)
{
    lk_vec_foreach(name, &key->columns) {
        struct lk_column *column = lk_relation_column(table, *name);
        if (column == NULL)
            continue;
        struct lk_constraint *constraint =
            lk_constraint_add_not_null(catalog, table, column, NULL, false);
        if (constraint != NULL && recurse)
            lk_constraint_spread(catalog, table, constraint);
    }
}

void
lk_alter_add_constraint(struct lk_catalog *catalog, struct lk_relation *table,
                        const Constraint *definition, bool recurse)
{
    struct lk_pending pending = {.mem = catalog->statement_mem, .recurse = recurse};
    size_t count = table->constraints.count;

    if (refuse_only(catalog, table, definition, recurse))
        return;
    lk_pending_constraint(&pending, definition);
    lk_pending_carry_out(catalog, table, &pending);
    if (table->constraints.count == count || definition->contype != CONSTR_PRIMARY)
        return;
    struct lk_constraint *key = lk_constraint_key(table);
    if (key != NULL && definition->indexname != NULL)
        add_not_nulls(catalog, table, key, recurse);
}

/* ---- DROP CONSTRAINT ---- */

/* drop_inherited drops a CHECK or NOT NULL from the children where nothing else keeps it. */
static void
drop_inherited(struct lk_catalog *catalog, struct lk_relation *table,
               const struct lk_constraint *gone, bool recurse)
{
    for (size_t i = 0; i < table->children.count; i++) {
        struct lk_relation *child = table->children.items[i];
        if (!lk_is_there(catalog, child))
            continue;
        struct lk_constraint *own = gone->kind == LK_CONSTRAINT_NOT_NULL
                                        ? lk_constraint_not_null(child, gone->columns.items[0])
                                        : lk_relation_constraint(child, gone->object.name);
        if (own == NULL || own->kind != gone->kind || !own->inherited)
            continue;
        if (!recurse) {
            lk_catalog_touch(catalog, own);
            own->inherited = false;
        }
        if (!recurse || lk_constraint_parents(own) > 0)
            continue;
        if (own->kind == LK_CONSTRAINT_NOT_NULL)
            lk_replay_set_not_null(catalog, child, own, false);
        lk_catalog_drop_constraint(catalog, child, own);
        drop_inherited(catalog, child, own, true);
    }
}

static bool
refuse_drop(struct lk_catalog *catalog, const struct lk_relation *table,
            const struct lk_constraint *constraint, bool recurse)
{
    const char *name = constraint->object.name;

    if (lk_constraint_parents(constraint) > 0) {
        lk_refuse(catalog, "42P16", -1,
                  "cannot drop inherited constraint \"%s\" of relation \"%s\"", name,
                  table->object.name)
            ->object = &constraint->object;
        return true;
    }
    if (table->kind != LK_RELATION_PARTITIONED || recurse || constraint->no_inherit ||
        lk_catalog_version(catalog) >= LK_NOT_NULL_HAS_NAME ||
        (constraint->kind != LK_CONSTRAINT_CHECK && constraint->kind != LK_CONSTRAINT_NOT_NULL))
        return false;
    lk_vec_foreach(child, &table->children) {
        if (!lk_is_there(catalog, *child))
            continue;
        lk_refuse(catalog, "42P16", -1,
                  "cannot remove constraint from only the partitioned table when partitions exist");
        return true;
    }
    return false;
}

/* refuse_needed refuses to drop the NOT NULL of a column in the primary key, or an identity. */
static bool
refuse_needed(struct lk_catalog *catalog, const struct lk_relation *table,
              const struct lk_constraint *constraint)
{
    const struct lk_constraint *key = lk_constraint_key(table);

    if (constraint->kind != LK_CONSTRAINT_NOT_NULL)
        return false;
    const char *name = constraint->columns.items[0];
    const struct lk_column *column = lk_relation_column(table, name);
    if (column != NULL && column->identity) {
        lk_refuse(catalog, "42601", -1, "column \"%s\" of relation \"%s\" is an identity column",
                  name, table->object.name);
        return true;
    }
    for (size_t i = 0; key != NULL && i < key->columns.count; i++) {
        if (strcmp(key->columns.items[i], name) != 0)
            continue;
        lk_refuse(catalog, "42P16", -1, "column \"%s\" is in a primary key", name);
        return true;
    }
    return false;
}

static void
drop_constraint(struct lk_catalog *catalog, struct lk_relation *table,
                struct lk_constraint *constraint, const AlterTableCmd *command, bool recurse)
{
    if (refuse_drop(catalog, table, constraint, recurse) ||
        refuse_needed(catalog, table, constraint) ||
        lk_refuse_dependents(catalog, &constraint->object, command->behavior == DROP_CASCADE))
        return;
    if (constraint->kind == LK_CONSTRAINT_NOT_NULL)
        lk_replay_set_not_null(catalog, table, constraint, false);
    lk_constraint_drop(catalog, table, constraint);
    if (constraint->kind == LK_CONSTRAINT_CHECK || constraint->kind == LK_CONSTRAINT_NOT_NULL)
        drop_inherited(catalog, table, constraint, recurse);
}

/* ---- VALIDATE and ALTER CONSTRAINT ---- */

/* From this version on VALIDATE validates what stands for partitions of the target, too. */
#define VALIDATE_REACHES_ECHOES 18

static void
validate(struct lk_catalog *catalog, struct lk_relation *table, struct lk_constraint *constraint)
{
    lk_catalog_touch(catalog, constraint);
    constraint->validated = true;
    if (constraint->kind == LK_CONSTRAINT_NOT_NULL)
        lk_replay_set_not_null(catalog, table, constraint, true);
    if (lk_catalog_version(catalog) >= VALIDATE_REACHES_ECHOES)
        lk_echo_validate(catalog, constraint, NULL);
    for (size_t i = 0; i < table->children.count; i++) {
        struct lk_relation *child = table->children.items[i];
        if (!lk_is_there(catalog, child))
            continue;
        lk_vec_foreach(own, &child->constraints) {
            bool same = constraint->kind == LK_CONSTRAINT_FOREIGN
                            ? (*own)->parent == constraint
                            : strcmp((*own)->object.name, constraint->object.name) == 0;
            if (same && (*own)->kind == constraint->kind)
                validate(catalog, child, *own);
        }
    }
}

/* What ALTER CONSTRAINT says, whichever node the grammar makes of it. */
struct alteration {
    const char *name;
    bool defers, deferrable, deferred;
    bool enforces, enforced;
    bool inherits, no_inherit;
};

static struct alteration
alteration_of(const AlterTableCmd *command)
{
#if LK_GRAMMAR >= 18
    const ATAlterConstraint *alter = castNode(ATAlterConstraint, command->def);

    return (struct alteration){
        .name = alter->conname,
        .defers = alter->alterDeferrability,
        .deferrable = alter->deferrable,
        .deferred = alter->initdeferred,
        .enforces = alter->alterEnforceability,
        .enforced = alter->is_enforced,
        .inherits = alter->alterInheritability,
        .no_inherit = alter->noinherit,
    };
#else
    const Constraint *alter = castNode(Constraint, command->def);

    return (struct alteration){
        .name = alter->conname,
        .defers = true,
        .deferrable = alter->deferrable,
        .deferred = alter->initdeferred,
    };
#endif
}

static void
alter_constraint(struct lk_catalog *catalog, struct lk_relation *table,
                 struct lk_constraint *constraint, const struct alteration *alteration)
{
    lk_catalog_touch(catalog, constraint);
    if (alteration->defers) {
        constraint->deferrable = alteration->deferrable;
        constraint->deferred = alteration->deferred;
    }
    if (alteration->enforces) {
        constraint->not_enforced = !alteration->enforced;
        constraint->validated = alteration->enforced;
    }
    if (alteration->inherits) {
        constraint->no_inherit = alteration->no_inherit;
        if (!alteration->no_inherit)
            lk_constraint_spread(catalog, table, constraint);
        else
            drop_inherited(catalog, table, constraint, false);
    }
    lk_vec_foreach(child, &table->children) {
        if ((*child)->parent != table || !lk_is_there(catalog, *child))
            continue;
        lk_vec_foreach(own, &(*child)->constraints)
            if ((*own)->parent == constraint)
                alter_constraint(catalog, *child, *own, alteration);
    }
}

/*
 * may_echo returns whether a name may be that of an echo that is not known: those of a table whose
 * partitions are not all known.
 */
static bool
may_echo(const struct lk_relation *table, const char *name)
{
    lk_vec_foreach(item, &table->constraints) {
        const struct lk_constraint *constraint = *item;
        if (constraint->kind == LK_CONSTRAINT_FOREIGN && constraint->target != NULL &&
            !lk_is_known(constraint->target) &&
            strncmp(constraint->object.name, name, strlen(constraint->object.name)) == 0)
            return true;
    }
    return false;
}

/* From this version on the server has a SQLSTATE of its own for an echo that is altered. */
#define ECHO_HAS_SQLSTATE 18

/*
 * alter_echo follows what is done to an echo by its name, which can only be validated.
 * Source: ATExecDropConstraint(), ATExecAlterConstraint(), src/backend/commands/tablecmds.c.
 */
static void
alter_echo(struct lk_catalog *catalog, const struct lk_relation *table, struct lk_constraint *key,
           const char *name, AlterTableType command)
{
    if (command == AT_ValidateConstraint)
        lk_echo_validate(catalog, key, name);
    else if (command == AT_DropConstraint)
        lk_refuse(catalog, "42P16", -1,
                  "cannot drop inherited constraint \"%s\" of relation \"%s\"", name,
                  table->object.name)
            ->object = &key->object;
    else
        lk_refuse(catalog, lk_catalog_version(catalog) < ECHO_HAS_SQLSTATE ? "XX000" : "55000", -1,
                  "cannot alter constraint \"%s\" on relation \"%s\"", name, table->object.name)
            ->object = &key->object;
}

/* find returns the constraint of a name; one that certainly is not there is refused. */
static struct lk_constraint *
find(struct lk_catalog *catalog, const struct lk_relation *table, const char *name, bool missing_ok)
{
    struct lk_constraint *constraint = lk_relation_constraint(table, name);

    if (constraint == NULL && !missing_ok && lk_is_known(table) && !may_echo(table, name))
        lk_refuse(catalog, "42704", -1, "constraint \"%s\" of relation \"%s\" does not exist", name,
                  table->object.name)
            ->name = lk_catalog_keep(catalog, name);
    return constraint;
}

/* From this version on NOT NULL can be validated, and the others are refused in these words. */
#define VALIDATES_NOT_NULL 18

/* Source: ATExecValidateConstraint(), src/backend/commands/tablecmds.c. */
static bool
refuse_validation(struct lk_catalog *catalog, const struct lk_relation *table,
                  const struct lk_constraint *constraint)
{
    if (constraint->kind == LK_CONSTRAINT_FOREIGN || constraint->kind == LK_CONSTRAINT_CHECK ||
        constraint->kind == LK_CONSTRAINT_NOT_NULL || constraint->object.assumed)
        return false;
    lk_refuse(catalog, "42809", -1,
              lk_catalog_version(catalog) >= VALIDATES_NOT_NULL
                  ? "cannot validate constraint \"%s\" of relation \"%s\""
                  : "constraint \"%s\" of relation \"%s\" is not a foreign key or check constraint",
              constraint->object.name, table->object.name)
        ->object = &constraint->object;
    return true;
}

void
lk_alter_constraint(struct lk_catalog *catalog, struct lk_relation *table,
                    const AlterTableCmd *command, bool recurse)
{
    bool alters = command->subtype == AT_AlterConstraint;
    const char *name = alters ? alteration_of(command).name : command->name;
    struct lk_constraint *key = lk_relation_echoing(table, name);

    if (key != NULL) {
        alter_echo(catalog, table, key, name, command->subtype);
        return;
    }
    if (alters) {
        struct alteration alteration = alteration_of(command);
        struct lk_constraint *constraint = find(catalog, table, alteration.name, false);
        if (constraint == NULL)
            return;
        if (constraint->kind != LK_CONSTRAINT_FOREIGN && alteration.defers) {
            lk_refuse(catalog, "42809", -1,
                      "constraint \"%s\" of relation \"%s\" is not a foreign key constraint",
                      alteration.name, table->object.name);
            return;
        }
        alter_constraint(catalog, table, constraint, &alteration);
        return;
    }
    struct lk_constraint *constraint = find(catalog, table, name, command->missing_ok);
    if (constraint == NULL)
        return;
    if (command->subtype == AT_DropConstraint)
        drop_constraint(catalog, table, constraint, command, recurse);
    else if (!refuse_validation(catalog, table, constraint))
        validate(catalog, table, constraint);
}
