#include "mix/app.h"

int main(int argc, char **argv)
{
    return (int)mix_main(argc, argv, &clock_system, &random_system);
}
