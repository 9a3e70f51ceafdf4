// SPDX-License-Identifier: MIT
// What the compiler may call without being asked.
#include <cstddef>

extern "C" {

void* memset(void* to, int value, std::size_t bytes)
{
    void* at = to;
    asm volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(value) : "memory");
    return to;
}

void* memcpy(void* to, const void* from, std::size_t bytes)
{
    void* at = to;
    asm volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes)::"memory");
    return to;
}
}
