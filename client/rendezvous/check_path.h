/* Checks of the network path to a server: what proxies, gateways, firewalls and caches do to
 * requests. */
#ifndef REUNION_RENDEZVOUS_CHECK_PATH_H
#define REUNION_RENDEZVOUS_CHECK_PATH_H

#include <stdbool.h>

#include "http/http.h"
#include "rendezvous/findings.h"
#include "transport/foreign_answer.h"
#include "wire/sizes.h"
#include "json/v1_json.h"

/* Ask for something. Returns: whether an answer came; if not, that is reported, unless a stop was
 * asked. */
bool check_path_ask(struct findings *findings, struct http *http,
                    const struct http_request *request, struct http_answer *answer);

/* Report what a foreign answer is, and what to do. */
void check_path_report(struct findings *findings, const char *about, struct http *http,
                       const struct http_answer *answer, enum foreign_answer foreign);

/* Report an answer in JSON whose header says otherwise. */
void check_path_type(struct findings *findings, struct http *http);

/* Whether a post arrives whole, with its write key: a T1 for a bucket that cannot be, of which
 * nothing is stored. */
void check_path_post(struct findings *findings, struct http *http);

/* Whether a bucket's records come unaltered and with their headers. */
void check_path_records(struct findings *findings, struct http *http,
                        const struct v1_bucket *bucket);

/* How long a request to the feed of a bucket may wait, up to `wait_s`. Takes as long. */
void check_path_wait(struct findings *findings, struct http *http,
                     const uint8_t bucket_hash[static ID_BYTES], uint32_t wait_s);

#endif
