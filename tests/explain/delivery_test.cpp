// SPDX-License-Identifier: MIT
// Property: a delivery that fails is explained by its gate, its stack slot or its stack, and the chain behind #DF and
// shutdown is told from the first fault on.  [SDM 3A "Interrupt 8—Double Fault Exception (#DF)"]
#include "explain/explanation_text.h"
#include "machine/boot_loader.h"
#include "support/explained_guest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using namespace ringcheck;
using arch::PageEntry;
using support::decisive_fields;
using support::ExplainedGuest;
using support::remedy_texts;
using testing::ElementsAre;
using testing::HasSubstr;
using Guest = ExplainedGuest::Guest;
using Outcome = Explanation::Outcome;
using model::Reason;

GUEST_CODE(undefined, "ud2");
GUEST_CODE(interrupt_0x80, "int $0x80");

/// Clears P of the page under a stack's top and leaves the rest of the entry.
void hide_stack(ExplainedGuest& guest, std::uint64_t top)
{
    guest.guest.set_page_entry(top - 8, guest.guest.page_entry(top - 8) & ~PageEntry::kPresent);
}

std::string plain(std::string_view text)
{
    return std::string(text);
}

/// The whole text, as a kernel author reads it.
constexpr const char* kUnmappedRsp0 = R"(exception at instruction 0
  at        0x20000 in ring 3, stack 0x21f00
  code      ud2

  #UD, executing the instruction
    rule      instruction-rule: The instruction raised this exception by its own rule.
    likely    UD2 is there on purpose: the compiler's trap for unreachable code, or a failed assertion
  └ #PF error 0x2 (write, supervisor, not present), delivering #UD: pushing the frame on the stack of TSS.RSP0
      rule      page-not-present: A paging-structure entry on the way to the page has P = 0. [SDM 3A "Page-Fault Exceptions"]
      access    write to 0xfff8 with ring 0's rights
      IDT[6]    0x6060  0x00038e0000082060 0x0000000000000000  interrupt gate P=1 DPL=0 type=0xe IST=0 selector=0x8 handler=0x32060
      GDT[0x8]  0x5008  0x00af9b000000ffff                     64-bit code P=1 DPL=0 S=1 type=0xb L=1 D=0
      TSS.RSP0  0x7004  0x0000000000010000                     stack=0x10000
      PML4[0]   0x1000  0x0000000000002027                     P=1 W=1 U=1 NX=0 table=0x2000
      PDPT[0]   0x2000  0x0000000000003027                     P=1 W=1 U=1 NX=0 PS=0 table=0x3000
      PD[0]     0x3000  0x0000000000004027                     P=1 W=1 U=1 NX=0 PS=0 table=0x4000
      PT[15]    0x4078  0x000000000000f062                     [P=0]
      frame     0xfff8  SS          0x1b  [refused]
                0xfff0  RSP         0x21f00
                0xffe8  RFLAGS      0x10002
                0xffe0  CS          0x23
                0xffd8  RIP         0x20000
      one bit   PT[15].P 0 -> 1 would have let it pass
      likely    the stack in TSS.RSP0 is not mapped in the page tables that CR3 holds now: was TSS.RSP0 written for this thread, and is every kernel stack mapped in every address space?
    └ #PF error 0x2 (write, supervisor, not present), delivering #PF: pushing the frame on the stack of TSS.RSP0
        rule      page-not-present, as above
        access    write to 0xfff8 with ring 0's rights
        IDT[14]   0x60e0  0x00038e00000820e0 0x0000000000000000  interrupt gate P=1 DPL=0 type=0xe IST=0 selector=0x8 handler=0x320e0
        as above  GDT[0x8], TSS.RSP0, PML4[0], PDPT[0], PD[0], PT[15]
        frame     0xfff8  SS          0x1b  [refused]
                  0xfff0  RSP         0x21f00
                  0xffe8  RFLAGS      0x10002
                  0xffe0  CS          0x23
                  0xffd8  RIP         0x20000
                  0xffd0  error code  0x2
        one bit   PT[15].P 0 -> 1 would have let it pass
        becomes   #DF
      └ #PF error 0x2 (write, supervisor, not present), delivering #DF: pushing the frame on the stack of TSS.RSP0
          rule      page-not-present, as above
          access    write to 0xfff8 with ring 0's rights
          IDT[8]    0x6080  0x00038e0000082080 0x0000000000000000  interrupt gate P=1 DPL=0 type=0xe IST=0 selector=0x8 handler=0x32080
          as above  GDT[0x8], TSS.RSP0, PML4[0], PDPT[0], PD[0], PT[15]
          frame     0xfff8  SS          0x1b  [refused]
                    0xfff0  RSP         0x21f00
                    0xffe8  RFLAGS      0x2
                    0xffe0  CS          0x23
                    0xffd8  RIP         0x20000
                    0xffd0  error code  0x0
          one bit   PT[15].P 0 -> 1, or IDT[8].IST 0 -> 1 would have let it pass
          becomes   shutdown
  then      shutdown: nothing can be delivered (a triple fault)
  mistake   the stack in TSS.RSP0 is not mapped in the page tables that CR3 holds now: was TSS.RSP0 written for this thread, and is every kernel stack mapped in every address space?
  one bit   PT[15].P 0 -> 1 would have let it pass
)";

