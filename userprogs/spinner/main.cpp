// SPDX-License-Identifier: MIT
// Computes for ever and never calls the kernel: somebody has to kill it.

int main()
{
    for (;;) {
        asm volatile("");
    }
}
