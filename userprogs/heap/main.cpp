// SPDX-License-Identifier: MIT
// Grows and shrinks the heap.  It has no trace: where the heap begins depends on the program's own size.
// Expected: the line, and status 0.
#include "lib/memory.h"

namespace {

constexpr std::uint64_t kPage = 4096;

volatile char& byte(std::uint64_t address)
{
    return *reinterpret_cast<volatile char*>(address);
}

} // namespace

int main()
{
    const std::uint64_t begin = user::brk(0);
    if (begin % kPage != 0 || user::brk(begin + 3 * kPage) != begin + 3 * kPage) {
        return 1;
    }
    byte(begin) = 'b';
    byte(begin + 2 * kPage) = 'h';
    if (user::brk(begin + kPage) != begin + kPage || user::brk(begin + 3 * kPage) != begin + 3 * kPage) {
        return 2;
    }
    if (byte(begin) != 'b' || byte(begin + 2 * kPage) != 0) {
        return 3;
    }
    if (user::brk(begin - 1) != begin + 3 * kPage || user::brk(0xffff'8000'0000'0000) != begin + 3 * kPage) {
        return 4;
    }
    user::print("the heap was as it should be\n");
    return 0;
}
