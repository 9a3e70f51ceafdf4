// SPDX-License-Identifier: MIT
#include "random/arguments.h"

#include "uapi/arch_prctl.h"
#include "uapi/memory.h"
#include "uapi/process.h"
#include "uapi/signals.h"

namespace random_attack {
namespace {

using uapi::Syscall;

constexpr std::uint64_t kPageSize = 4096;

std::uint64_t some_of(Dice& dice, std::uint64_t bits)
{
    return dice.word() & bits;
}

/// The shell is 1, the program 2, its children and threads follow.
std::uint64_t process(Dice& dice)
{
    constexpr std::uint64_t kNumbers = 8;
    const std::uint64_t number = dice.below(kNumbers);
    return dice.once_in(4) ? std::uint64_t{0} - number : number;
}

/// In random_data, whose every 16 bytes are a short time (userprogs/random_code).
std::uint64_t address(Dice& dice, const Places& places)
{
    constexpr std::uint64_t kTime = 16;
    const std::uint64_t offset = dice.below(places.data_end - places.data);
    switch (dice.below(4)) {
    case 0: return 0;
    case 1: return places.data + offset / kPageSize * kPageSize;
    case 2: return places.data + offset / 4 * 4;
    default: return places.data + offset / kTime * kTime;
    }
}

std::uint64_t length(Dice& dice)
{
    constexpr std::uint64_t kPages = 40;
    return dice.once_in(3) ? dice.below(kPageSize) : dice.below(kPages) * kPageSize;
}

std::uint64_t clone_flags(Dice& dice)
{
    using namespace uapi::clone_flag;
    constexpr auto kEnd = static_cast<std::uint64_t>(uapi::Signal::Sigchld);
    constexpr std::uint64_t kKinds[] = {kEnd, kMemory | kParentWaits | kEnd,
                                        kMemory | kFileSystem | kFiles | kSignalHandlers | kThread | kSemaphores};
    return dice.of(kKinds) | some_of(dice, kParentSetTid | kChildClearTid | kChildSetTid);
}

/// Mostly one that ends nobody.
std::uint64_t signal(Dice& dice)
{
    constexpr uapi::Signal kHarmless[] = {uapi::Signal{0}, uapi::Signal::Sigchld, uapi::Signal::Sigcont,
                                          uapi::Signal::Sigstop};
    constexpr std::uint64_t kBeyond = uapi::kLastSignal + 2;
    return dice.once_in(6) ? dice.below(kBeyond) : static_cast<std::uint64_t>(dice.of(kHarmless));
}

std::uint64_t map_flags(Dice& dice)
{
    using namespace uapi;
    const std::uint64_t type = dice.once_in(3) ? kMapShared : kMapPrivate;
    const std::uint64_t place = dice.once_in(3) ? kMapFixed : dice.once_in(6) ? kMapFixedNoReplace : 0;
    return type | kMapAnonymous | place | some_of(dice, kMapNoReserve | kMapPopulate | kMapStack);
}

std::uint64_t futex_operation(Dice& dice)
{
    constexpr std::uint64_t kOperations = 14, kPrivate = 0x80, kRealTime = 0x100;
    return dice.below(kOperations) | some_of(dice, kPrivate | kRealTime);
}

/// An int or unsigned of the call.
std::uint64_t number(Dice& dice, Syscall call, unsigned index)
{
    constexpr std::uint64_t kFew = 16, kNiceValues = 42;
    switch (call) {
    case Syscall::Mmap: return index == 2 ? dice.below(uapi::kProtAll + 1) : map_flags(dice);
    case Syscall::Mprotect: return dice.below(uapi::kProtAll + 1);
    case Syscall::Mremap: return dice.below(4);
    case Syscall::Wait4: return dice.once_in(4) ? some_of(dice, 0x6000'000b) : uapi::wait_option::kNoHang;
    case Syscall::Kill:
    case Syscall::Tkill:
    case Syscall::Tgkill: return signal(dice);
    case Syscall::Setpriority: return index == 0 ? dice.below(3) : dice.below(kNiceValues) - kNiceValues / 2;
    case Syscall::ArchPrctl: return 0x1000 + dice.below(6);
    case Syscall::Futex: return index == 1 ? futex_operation(dice) : dice.below(3);
    case Syscall::ClockNanosleep: return index == 1 ? dice.below(2) : dice.below(kFew);
    default: return dice.below(kFew);
    }
}

std::uint64_t size(Dice& dice, Syscall call, unsigned index)
{
    constexpr std::uint64_t kLine = 40; // what is written has to go through the console
    if (call == Syscall::Clone && index == 0) {
        return clone_flags(dice);
    }
    return call == Syscall::Write ? dice.below(kLine) : length(dice);
}

} // namespace

std::uint64_t sensible_argument(Dice& dice, const Places& places, const uapi::SyscallSpec& spec, unsigned index)
{
    constexpr std::uint64_t kDescriptors = 4;
    switch (spec.arguments[index]) {
    case uapi::Arg::Pid: return process(dice);
    case uapi::Arg::Address:
    case uapi::Arg::BytesIn:
    case uapi::Arg::Text: return address(dice, places);
    case uapi::Arg::Size: return size(dice, spec.number, index);
    case uapi::Arg::Int: return number(dice, spec.number, index);
    case uapi::Arg::Fd: return spec.number == Syscall::Mmap ? ~std::uint64_t{0} : dice.below(kDescriptors);
    case uapi::Arg::Status:
    case uapi::Arg::None: break;
    }
    return random_word(dice, places);
}

} // namespace random_attack
