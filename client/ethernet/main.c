#include "cli/program.h"
#include "ethernet/program.h"

int main(int argc, char **argv)
{
    return program_main(&reunion_on_an_ethernet, argc, argv);
}
