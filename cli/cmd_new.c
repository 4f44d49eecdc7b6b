/*
 * cli/cmd_new.c
 *     lockkeeper new: the next migration's file, by the convention of its folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/inputs.h"
#include "cli/operate.h"
#include "cli/scaffold.h"
#include "parser/atlas_sum.h"
#include "parser/base/text.h"

#define SAY_NAMING "For the first one say --naming NAME: flyway, golang-migrate, ..."

static struct poptOption options[] = {
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

/* choose_folder returns the folder that the new file goes to. */
static const char *
choose_folder(struct lk_run *run, struct lk_error *err)
{
    struct lk_config_target target;

    if (lk_options.paths.count == 1)
        return lk_options.paths.items[0];
    if (!lk_inputs_target(run, &target, err))
        return NULL;
    if (lk_options.paths.count == 0 && target.migrations.items.count == 1)
        return lk_path_join(run->mem, run->config->folder, target.migrations.items.items[0]);
    if (lk_options.paths.count == 0 && target.migrations.items.count == 0)
        lk_fail(err, LK_ERR_USAGE, "no folder named");
    else
        lk_fail(err, LK_ERR_USAGE, "there are several folders");
    lk_error_hint(err, "Say which one the migration goes to: `lockkeeper new NAME FOLDER`.");
    return NULL;
}

/*
 * read_folder finds the convention of a folder and what is in it; `*ret` stays NULL where that is
 * nothing, and then the convention has to be said.
 */
static const struct lk_naming *
read_folder(struct lk_run *run, const char *folder, const struct lk_changelog **ret,
            struct lk_error *err)
{
    struct lk_changelog_options said;
    struct lk_inputs inputs;

    *ret = NULL;
    if (!lk_inputs_options(run, &said, err))
        return NULL;
    const struct lk_naming *naming = said.naming;
    if (!lk_file_exists(folder)) {
        if (naming == NULL) {
            lk_fail(err, LK_ERR_INPUT, "%s does not exist", folder);
            lk_error_hint(err, SAY_NAMING);
        }
        return naming;
    }
    lk_options.paths.count = 0;
    lk_vec_push(run->mem, &lk_options.paths, folder);
    if (lk_inputs_changelogs(run, &inputs, err)) {
        if (inputs.changelogs.count == 1 && inputs.changelogs.items[0]->folders.count == 1) {
            *ret = inputs.changelogs.items[0];
            naming = (*ret)->folders.items[0]->naming;
        }
        if (*ret != NULL && naming != NULL)
            return naming;
        lk_fail(err, LK_ERR_INPUT, "the files in %s follow no convention that is known", folder);
        lk_error_hint(err, "Say --naming NAME; docs/configuration.md lists the conventions.");
        return NULL;
    }
    if (err->code != LK_ERR_INPUT || inputs.programs.path != NULL || !lk_is_directory(folder))
        return NULL;
    if (naming == NULL) {
        lk_error_hint(err, SAY_NAMING);
        return NULL;
    }
    lk_error_clear(err);
    return naming;
}

/* ---- writing ---- */

/* What was made, in that order: all of it goes when some of it cannot be made. */
struct made {
    LK_VEC(const char *) files;
    LK_VEC(const char *) folders;
};

static void
take_back(const struct made *made)
{
    lk_vec_foreach(file, &made->files)
        unlink(*file);
    for (size_t i = made->folders.count; i-- > 0;)
        rmdir(made->folders.items[i]);
}

static bool
cannot_create(const char *path, struct lk_error *err)
{
    if (errno != EEXIST)
        return lk_fail(err, LK_ERR_INPUT, "cannot create %s: %s", path, strerror(errno));
    lk_fail(err, LK_ERR_USAGE, "%s is there already", path);
    return lk_error_hint(err, "Nothing is overwritten: give the migration another name.");
}

/* create makes a file that must not be there. */
static bool
create(TALLOC_CTX *mem, const char *path, const char *text, struct made *made, struct lk_error *err)
{
    size_t size = strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0)
        return cannot_create(path, err);
    lk_vec_push(mem, &made->files, path);
    bool written = write(fd, text, size) == (ssize_t)size;
    if (!written)
        cannot_create(path, err);
    if (close(fd) != 0 && written)
        written = cannot_create(path, err);
    return written;
}

