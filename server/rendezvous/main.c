#include "rendezvous/app.h"

int main(int argc, char **argv)
{
    return (int)app_main(argc, argv, &clock_system, &random_system, NULL);
}
