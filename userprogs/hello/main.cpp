// SPDX-License-Identifier: MIT
// The first program: says where it runs, and ends.
#include "lib/syscall.h"

int main()
{
    user::print("Hello from user space! (Ring 3)\n");
    return 0;
}
