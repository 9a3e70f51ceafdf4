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

/// @param expected    as ring 3 left
/// @param may_change  whether a register may have another value
template <typename MayChange>
void compare_registers(Difference& difference, const model::CpuState& expected, const model::CpuState& actual,
                       MayChange may_change)
{
    for (std::size_t i = 0; i < kGprNames.size(); ++i) {
        // Most are equal, and that is quicker to see than what may change.
        if (expected.gpr[i] != actual.gpr[i] && !may_change(static_cast<Gpr>(i))) {
            difference.compare(kGprNames[i], expected.gpr[i], actual.gpr[i]);
        }
    }
}

void compare_place(Difference& difference, std::uint64_t rip, const model::CpuState& expected,
                   const model::CpuState& actual)
{
    // RF is the CPU's own: SYSRET clears it, IRET may set it.  [SDM 2B SYSRET; SDM 1 "EFLAGS Register"]
    constexpr std::uint64_t kIgnoredFlags = arch::rflags::kResume;
    difference.compare("rip", rip, actual.rip);
    difference.compare("rflags", expected.rflags & ~kIgnoredFlags, actual.rflags & ~kIgnoredFlags);
}

void compare_bases(Difference& difference, const model::CpuState& expected, const model::CpuState& actual)
{
    difference.compare("fs base", expected.fs.base, actual.fs.base);
    difference.compare("gs base", expected.gs.base, actual.gs.base);
}

bool left_by_call(const SyscallConvention& convention, const LeftRing3& left)
{
    const bool by_vector = left.by == TransitionKind::SoftwareInterrupt && convention.vector == left.vector;
    return left.by == TransitionKind::Syscall || by_vector;
}

/// Behind the instruction that the thread left by, or where an interrupt came.
void check_straight(RuleReport& report, const SyscallConvention& convention, const LeftRing3& left,
                    const model::CpuState& now)
{
    Difference difference;
    if (left_by_call(convention, left)) {
        const SyscallDescription* const call = convention.find(left.state[convention.number]);
        if (call != nullptr && !call->returns) {
            return; // who comes back from it is somebody else
        }
        compare_registers(difference, left.state, now, [&](Gpr reg) { return convention.may_change(reg); });
        compare_place(difference, left.state.rip, left.state, now);
        if (call == nullptr || !call->sets_bases) {
            compare_bases(difference, left.state, now);
        }
        report.require(rules::kSyscallPreservesRegisters, difference.empty(), [&] { return difference.texts(); });
    } else if (left.by == TransitionKind::Interrupt || left.by == TransitionKind::Nmi) {
        compare_registers(difference, left.state, now, [](Gpr) { return false; });
        compare_place(difference, left.state.rip, left.state, now);
        compare_bases(difference, left.state, now);
        report.require(rules::kInterruptPreservesRegisters, difference.empty(), [&] { return difference.texts(); });
    }
}

void check_handler(RuleReport& report, const SyscallConvention& convention, const LeftRing3& left,
                   const model::CpuState& now)
{
    const bool by_call = left_by_call(convention, left);
    const auto may_change = [&](Gpr reg) {
        const bool given = reg == Gpr::Rdi || reg == Gpr::Rsi || reg == Gpr::Rdx || reg == Gpr::Rax || reg == Gpr::Rsp;
        return given || (by_call && convention.may_change(reg));
    };
    Difference difference;
    compare_registers(difference, left.state, now, may_change);
    difference.compare("rip", left.handler, now.rip);
    const SyscallDescription* const call = by_call ? convention.find(left.state[convention.number]) : nullptr;
    if (call == nullptr || !call->sets_bases) {
        compare_bases(difference, left.state, now);
    }
    report.require(rules::kHandlerRegisters, difference.empty(), [&] { return difference.texts(); });
}

void check_call_again(RuleReport& report, const SyscallConvention& convention, const LeftRing3& left,
                      const model::CpuState& now)
{
    constexpr std::uint64_t kInstruction = 2; // bytes of SYSCALL and of INT n
    const SyscallDescription* const rest = convention.find("restart_syscall");
    const bool goes_on = rest != nullptr && now[convention.number] == rest->number;
    Difference difference;
    compare_registers(difference, left.state, now,
                      [&](Gpr reg) { return reg == convention.number ? goes_on : convention.may_change(reg); });
    compare_place(difference, left.state.rip - kInstruction, left.state, now);
    compare_bases(difference, left.state, now);
    report.require(rules::kCallMadeAgain, left_by_call(convention, left) && difference.empty(), [&] {
        return difference.empty() ? std::pair<std::string, std::string>{"it left ring 3 by a call", "it left by none"}
                                  : difference.texts();
    });
}

} // namespace

void check_registers(RuleReport& report, const RuleContext& context, const UserEntry& entry)
{
    const model::CpuState& now = entry.transition.after;
    if (entry.first) {
        const Difference residue = unlike_zero(now);
        report.require(rules::kFirstEntryClean, residue.empty(), [&] { return residue.texts(); });
    }
    if (entry.left == nullptr || !entry.left->outside) {
        return;
    }
    const SyscallConvention& convention = context.guest.syscalls;
    switch (entry.left->way_back) {
    case WayBack::Straight: check_straight(report, convention, *entry.left, now); break;
    case WayBack::Handler: check_handler(report, convention, *entry.left, now); break;
    case WayBack::Again: check_call_again(report, convention, *entry.left, now); break;
    case WayBack::Restored: break;
    }
}

} // namespace ringcheck
