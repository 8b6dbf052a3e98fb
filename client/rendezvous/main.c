#include "cli/program.h"
#include "rendezvous/program.h"

int main(int argc, char **argv)
{
    return program_main(&reunion_client, argc, argv);
}
