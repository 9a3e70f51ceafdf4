// SPDX-License-Identifier: GPL-2.0-or-later
// AethelOS, as ringcheck sees it: the one file of the harness that reads the kernel's layout/ and uapi/ headers.
#include "arch/paging.h"
#include "guest/guest_description.h"
#include "layout/address_map.h"
#include "layout/landmarks.h"
#include "layout/panic_record.h"
#include "layout/per_cpu.h"
#include "layout/selectors.h"
#include "uapi/errno.h"
#include "uapi/signals.h"
#include "uapi/syscalls.h"

#include <cstddef>

namespace ringcheck {
namespace {

std::vector<ArgumentKind> argument_kinds(const uapi::SyscallSpec& spec)
{
    std::vector<ArgumentKind> kinds;
    for (const uapi::Arg argument : spec.arguments) {
        switch (argument) {
        case uapi::Arg::None: return kinds;
        case uapi::Arg::Fd:
        case uapi::Arg::Status: kinds.push_back(ArgumentKind::Integer); break;
        case uapi::Arg::BytesIn: kinds.push_back(ArgumentKind::BytesIn); break;
        case uapi::Arg::Size: kinds.push_back(ArgumentKind::Size); break;
        }
    }
    return kinds;
}

std::vector<SyscallDescription> syscall_table()
{
    std::vector<SyscallDescription> table;
    for (const uapi::SyscallSpec& spec : uapi::kSyscalls) {
        table.push_back({static_cast<std::uint64_t>(spec.number), spec.name, argument_kinds(spec), spec.returns});
    }
    return table;
}

std::vector<AddressLandmark> address_landmarks()
{
    constexpr std::uint64_t kCanonicalEnd = std::uint64_t{1} << 47, kUserEnd = layout::kUserEnd.value;
    constexpr std::uint64_t kStackReach = layout::kUserStackSize + arch::kPageSize; // the stack and its guard
    return {
        {"NULL", 0, 0, layout::kUserBegin.value},
        {"USER_STACK_TOP", layout::kUserStackTop.value, kStackReach, arch::kPageSize},
        {"USER_END", kUserEnd, 0, kCanonicalEnd - kUserEnd},
        {"NON_CANONICAL", kCanonicalEnd, 0, layout::kKernelHalf.value - kCanonicalEnd},
        {"PHYSICAL_MAP", layout::kPhysicalMap.value, 0, layout::kPhysicalMapSize},
        {"KERNEL_STACKS", layout::kKernelStacks.value, 0, arch::leaf_size(arch::kTopLevel)},
        {"KERNEL_BASE", layout::kKernelImage.value, 0, 0 - layout::kKernelImage.value},
    };
}

// The names come from uint8_t enumerations: a greater number would be taken for its low byte.
const char* error_name(std::uint64_t number)
{
    return number <= 0xff ? uapi::error_name(number) : "";
}

const char* signal_name(std::uint64_t number)
{
    return number <= 0xff ? uapi::signal_name(number) : "";
}

} // namespace

GuestDescription aethelos()
{
    GuestDescription guest;
    guest.name = "AethelOS";
    guest.prompt = "eldarin> ";
    guest.run_command = "run {program}";
    guest.power_off_command = "poweroff";

    guest.process_started_symbol = "landmark_process_started";
    guest.process_ended_symbol = "landmark_process_ended";
    guest.panic_symbol = "landmark_panic";
    guest.panic_message_symbol = "panic_record";
    guest.panic_message_offset = offsetof(layout::PanicRecord, message);
    guest.dispatch_symbols = {"syscall_dispatch", "exception_dispatch", "interrupt_dispatch"};

    guest.user_code_selector = layout::kUserCode;
    guest.user_data_selector = layout::kUserData;
    guest.per_cpu_self_offset = offsetof(layout::PerCpu, self);
    guest.per_cpu_stack_offset = offsetof(layout::PerCpu, kernel_rsp);
    guest.kernel_stacks = {.begin = layout::kKernelStacks.value,
                           .end = layout::kKernelStacks.value + arch::leaf_size(arch::kTopLevel),
                           .stride = layout::kKernelStackStride,
                           .size = layout::kKernelStackSize};
    guest.user_end = layout::kUserEnd.value;

    guest.syscalls = syscall_table();
    guest.addresses = address_landmarks();
    guest.error_name = error_name;
    guest.signal_name = signal_name;
    return guest;
}

} // namespace ringcheck
