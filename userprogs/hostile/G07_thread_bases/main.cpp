// SPDX-License-Identifier: MIT
// Hostile (catalogue G07): FS and GS bases of its own, across calls and interrupts.
// expect call: exited with status 0
// expect timer: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/linux.h"
#include "lib/registers.h"

namespace {

constexpr std::uint64_t kSetGs = 0x1001, kSetFs = 0x1002;
constexpr std::uint64_t kFsWord = 0x1111'2222'3333'4444, kGsWord = 0x5555'6666'7777'8888;
std::uint64_t fs_word = kFsWord, gs_word = kGsWord;

bool set_bases()
{
    return user::raw_call(linux_abi::kArchPrctl, kSetFs, reinterpret_cast<std::uint64_t>(&fs_word)) == 0 &&
           user::raw_call(linux_abi::kArchPrctl, kSetGs, reinterpret_cast<std::uint64_t>(&gs_word)) == 0;
}

bool bases_hold()
{
    std::uint64_t fs = 0, gs = 0;
    asm volatile("mov %%fs:0, %0; mov %%gs:0, %1" : "=r"(fs), "=r"(gs));
    return fs == kFsWord && gs == kGsWord;
}

int call()
{
    if (!set_bases()) {
        return user::not_here("needs arch_prctl\n");
    }
    flags::call_with(0);
    return bases_hold() ? user::kSurvived : user::broke("a base has changed\n");
}

int timer()
{
    if (!set_bases()) {
        return user::not_here("needs arch_prctl\n");
    }
    flags::compute_with(0, user::kSomeTicks);
    return bases_hold() ? user::kSurvived : user::broke("a base has changed\n");
}

constexpr user::Case kCases[] = {{"call", call}, {"timer", timer}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
