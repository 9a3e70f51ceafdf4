// SPDX-License-Identifier: MIT
// What start.S calls: main, then exit with its result.
#include "lib/syscall.h"

int main();

extern "C" [[noreturn]] void start_main()
{
    user::exit(main());
}
