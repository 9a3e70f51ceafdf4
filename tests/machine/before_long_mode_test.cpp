// SPDX-License-Identifier: MIT
// Exceptions and paging of a kernel that is not in long mode yet: without an IDT each of them is a triple fault.
#include "arch/exception.h"
#include "machine/boot_loader.h"
#include "support/elf_builder.h"
#include "support/machine_guest.h"

#include <gmock/gmock.h>

namespace {

using namespace ringcheck;
using testing::HasSubstr;

constexpr std::uint32_t kLoad = 0x10'0000;

/// Runs `code`, 32-bit, from PVH's start state.
RunEnd run(const support::GuestCode& code, ExecutionMode mode, std::unique_ptr<Machine>* kept = nullptr)
{
    support::ElfBuilder builder;
    builder.pvh_entry(kLoad).segment(kLoad, kLoad, code.bytes(), code.bytes().size());
    const auto image = ElfImage::parse(builder.build());
    auto machine = Machine::create({.ram_bytes = 8u << 20, .mode = mode});
    EXPECT_TRUE(image && machine && (*machine)->load(*image, {}));
    const RunEnd end = (*machine)->run({.instructions = 1000});
    if (kept != nullptr) {
        *kept = std::move(*machine);
    }
    return end;
}

GUEST_CODE(undefined, ".code32\n nop\n ud2\n .code64");
GUEST_CODE(divide_by_zero, ".code32\n xor %ecx, %ecx\n div %ecx\n .code64");
GUEST_CODE(call_the_bios, ".code32\n mov $0xe820, %eax\n int $0x15\n .code64");
GUEST_CODE(load_bad_segment, ".code32\n mov $0x60, %eax\n mov %eax, %ss\n .code64");

TEST(BeforeLongMode, AnExceptionWithoutAnIdtIsATripleFault)
{
    struct Case {
        const support::GuestCode& code;
        std::vector<std::uint8_t> vectors;
    };
    const Case cases[] = {
        {undefined, {6, 13, 13, 8, 13}},
        {divide_by_zero, {0, 13, 8, 13}},
        {call_the_bios, {13, 13, 8, 13}},
        {load_bad_segment, {13, 13, 8, 13}},
    };
    for (const Case& test : cases) {
        for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
            const RunEnd end = run(test.code, mode);
            ASSERT_EQ(end.kind, EndKind::Shutdown) << end.text;
            std::vector<std::uint8_t> vectors;
            vectors.reserve(end.faults.size());
            for (const model::Fault& fault : end.faults) {
                vectors.push_back(fault.vector);
            }
            EXPECT_EQ(vectors, test.vectors);
            EXPECT_EQ(end.faults.back().reason, model::Reason::GateBeyondIdt);
        }
    }
}

GUEST_CODE(call_the_bios_with_an_idt, R"(.code32
    mov  $0x200000, %esp
    sub  $8, %esp
    movw $0xfff, (%esp)
    movl $0, 2(%esp)
    lidt (%esp)
    int  $0x15
.code64)");

TEST(BeforeLongMode, AnInterruptInstructionIsNamedAsWhatItIs)
{
    const RunEnd end = run(call_the_bios_with_an_idt, ExecutionMode::Fast);
    EXPECT_EQ(end.kind, EndKind::Unmodelled);
    EXPECT_THAT(end.text, HasSubstr("INT 0x15 (The instruction or event came in a mode that is not modelled.)"));
}

// The first entry of the table at 0x200000, which is the PML4 or the PDPTEs.
#define PAGES(name, entry)                                                                                             \
    GUEST_CODE(name, ".code32\n"                                                                                       \
                     "movl  $" entry ", 0x200000\n"                                                                    \
                     "movl  $0, 0x200004\n"                                                                            \
                     "mov   $0x200000, %eax\n"                                                                         \
                     "mov   %eax, %cr3\n"                                                                              \
                     "mov   $0x20, %eax\n"                                                                             \
                     "mov   %eax, %cr4\n"                                                                              \
                     "mov   $0x80000011, %eax\n"                                                                       \
                     "mov   %eax, %cr0\n"                                                                              \
                     ".code64\n")
PAGES(page_without_long_mode, "0x201003");
PAGES(page_with_pae, "0x201001");

TEST(BeforeLongMode, PagingWithAPml4IsRefusedAsPaePaging)
{
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        std::unique_ptr<Machine> machine;
        const RunEnd end = run(page_without_long_mode, mode, &machine);
        ASSERT_EQ(end.kind, EndKind::Shutdown) << end.text;
        EXPECT_EQ(end.faults.front().vector, static_cast<std::uint8_t>(arch::Vector::GeneralProtection));
        EXPECT_EQ(machine->state().cr0, 0x11u) << "MOV to CR0 did nothing";
    }
}

TEST(BeforeLongMode, OtherPagingEndsTheRunByName)
{
    const RunEnd end = run(page_with_pae, ExecutionMode::Fast);
    EXPECT_EQ(end.kind, EndKind::Unmodelled);
    EXPECT_THAT(end.text, HasSubstr("Paging is on without long mode (EFER.LME = 0"));
}

} // namespace