/* create_folder makes a folder and those around it, where they are not there. */
static bool
create_folder(TALLOC_CTX *mem, const char *path, struct made *made, struct lk_error *err)
{
    if (lk_is_directory(path))
        return true;
    char *around = lk_path_dir(mem, path);
    if (strcmp(around, path) != 0 && !create_folder(mem, around, made, err))
        return false;
    if (mkdir(path, 0777) != 0)
        return lk_is_directory(path) || cannot_create(path, err);
    lk_vec_push(mem, &made->folders, path);
    return true;
}

/* create_all makes all files and the folders around them, or nothing. */
static bool
create_all(TALLOC_CTX *mem, const char *folder, const struct lk_scaffold *scaffold,
           struct lk_error *err)
{
    struct made made = {0};

    lk_vec_foreach(file, &scaffold->files) {
        char *path = lk_path_join(mem, folder, file->script);
        if (create_folder(mem, lk_path_dir(mem, path), &made, err) &&
            create(mem, path, file->text, &made, err))
            continue;
        take_back(&made);
        return false;
    }
    return true;
}

/* ---- telling ---- */

/*
 * sum_up adds the new migration to the sums that Atlas keeps of a folder, as `atlas migrate new`
 * does, and says what its author has to do.
 */
static bool
sum_up(TALLOC_CTX *mem, const char *folder, const struct lk_naming *naming,
       const struct lk_scaffold *scaffold, struct lk_error *err)
{
    char *path = lk_path_join(mem, folder, LK_ATLAS_SUM), *text = NULL;

    if (!lk_file_exists(path))
        return true;
    if (naming != lk_naming_find("flyway")) /* whose files Atlas does not sum up by their names */
        text = lk_atlas_sum_with(mem, folder, scaffold->files.items[0].script);
    if (text != NULL && !lk_file_write(path, text, strlen(text), err))
        return false;
    if (text == NULL)
        fprintf(stderr,
                "lockkeeper: %s does not list the new one: `atlas migrate hash` sums up the files "
                "as they are\n",
                path);
    else if (!lk_options.quiet)
        fprintf(stderr,
                "lockkeeper: %s lists it; once it is written, `atlas migrate hash` sums it up "
                "again\n",
                path);
    return true;
}

static bool
tell(TALLOC_CTX *mem, const char *folder, bool missing, const struct lk_scaffold *scaffold,
     struct lk_error *err)
{
    if (missing && !lk_options.quiet)
        fprintf(stderr, "lockkeeper: the folder %s is new\n", folder);
    struct lk_outlet outlet = lk_outlet_open();
    lk_vec_foreach(file, &scaffold->files)
        fprintf(outlet.stream, "%s\n", lk_path_join(mem, folder, file->script));
    return lk_outlet_close(&outlet, err);
}

static enum lk_error_code
run_new(struct lk_run *run, struct lk_error *err)
{
    struct lk_scaffold scaffold;
    const struct lk_changelog *changelog;
    struct timespec now;
    const char *name = lk_operate_argument("name of the migration", err);
    const char *folder = name != NULL ? choose_folder(run, err) : NULL;
    const struct lk_naming *naming =
        folder != NULL ? read_folder(run, folder, &changelog, err) : NULL;

    if (naming == NULL)
        return err->code;
    bool missing = !lk_file_exists(folder);
    clock_gettime(CLOCK_REALTIME, &now);
    return lk_scaffold_next(run->mem, changelog, naming, name, now, &scaffold, err) &&
                   create_all(run->mem, folder, &scaffold, err) &&
                   sum_up(run->mem, folder, naming, &scaffold, err) &&
                   tell(run->mem, folder, missing, &scaffold, err)
               ? LK_ERR_OK
               : err->code;
}

const struct lk_command lk_command_new = {
    .name = "new",
    .summary = "create the next migration's file, by the convention of its folder",
    .usage = "NAME [FOLDER]",
    .options = options,
    .several = LK_SEVERAL_ONE,
    .run = run_new,
};
