#include "kat_datagrams.h"

const struct kat_part kat_box = {"box", NULL, 0};
