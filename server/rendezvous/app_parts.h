/* What a running server is made of. */
#ifndef REUNION_RENDEZVOUS_APP_PARTS_H
#define REUNION_RENDEZVOUS_APP_PARTS_H

#include "api/answers.h"
#include "api/budget.h"
#include "api/metrics.h"
#include "api/request.h"
#include "compat/reference.h"
#include "daemon/watchdog.h"
#include "http/listener.h"
#include "rendezvous/app.h"
#include "rendezvous/box_serving.h"
#include "rendezvous/liveness.h"
#include "service/service.h"

struct app {
    struct service *service;
    struct reference *reference;
    struct metrics *metrics;
    struct blob openapi;
    struct api api, metrics_api;
    struct listener *listener;
    struct listener *metrics_listener; /* NULL: none of its own */
    struct box_serving box;
    struct budget bodies;
    struct answers answers;
    struct liveness liveness;
    struct watchdog watchdog;
    bool serving; /* all of the above is there */
    int64_t stop_wait_ms_max;
};

#endif
