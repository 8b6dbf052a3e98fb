#include <ctype.h>
#include <semaphore.h>
#include <string.h>
#include <strings.h>

#include "api/budget.h"
#include "api/openapi.h"
#include "api/route_table.h"
#include "api/router.h"
#include "base/hex.h"
#include "base/secret.h"
#include "fuzz/target.h"
#include "lib/host.h"

/* Requests, as text, to a server in which two T1s, a T2 and a link stand: "METHOD /path?query",
 * headers, an empty line, as many bytes of body as Content-Length says, and so on. The T1s, their
 * key and thus all ids are always the same, so that the corpus can name them. */

/* As the corpus and the dictionary have it: with another, most of them reach nothing. */
static const char bucket_link[] =
    "062db41d91975820e89ed0b71359590dea2ab59e0095b7eeb40c41337c45b3ac";

enum { LINE_BYTES = 512, STATUSES = 600 };

struct input {
    const uint8_t *at;
    size_t left;
};

struct head {
    char line[LINE_BYTES], authorization[LINE_BYTES], content_type[LINE_BYTES];
    char if_none_match[LINE_BYTES];
    char host[LINE_BYTES], forwarded_proto[LINE_BYTES];
    char origin[LINE_BYTES], fetch_site[LINE_BYTES], referer[LINE_BYTES], stamp[LINE_BYTES];
    bool has_authorization, has_content_type, has_if_none_match, has_host, has_forwarded_proto;
    bool has_origin, has_fetch_site, has_referer, has_stamp;
};

static struct host host;
static struct api api;
static sem_t resumed;

/* The next line without its end, cut to fit. */
static void take_line(struct input *input, char line[static LINE_BYTES])
{
    const uint8_t *end = memchr(input->at, '\n', input->left);
    size_t length = end ? (size_t)(end - input->at) : input->left;
    size_t kept = length < LINE_BYTES ? length : LINE_BYTES - 1;
    memcpy(line, input->at, kept);
    line[kept] = '\0';
    length += end ? 1 : 0;
    input->at += length;
    input->left -= length;
}

/* The value, if the line is a header of that name. */
static const char *value_of(const char *line, const char *name)
{
    size_t length = strlen(name);
    if (strncasecmp(line, name, length) != 0 || line[length] != ':')
        return NULL;
    const char *value = line + length + 1;
    return value + strspn(value, " \t");
}

static bool keep(char kept[static LINE_BYTES], const char *line, const char *name)
{
    const char *value = value_of(line, name);
    if (value)
        memcpy(kept, value, strlen(value) + 1);
    return value != NULL;
}

static void take_header(struct request *request, struct head *head, const char *line)
{
    const char *length = value_of(line, "Content-Length");
    if (length && isdigit((unsigned char)*length)) { /* as the library has it */
        request->has_length = true;
        request->length = strtoull(length, NULL, 10);
    }
    request->has_chunks |= value_of(line, "Transfer-Encoding") != NULL;
    head->has_authorization |= keep(head->authorization, line, "Authorization");
    head->has_content_type |= keep(head->content_type, line, "Content-Type");
    head->has_if_none_match |= keep(head->if_none_match, line, "If-None-Match");
    head->has_host |= keep(head->host, line, "Host");
    head->has_forwarded_proto |= keep(head->forwarded_proto, line, "X-Forwarded-Proto");
    head->has_origin |= keep(head->origin, line, "Origin");
    head->has_fetch_site |= keep(head->fetch_site, line, "Sec-Fetch-Site");
    head->has_referer |= keep(head->referer, line, "Referer");
    head->has_stamp |= keep(head->stamp, line, "Reunion-Stamp");
}

static void split_query(struct request *request, char *query)
{
    char *rest = query;
    for (char *pair = strsep(&rest, "&"); pair; pair = strsep(&rest, "&")) {
        char *equals = strchr(pair, '=');
        if (equals)
            *equals = '\0';
        if (request->parameter_count < REQUEST_PARAMETERS_MAX)
            request->parameters[request->parameter_count] =
                (struct request_parameter){pair, equals ? equals + 1 : NULL};
        request->parameter_count++;
    }
}

static enum method method_named(const char *name)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "DELETE"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return (enum method)i;
    return METHOD_OTHER;
}

static void split_line(struct request *request, char *line)
{
    char *rest = line;
    const char *method = strsep(&rest, " ");
    request->method = method_named(method);
    char *path = rest ? rest : strchr(method, '\0');
    request->path = strsep(&path, "?");
    if (path)
        split_query(request, path);
}

static void take_head(struct input *input, struct request *request, struct head *head)
{
    char line[LINE_BYTES];
    take_line(input, head->line);
    for (take_line(input, line); *line; take_line(input, line))
        take_header(request, head, line);
    split_line(request, head->line);
    request->has_length &= !request->has_chunks;
    request->length = request->has_length ? request->length : 0;
    request->authorization = head->has_authorization ? head->authorization : NULL;
    request->content_type = head->has_content_type ? head->content_type : NULL;
    request->if_none_match = head->has_if_none_match ? head->if_none_match : NULL;
    request->host = head->has_host ? head->host : NULL;
    request->forwarded_proto = head->has_forwarded_proto ? head->forwarded_proto : NULL;
    request->origin = head->has_origin ? head->origin : NULL;
    request->fetch_site = head->has_fetch_site ? head->fetch_site : NULL;
    request->referer = head->has_referer ? head->referer : NULL;
    request->stamp = head->has_stamp ? head->stamp : NULL;
}