TEST(DeliveryExplanation, TellsATripleFaultOfAnUnmappedRsp0Whole)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kUserText, undefined);
    hide_stack(guest, Guest::kRsp0);
    const Explanation explanation = guest.explain(guest.ring_3());
    ASSERT_EQ(guest.end.kind, EndKind::Shutdown) << guest.end.text;
    EXPECT_EQ(explanation_text(explanation, SourceLines(nullptr, nullptr), plain), kUnmappedRsp0);
}

TEST(DeliveryExplanation, NamesAnIstStackThatIsNotMapped)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kKernelText, undefined);
    guest.set_gate(6, 1);
    hide_stack(guest, Guest::kIst1);
    const Explanation explanation = guest.explain(guest.ring_0());
    ASSERT_EQ(explanation.chain.size(), 2u);
    const Cause& failure = explanation.chain[1];
    EXPECT_EQ(failure.doing, "delivering #UD: pushing the frame on the stack of TSS.IST1");
    EXPECT_EQ(failure.fault.reason, Reason::PageNotPresent);
    EXPECT_THAT(remedy_texts(failure), ElementsAre("PT[17].P 0 -> 1", "IDT[6].IST 1 -> 0"));
    EXPECT_THAT(failure.likely, HasSubstr("the stack in TSS.IST1 is not mapped"));
    ASSERT_FALSE(failure.frame.empty());
    EXPECT_TRUE(failure.frame.front().refused);
    EXPECT_EQ(failure.frame.front().address, Guest::kIst1 - 8);
    EXPECT_EQ(explanation.outcome, Outcome::Entered) << "#PF has a stack";
}

TEST(DeliveryExplanation, SaysThatAnRsp0OfZeroWasNeverWritten)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kUserText, undefined);
    guest.guest.set_tss_stack(offsetof(arch::Tss, rsp), 0);
    const Explanation explanation = guest.explain(guest.ring_3());
    ASSERT_EQ(guest.end.kind, EndKind::Shutdown) << guest.end.text;
    ASSERT_GE(explanation.chain.size(), 2u);
    EXPECT_EQ(explanation.chain[1].likely, "TSS.RSP0 is 0: it was never written");
}

TEST(DeliveryExplanation, SeesThatRing0StillUsesTheStackOfRing3)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kKernelText, undefined);
    model::CpuState state = guest.ring_0();
    state[model::Gpr::Rsp] = Guest::kUserStack;
    state.cr4 |= arch::cr4::kSmap;
    const Explanation explanation = guest.explain(state);
    ASSERT_EQ(guest.end.kind, EndKind::Shutdown) << guest.end.text;
    ASSERT_EQ(explanation.chain.size(), 4u) << "#UD, and the #PF of its, of #PF's and of #DF's delivery";
    EXPECT_EQ(explanation.chain[1].fault.reason, Reason::PageSmap);
    EXPECT_THAT(explanation.chain[1].likely, HasSubstr("RSP still points to ring 3's stack"));
    EXPECT_EQ(explanation.chain[2].becomes, "#DF");
    EXPECT_EQ(explanation.chain[3].becomes, "shutdown");
}

TEST(DeliveryExplanation, AdvisesAStackForADoubleFaultThatHasNone)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kKernelText, undefined);
    hide_stack(guest, Guest::kKernelStack - 0x100);
    const Explanation explanation = guest.explain(guest.ring_0());
    ASSERT_EQ(explanation.chain.size(), 4u);
    EXPECT_THAT(explanation.chain[1].likely, testing::EndsWith("an RSP that was never set"));
    EXPECT_THAT(explanation.chain[3].likely, HasSubstr("an IST stack for #DF"));
    EXPECT_THAT(remedy_texts(explanation.chain[3]), testing::Contains("IDT[8].IST 0 -> 1"));
}

TEST(DeliveryExplanation, NamesAGateThatIsMissing)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kKernelText, undefined);
    guest.guest.set_gate(6, {0, 0});
    const Explanation explanation = guest.explain(guest.ring_0());
    ASSERT_EQ(explanation.chain.size(), 2u);
    const Cause& failure = explanation.chain[1];
    EXPECT_EQ(failure.event, "#GP error 0x33 (IDT gate 6, during an event)");
    EXPECT_THAT(decisive_fields(failure), ElementsAre("IDT[6].type"));
    EXPECT_EQ(failure.likely, "the gate of vector 6 was never filled in");
    EXPECT_TRUE(failure.remedies.empty());
}

