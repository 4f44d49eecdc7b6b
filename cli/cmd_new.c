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
#include "parser/base/text.h"

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
    const char *said = lk_options.naming != NULL ? lk_options.naming : run->config->naming;
    const struct lk_naming *naming = said != NULL ? lk_naming_find(said) : NULL;
    struct lk_inputs inputs;

    *ret = NULL;
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
    if (err->code != LK_ERR_INPUT || inputs.programs.path != NULL || access(folder, F_OK) != 0)
        return NULL;
    if (naming == NULL) {
        lk_error_hint(err, "For the first one say --naming NAME: flyway, golang-migrate, ...");
        return NULL;
    }
    lk_error_clear(err);
    return naming;
}

/* ---- writing ---- */

static bool
cannot_create(const char *path, struct lk_error *err)
{
    return lk_fail(err, LK_ERR_INPUT, "cannot create %s: %s", path, strerror(errno));
}

/* create makes a file that must not be there. */
static bool
create(const char *path, const char *text, struct lk_error *err)
{
    size_t size = strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0)
        return cannot_create(path, err);
    bool written = write(fd, text, size) == (ssize_t)size;
    if (!written)
        cannot_create(path, err);
    if (close(fd) != 0 && written)
        written = cannot_create(path, err);
    if (!written)
        unlink(path);
    return written;
}

/* create_all makes all files or none. */
static bool
create_all(TALLOC_CTX *mem, const char *folder, const struct lk_scaffold *scaffold,
           struct lk_error *err)
{
    const char *first = scaffold->files.items[0].script;
    char *home = lk_path_join(mem, folder, lk_path_dir(mem, first));
    bool made = strchr(first, '/') != NULL && mkdir(home, 0777) == 0;

    for (size_t i = 0; i < scaffold->files.count; i++) {
        const struct lk_scaffold_file *file = &scaffold->files.items[i];
        if (create(lk_path_join(mem, folder, file->script), file->text, err))
            continue;
        while (i-- > 0)
            unlink(lk_path_join(mem, folder, scaffold->files.items[i].script));
        if (made)
            rmdir(home);
        return false;
    }
    return true;
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

    clock_gettime(CLOCK_REALTIME, &now);
    if (naming == NULL ||
        !lk_scaffold_next(run->mem, changelog, naming, name, now, &scaffold, err) ||
        !create_all(run->mem, folder, &scaffold, err))
        return err->code;
    struct lk_outlet outlet = lk_outlet_open();
    lk_vec_foreach(file, &scaffold.files)
        fprintf(outlet.stream, "%s\n", lk_path_join(run->mem, folder, file->script));
    return lk_outlet_close(&outlet, err) ? LK_ERR_OK : err->code;
}

const struct lk_command lk_command_new = {
    .name = "new",
    .summary = "create the next migration's file, by the convention of its folder",
    .usage = "NAME [FOLDER]",
    .options = options,
    .several = LK_SEVERAL_ONE,
    .run = run_new,
};
