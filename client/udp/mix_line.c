/* One who asks through the chain. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/secret.h"
#include "udp/mix_inside.h"

enum { POLL_MS = 1000 }; /* for a stop without a descriptor */

static const struct net_node *find_server(const struct net_file *net,
                                          const uint8_t key[static BOX_KEY_BYTES])
{
    for (size_t i = 0; i < net->server_count; i++)
        if (memcmp(net->servers[i].key, key, BOX_KEY_BYTES) == 0)
            return &net->servers[i];
    return NULL;
}

int mix_line_open(struct mix_line **line, struct mix_chain *chain,
                  const uint8_t key[static BOX_KEY_BYTES])
{
    const struct net_node *server = find_server(chain->settings.net, key);
    if (!server)
        return -ENOENT;
    struct mix_line *made = secret_alloc(sizeof *made);
    if (!made)
        return -ENOMEM;
    made->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->news < 0) {
        secret_free(made);
        return -EIO;
    }
    made->chain = chain;
    made->server = server;
    pthread_mutex_lock(&chain->lock);
    made->next = chain->lines;
    chain->lines = made;
    pthread_mutex_unlock(&chain->lock);
    *line = made;
    return 0;
}

void mix_line_free(struct mix_line *line)
{
    if (!line)
        return;
    struct mix_chain *chain = line->chain;
    pthread_mutex_lock(&chain->lock);
    struct mix_line **at = &chain->lines;
    while (*at != line)
        at = &(*at)->next;
    *at = line->next;
    for (size_t i = 0; i < MIX_SURBS_MAX; i++)
        if (chain->surbs.entries[i].owner == line)
            chain->surbs.entries[i].owner = NULL;
    pthread_mutex_unlock(&chain->lock);
    close(line->news);
    secret_free(line);
}

void mix_line_begin(struct mix_line *line)
{
    eventfd_t news;
    pthread_mutex_lock(&line->chain->lock);
    line->number++;
    line->sends = 0;
    line->queued = line->answered = line->spoilt = false;
    pthread_mutex_unlock(&line->chain->lock);
    (void)eventfd_read(line->news, &news);
}

/* It takes its turn with other packets: a message that shows at once would show when it was
 * written. */
static void queue(struct mix_line *line, bool divides, const uint8_t *bytes, size_t count)
{
    memcpy(line->q, bytes, count);
    line->q_bytes = count;
    line->divides = divides;
    line->queued = true;
    line->ticket = line->chain->tickets++;
}

int mix_line_send(struct mix_line *line, const uint8_t *q, size_t q_bytes, bool at_once)
{
    struct mix_chain *chain = line->chain;
    int err = 0;
    INVARIANT(q_bytes > 0 && q_bytes <= MIX_LINE_Q_BYTES_MAX);
    pthread_mutex_lock(&chain->lock);
    line->at_once = at_once;
    line->spoilt = false;
    if (chain->settings.cover_ms > 0) {
        queue(line, false, q, q_bytes);
    } else {
        err = mix_send_request(chain, line, line->server, q, q_bytes);
    }
    int reason = errno;
    pthread_mutex_unlock(&chain->lock);
    errno = reason;
    return err;
}

/* The last try was given up: late answers may still come. */
static void give_up(struct mix_line *line)
{
    struct mix_pending *entries = line->chain->surbs.entries;
    for (size_t i = 0; i < MIX_SURBS_MAX; i++)
        if (entries[i].used && entries[i].owner == line && entries[i].number == line->number)
            mix_count_unanswered(line->chain, &entries[i]);
}

/* Look at what there is. Returns: 0, -ETIMEDOUT, or -EAGAIN and for how long to wait. */
static int look(struct mix_line *line, int64_t more_ms, uint8_t *p, size_t *p_bytes,
                int64_t *left_ms)
{
    static const int64_t halves[MIX_SENDS] = {2, 2, 3, 4, 4}; /* of the patience */
    struct mix_chain *chain = line->chain;
    if (line->answered) {
        memcpy(p, line->p, line->p_bytes);
        *p_bytes = line->p_bytes;
        return 0;
    }
    *left_ms = POLL_MS;
    if (line->queued)
        return -EAGAIN;
    if (line->spoilt)
        return -ETIMEDOUT;
    unsigned nth = line->sends < MIX_SENDS ? line->sends : MIX_SENDS;
    int64_t patience_ms = nth > 0 ? mix_patience_ms(chain) * halves[nth - 1] / 2 : 0;
    *left_ms = line->sent_ms + patience_ms + more_ms - mix_now_ms(chain);
    if (*left_ms > 0)
        return -EAGAIN;
    give_up(line);
    return -ETIMEDOUT;
}

/* Wait for news of a line, but not for long. Returns: 0, -ECANCELED, -ENOMEM. */
static int wait_for_news(struct mix_line *line, int64_t left_ms, const struct stop_source *stop)
{
    eventfd_t news;
    struct pollfd waits[] = {{.fd = line->news, .events = POLLIN},
                             {.fd = stop->fd, .events = POLLIN}};
    if (poll(waits, 2, (int)(left_ms < POLL_MS ? left_ms : POLL_MS)) < 0 && errno != EINTR)
        return -ENOMEM;
    if (stop_asked(stop))
        return -ECANCELED;
    (void)eventfd_read(line->news, &news);
    return 0;
}

int mix_line_await(struct mix_line *line, int64_t more_ms, int64_t limit_ms,
                   const struct stop_source *stop, uint8_t p[static MIX_LINE_P_BYTES_MAX],
                   size_t *p_bytes)
{
    const struct clock_source *clock = line->chain->settings.clock;
    int64_t began_ms = clock_monotonic_ms(clock);
    for (;;) {
        int64_t left_ms;
        pthread_mutex_lock(&line->chain->lock);
        int err = look(line, more_ms, p, p_bytes, &left_ms);
        pthread_mutex_unlock(&line->chain->lock);
        if (err != -EAGAIN)
            return err;
        int64_t passed_ms = clock_monotonic_ms(clock) - began_ms;
        if (passed_ms >= limit_ms)
            return -EAGAIN;
        if (left_ms > limit_ms - passed_ms)
            left_ms = limit_ms - passed_ms;
        err = wait_for_news(line, left_ms, stop);
        if (err)
            return err;
    }
}

const struct net_node *mix_line_server(const struct mix_line *line)
{
    return line->server;
}

/* Returns: 0 or what became of it, -EAGAIN (it waits for its time). */
static int look_at_division(struct mix_line *line)
{
    pthread_mutex_lock(&line->chain->lock);
    int err = line->queued ? -EAGAIN : line->sent_err;
    errno = line->sent_reason;
    pthread_mutex_unlock(&line->chain->lock);
    return err;
}

int mix_line_divide(struct mix_line *line, const uint8_t content[static MIX_DIVIDE_BYTES],
                    const struct stop_source *stop)
{
    struct mix_chain *chain = line->chain;
    mix_line_begin(line);
    pthread_mutex_lock(&chain->lock);
    if (chain->settings.cover_ms > 0) {
        queue(line, true, content, MIX_DIVIDE_BYTES);
    } else {
        line->sent_err = mix_send_division(chain, content);
        line->sent_reason = errno;
    }
    pthread_mutex_unlock(&chain->lock);
    for (;;) {
        int err = look_at_division(line);
        if (err == -EAGAIN)
            err = wait_for_news(line, POLL_MS, stop);
        else
            return err;
        if (err) {
            mix_line_begin(line); /* it is not sent any more */
            return err;
        }
    }
}