static void resume(struct request *request)
{
    (void)request;
    sem_post(&resumed);
}

/* A post is answered when its stamp is checked and it is stored; a feed when the timer has done
 * with it, which it has when the clock's step is through. */
static void wait_for_answer(struct request *request)
{
    router_begin(request);
    host_advance(&host, 0);
    if (request->method == METHOD_POST || request->method == METHOD_DELETE) {
        while (sem_wait(&resumed))
            INVARIANT(errno == EINTR);
    } else if (sem_trywait(&resumed)) {
        host_advance(&host, api.server.wait_s_max);
        INVARIANT(sem_trywait(&resumed) == 0);
    }
    router_finish(request);
}

/* Whatever is asked, the answer is one the API documents. */
static void check_reply(const struct reply *reply)
{
    json_t *json = NULL;
    INVARIANT(reply->status >= 200 && reply->status < STATUSES && reply->status != 500);
    if (reply->content_type && strstr(reply->content_type, "json")) {
        json = json_loadb((const char *)reply->body.data, reply->body.bytes, 0, NULL);
        INVARIANT(json_is_object(json));
    }
    if (reply->status >= 400)
        INVARIANT(json_integer_value(json_object_get(json, "status")) == reply->status);
    json_decref(json);
}

/* A bucket of links is given whole or not at all. */
static void check_links(const struct request *request)
{
    static const char path[] = "/v1/links/";
    bool read = request->method == METHOD_GET && request->reply.status == 200;
    if (read && strncmp(request->path, path, sizeof path - 1) == 0)
        INVARIANT(request->reply.body.bytes == LINK_BUCKET_BYTES);
}

/* Handle one request. Returns: whether another may follow; none does where the body is cut off. */
static bool handle_one(struct input *input)
{
    struct request request = {.api = &api, .resume = resume};
    struct head head = {0};
    take_head(input, &request, &head);
    router_check(&request);
    bool whole = request.length <= input->left;
    size_t bytes = whole ? (size_t)request.length : input->left;
    size_t first = bytes / 2;
    request_body(&request, input->at, first);
    request_body(&request, input->at + first, bytes - first);
    input->at += bytes;
    input->left -= bytes;
    if (whole) {
        if (router_handle(&request) == NEXT_WAIT)
            wait_for_answer(&request);
        check_reply(&request.reply);
        check_links(&request);
    }
    request_clear(&request);
    return whole && input->left > 0;
}

static void check_named(const uint8_t bucket_hash[static ID_BYTES])
{
    char text[2 * ID_BYTES + 1];
    hex_encode(text, bucket_hash, ID_BYTES);
    INVARIANT(strcmp(text, bucket_link) == 0);
}

static void furnish(void)
{
    static const uint8_t key[WRITE_KEY_BYTES] = "the write key of both T1s, 32 B.";
    struct host_t1 ada, bob;
    struct post post;
    const struct service_settings settings = host_settings_with_mailboxes();
    host_open_with(&host, &settings);
    for (size_t i = 0; i < 2; i++) {
        struct host_t1 *t1 = i == 0 ? &ada : &bob;
        memset(t1->bytes, i == 0 ? 'a' : 'b', sizeof t1->bytes);
        post_t1_id(t1->id, t1->bytes);
        post_key_hash(t1->key_hash, key);
        INVARIANT(host_join(&host, t1, NULL) == POST_STORED);
    }
    check_named(ada.bucket.bucket_hash);
    INVARIANT(host_send(&host, &ada, &bob, RECORD_T2, '2', ada.bucket.bucket_hash, &post) ==
              POST_STORED);
    uint8_t blob[LINK_BLOB_BYTES];
    memset(blob, 'l', sizeof blob);
    post = (struct post){.kind = &post_link, .given = blob};
    INVARIANT(host_post(&host, &post) == POST_STORED);
}

/* The API's description, which no request changes, so that most of the time goes into requests. */
static const struct blob *description(void)
{
    static struct blob openapi;
    if (!openapi.data)
        INVARIANT(openapi_make(&api, &openapi) == 0);
    return &openapi;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct budget bodies = {.limit = 100000};
    furnish();
    api = (struct api){
        .routes = route_table_main(false),
        .bodies = &bodies,
        .service = host.service,
        .reference = host.reference,
        .server = {.name = "reunion-server",
                   .version = "0",
                   .bucket_capacity = BUCKET_CAPACITY,
                   .wait_s_max = 60,
                   .records_per_post_max = 4,
                   .reference_buckets = 2,
                   .reference_body_bytes_max = 4096},
    };
    api.openapi = description();
    sem_init(&resumed, 0, 0);
    while (handle_one(&input))
        ;
    sem_destroy(&resumed);
    INVARIANT(atomic_load(&bodies.held) == 0);
    host_close(&host);
    return 0;
}
