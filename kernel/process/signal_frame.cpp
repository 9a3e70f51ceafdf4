// SPDX-License-Identifier: MIT
//
//   128 bytes below RSP (the red zone), or the alternate stack's end
//             FPU registers, at a multiple of 64
//             padding
//             SignalFrame, at 8 below a multiple of 16, as a function's frame is where it starts
//   RSP ->    its return address
// [Linux arch/x86/kernel/signal.c, signal_64.c; psABI AMD64 "The Stack Frame"]
#include "process/signal_frame.h"

#include "arch/rflags.h"
#include "cpu/float_frame.h"
#include "cpu/user_copy.h"
#include "layout/selectors.h"

namespace kernel {

using arch::VirtAddr;
using layout::TrapFrame;

namespace {

constexpr std::uint64_t kRedZone = 128;

/// What sigreturn takes of RFLAGS: what ring 3 may change by itself, and RF.
constexpr std::uint64_t kRestoredFlags = arch::rflags::kCarry | arch::rflags::kParity | arch::rflags::kAdjust |
                                         arch::rflags::kZero | arch::rflags::kSign | arch::rflags::kTrap |
                                         arch::rflags::kDirection | arch::rflags::kOverflow | arch::rflags::kResume |
                                         arch::rflags::kAlignmentCheck;

bool copy_out(std::uint64_t to, const void* from, std::size_t size)
{
    return copy_to_user(VirtAddr{to}, {static_cast<const std::uint8_t*>(from), size}) == size;
}

/// RSP at its very begin is a full stack, at its end an empty one; an empty area has nobody on it.
bool in_alternate_stack(const Thread& thread, std::uint64_t rsp)
{
    const uapi::AlternateStack& stack = thread.alternate_stack;
    return stack.size != 0 && rsp > stack.base && rsp - stack.base <= stack.size;
}

/// SA_ONSTACK takes a handler to the alternate stack.
bool enters_alternate_stack(const TrapFrame& frame, const Thread& thread, const uapi::SignalAction& action)
{
    return (action.flags & uapi::signal_flag::kOnStack) != 0 && thread.alternate_stack.size != 0 &&
           !on_alternate_stack(thread, frame.rsp);
}

/// Into a context of zeros.
void fill_registers(uapi::SigContext& context, const TrapFrame& frame, const Thread& thread, std::uint64_t floats)
{
    context.r8 = frame.r8;
    context.r9 = frame.r9;
    context.r10 = frame.r10;
    context.r11 = frame.r11;
    context.r12 = frame.r12;
    context.r13 = frame.r13;
    context.r14 = frame.r14;
    context.r15 = frame.r15;
    context.rdi = frame.rdi;
    context.rsi = frame.rsi;
    context.rbp = frame.rbp;
    context.rbx = frame.rbx;
    context.rdx = frame.rdx;
    context.rax = frame.rax;
    context.rcx = frame.rcx;
    context.rsp = frame.rsp;
    context.rip = frame.rip;
    context.rflags = frame.rflags;
    context.cs = static_cast<std::uint16_t>(frame.cs);
    context.ss = static_cast<std::uint16_t>(frame.ss);
    context.error_code = thread.fault_facts.error_code;
    context.vector = thread.fault_facts.vector;
    context.cr2 = thread.fault_facts.address;
    context.floats = floats;
}

/// The same without what is in its padding.
uapi::AlternateStack stack_of(uapi::AlternateStack stack)
{
    stack.padding = 0;
    return stack;
}

} // namespace

bool on_alternate_stack(const Thread& thread, std::uint64_t rsp)
{
    return (static_cast<std::uint32_t>(thread.alternate_stack.flags) & uapi::alternate_stack::kAutoDisarm) == 0 &&
           in_alternate_stack(thread, rsp);
}

namespace {

/// Into one of zeros.
void fill_info(uapi::SigInfo& user, const uapi::SignalInfo& info)
{
    user.number = static_cast<std::int32_t>(info.number);
    user.code = info.code;
    if (uapi::tells_of_child(info)) {
        user.words[0] = info.sender;                             // si_pid, si_uid
        user.words[1] = static_cast<std::uint32_t>(info.status); // si_status
        user.words[2] = static_cast<std::uint64_t>(info.time);   // si_utime
    } else if (info.code <= 0) {
        user.words[0] = info.sender;
        user.words[1] = info.address; // si_value
    } else {
        user.words[0] = info.address; // si_addr
    }
}

} // namespace

uapi::SigInfo to_user(const uapi::SignalInfo& info)
{
    uapi::SigInfo user{};
    fill_info(user, info);
    return user;
}

bool enter_handler(TrapFrame& frame, Thread& thread, const uapi::SignalInfo& info, const uapi::SignalAction& action,
                   SignalSet mask)
{
    if ((action.flags & uapi::signal_flag::kRestorer) == 0) {
        return false; // there is no code of the kernel's that a handler could return to
    }
    const bool enters = enters_alternate_stack(frame, thread, action);
    const std::uint64_t top = enters ? thread.alternate_stack.base + thread.alternate_stack.size : frame.rsp - kRedZone;
    const std::uint64_t floats = (top - float_frame::size()) & ~(float_frame::kAlignment - 1);
    const std::uint64_t place = ((floats - sizeof(uapi::SignalFrame)) & ~std::uint64_t{15}) - 8;
    if ((enters || on_alternate_stack(thread, frame.rsp)) && !in_alternate_stack(thread, place)) {
        return false; // it runs off its end
    }
    thread.user.floats.save();
    uapi::SignalFrame contents{};
    contents.return_address = action.restorer;
    contents.context.flags = uapi::user_context::kSsSaved | uapi::user_context::kStrictRestoreSs |
                             (float_components() != 0 ? uapi::user_context::kExtendedFloats : 0);
    contents.context.stack = thread.alternate_stack;
    fill_registers(contents.context.registers, frame, thread, floats);
    contents.context.mask = mask.bits;
    contents.context.registers.old_mask = mask.bits;
    fill_info(contents.info, info);
    if (!float_frame::copy_out(VirtAddr{floats}, thread.user.floats) || !copy_out(place, &contents, sizeof contents)) {
        return false;
    }
    if ((static_cast<std::uint32_t>(thread.alternate_stack.flags) & uapi::alternate_stack::kAutoDisarm) != 0) {
        thread.alternate_stack = uapi::kNoAlternateStack;
    }
    FloatState::load_initial();
    frame.rdi = static_cast<std::uint64_t>(info.number);
    frame.rsi = place + offsetof(uapi::SignalFrame, info);
    frame.rdx = place + offsetof(uapi::SignalFrame, context);
    frame.rax = 0;
    frame.rip = action.handler;
    frame.rsp = place;
    frame.rflags &= ~(arch::rflags::kDirection | arch::rflags::kResume | arch::rflags::kTrap);
    return true;
}

bool leave_handler(TrapFrame& frame, Thread& thread, SignalSet& mask)
{
    // The handler's RET has taken the return address: the context is where RSP points.
    const auto read = read_user<uapi::UserContext>(VirtAddr{frame.rsp});
    if (!read) {
        return false;
    }
    const uapi::SigContext& from = read->registers;
    if (from.floats == 0) {
        FloatState::load_initial();
    } else if (float_frame::copy_in(thread.user.floats, VirtAddr{from.floats})) {
        thread.user.floats.load();
    } else {
        thread.user.floats = FloatState::initial(); // the next save would leave parts of a bad header as they are
        thread.user.floats.load();
        return false;
    }
    frame.r8 = from.r8;
    frame.r9 = from.r9;
    frame.r10 = from.r10;
    frame.r11 = from.r11;
    frame.r12 = from.r12;
    frame.r13 = from.r13;
    frame.r14 = from.r14;
    frame.r15 = from.r15;
    frame.rdi = from.rdi;
    frame.rsi = from.rsi;
    frame.rbp = from.rbp;
    frame.rbx = from.rbx;
    frame.rdx = from.rdx;
    frame.rax = from.rax;
    frame.rcx = from.rcx;
    frame.rsp = from.rsp;
    frame.rip = from.rip; // anything: an IRETQ that refuses it is the program's fault
    frame.rflags = (frame.rflags & ~kRestoredFlags) | (from.rflags & kRestoredFlags);
    frame.cs = layout::kUserCode;
    frame.ss = layout::kUserData;
    mask = SignalSet{read->mask};
    const uapi::AlternateStack& stack = read->stack;
    const auto flags = static_cast<std::uint32_t>(stack.flags);
    if (flags == uapi::alternate_stack::kDisable) {
        thread.alternate_stack = uapi::kNoAlternateStack;
    } else if ((flags & ~uapi::alternate_stack::kAutoDisarm) == 0 &&
               stack.size >= uapi::alternate_stack::kMinimumSize) {
        thread.alternate_stack = stack_of(stack);
    }
    return true;
}

} // namespace kernel
