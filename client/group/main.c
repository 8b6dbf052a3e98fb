#include "cli/program.h"
#include "group/program.h"

int main(int argc, char **argv)
{
    return program_main(&reunion_group, argc, argv);
}
