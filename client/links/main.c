#include "cli/program.h"
#include "links/program.h"

int main(int argc, char **argv)
{
    return program_main(&reunion_link, argc, argv);
}
