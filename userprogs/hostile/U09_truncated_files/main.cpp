// SPDX-License-Identifier: MIT
// Hostile (catalogue U09): the file behind a program's memory becomes shorter, loses its name, is written to while it
// is executed, and is read by the kernel on the program's behalf while pages of it are no more.
// expect touched: exited with status 0
// expect called: exited with status 0
// expect timer: exited with status 0
// expect bus: killed by SIGBUS
#include "lib/cases.h"
#include "lib/linux.h"
#include "lib/memory.h"
#include "lib/names.h"
#include "lib/pipe.h"
#include "lib/signals.h"
#include "lib/thread.h"

namespace {

using linux_abi::error;
using uapi::Error;

constexpr std::uint64_t kPage = 4096, kPages = 4;
constexpr const char* kName = "u09_file";

std::int64_t file = -1;
std::uint64_t view = 0;

std::int64_t set_size(std::uint64_t size)
{
    return user::system_call(uapi::Syscall::Ftruncate, static_cast<std::uint64_t>(file), size);
}

/// Four pages of a file without a name.
bool map(std::uint64_t rights = uapi::kProtRead)
{
    file = user::create(kName);
    const std::int64_t at = file >= 0 && user::unlink(kName) == 0 && set_size(kPages * kPage) == 0
                                ? user::map_file(file, kPages * kPage, rights)
                                : -1;
    view = static_cast<std::uint64_t>(at);
    return at > 0;
}

volatile unsigned faults = 0, wrong_faults = 0;
volatile std::uint64_t last_address = 0;

void step_over(int, uapi::SigInfo* info, uapi::UserContext* context)
{
    faults = faults + 1;
    last_address = info->words[0];
    wrong_faults = wrong_faults + (info->code == uapi::signal_code::bus::kAddress ? 0 : 1);
    context->registers.rip += 2; // MOV (RDI), AL has two bytes
}

/// Reads a byte by an instruction of two bytes.
std::uint8_t byte_at(std::uint64_t address)
{
    std::uint8_t byte = 0;
    asm volatile("mov (%%rdi), %%al" : "=a"(byte) : "D"(address), "a"(0) : "memory");
    return byte;
}

int touched()
{
    if (!map()) {
        return user::broke("a file cannot be mapped\n");
    }
    user::handle(uapi::Signal::Sigbus, step_over);
    for (std::uint64_t page = 0; page < kPages; ++page) {
        byte_at(view + page * kPage);
    }
    const bool whole = faults == 0;
    // To the middle of the second page: what is behind it in that page reads as zeros.
    bool all = set_size(kPage + 100) == 0 && byte_at(view + kPage + 200) == 0 && faults == 0;
    byte_at(view + 2 * kPage + 5);
    all = all && faults == 1 && last_address == view + 2 * kPage + 5;
    byte_at(view + 4 * kPage - 1);
    all = all && faults == 2 && set_size(0) == 0;
    byte_at(view);
    all = all && faults == 3 && set_size(kPages * kPage) == 0 && byte_at(view + 3 * kPage) == 0 && faults == 3;
    return whole && all && wrong_faults == 0 ? user::kSurvived : user::broke("a page that is no more was read\n");
}

int called()
{
    user::Ends ends{};
    if (!map() || user::pipe2(ends, uapi::open_flag::kNonblock) != 0) {
        return user::broke("a file cannot be mapped\n");
    }
    const auto to = static_cast<std::uint64_t>(ends.write);
    const auto* const bytes = reinterpret_cast<const void*>(view);
    constexpr std::int64_t kBad = error(Error::Efault);
    bool all = user::write(to, bytes, 10) == 10 && set_size(0) == 0 && user::write(to, bytes, 10) == kBad &&
               user::open(reinterpret_cast<const char*>(view)) == kBad &&
               user::system_call(uapi::Syscall::Execve, view, 0, 0) == kBad &&
               user::system_call(uapi::Syscall::Writev, to, view, 1) == kBad &&
               user::system_call(uapi::Syscall::Nanosleep, view) == kBad;
    // A write to the file itself, of what only that write would make.
    all = all && user::write(static_cast<std::uint64_t>(file), bytes, 10) == kBad;
    all = all && set_size(kPage) == 0 && user::write(to, bytes, 2 * kPage) == kPage;
    return all ? user::kSurvived : user::broke("the kernel read a page that is no more\n");
}

user::Thread thread;
volatile bool over = false;

void resize(void*)
{
    while (!over) {
        set_size(0);
        set_size(kPages * kPage);
    }
    user::exit(0);
}

int timer()
{
    if (!map()) {
        return user::broke("a file cannot be mapped\n");
    }
    user::handle(uapi::Signal::Sigbus, step_over);
    thread.start(resize, nullptr);
    bool all = true;
    for (unsigned i = 0; i < 40; ++i) {
        all = all && byte_at(view + i % kPages * kPage) == 0;
        user::yield();
    }
    over = true;
    thread.join();
    return all && wrong_faults == 0 ? user::kSurvived : user::broke("a page was neither there nor not there\n");
}

int bus()
{
    if (!map() || set_size(0) != 0) {
        return user::broke("a file cannot be mapped\n");
    }
    byte_at(view);
    return user::broke("a page that is no more was read\n");
}

constexpr user::Case kCases[] = {{"touched", touched}, {"called", called}, {"timer", timer}, {"bus", bus}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