TEST(DeliveryExplanation, NamesTheBitOfAGateThatIsNotPresent)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kKernelText, undefined);
    arch::IdtGate gate = guest.guest.gate(6);
    gate.low &= ~arch::IdtGate::kPresent;
    guest.guest.set_gate(6, gate);
    const Explanation explanation = guest.explain(guest.ring_0());
    ASSERT_EQ(explanation.chain.size(), 2u);
    EXPECT_EQ(explanation.chain[1].fault.reason, Reason::GateNotPresent);
    EXPECT_THAT(decisive_fields(explanation.chain[1]), ElementsAre("IDT[6].P"));
    EXPECT_THAT(remedy_texts(explanation.chain[1]), ElementsAre("IDT[6].P 0 -> 1"));
}

TEST(DeliveryExplanation, SaysThatNoIdtIsLoaded)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kKernelText, undefined);
    model::CpuState state = guest.ring_0();
    state.idtr = {};
    const Explanation explanation = guest.explain(state);
    ASSERT_EQ(guest.end.kind, EndKind::Shutdown) << guest.end.text;
    ASSERT_EQ(explanation.chain.size(), 4u) << "#UD, #GP, #DF's #GP";
    EXPECT_THAT(explanation.chain[1].likely, HasSubstr("no IDT is loaded"));
}

GUEST_CODE(call_the_bios, ".code32\n int $0x15\n .code64");
GUEST_CODE(call_something, ".code32\n int $0x80\n .code64");

TEST(DeliveryExplanation, SaysThatTheBiosIsGone)
{
    for (const bool bios : {true, false}) {
        ExplainedGuest guest({ExplainedGuest::Wish::Kind::AtCount, 0});
        guest.place(ExplainedGuest::kKernelText, bios ? call_the_bios : call_something);
        model::CpuState state = flat_32_bit_state(ExplainedGuest::kKernelText);
        const Explanation explanation = guest.explain(state);
        ASSERT_EQ(guest.end.kind, EndKind::Shutdown) << guest.end.text;
        ASSERT_GE(explanation.chain.size(), 2u);
        EXPECT_EQ(explanation.chain[0].event, bios ? "INT 0x15" : "INT 0x80");
        EXPECT_EQ(explanation.chain[1].exhibits.front().where, bios ? "0xa8" : "0x400") << "gates of 8 bytes";
        EXPECT_EQ(explanation.chain[1].likely.find("INT 0x15 calls the BIOS") != std::string::npos, bios);
    }
}

TEST(DeliveryExplanation, ShowsTheCodeSegmentThatAGateNames)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kKernelText, undefined);
    guest.guest.set_gate(
        6, arch::IdtGate::interrupt(ExplainedGuest::handler(6), Guest::kKernelData, 0, arch::Ring::Kernel));
    const Explanation explanation = guest.explain(guest.ring_0());
    ASSERT_EQ(explanation.chain.size(), 2u);
    EXPECT_EQ(explanation.chain[1].fault.reason, Reason::GateCsNotCode);
    EXPECT_THAT(decisive_fields(explanation.chain[1]), ElementsAre("GDT[0x10].type"));
}

TEST(DeliveryExplanation, SaysWhichDplAnIntFromRing3Needs)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kUserText, interrupt_0x80);
    const Explanation explanation = guest.explain(guest.ring_3());
    ASSERT_FALSE(explanation.chain.empty());
    // The #GP is the exception; INT 0x80 itself was no exception, so it is asked for by its count.
    ExplainedGuest again({ExplainedGuest::Wish::Kind::AtCount, 0});
    again.place(ExplainedGuest::kUserText, interrupt_0x80);
    const Explanation whole = again.explain(again.ring_3());
    ASSERT_EQ(whole.chain.size(), 2u);
    EXPECT_EQ(whole.chain[0].event, "INT 0x80");
    EXPECT_THAT(decisive_fields(whole.chain[1]), ElementsAre("IDT[128].DPL"));
    EXPECT_THAT(remedy_texts(whole.chain[1]), ElementsAre("IDT[128].DPL 0 -> 3"));
    EXPECT_EQ(whole.instruction, "int $0x80");
}

TEST(DeliveryExplanation, GivesTheSameInJson)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kUserText, undefined);
    hide_stack(guest, Guest::kRsp0);
    const Explanation explanation = guest.explain(guest.ring_3());
    const auto json = nlohmann::json::parse(explanation_json(explanation, SourceLines(nullptr, nullptr)));
    EXPECT_EQ(json.at("type"), "explanation");
    EXPECT_EQ(json.at("outcome"), "shutdown");
    ASSERT_EQ(json.at("chain").size(), explanation.chain.size());
    const auto& failure = json.at("chain").at(1);
    EXPECT_EQ(failure.at("reason"), "page-not-present");
    EXPECT_EQ(failure.at("cr2"), "0xfff8");
    EXPECT_EQ(failure.at("looked_at").back().at("name"), "PT[15]");
    EXPECT_EQ(failure.at("looked_at").back().at("fields").at(0).at("decisive"), true);
    EXPECT_EQ(failure.at("remedies").at(0).at("change"), "PT[15].P 0 -> 1");
}

} // namespace
