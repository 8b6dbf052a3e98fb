#include "api/openapi.h"

#include <jansson.h>
#include <stdarg.h>
#include <string.h>

#include "api/embedded.h"
#include "api/router.h"

/* The object at the end of a path of keys, which the built-in document has. */
static json_t *member(json_t *json, ...)
{
    va_list keys;
    va_start(keys, json);
    for (const char *key; (key = va_arg(keys, const char *));)
        json = json_object_get(json, key);
    va_end(keys);
    INVARIANT(json);
    return json;
}

static int set_number(json_t *object, const char *key, uint64_t number)
{
    INVARIANT(json_object_get(object, key));
    return json_object_set_new(object, key, json_integer((json_int_t)number)) ? -ENOMEM : 0;
}

static bool serves(const struct api *api, const char *path)
{
    for (size_t i = 0; i < api->routes.count; i++)
        if (strcmp(api->routes.rows[i].path, path) == 0)
            return true;
    return false;
}

static const char *const mailbox_paths[] = {"/v1/mailboxes", "/v1/mailboxes/{mailbox}",
                                            "/v1/mailboxes/{mailbox}/copies", "/v1/deliveries"};

static int adapt(json_t *document, const struct api *api)
{
    json_t *components = member(document, "components", NULL);
    json_t *wait = member(components, "parameters", "wait", "schema", NULL);
    json_t *records = member(components, "schemas", "RecordsToPost", NULL);
    json_t *reference = member(components, "schemas", "ReferenceRecords", NULL);
    json_t *version = json_string(api->server.version);
    if (json_object_set_new(member(document, "info", NULL), "version", version) ||
        set_number(wait, "maximum", api->server.wait_s_max) ||
        set_number(records, "maxLength",
                   (uint64_t)api->server.records_per_post_max * RECORD_ADDRESSED_BYTES) ||
        set_number(reference, "maxLength", api->server.reference_body_bytes_max))
        return -ENOMEM;
    if (!service_has_mailboxes(api->service))
        for (size_t i = 0; i < sizeof mailbox_paths / sizeof mailbox_paths[0]; i++)
            (void)json_object_del(member(document, "paths", NULL), mailbox_paths[i]);
    if (!serves(api, "/metrics"))
        (void)json_object_del(member(document, "paths", NULL), "/metrics");
    return 0;
}

int openapi_make(const struct api *api, struct blob *text)
{
    json_t *document = json_loadb(openapi_json, openapi_json_bytes, 0, NULL);
    if (!document)
        return -ENOMEM;
    int err = adapt(document, api);
    char *dumped = err ? NULL : json_dumps(document, JSON_COMPACT);
    json_decref(document);
    if (!dumped)
        return -ENOMEM;
    *text = (struct blob){(uint8_t *)dumped, strlen(dumped)};
    return 0;
}
