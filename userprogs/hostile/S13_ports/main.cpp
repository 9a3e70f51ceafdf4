// SPDX-License-Identifier: MIT
// Hostile (catalogue S13): IN and OUT, with IOPL 0 and no I/O map.
// expect in_serial: killed by SIGSEGV: #GP
// expect out_serial: killed by SIGSEGV: #GP
// expect out_power: killed by SIGSEGV: #GP
// expect out_pic: killed by SIGSEGV: #GP
// expect out_last: killed by SIGSEGV: #GP
// expect ins: killed by SIGSEGV: #GP
// expect outs: killed by SIGSEGV: #GP
#include "lib/cases.h"

namespace {

std::uint8_t byte;

template <std::uint16_t port> int in()
{
    asm volatile("inb %%dx, %%al" : "=a"(byte) : "d"(port));
    return user::broke("a port was read\n");
}

template <std::uint16_t port> int out()
{
    asm volatile("outb %%al, %%dx" : : "a"(byte), "d"(port));
    return user::broke("a port was written\n");
}

int ins()
{
    asm volatile("insb" : : "D"(&byte), "d"(std::uint16_t{0x3f8}) : "memory");
    return user::broke("a port was read\n");
}

int outs()
{
    asm volatile("outsb" : : "S"(&byte), "d"(std::uint16_t{0x3f8}) : "memory");
    return user::broke("a port was written\n");
}

constexpr user::Case kCases[] = {{"in_serial", in<0x3f8>},
                                 {"out_serial", out<0x3f8>},
                                 {"out_power", out<0xf4>},
                                 {"out_pic", out<0x20>},
                                 {"out_last", out<0xffff>},
                                 {"ins", ins},
                                 {"outs", outs}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
