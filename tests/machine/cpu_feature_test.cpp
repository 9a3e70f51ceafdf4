// SPDX-License-Identifier: MIT
// A CPU without a feature: its bit of CPUID is clear, its control bit is reserved, its instructions are undefined and
// its MSRs do not exist.  [SDM 2A CPUID]
#include "arch/local_apic.h"
#include "machine/cpu_option.h"
#include "support/device_page.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace {

using namespace ringcheck;
using model::CpuState;
using model::Gpr;
using support::MachineGuest;

MachineConfig of(const std::string& cpu)
{
    const CpuChoice choice = parse_cpu(cpu).value();
    return {.ram_bytes = 8u << 20, .vendor = choice.vendor, .features = choice.features};
}

/// The vector that `code` in ring 0 ends with on such a CPU: 0x40 when nothing else came first.
unsigned vector_of(const std::string& cpu, const support::GuestCode& code, std::uint64_t rcx = 0, std::uint64_t rax = 0,
                   std::uint64_t cr4 = 0)
{
    MachineGuest guest(of(cpu));
    guest.place(MachineGuest::kKernelText, code);
    CpuState state = guest.ring_0();
    state[Gpr::Rcx] = rcx;
    state[Gpr::Rax] = rax;
    state.cr4 |= cr4;
    guest.run(state);
    EXPECT_FALSE(guest.log.transitions.empty());
    return guest.log.transitions.empty() ? 0xff : guest.log.transitions[0].vector.value_or(0xff);
}

constexpr unsigned kInvalidOpcode = 6, kGeneralProtection = 13, kEnd = 0x40;

GUEST_CODE(set_cr4, "mov %cr4, %rdx; or %rax, %rdx; mov %rdx, %cr4; int $0x40");
GUEST_CODE(read_msr, "rdmsr; int $0x40");
GUEST_CODE(set_efer, "mov $0xc0000080, %ecx; rdmsr; or $0x801, %eax; wrmsr; int $0x40");
GUEST_CODE(stac_clac, "stac; clac; int $0x40");
GUEST_CODE(rdfsbase, "rdfsbase %rdx; int $0x40");
GUEST_CODE(rdrand, "rdrand %rdx; int $0x40");
GUEST_CODE(rdseed, "rdseed %rdx; int $0x40");
GUEST_CODE(rdpid, "rdpid %rdx; int $0x40");
GUEST_CODE(rdtscp, "rdtscp; int $0x40");
GUEST_CODE(monitor, "xor %edx, %edx; monitor; mwait; int $0x40");
GUEST_CODE(invpcid, "mov $2, %eax; invpcid 0x38000, %rax; int $0x40");
GUEST_CODE(touch_apic, "mov 0x20(%rdi), %eax; int $0x40");

TEST(CpuFeature, WithoutItItsCr4BitIsReserved)
{
    const std::pair<const char*, unsigned> rows[] = {{"de", 3},    {"pse", 4},       {"mce", 6},   {"pge", 7},
                                                     {"umip", 11}, {"fsgsbase", 16}, {"pcid", 17}, {"smep", 20},
                                                     {"smap", 21}, {"pku", 22}};
    for (const auto& [name, bit] : rows) {
        EXPECT_EQ(vector_of(std::string("intel,+") + name, set_cr4, 0, 1ull << bit), kEnd) << name;
        EXPECT_EQ(vector_of(std::string("amd,-") + name, set_cr4, 0, 1ull << bit), kGeneralProtection) << name;
    }
}

TEST(CpuFeature, WithoutItItsInstructionsAreUndefined)
{
    const struct {
        const char* name;
        const support::GuestCode& code;
        std::uint64_t cr4 = 0;
    } rows[] = {{"smap", stac_clac}, {"rdrand", rdrand},   {"rdseed", rdseed},
                {"rdtscp", rdtscp},  {"monitor", monitor}, {"invpcid", invpcid}};
    for (const auto& row : rows) {
        EXPECT_EQ(vector_of(std::string("intel,+") + row.name, row.code, 0, 0), kEnd) << row.name;
        EXPECT_EQ(vector_of(std::string("intel,-") + row.name, row.code, 0, 0), kInvalidOpcode) << row.name;
    }
    EXPECT_EQ(vector_of("intel", rdfsbase, 0, 0, arch::cr4::kFsGsBase), kEnd);
    EXPECT_EQ(vector_of("intel", rdfsbase), kInvalidOpcode) << "which CR4.FSGSBASE decides";
    EXPECT_EQ(vector_of("intel,+rdseed", rdpid), kInvalidOpcode) << "F3 makes another instruction of it";
}

