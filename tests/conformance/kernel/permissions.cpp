// SPDX-License-Identifier: MIT
// Every combination of P, W, U and NX in two levels of the tables, of read, write and fetch from both rings, and of
// CR0.WP, EFER.NXE, CR4.SMEP, CR4.SMAP and RFLAGS.AC; for pages of each size, entries that have been used, and entries
// with reserved bits: one access each.  A line holds the 256 combinations of one kind of access, a field one entry of
// the upper level, two digits one of the lower.
// [SDM 3A "Determination of Access Rights", "Page-Fault Exceptions", "Accessed and Dirty Flags"]
#include "permissions.h"

#include "arch/control_registers.h"
#include "cpu/registers.h"
#include "families.h"
#include "log.h"
#include "observation.h"
#include "scenario.h"
#include "world.h"

#include <initializer_list>

namespace conformance {
namespace {

using arch::PageEntry;
using arch::Ring;
namespace s = world::selector;

SNIPPET(load, "mov 8(%rcx), %rax");
SNIPPET(store, "mov %rax, 8(%rcx)");

enum class Kind : unsigned { Read, Write, Fetch };
constexpr const char* kKindNames[] = {"read", "write", "fetch"};

void set_controls(const permissions::Controls& controls)
{
    namespace cr0 = arch::cr0;
    namespace cr4 = arch::cr4;
    namespace efer = arch::efer;
    const auto put = [](std::uint64_t word, std::uint64_t bit, bool on) { return on ? word | bit : word & ~bit; };
    asm volatile("mov %0, %%cr0" : : "r"(put(kernel::read_cr0(), cr0::kWriteProtect, controls.write_protect)));
    kernel::write_cr4(put(put(kernel::read_cr4(), cr4::kSmep, controls.smep), cr4::kSmap, controls.smap));
    kernel::write_msr(arch::Msr::IA32_EFER, put(kernel::read_msr(arch::Msr::IA32_EFER) & ~efer::kLongModeActive,
                                                efer::kNoExecuteEnable, controls.no_execute));
}

/// One access to the page under test, whose entries have just been written.
unsigned outcome_of(const permissions::Shape& shape, const Start& start)
{
    asm volatile("invlpg (%0)" : : "r"(world::probe()) : "memory");
    const Observation& seen = run_to_event(start);
    constexpr unsigned kPageFault = 14;
    if (seen.vector == kPageFault && seen.has_error_code) {
        return permissions::kFault | static_cast<unsigned>(seen.error_code);
    }
    if (seen.vector != world::kDone) {
        return permissions::kUnexpected;
    }
    const PageEntry upper = world::probe_entry(shape.lower_level + 1), lower = world::probe_entry(shape.lower_level);
    return (upper.has(PageEntry::kAccessed) ? permissions::kUpperAccessed : 0) |
           (lower.has(PageEntry::kAccessed) ? permissions::kLowerAccessed : 0) |
           (lower.has(PageEntry::kDirty) ? permissions::kLowerDirty : 0);
}

Start start_of(Kind kind, Ring ring, bool ac)
{
    const bool user = ring == Ring::User;
    const Snippet& code = kind == Kind::Write ? store : load;
    Start start{};
    start.registers.rcx = world::probe();
    start.frame = {.rip = kind == Kind::Fetch ? world::probe() : code.in(ring),
                   .cs = user ? s::kUserCode | 3u : s::kKernelCode,
                   .rflags = arch::rflags::kAlwaysOne | (ac ? arch::rflags::kAlignmentCheck : 0),
                   .rsp = user ? world::user_stack() : world::kernel_stack(),
                   .ss = user ? s::kUserData | 3u : s::kKernelData};
    return start;
}

void log_kind(const permissions::Shape& shape, const permissions::Controls& controls, Kind kind, Ring ring)
{
    const auto digit = [](bool on) { return on ? '1' : '0'; };
    base::print(console(), "permissions-", shape.name, "-wp", digit(controls.write_protect), "-nxe",
                digit(controls.no_execute), "-smep", digit(controls.smep), "-smap", digit(controls.smap), "-ac",
                digit(controls.ac), '-', kKindNames[static_cast<unsigned>(kind)], ring == Ring::User ? "-r3" : "-r0");
    const Start start = start_of(kind, ring, controls.ac);
    for (unsigned upper = 0; upper != permissions::kFlagCombinations; ++upper) {
        base::print(console(), " upper", upper, '=');
        for (unsigned lower = 0; lower != permissions::kFlagCombinations; ++lower) {
            world::set_probe(shape.lower_level, permissions::flags_of(upper) | shape.upper_bits,
                             permissions::flags_of(lower) | shape.lower_bits);
            constexpr char kDigits[] = "0123456789abcdef";
            const unsigned outcome = outcome_of(shape, start);
            const char text[] = {kDigits[outcome >> 4 & 0xf], kDigits[outcome & 0xf]};
            base::print(console(), base::StringView(text, sizeof text));
        }
    }
    base::print(console(), '\n');
}

/// Returns the number of accesses.
unsigned log_shape(const permissions::Shape& shape)
{
    unsigned lines = 0;
    for (unsigned combination = 0; combination != permissions::kControlCombinations; ++combination) {
        const permissions::Controls controls = permissions::controls_of(combination);
        if (!permissions::is_tried(shape, controls)) {
            continue;
        }
        set_controls(controls);
        for (const Kind kind : {Kind::Read, Kind::Write, Kind::Fetch}) {
            log_kind(shape, controls, kind, Ring::Kernel);
            log_kind(shape, controls, kind, Ring::User);
            lines += 2;
        }
    }
    return lines * permissions::kFlagCombinations * permissions::kFlagCombinations;
}

} // namespace

unsigned run_permissions()
{
    world::reset();
    world::give_up_no_execute(); // with EFER.NXE = 0 the bit is reserved, in every entry
    unsigned accesses = 0;
    for (const permissions::Shape& shape : permissions::kShapes) {
        accesses += log_shape(shape);
    }
    world::reset();
    return accesses;
}

} // namespace conformance
