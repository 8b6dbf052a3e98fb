/* The table of reunion-server's settings. */
#ifndef REUNION_RENDEZVOUS_SETTINGS_H
#define REUNION_RENDEZVOUS_SETTINGS_H

#include "option/setting.h"

extern const struct setting_table server_settings;

#endif
