// SPDX-License-Identifier: MIT
// Hostile (catalogue U01): every bad address as every argument of every call, known or not, that does not end the
// program. What comes back is an error or a small number; what a pointer may not name is neither read nor written.
// expect known: exited with status 0
// expect all: exited with status 0
#include "lib/cases.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"

namespace {

constexpr std::uint64_t kCalls = 470;

/// They end the program, make another one, stop it until somebody acts, unmap it, or take its output away, as they are
/// told to.
constexpr std::uint64_t kLeftOut[] = {linux_abi::kClose,
                                      linux_abi::kMunmap,
                                      linux_abi::kMmap,
                                      linux_abi::kMprotect,
                                      linux_abi::kMremap,
                                      linux_abi::kMadvise,
                                      linux_abi::kSigreturn,
                                      34 /* pause */,
                                      linux_abi::kNanosleep,
                                      linux_abi::kClone,
                                      linux_abi::kFork,
                                      linux_abi::kVfork,
                                      linux_abi::kExecve,
                                      linux_abi::kExit,
                                      linux_abi::kWait4,
                                      linux_abi::kKill,
                                      linux_abi::kReboot,
                                      200 /* tkill */,
                                      linux_abi::kExitGroup,
                                      linux_abi::kTgkill,
                                      linux_abi::kArchPrctl,
                                      linux_abi::kFutex,
                                      linux_abi::kClone3,
                                      247 /* waitid */,
                                      230 /* clock_nanosleep */,
                                      7 /* poll */,
                                      23 /* select */,
                                      270 /* pselect6 */,
                                      271 /* ppoll */};

bool left_out(std::uint64_t number)
{
    for (const std::uint64_t one : kLeftOut) {
        if (one == number) {
            return true;
        }
    }
    return false;
}

/// One of each kind.
constexpr std::uint64_t kAddresses[] = {hostile::kBad[2],      hostile::kLastUserPage, hostile::kNonCanonical,
                                        hostile::kPhysicalMap, hostile::kKernelImage,  hostile::kLastByte};

std::uint64_t witness[8] = {1, 2, 3, 4, 5, 6, 7, 8};

void try_all_addresses(std::uint64_t number)
{
    for (const std::uint64_t bad : kAddresses) {
        user::raw_call(number, bad, bad, bad, bad, bad, bad);
        user::raw_call(number, 1, bad, 16, bad, 16, bad);
        user::raw_call(number, bad, 16, 0, bad, 0, 0);
    }
}

int witness_is_well()
{
    for (std::uint64_t i = 0; i < 8; ++i) {
        if (witness[i] != i + 1) {
            return user::broke("memory has changed\n");
        }
    }
    return user::kSurvived;
}

/// Nobody types: a read comes back at once.
void do_not_wait_for_the_console()
{
    user::raw_call(static_cast<std::uint64_t>(uapi::Syscall::Fcntl), uapi::kStandardInput,
                   static_cast<std::uint64_t>(uapi::FileControl::SetStatusFlags), uapi::open_flag::kNonblock);
}

int known()
{
    do_not_wait_for_the_console();
    for (const uapi::SyscallSpec& call : uapi::kSyscalls) {
        if (!left_out(static_cast<std::uint64_t>(call.number))) {
            try_all_addresses(static_cast<std::uint64_t>(call.number));
        }
    }
    return witness_is_well();
}

int all()
{
    do_not_wait_for_the_console();
    for (std::uint64_t number = 0; number < kCalls; ++number) {
        if (!left_out(number)) {
            try_all_addresses(number);
        }
    }
    return witness_is_well();
}

constexpr user::Case kCases[] = {{"known", known}, {"all", all}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
