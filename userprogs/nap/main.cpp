// SPDX-License-Identifier: MIT
// Sleeps for a fifth of a second, so that others have the CPU.
#include "lib/process.h"

int main()
{
    return user::sleep_milliseconds(200) == 0 ? 0 : 1;
}
