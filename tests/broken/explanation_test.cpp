// SPDX-License-Identifier: MIT
// Property: what ringcheck says of each broken kernel names its mistake.  expected/ holds the whole text of each;
// the sentences here are what no new version of that text may lose.
#include "broken/ringcheck_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <ostream>
#include <sstream>
#include <vector>

namespace {

using support::kernel;
using support::ringcheck;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

struct Expected {
    std::string mistake; ///< of kernel/mistake.h
    std::string cause;   ///< the beginning of what the text names as the mistake
    std::string rule;    ///< the reason's id
    std::string one_bit; ///< what would have let it pass; "" when no single bit would have
};

void PrintTo(const Expected& expected, std::ostream* stream)
{
    *stream << expected.mistake;
}

const Expected kLongMode[] = {
    {"pae_not_set", "CR4.PAE was not set before CR0.PG: 4-level paging needs it", "cr0-long-mode-without-pae",
     "CR4.PAE 0 -> 1"},
    {"lme_not_set",
     "EFER.LME was not set before CR0.PG: so this is the PAE paging of 32-bit mode, and the first entries of the table "
     "in CR3 are read as its four PDPTEs",
     "pdpte-reserved-bits", "EFER.LME 0 -> 1"},
    {"boot_code_not_long", "ring 0 runs 32-bit code here, for CS 0x8 was loaded with L = 0: 64-bit code needs L = 1",
     "instruction-rule", ""},
};

const Expected kKernelCode[] = {
    {"cr3_linear",
     "CR3 takes the physical address of a PML4, of at most 40 bits; 0xffff80000012c000 is a linear one, which is "
     "mapped "
     "to 0x12c000",
     "cr3-reserved-bits", ""},
    {"cr3_names_pdpt",
     "CR3 was loaded at 0x100050 (enter_user) with 0x12d000, which is no PML4: it is one of the tables that an entry "
     "of "
     "the PML4 at 0x12c000 points to",
     "page-not-present", ""},
    {"null_call",
     "a call or jump through a null pointer, or a return over a stack that was overwritten with zeros; if it was a "
     "call, it came from before 0x",
     "page-not-present", ""},
    {"red_zone",
     "0x10 is what the CPU pushed as SS when vector 3 came at 0x10011d (leaf_function+0xc), 16 bytes below the RSP of "
     "the code that was interrupted: that code keeps something in the red zone",
     "page-not-present", ""},
};

const Expected kUserEntry[] = {
    {"cr3_not_loaded",
     "IRETQ went to 0x40000000 (user_start), which the page tables in CR3, 0x128000, do not map; those at 0x12c000 do, "
     "for ring 3, and the kernel too: was CR3 not loaded with them?",
     "page-not-present", ""},
    {"user_stack_not_mapped",
     "IRETQ gave the program RSP 0x40010000 and the page below it, 0x4000f000, is not mapped, but the one above is",
     "page-not-present", ""},
    {"user_text_no_execute",
     "IRETQ went to 0x40000000 (user_start), a page that must not be executed: the program's code has to be mapped "
     "without NX",
     "page-no-execute", "PT[0].NX 1 -> 0"},
    {"user_bit_missing", "the leaf grants ring 3 the page, PDPT[1] does not: U has to be set at every level",
     "page-supervisor-only", "PDPT[1].U 0 -> 1"},
    {"stack_frame_too_high",
     "an entry was put together wrongly: bit 51 is beyond the 40 bits of a physical address; a flag at the wrong place",
     "page-reserved-bit", "PT[15].bit51 1 -> 0"},
    {"kernel_not_mapped",
     "the page tables that were loaded into CR3 at 0x100050 (enter_user), 0x12c000, do not map the instruction behind "
     "it: the kernel has to be mapped at the same place in every address space",
     "page-not-present", ""},
    {"nxe_not_set", "an entry has NX, bit 63, and EFER.NXE was never set: without it that bit is reserved",
     "page-reserved-bit", "PT[300].NX 1 -> 0, or EFER.NXE 0 -> 1"},
};

const Expected kTripleFault[] = {
    {"tss_not_loaded",
     "no TSS is loaded: TR holds selector 0x18 and base 0, as at the start; LTR has not been executed",
     "page-not-present", ""},
    {"rsp0_at_the_bottom",
     "TSS.RSP0 holds 0x143000 (kernel_stack), and memory is mapped from there upwards, not downwards: pushes go down",
     "page-not-present", ""},
    {"idt_limit_counts_gates",
     "the IDT ends before vector 3: LIDT's limit is 16 times the number of gates, less 1; the gate is there, behind "
     "the "
     "limit 0x20",
     "gate-beyond-idt", ""},
    {"gate_names_data",
     "the gate's selector is not the 64-bit kernel code segment of the GDT that is loaded now, GDT[0x8]",
     "gate-cs-not-code", ""},
    {"stack_overflow", "the stack overflowed: RSP is at the lowest of the", "page-not-present", ""},
    {"tss_limit_too_small",
     "the TSS ends before TSS.RSP0, by the limit 0x7 of the descriptor that LTR loaded: that has to be the size of the "
     "TSS less 1, 0x67",
     "tss-stack-beyond-limit", ""},
    {"idt_pointer_not_packed",
     "the operand is 10 bytes, a limit of 2 and the base right behind it; here 0x1230c0 (idt) stands 8 bytes behind "
     "the "
     "limit: the structure has to be packed",
     "table-base-non-canonical", ""},
    {"ltr_twice", "TR holds this TSS already, and LTR has marked it busy (type 11)", "ltr-not-available-tss",
     "GDT[0x28].type 11 -> 9"},
    {"rsp0_not_written", "TSS.RSP0 is 0: it was never written", "page-not-present", ""},
    {"rsp0_not_mapped",
     "the stack in TSS.RSP0 is not mapped in the page tables that CR3 holds now: was TSS.RSP0 written for this thread",
     "page-not-present", ""},
    {"gate_dpl_kernel", "INT 0x3 from ring 3 needs a gate with DPL 3", "gate-dpl", ""},
    {"gate_not_present", "the gate of vector 3 has everything but P", "gate-not-present", "IDT[3].P 0 -> 1"},
    {"gates_of_8_bytes",
     "the gate of vector 3 was never filled in; at IDT+0x18 there is one of 8 bytes, as 32-bit mode has them: in long "
     "mode a gate takes 16",
     "gate-type", ""},
    {"handler_not_mapped",
     "the gate of vector 3 has the handler's address 0xffffc000001000d5, where nothing is mapped in the page tables "
     "that CR3 holds now: is that the address that the kernel is linked for and runs at",
     "page-not-present", ""},
    {"page_fault_unhandled",
     "the gate of vector 14 has the handler's address 0xffffc0000010010a, where nothing is mapped in the page tables "
     "that CR3 holds now, and so each attempt to report that is the next page fault",
     "page-not-present", ""},
};

const Expected kInterrupts[] = {
    {"interrupts_before_idt",
     "no IDT is loaded: LIDT has not been executed, or with a limit of 0; interrupts are on (IF = 1) all the same: STI "
     "has to wait for LIDT",
     "gate-beyond-idt", ""},
    {"pic_not_remapped",
     "an external interrupt came with vector 8, which is an exception's (#DF): the interrupt controllers have to send "
     "theirs as 32 and up.",
     "gate-type", ""},
    {"error_code_left",
     "one word higher lies a frame that IRETQ would take: the error code was not removed from the stack",
     "iret-cs-beyond-table", ""},
    {"swapgs_from_ring_0",
     "GS base is 0x0, which is no kernel address, and KERNEL_GS_BASE holds 0x145000 (per_cpu): the handler was entered "
     "from ring 0 and swapped all the same; SWAPGS is for entries whose frame has a CS with RPL 3",
     "page-not-present", ""},
    {"sse_not_enabled", "SSE needs CR4.OSFXSR = 1; a kernel without it is compiled with -mgeneral-regs-only",
     "instruction-rule", ""},
    {"handler_stack_misaligned",
     "compilers take for granted that RSP is a multiple of 16 before each CALL [psABI \"The Stack Frame\"]; here an "
     "entry, or whoever set up this stack, left 8 bytes too many or too few",
     "operand-misaligned", ""},
};

const Expected kSelectors[] = {
    {"frame_ss_without_rpl", "a selector of ring 3 needs RPL 3 in both CS and SS: the GDT's offset or-ed with 3",
     "iret-ss-rpl", ""},
    {"frame_selectors_swapped", "the frame's CS names data and its SS names code: are the two selectors swapped?",
     "iret-cs-not-code", ""},
    {"iret_of_32_bits",
     "this is IRET with operands of 32 bits, which pops a frame of such words; for the frame of 64-bit words that lies "
     "there it has to be IRETQ",
     "iret-cs-null", ""},
    {"frame_reversed",
     "the frame's five words stand the other way round: SS is to be pushed first, then RSP, RFLAGS, CS and RIP",
     "iret-cs-null", ""},
    {"program_executes_cli", "the program executed cli, which ring 3 may with IOPL 3", "instruction-iopl", ""},
    {"gdt_limit_too_short",
     "the descriptor is there, but the GDT's limit 0x17 ends before it: LGDT takes the table's size less 1, here at "
     "least 0x27",
     "iret-cs-beyond-table", ""},
    {"tss_descriptor_cut",
     "a TSS descriptor is 16 bytes long: its upper half is what the GDT has as the next descriptor", "ltr-upper-type",
     ""},
};

const Expected kSyscallReturn[] = {
    {"star_kernel_base_wrong",
     "this is the CS that SYSCALL at 0x40000035 (user_write+0x5) loaded from STAR[47:32] = 0x10, without a look at the "
     "GDT; the 64-bit code segment of DPL 0 is GDT[0x8], so STAR[47:32] has to be 0x8",
     "iret-cs-not-code", ""},
    {"rcx_not_kept",
     "SYSRETQ at 0x1000d5 (syscall_entry+0x4c) took RIP 0x0 from RCX, but SYSCALL at 0x40000035 "
     "(user_write+0x5) had left 0x40000037 (user_write+0x7) there",
     "page-not-present", ""},
    {"rcx_and_r11_swapped",
     "SYSRETQ at 0x1000d2 (syscall_entry+0x49) took RIP 0x202 from RCX, but that is what SYSCALL "
     "had left in R11 (RFLAGS), and SYSCALL at 0x40000035 (user_write+0x5) had left 0x40000037 "
     "(user_write+0x7) there: RCX and R11 are swapped",
     "page-not-present", ""},
    {"star_one_slot_off",
     "these are the selectors that SYSRETQ at 0x1000d2 (syscall_entry+0x49) loaded from STAR[63:48] = 0x1b, without a "
     "look at the GDT: CS is that + 16, SS that + 8; the 64-bit code segment of DPL 3 is GDT[0x20], so STAR[63:48] has "
     "to be 0x13",
     "iret-cs-not-code", "STAR bit 51 1 -> 0"},
    {"sysretl",
     "these are the selectors that SYSRETL at 0x1000d2 (syscall_entry+0x49) loaded from STAR[63:48] = 0x13, without a "
     "look at the GDT: SYSRET without REX.W returns to 32-bit code",
     "iret-cs-not-code", ""},
    {"lstar_not_written", "SYSCALL at 0x40000035 (user_write+0x5) went to LSTAR, which holds 0x0: it was never written",
     "page-not-present", ""},
    {"swapgs_left_out",
     "GS base is 0x0, which is no kernel address, and KERNEL_GS_BASE holds 0x145000 (per_cpu): SWAPGS was left out on "
     "this entry",
     "page-not-present", ""},
    {"swapgs_twice",
     "GS base is 0x0, which is no kernel address, and KERNEL_GS_BASE holds 0x145000 (per_cpu): SWAPGS was executed 2 "
     "times since ring 0 was entered: each entry needs it once",
     "page-not-present", ""},
    {"sysret_without_swapgs",
     "GS base is 0x0, which is no kernel address, and KERNEL_GS_BASE holds 0x145000 (per_cpu): SYSRETQ at 0x1000cf "
     "(syscall_entry+0x46) had returned to ring 3 with the kernel's, for SWAPGS was left out before it",
     "page-not-present", ""},
    {"iret_without_swapgs",
     "GS base is 0x0, which is no kernel address, and KERNEL_GS_BASE holds 0x145000 (per_cpu): IRETQ at 0x100105 "
     "(breakpoint_entry+0x30) had returned to ring 3 with the kernel's, for SWAPGS was left out before it",
     "page-not-present", ""},
    {"lstar_halves_swapped",
     "the MSR takes a canonical address: bits 63:32 of it go into EDX, bits 31:0 into EAX; with the two exchanged it "
     "would be 0x100089 (syscall_entry)",
     "msr-non-canonical", ""},
    {"sce_not_set", "EFER.SCE was never set", "syscall-not-enabled", "EFER.SCE 0 -> 1"},
};

std::string golden(const std::string& mistake)
{
    const std::ifstream file(BROKEN_EXPECTED "/" + mistake + ".txt");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// What stands behind `label` in the last line that begins with it, or "".
std::string last_line(const std::string& text, const std::string& label)
{
    const std::string start = "\n  " + label;
    const std::size_t found = text.rfind(start);
    if (found == std::string::npos) {
        return "";
    }
    const std::string rest = text.substr(found + start.size(), text.find('\n', found + 1) - found - start.size());
    const std::size_t content = rest.find_first_not_of(' ');
    return content == std::string::npos ? "" : rest.substr(content);
}

class BrokenKernelExplanation : public testing::TestWithParam<Expected> {};

TEST_P(BrokenKernelExplanation, NamesTheMistakeAndItsRule)
{
    const Expected& expected = GetParam();
    const auto explained = ringcheck("explain " + kernel(expected.mistake));
    EXPECT_EQ(explained.status, 0);
    EXPECT_THAT(last_line(explained.output, "mistake"), StartsWith(expected.cause));
    EXPECT_THAT(explained.output, HasSubstr("rule      " + expected.rule + ": "));
    EXPECT_EQ(last_line(explained.output, "one bit"),
              expected.one_bit.empty() ? "" : expected.one_bit + " would have let it pass");
    EXPECT_THAT(explained.output, HasSubstr("becomes   #DF\n"));
    EXPECT_THAT(explained.output, HasSubstr("then      shutdown: nothing can be delivered (a triple fault)\n"));
}

TEST_P(BrokenKernelExplanation, IsWordForWordAsExpected)
{
    const Expected& expected = GetParam();
    EXPECT_EQ(ringcheck("explain " + kernel(expected.mistake)).output, golden(expected.mistake))
        << "to accept: ringcheck explain " << kernel(expected.mistake) << " > " << BROKEN_EXPECTED << "/"
        << expected.mistake << ".txt";
}

TEST_P(BrokenKernelExplanation, IsTheSameInStepModeAndByTheOtherManual)
{
    const std::string text = golden(GetParam().mistake);
    for (const char* const options : {" --step", " --cpu amd", " --cpu amd --step"}) {
        EXPECT_EQ(ringcheck("explain " + kernel(GetParam().mistake) + options).output, text) << options;
    }
}

TEST_P(BrokenKernelExplanation, StandsInTheReportOfARun)
{
    const auto run = ringcheck("run " + kernel(GetParam().mistake) + " 2>&1 >/dev/null");
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.output, HasSubstr("ringcheck: error: triple fault\n"));
    EXPECT_THAT(run.output, HasSubstr("\n" + golden(GetParam().mistake)));
}

TEST_P(BrokenKernelExplanation, IsOneJsonObject)
{
    const Expected& expected = GetParam();
    const auto explained = ringcheck("explain --json " + kernel(expected.mistake));
    EXPECT_EQ(explained.status, 0);
    const auto json = nlohmann::json::parse(explained.output, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << explained.output;
    EXPECT_EQ(json["schema"], "ringcheck/1");
    EXPECT_EQ(json["type"], "explanation");
    EXPECT_EQ(json["outcome"], "shutdown");
    const auto& culprit = json["chain"][json["culprit"].get<std::size_t>()];
    EXPECT_EQ(culprit["reason"], expected.rule);
    EXPECT_THAT(culprit["likely"].get<std::string>(), StartsWith(expected.cause));
    EXPECT_EQ(json["chain"].back()["becomes"], "shutdown");
}

/// Who lost the return address: found by running again, instruction by instruction.
TEST(BrokenKernelReturnAddress, IsTracedToTheInstructionThatOverwroteIt)
{
    const auto explained = ringcheck("explain " + kernel("rcx_not_kept"));
    EXPECT_THAT(last_line(explained.output, "lost"),
                AllOf(StartsWith("instruction "),
                      EndsWith(" overwrote the last copy of 0x40000037: movq %r10, %rcx at 0x1000a6 "
                               "syscall_entry+0x1d (tests/broken/kernel/entry.S:76)")));
}

TEST(BrokenKernelReturnAddress, IsTracedToWhereItStillWas)
{
    const auto explained = ringcheck("explain " + kernel("rcx_and_r11_swapped"));
    EXPECT_EQ(last_line(explained.output, "kept"), "0x40000037 was in R11 by then");
}

/// By Intel's manual SYSCALL is refused there; by AMD's it goes to CSTAR.
TEST(BrokenKernelCodeSegment, WithoutLIsNamed)
{
    const auto explained = ringcheck("explain --cpu intel " + kernel("user_code_not_long"));
    EXPECT_THAT(explained.output, HasSubstr("rule      syscall-outside-64-bit-mode: "));
    EXPECT_EQ(last_line(explained.output, "mistake"),
              "ring 3 runs 32-bit code here, for CS 0x23 was loaded with L = 0: 64-bit code needs L = 1");
}

std::string name(const testing::TestParamInfo<Expected>& info)
{
    return info.param.mistake;
}

INSTANTIATE_TEST_SUITE_P(LongMode, BrokenKernelExplanation, testing::ValuesIn(kLongMode), name);
INSTANTIATE_TEST_SUITE_P(KernelCode, BrokenKernelExplanation, testing::ValuesIn(kKernelCode), name);
INSTANTIATE_TEST_SUITE_P(UserEntry, BrokenKernelExplanation, testing::ValuesIn(kUserEntry), name);
INSTANTIATE_TEST_SUITE_P(TripleFault, BrokenKernelExplanation, testing::ValuesIn(kTripleFault), name);
INSTANTIATE_TEST_SUITE_P(Interrupts, BrokenKernelExplanation, testing::ValuesIn(kInterrupts), name);
INSTANTIATE_TEST_SUITE_P(Selectors, BrokenKernelExplanation, testing::ValuesIn(kSelectors), name);
INSTANTIATE_TEST_SUITE_P(SyscallReturn, BrokenKernelExplanation, testing::ValuesIn(kSyscallReturn), name);

} // namespace
