/* A server of its own for each run of a game, and all that it has. */
#ifndef REUNION_TESTS_UNOBSERVABILITY_SERVER_RUN_H
#define REUNION_TESTS_UNOBSERVABILITY_SERVER_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The program that forks servers, game_server.c, and where they keep their files. */
struct server_source {
    FILE *commands, *answers;
    char folder[64], database[80], log[80];
};

/* Start it. What fails here fails the test. */
void server_source_open(struct server_source *source, const char *program);

/* Stop it and remove the files. */
void server_source_close(struct server_source *source);

struct server_run {
    int pid, port;
};

/* Start a server on a new database; `mark` has it carry a mark in its memory. */
struct server_run server_run_start(struct server_source *source, uint64_t seed, bool mark);

/* Stop it in good order. */
void server_run_stop(struct server_source *source, const struct server_run *run);

/* Show `see` every page of writable memory that the server has touched. */
void server_run_memory(const struct server_run *run,
                       void (*see)(void *context, const uint8_t *bytes, size_t count),
                       void *context);

#endif
