// SPDX-License-Identifier: MIT
// A machine that is put into the state that a file tells runs on as the one that was saved.  A file that tells no state
// of such a machine changes nothing.
#include "machine/snapshot_file.h"
#include "support/cpu_state_matchers.h"
#include "support/machine_guest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using support::MachineGuest;
using testing::HasSubstr;

constexpr std::uint64_t kRam = 8u << 20;

SnapshotFile save(Machine& machine)
{
    SnapshotFile file;
    machine.snapshot().value().save_to(file);
    return SnapshotFile::decode(file.encode()).value();
}

std::expected<void, std::string> load(Machine& machine, const SnapshotFile& file)
{
    const auto snapshot = Snapshot::load_from(file);
    return snapshot ? machine.restore(*snapshot) : std::unexpected(snapshot.error());
}

/// `file` with other contents in one section; none at all when `bytes` is empty.
SnapshotFile with(const SnapshotFile& file, std::string_view name, const std::vector<std::byte>& bytes)
{
    SnapshotFile changed;
    for (const SnapshotSection& section : file.sections()) {
        if (section.name != name) {
            changed.add(section.name, section.bytes);
        } else if (!bytes.empty()) {
            changed.add(section.name, bytes);
        }
    }
    return changed;
}

/// Everything that a machine is, byte for byte, but for the addresses that were executed last: fast mode keeps them
/// only where they are asked for.
std::vector<std::byte> everything(Machine& machine)
{
    return with(save(machine), "retired", {}).encode();
}

// Fills the FPU and SSE registers with what it counted, and stores all of them at the end.
GUEST_CODE(use_fpu, R"(
    fninit
    mov   $1000, %ecx
    mov   $0x38400, %rdi
1:  mov   %rcx, (%rdi)
    fildll (%rdi)
    fsqrt
    fldpi
    fmulp
    fstpl 8(%rdi)
    fld1
    test  $7, %cl
    jz    2f
    fadds 8(%rdi)
    fstp  %st(3)
2:  movq  %rcx, %xmm3
    paddq %xmm3, %xmm15
    cvtsi2sd %rcx, %xmm7
    sqrtpd %xmm7, %xmm0
    ldmxcsr 3f(%rip)
    dec   %ecx
    jnz   1b
    fxsave64 0x38800
    fnsave 0x38a80
    hlt
3:  .long 0x5fa0
)");

model::CpuState fpu_guest(MachineGuest& guest)
{
    guest.place(MachineGuest::kKernelText, use_fpu);
    model::CpuState state = guest.ring_0();
    state.cr4 |= arch::cr4::kOsFxsr;
    return state;
}

