// SPDX-License-Identifier: MIT
// Hostile (catalogue R03, R04, R05, S09): asks rt_sigreturn for a state that only a kernel may have: segments of ring
// 0, none at all, IOPL 3, an instruction pointer outside user space, FPU registers that the CPU refuses.  Segments and
// flags stay ring 3's; for the rest the program pays.
// expect segments: exited with status 0
// expect flags: exited with status 0
// expect rip: killed by SIGSEGV: #GP
// expect kernel: killed by SIGSEGV: #PF
// expect floats: killed by SIGSEGV
// expect header: exited with status 0
// expect frame: killed by SIGSEGV
#include "lib/cases.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"
#include "lib/signals.h"

namespace {

/// What stands at RSP when the call is made.  [Linux uapi asm/sigcontext.h, asm/ucontext.h]
struct SignalFrame {
    std::uint64_t flags = 0, link = 0, stack[3] = {};
    std::uint64_t r8_to_r15[8] = {}, rdi = 0, rsi = 0, rbp = 0, rbx = 0, rdx = 0, rax = 0, rcx = 0, rsp = 0, rip = 0,
                  rflags = 0;
    std::uint16_t cs = 0, gs = 0, fs = 0, ss = 0;
    std::uint64_t error = 0, trap = 0, mask = 0, cr2 = 0, float_state = 0, reserved[8] = {}, signals = 0;
};

constexpr std::uint16_t kUserCode = 0x23, kUserData = 0x1b;
constexpr std::uint64_t kOrdinary = 0x202, kEverything = 0x3f7fd7, kUsers = 0x50dd5;

[[noreturn]] void sigreturn(const void* frame)
{
    asm volatile("mov %[frame], %%rsp; syscall; ud2"
                 :
                 : "a"(std::uint64_t{linux_abi::kSigreturn}), [frame] "r"(frame)
                 : "rcx", "r11", "memory");
    __builtin_unreachable();
}

alignas(16) std::uint8_t stack[4096];
volatile std::uint64_t round;
void next();

/// Where the frames lead to: looks at what it has become, then tries the next one.
[[gnu::naked]] void landing()
{
    asm("pushfq\n"
        "pop %rdi\n"
        "mov %cs, %esi\n"
        "mov %ss, %edx\n"
        "cld\n"
        "jmp landed\n");
}

SignalFrame to_landing(std::uint64_t flags, std::uint16_t code, std::uint16_t data)
{
    SignalFrame frame;
    frame.rsp = reinterpret_cast<std::uint64_t>(stack + sizeof stack - 8);
    frame.rip = reinterpret_cast<std::uint64_t>(&landing);
    frame.rflags = flags;
    frame.cs = code;
    frame.ss = data;
    return frame;
}

constexpr std::uint16_t kSegments[][2] = {{0x08, 0x10}, {0x0b, 0x13}, {kUserCode, 0}, {0, kUserData}, {0x2b, 0x2b}};

int segments()
{
    round = 0;
    next();
    return user::kBroke;
}

void next()
{
    static SignalFrame frame;
    if (round == sizeof kSegments / sizeof kSegments[0]) {
        user::exit(user::kSurvived);
    }
    frame = to_landing(kOrdinary, kSegments[round][0], kSegments[round][1]);
    round = round + 1;
    sigreturn(&frame);
}

int flags()
{
    static SignalFrame frame;
    round = 100;
    // Without TF, which is the user's, and would trap.
    frame = to_landing(kEverything & ~std::uint64_t{0x100}, kUserCode, kUserData);
    sigreturn(&frame);
}

extern "C" [[gnu::used]] void landed(std::uint64_t now, std::uint64_t code, std::uint64_t data)
{
    constexpr std::uint64_t kInterrupt = 0x200, kAlwaysOne = 2;
    const bool flags_are_users = (now & ~kUsers) == (kInterrupt | kAlwaysOne);
    if (code != kUserCode || data != kUserData || !flags_are_users) {
        user::exit(user::broke("rt_sigreturn gave what is the kernel's\n"));
    }
    if (round == 100) {
        user::exit(user::kSurvived);
    }
    next();
}

int rip()
{
    static SignalFrame frame;
    frame = to_landing(kOrdinary, kUserCode, kUserData);
    frame.rip = hostile::kNonCanonical;
    sigreturn(&frame);
}

int kernel()
{
    static SignalFrame frame;
    frame = to_landing(kOrdinary, kUserCode, kUserData);
    frame.rip = hostile::kKernelImage;
    sigreturn(&frame);
}

int floats()
{
    static SignalFrame frame;
    alignas(64) static std::uint8_t image[1024];
    constexpr unsigned kMxcsr = 24;
    for (unsigned i = 0; i < 4; ++i) {
        image[kMxcsr + i] = 0xff;
    }
    frame = to_landing(kOrdinary, kUserCode, kUserData);
    frame.float_state = reinterpret_cast<std::uint64_t>(image);
    sigreturn(&frame);
}

/// The header of XSAVE's image, where there is one.
void spoil_header(int, uapi::SigInfo*, uapi::UserContext* context)
{
    constexpr std::uint64_t kCompactedComponents = 520; // XCOMP_BV, which XRSTOR wants to be 0 here
    auto* const image = reinterpret_cast<std::uint8_t*>(context->registers.floats);
    uapi::FloatFrameInfo info;
    __builtin_memcpy(&info, image + uapi::kFloatFrameInfoOffset, sizeof info);
    if (info.magic == uapi::kFloatMagic) {
        image[kCompactedComponents] = 1;
    }
}

/// Others run, and what was refused must not be loaded when this one goes on.
void go_on_after_others(int, uapi::SigInfo*, uapi::UserContext*)
{
    for (int i = 0; i < 3; ++i) {
        user::sleep_milliseconds(2);
    }
    user::exit_group(0);
}

int header()
{
    user::handle(uapi::Signal::Sigsegv, go_on_after_others);
    user::handle(uapi::Signal::Sigusr1, spoil_header);
    user::raise(uapi::Signal::Sigusr1);
    return 0; // there is no such header on this CPU
}

int frame()
{
    sigreturn(reinterpret_cast<const void*>(hostile::kPhysicalMap));
}

constexpr user::Case kCases[] = {{"segments", segments}, {"flags", flags},   {"rip", rip},    {"kernel", kernel},
                                 {"floats", floats},     {"header", header}, {"frame", frame}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
