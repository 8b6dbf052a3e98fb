#include "store/checkpointer.h"

#include "store/migrate.h"

int checkpointer_copy(struct checkpointer *checkpointer, sqlite3 *database, int mode)
{
    int err = file_watch_begin_copy(checkpointer->watch);
    if (err)
        return err;
    int code = sqlite3_wal_checkpoint_v2(database, NULL, mode, NULL, NULL);
    file_watch_end_copy(checkpointer->watch);
    return migrate_failure(database, code);
}

static void *run(void *argument)
{
    struct checkpointer *checkpointer = argument;
    pthread_mutex_lock(&checkpointer->mutex);
    for (;;) {
        while (!checkpointer->asked && !checkpointer->stopping)
            pthread_cond_wait(&checkpointer->changed, &checkpointer->mutex);
        if (!checkpointer->asked)
            break;
        checkpointer->asked = false;
        pthread_mutex_unlock(&checkpointer->mutex);
        /* If it fails, for a full disk perhaps, the log stays longer and is copied later. */
        (void)checkpointer_copy(checkpointer, checkpointer->database, SQLITE_CHECKPOINT_PASSIVE);
        pthread_mutex_lock(&checkpointer->mutex);
    }
    pthread_mutex_unlock(&checkpointer->mutex);
    return NULL;
}

static int open_connection(struct checkpointer *checkpointer, const char *path)
{
    int code = sqlite3_open_v2(path, &checkpointer->database,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    /* As the writer has it: what is copied is synchronised before the log is used anew. */
    if (code == SQLITE_OK)
        code = sqlite3_exec(checkpointer->database,
                            "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF", NULL, NULL,
                            NULL);
    return migrate_error(code);
}

int checkpointer_start(struct checkpointer *checkpointer, const char *path,
                       struct file_watch *watch)
{
    *checkpointer = (struct checkpointer){.watch = watch};
    pthread_mutex_init(&checkpointer->mutex, NULL);
    pthread_cond_init(&checkpointer->changed, NULL);
    int err = open_connection(checkpointer, path);
    if (!err && pthread_create(&checkpointer->thread, NULL, run, checkpointer))
        err = -EAGAIN;
    if (err) {
        sqlite3_close(checkpointer->database);
        return err;
    }
    pthread_setname_np(checkpointer->thread, "checkpointer");
    checkpointer->started = true;
    return 0;
}

bool checkpointer_note(struct checkpointer *checkpointer, int pages)
{
    if (pages < checkpointer->asked_pages) /* the log has begun anew */
        checkpointer->asked_pages = 0;
    if (pages - checkpointer->asked_pages < CHECKPOINT_PAGES)
        return false;
    checkpointer->asked_pages = pages;
    if (pages >= LOG_PAGES_MAX)
        return true;
    pthread_mutex_lock(&checkpointer->mutex);
    checkpointer->asked = true;
    pthread_mutex_unlock(&checkpointer->mutex);
    pthread_cond_signal(&checkpointer->changed);
    return false;
}

void checkpointer_stop(struct checkpointer *checkpointer)
{
    if (!checkpointer->started)
        return;
    pthread_mutex_lock(&checkpointer->mutex);
    checkpointer->stopping = true;
    pthread_mutex_unlock(&checkpointer->mutex);
    pthread_cond_signal(&checkpointer->changed);
    pthread_join(checkpointer->thread, NULL);
    sqlite3_close(checkpointer->database);
    pthread_cond_destroy(&checkpointer->changed);
    pthread_mutex_destroy(&checkpointer->mutex);
    checkpointer->started = false;
}
