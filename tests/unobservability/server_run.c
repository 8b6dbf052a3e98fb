#include "server_run.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"

enum { PAGE_BYTES = 4096, PAGES_AT_ONCE = 256 };

void server_source_open(struct server_source *source, const char *program)
{
    int to[2], from[2];
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(source->folder, sizeof source->folder, "%s/reunion-games-XXXXXX", place);
    INVARIANT(mkdtemp(source->folder));
    snprintf(source->database, sizeof source->database, "%s/db", source->folder);
    snprintf(source->log, sizeof source->log, "%s/log", source->folder);
    INVARIANT(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
    pid_t child = fork();
    INVARIANT(child >= 0);
    if (child == 0) {
        INVARIANT(dup2(to[0], STDIN_FILENO) >= 0 && dup2(from[1], STDOUT_FILENO) >= 0);
        /* Variables of the test's are no settings of the server's. */
        execle(program, program, (char *)NULL, (char *[]){NULL});
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    source->commands = fdopen(to[1], "we");
    source->answers = fdopen(from[0], "re");
    INVARIANT(source->commands && source->answers);
}

static void remove_files(const struct server_source *source)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char name[100];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(name, sizeof name, "%s%s", source->database, suffixes[i]);
        unlink(name);
    }
    unlink(source->log);
}

void server_source_close(struct server_source *source)
{
    int status;
    fclose(source->commands);
    fclose(source->answers);
    INVARIANT(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    remove_files(source);
    INVARIANT(rmdir(source->folder) == 0);
}

/* The port is in the log, as an operator finds it. */
static int port_reported(const struct server_source *source)
{
    char line[256];
    int port = 0;
    FILE *log = fopen(source->log, "re");
    INVARIANT(log);
    while (!port && fgets(line, sizeof line, log)) {
        const char *address = strstr(line, "address=127.0.0.1:");
        port = address ? atoi(strchr(address, ':') + 1) : 0;
    }
    fclose(log);
    INVARIANT(port > 0);
    return port;
}

struct server_run server_run_start(struct server_source *source, uint64_t seed, bool mark)
{
    struct server_run run;
    remove_files(source);
    fprintf(source->commands, "run %s %s %llu %d\n", source->database, source->log,
            (unsigned long long)seed, mark);
    fflush(source->commands);
    INVARIANT(fscanf(source->answers, " running %d", &run.pid) == 1);
    run.port = port_reported(source);
    return run;
}

void server_run_stop(struct server_source *source, const struct server_run *run)
{
    int code = -1;
    INVARIANT(kill(run->pid, SIGTERM) == 0);
    INVARIANT(fscanf(source->answers, " ended %d", &code) == 1);
    INVARIANT(code == 0);
}

/* Memory, through /proc: which pages of a mapping are there, and what is in them. */

struct looking {
    int memory, pagemap;
    void (*see)(void *context, const uint8_t *bytes, size_t count);
    void *context;
};

static int open_of(const struct server_run *run, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", run->pid, name);
    int opened = open(path, O_RDONLY | O_CLOEXEC);
    INVARIANT(opened >= 0);
    return opened;
}

/* Pages that are there are read as far as they go on. */
static void look_at_pages(const struct looking *looking, uint64_t start, size_t pages)
{
    static uint8_t content[PAGES_AT_ONCE * PAGE_BYTES];
    uint64_t entries[PAGES_AT_ONCE];
    off_t place = (off_t)(start / PAGE_BYTES * sizeof entries[0]);
    size_t bytes = pages * sizeof entries[0];
    INVARIANT(pread(looking->pagemap, entries, bytes, place) == (ssize_t)bytes);
    for (size_t i = 0, there; i < pages; i += there + 1) {
        for (there = 0; i + there < pages && entries[i + there] >> 62; there++)
            ; /* in memory, or swapped out */
        if (there == 0)
            continue;
        ssize_t got =
            pread(looking->memory, content, there * PAGE_BYTES, (off_t)(start + i * PAGE_BYTES));
        if (got > 0)
            looking->see(looking->context, content, (size_t)got);
    }
}

void server_run_memory(const struct server_run *run,
                       void (*see)(void *context, const uint8_t *bytes, size_t count),
                       void *context)
{
    struct looking looking = {open_of(run, "mem"), open_of(run, "pagemap"), see, context};
    FILE *maps = fdopen(open_of(run, "maps"), "re");
    char line[512], rights[8];
    unsigned long long start, end;
    INVARIANT(maps);
    while (fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%llx-%llx %7s", &start, &end, rights) != 3 || rights[1] != 'w')
            continue;
        while (start < end) {
            size_t pages = (size_t)(end - start) / PAGE_BYTES;
            pages = pages < PAGES_AT_ONCE ? pages : PAGES_AT_ONCE;
            look_at_pages(&looking, start, pages);
            start += pages * PAGE_BYTES;
        }
    }
    fclose(maps);
    close(looking.memory);
    close(looking.pagemap);
}
