// SPDX-License-Identifier: MIT
// A place for code that tests/random writes from outside: touches all its memory, so that every page is there, and goes
// to random_text, where the harness takes over.  By itself it ends there.
#include "lib/syscall.h"

extern "C" {
extern const volatile std::uint8_t random_text[], random_text_end[];
extern volatile std::uint8_t random_data[], random_data_end[];
}

asm(".pushsection .text\n"
    ".globl random_text, random_text_end\n"
    ".balign 4096\n"
    "random_text: .fill 64 * 4096 / 2, 2, 0x0b0f\n" // UD2
    "random_text_end:\n"
    ".popsection\n"
    ".pushsection .data\n"
    ".globl random_data, random_data_end\n"
    ".balign 4096\n"
    "random_data: .rept 4 * 4096 / 16\n"
    ".quad 0, 200000\n" // as a timespec: a fifth of a millisecond
    ".endr\n"
    "random_data_end:\n"
    ".popsection\n");

int main()
{
    constexpr unsigned kPage = 4096;
    for (const volatile std::uint8_t* page = random_text; page != random_text_end; page += kPage) {
        (void)*page;
    }
    for (volatile std::uint8_t* page = random_data; page != random_data_end; page += kPage) {
        *page = *page;
    }
    reinterpret_cast<void (*)()>(reinterpret_cast<std::uint64_t>(random_text))();
    return 1;
}
