// SPDX-License-Identifier: GPL-2.0-or-later
// Rules about what ring 3 finds in its registers: nothing of the kernel at first, its own afterwards.
#include "watch/rules.h"
#include "watch/rules_list.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace ringcheck {
namespace {

using model::Gpr;

constexpr std::array kGprNames{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                               "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

/// Two lists, "rbx 0x1, rdi 0x0", of the registers that differ.
class Difference {
public:
    void compare(const char* name, std::uint64_t expected, std::uint64_t actual)
    {
        if (expected != actual) {
            append(expected_, name, expected);
            append(actual_, name, actual);
        }
    }
    bool empty() const { return expected_.empty(); }
    std::pair<std::string, std::string> texts() const { return {expected_, actual_}; }

private:
    static void append(std::string& list, const char* name, std::uint64_t value)
    {
        list += fmt::format("{}{} {:#x}", list.empty() ? "" : ", ", name, value);
    }
    std::string expected_, actual_;
};

Difference unlike_zero(const model::CpuState& state)
{
    Difference difference;
    for (std::size_t i = 0; i < kGprNames.size(); ++i) {
        if (static_cast<Gpr>(i) != Gpr::Rsp) {
            difference.compare(kGprNames[i], 0, state.gpr[i]);
        }
    }
    difference.compare("fs base", 0, state.fs.base);
    difference.compare("gs base", 0, state.gs.base);
    return difference;
}

/// @param expected  as ring 3 left; its RIP where ring 3 should go on
/// @param call      what a system call may change; nullptr: it was none
Difference unlike(const model::CpuState& expected, const model::CpuState& actual, const SyscallConvention* call)
{
    // RF is the CPU's own: SYSRET clears it, IRET may set it.  [SDM 2B SYSRET; SDM 1 "EFLAGS Register"]
    constexpr std::uint64_t kIgnoredFlags = arch::rflags::kResume;
    Difference difference;
    for (std::size_t i = 0; i < kGprNames.size(); ++i) {
        // Most are equal, and that is quicker to see than what the call may change.
        if (expected.gpr[i] != actual.gpr[i] && (call == nullptr || !call->may_change(static_cast<Gpr>(i)))) {
            difference.compare(kGprNames[i], expected.gpr[i], actual.gpr[i]);
        }
    }
    difference.compare("rip", expected.rip, actual.rip);
    difference.compare("rflags", expected.rflags & ~kIgnoredFlags, actual.rflags & ~kIgnoredFlags);
    const SyscallDescription* const made = call == nullptr ? nullptr : call->find(expected[call->number]);
    if (made == nullptr || !made->sets_bases) {
        difference.compare("fs base", expected.fs.base, actual.fs.base);
        difference.compare("gs base", expected.gs.base, actual.gs.base);
    }
    return difference;
}

} // namespace

void check_registers(RuleReport& report, const RuleContext& context, const UserEntry& entry)
{
    const model::CpuState& now = entry.transition.after;
    if (entry.first) {
        const Difference residue = unlike_zero(now);
        report.require(rules::kFirstEntryClean, residue.empty(), [&] { return residue.texts(); });
    }
    if (entry.left == nullptr || !entry.left->outside || entry.left->redirected) {
        return;
    }
    const LeftRing3& left = *entry.left;
    const SyscallConvention& convention = context.guest.syscalls;
    const bool by_vector = left.by == TransitionKind::SoftwareInterrupt && convention.vector == left.vector;
    if (left.by == TransitionKind::Syscall || by_vector) {
        const SyscallDescription* const call = convention.find(left.state[convention.number]);
        if (call != nullptr && !call->returns) {
            return; // who comes back from it is somebody else
        }
        const Difference difference = unlike(left.state, now, &convention);
        report.require(rules::kSyscallPreservesRegisters, difference.empty(), [&] { return difference.texts(); });
    } else if (left.by == TransitionKind::Interrupt || left.by == TransitionKind::Nmi) {
        const Difference difference = unlike(left.state, now, nullptr);
        report.require(rules::kInterruptPreservesRegisters, difference.empty(), [&] { return difference.texts(); });
    }
}

} // namespace ringcheck