TEST(SavedMachine, HasTheFpuAndSseRegistersThatItHad)
{
    MachineGuest first({.ram_bytes = kRam});
    first.load(fpu_guest(first));
    for (const std::uint64_t at : {100u, 5'003u, 9'999u, 12'345u}) {
        SCOPED_TRACE(at);
        first.machine->run({.instructions = at});
        const SnapshotFile file = save(*first.machine);
        MachineGuest second({.ram_bytes = kRam, .mode = ExecutionMode::Step});
        second.load(second.ring_0());
        ASSERT_TRUE(load(*second.machine, file).has_value());
        EXPECT_TRUE(everything(*second.machine) == with(file, "retired", {}).encode());
        const Snapshot before = first.machine->snapshot().value();
        EXPECT_EQ(first.machine->run().kind, EndKind::Halted);
        EXPECT_EQ(second.machine->run().kind, EndKind::Halted);
        EXPECT_EQ(second.machine->instruction_count(), first.machine->instruction_count());
        EXPECT_TRUE(everything(*second.machine) == everything(*first.machine));
        ASSERT_TRUE(first.machine->restore(before).has_value());
    }
}

GUEST_CODE(count_up, R"(
1:  inc   %rax
    jmp   1b
)");

TEST(SavedMachine, IsWatchedByWhoeverWatchesTheMachineThatItBecomes)
{
    MachineGuest first({.ram_bytes = kRam});
    first.place(MachineGuest::kKernelText, count_up);
    model::CpuState state = first.ring_0();
    state[model::Gpr::Rax] = 0;
    first.load(state);
    first.machine->watch_address(arch::VirtAddr{MachineGuest::kKernelText});
    first.machine->run({.instructions = 100});
    const SnapshotFile file = save(*first.machine);

    MachineGuest second({.ram_bytes = kRam});
    second.machine->watch_address(arch::VirtAddr{MachineGuest::kKernelText + 3});
    ASSERT_TRUE(load(*second.machine, file).has_value());
    second.machine->run({.instructions = 104});
    const std::vector<std::pair<std::uint64_t, std::uint64_t>> told = {{101, MachineGuest::kKernelText + 3},
                                                                       {103, MachineGuest::kKernelText + 3}};
    EXPECT_EQ(second.log.addresses, told);
    EXPECT_EQ(second.machine->state()[model::Gpr::Rax], 52u);
}

TEST(SavedMachine, IsOnlyForAMachineOfItsConfiguration)
{
    MachineGuest intel({.ram_bytes = kRam});
    intel.load(intel.ring_0());
    const SnapshotFile file = save(*intel.machine);
    MachineGuest amd({.ram_bytes = kRam, .vendor = model::Vendor::Amd}), larger({.ram_bytes = 2 * kRam}),
        other_exit({.ram_bytes = kRam, .power_off_value = 3});
    EXPECT_EQ(load(*amd.machine, file).error(), "this snapshot was made with --ram 8M --cpu intel, and this machine is "
                                                "one with --ram 8M --cpu amd: use the same");
    EXPECT_THAT(load(*larger.machine, file).error(), HasSubstr("made with --ram 8M --cpu intel, and"));
    EXPECT_FALSE(load(*other_exit.machine, file).has_value());
}

TEST(SavedMachine, WithoutOneOfItsSectionsIsRefusedAndNothingChanges)
{
    MachineGuest first({.ram_bytes = kRam});
    first.load(fpu_guest(first));
    first.machine->run({.instructions = 1000});
    const SnapshotFile file = save(*first.machine);
    ASSERT_GT(file.sections().size(), 20u);
    MachineGuest second({.ram_bytes = kRam});
    second.place(MachineGuest::kKernelText, count_up);
    second.load(second.ring_0());
    second.machine->run({.instructions = 50});
    const std::vector<std::byte> before = everything(*second.machine);
    for (const SnapshotSection& section : file.sections()) {
        SCOPED_TRACE(section.name);
        std::vector<std::byte> longer = section.bytes;
        longer.push_back(std::byte{0});
        for (const auto& bytes : {std::vector<std::byte>(), longer}) {
            const auto loaded = load(*second.machine, with(file, section.name, bytes));
            ASSERT_FALSE(loaded.has_value());
            EXPECT_EQ(loaded.error(), "this snapshot is damaged: no machine can be in the state that its section '" +
                                          section.name + "' tells");
            EXPECT_TRUE(everything(*second.machine) == before);
        }
    }
}

TEST(SavedMachine, IsRefusedWithValuesThatCannotBe)
{
    MachineGuest guest({.ram_bytes = kRam});
    guest.load(guest.ring_0());
    const SnapshotFile file = save(*guest.machine);
    const auto refused = [&](const char* section, std::size_t at, unsigned value) {
        std::vector<std::byte> bytes = *file.find(section);
        bytes.at(at) = static_cast<std::byte>(value);
        return !load(*guest.machine, with(file, section, bytes)).has_value();
    };
    EXPECT_FALSE(refused("cpu", 0, 77)); // RAX may be anything
    EXPECT_TRUE(refused("cpu", 16 * 8 + 8 + 8, 4)) << "CPL";
    EXPECT_TRUE(refused("cpu", 16 * 8 + 8, 0)) << "RFLAGS bit 1";
    EXPECT_TRUE(refused("config", 8, 2)) << "vendor";
    EXPECT_TRUE(refused("config", 1, 1)) << "size of RAM";
    EXPECT_TRUE(refused("clock", 7, 0x80));
    EXPECT_TRUE(refused("retired", 7, 0x80));
    EXPECT_TRUE(refused("pic", 5, 4)) << "what it expects next";
    EXPECT_TRUE(refused("exit", 0, 2)) << "a flag";
}

} // namespace