// RAX is what PKRU becomes; then a user page with key 5 is read, written and, when its rights come back, read.
GUEST_CODE(uses_keys, R"(
    mov   %cr4, %rdx
    bts   $22, %rdx
    mov   %rdx, %cr4
    xor   %ecx, %ecx
    xor   %edx, %edx
    wrpkru
    mov   0x21000, %r8
    mov   %r8, 0x21000
    xor   %eax, %eax
    wrpkru
    mov   0x21000, %r8
    mov   $7, %eax
    cpuid
    int   $0x40
)");

TEST(CpuFeature, ProtectionKeysRefuseWhatPkruSays)
{
    constexpr std::uint64_t kPage = 0x21000, kKey = 5ull << 59;
    const struct {
        std::uint64_t pkru;
        unsigned vector;
        std::optional<std::uint32_t> error;
    } rows[] = {
        {1u << 10, 14, 0x21}, {2u << 10, 14, 0x23}, {3u << 8, kEnd, std::nullopt}, {3u << 12, kEnd, std::nullopt}};
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        for (const auto& row : rows) {
            MachineConfig config = of("intel,+pku,-smap");
            config.mode = mode;
            MachineGuest guest(config);
            guest.place(MachineGuest::kKernelText, uses_keys);
            guest.guest.set_page_entry(kPage, guest.guest.page_entry(kPage) | kKey);
            CpuState state = guest.ring_0();
            state.cr4 &= ~arch::cr4::kSmap;
            state[Gpr::Rax] = row.pkru;
            guest.run(state);
            ASSERT_FALSE(guest.log.transitions.empty());
            EXPECT_EQ(guest.log.transitions[0].vector, row.vector) << row.pkru;
            EXPECT_EQ(guest.log.transitions[0].error_code, row.error);
            if (row.vector == kEnd) {
                EXPECT_EQ(guest.log.transitions[0].before[Gpr::Rcx] & 0x18, 0x18u) << "PKU and OSPKE";
            }
        }
    }
}

TEST(CpuFeature, WithoutItItsMsrsDoNotExist)
{
    const std::pair<std::string, std::uint64_t> rows[] = {
        {"rdtscp", 0xc000'0103}, {"tsc-deadline", 0x6e0}, {"apic,-x2apic,-tsc-deadline", 0x1b}};
    for (const auto& [name, index] : rows) {
        EXPECT_EQ(vector_of("intel", read_msr, index), kEnd) << name;
        EXPECT_EQ(vector_of("intel,-" + name, read_msr, index), kGeneralProtection) << name;
    }
    EXPECT_EQ(vector_of("intel", set_efer), kEnd);
    EXPECT_EQ(vector_of("intel,-nx", set_efer), kGeneralProtection);
    EXPECT_EQ(vector_of("intel,-syscall", set_efer), kGeneralProtection);
}

TEST(CpuFeature, WithoutAnApicItsPageIsNotThere)
{
    MachineGuest guest(of("amd,-apic"));
    guest.place(MachineGuest::kKernelText, touch_apic);
    map_device(guest, support::kFirstDevicePage, arch::local_apic::kDefaultBase);
    const RunEnd end = guest.run(with_device_pages(guest));
    EXPECT_EQ(end.kind, EndKind::Unmodelled);
    EXPECT_NE(end.text.find("0xfee00020"), std::string::npos) << end.text;
}

TEST(CpuFeature, ASnapshotIsForTheSameFeaturesAlone)
{
    MachineGuest guest(of("intel,-smap,+rdseed")), same(of("intel,-smap,+rdseed")), other(of("intel,-smap"));
    guest.load(guest.ring_0());
    const auto snapshot = guest.machine->snapshot().value();
    EXPECT_TRUE(same.machine->restore(snapshot));
    const auto refused = other.machine->restore(snapshot);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(),
              "this snapshot was made with --ram 8M --cpu intel,+rdseed,-smap, and this machine is one "
              "with --ram 8M --cpu intel,-smap: use the same");
}

TEST(CpuFeature, NoMachineIsBuiltOfWhatTheEngineCannotHave)
{
    for (const auto feature : {&model::Features::xsave, &model::Features::virtual_interrupts}) {
        model::Features features;
        features.*feature = true;
        EXPECT_FALSE(Machine::create({.features = features}));
    }
    EXPECT_FALSE(Machine::create({.features = model::Features{.apic = false}}));
}

} // namespace
