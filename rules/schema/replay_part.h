/*
 * rules/schema/replay_part.h
 *     Triggers, rules and policies: what belongs to a relation and is known by its text.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_PART_H
#define LK_RULES_SCHEMA_REPLAY_PART_H

#include "rules/schema/analyze_private.h"

/* lk_part_find returns a relation's trigger, rule or policy of that name, or NULL. */
struct lk_part *lk_part_find(const struct lk_relation *relation, enum lk_class class,
                             const char *name);

/* lk_catalog_add_part adds one to a relation. */
struct lk_part *lk_catalog_add_part(struct lk_catalog *catalog, struct lk_relation *relation,
                                    enum lk_class class, const char *name);

/* lk_catalog_drop_part drops one, and of a trigger those that partitions have of it. */
void lk_catalog_drop_part(struct lk_catalog *catalog, struct lk_part *part);

/*
 * lk_part_relation returns the relation that a part is created on, assumed if need be; NULL where
 * the server refuses, which is noted.
 */
struct lk_relation *lk_part_relation(struct lk_catalog *catalog, const RangeVar *range);

/*
 * lk_part_make returns the part that a statement creates or replaces; NULL where there is one
 * already, which is refused.
 */
struct lk_part *lk_part_make(struct lk_catalog *catalog, struct lk_relation *relation,
                             enum lk_class class, const char *name, bool replace);

/* lk_part_define gives a touched part its text, and what hangs on it. */
void lk_part_define(struct lk_catalog *catalog, struct lk_part *part, struct lk_text *definition);

/* Where the statement of a part is in the text. */
struct lk_part_text {
    struct lk_mentions mentions;
    size_t first, end; /* its tokens */
};

/*
 * lk_part_text returns the text of the CREATE statement that names a relation, with the names of
 * the part, which stands behind `keyword`, and of the relation mentioned.
 */
struct lk_part_text lk_part_text(struct lk_catalog *catalog, const RangeVar *range,
                                 const char *keyword, struct lk_part *part);

/* lk_part_token returns the first of the text's tokens that is a word outside of parentheses. */
size_t lk_part_token(struct lk_catalog *catalog, const struct lk_part_text *text, size_t from,
                     const char *word);

/* lk_part_row adds OLD or NEW to a scope, to be named bare as well if `bare`. */
void lk_part_row(struct lk_analysis *an, struct lk_scope *scope, const struct lk_relation *relation,
                 const char *name, bool bare);

/*
 * lk_replay_clone_triggers gives a new partition the triggers for each row of the table above it.
 * Source: CloneRowTriggersToPartition(), src/backend/commands/tablecmds.c.
 */
void lk_replay_clone_triggers(struct lk_catalog *catalog, struct lk_relation *partition,
                              const struct lk_relation *parent);

/* lk_replay_drop_clones drops the triggers that a partition has of the table above it. */
void lk_replay_drop_clones(struct lk_catalog *catalog, struct lk_relation *partition);

#endif
