#include "session/inside.h"

void session_report(const struct session *session, const struct session_event *event)
{
    session->settings.event(session->settings.event_state, event);
}

void session_report_kind(const struct session *session, enum session_event_kind kind)
{
    session_report(session, &(struct session_event){.kind = kind});
}
