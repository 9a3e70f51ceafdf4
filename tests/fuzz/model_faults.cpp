// SPDX-License-Identifier: MIT
// [SDM 3A "Exception and Interrupt Reference", "Error Code", "Page-Fault Exceptions", "Interrupt 8—Double Fault
// Exception (#DF)"]
#include "fuzz/model_faults.h"

#include "arch/address.h"
#include "arch/exception.h"
#include "fuzz/require.h"

#include <cstdint>
#include <string_view>

namespace fuzz {
namespace {

using namespace ringcheck::model;
using arch::Vector;

Vector vector_of(Reason reason)
{
    switch (reason) {
    case Reason::SyscallNotEnabled:
    case Reason::SyscallOutside64BitMode:
    case Reason::SysretNotEnabled:
    case Reason::SysretOutside64BitMode:
    case Reason::CrUnknown:
    case Reason::SwapgsOutside64BitMode:
    case Reason::FsGsBaseNotEnabled:
    case Reason::SegmentLoadCs:
    case Reason::SegmentLoadUnknown:
    case Reason::SegmentPopIn64BitMode:
    case Reason::DrUnknown:
    case Reason::DrAliasWithDebuggingExtensions:
    case Reason::PkruNotEnabled:
    case Reason::InvpcidNotOffered:
    case Reason::XcrNotEnabled:
    case Reason::MonitorNotOffered:
    case Reason::MonitorNotRing0: return Vector::InvalidOpcode;
    case Reason::PageNotPresent:
    case Reason::PageReservedBit:
    case Reason::PageSupervisorOnly:
    case Reason::PageUserWriteToReadOnly:
    case Reason::PageSupervisorWriteToReadOnly:
    case Reason::PageNoExecute:
    case Reason::PageSmep:
    case Reason::PageSmap:
    case Reason::PageProtectionKey: return Vector::PageFault;
    case Reason::StackNonCanonical:
    case Reason::IretSsNotPresent:
    case Reason::LoadSsNotPresent:
    case Reason::RetSsNotPresent: return Vector::StackFault;
    case Reason::IretCsNotPresent:
    case Reason::GateNotPresent:
    case Reason::GateCsNotPresent:
    case Reason::LoadDataNotPresent:
    case Reason::LtrNotPresent:
    case Reason::LldtNotPresent:
    case Reason::FarCsNotPresent:
    case Reason::CallGateNotPresent:
    case Reason::CallGateCsNotPresent:
    case Reason::RetCsNotPresent: return Vector::SegmentNotPresent;
    case Reason::TssStackBeyondLimit:
    case Reason::CallGateStackBeyondTss: return Vector::InvalidTss;
    case Reason::DrGeneralDetect:
    case Reason::InstructionBreakpoint: return Vector::Debug;
    case Reason::AlignmentCheckFailed: return Vector::AlignmentCheck;
    default: return Vector::GeneralProtection;
    }
}

void check_page_fault_code(std::uint32_t code)
{
    const bool present = (code & 1) != 0, write = (code & 2) != 0, reserved = (code & 8) != 0;
    const bool fetch = (code & 16) != 0, key = (code & 32) != 0;
    require(code < 64, "#PF: the error code has six bits");
    require(present || (!reserved && !key), "#PF: a page that is not present breaks no other rule");
    require(!(write && fetch), "#PF: a fetch writes nothing");
    require(!(key && fetch), "#PF: protection keys are for data");
}

void check_selector_code(std::uint32_t code, bool of_delivery)
{
    const bool external = (code & 1) != 0, gate = (code & 2) != 0, local = (code & 4) != 0;
    require(code <= 0xffff, "an error code that names a selector has 16 bits");
    require(of_delivery || (!external && !gate), "EXT and IDT are for the delivery of events");
    require(!gate || !local, "a gate is in no LDT");
    require(!gate || code >> 3 < 256, "a gate has a vector");
}

} // namespace

void check_fault(const Fault& fault, bool of_delivery)
{
    require(!std::string_view(describe(fault.reason).id).empty(), "a reason has a name");
    if (outside_the_model(fault.reason)) {
        return require(fault == no_answer(fault.reason), "what the model does not know is no exception");
    }
    require(fault.reason != Reason::None && fault.reason != Reason::InstructionRule, "a fault has a rule");
    const auto vector = static_cast<Vector>(fault.vector);
    require(vector == vector_of(fault.reason), "a rule has its vector");
    require(fault.error_code.has_value() == arch::pushes_error_code(fault.vector), "a vector has its error code");
    require(fault.cr2.has_value() == (vector == Vector::PageFault), "#PF and no other sets CR2");
    require(fault.dr6.has_value() == (vector == Vector::Debug), "#DB and no other sets DR6");
    require((fault.dr6.value_or(0) & ~std::uint64_t{0x600f}) == 0, "DR6 tells of breakpoints, BD and BS");
    if (vector == Vector::PageFault) {
        check_page_fault_code(*fault.error_code);
    } else if (vector == Vector::AlignmentCheck) {
        require(fault.error_code == 0u, "#AC(0)");
    } else if (fault.error_code) {
        check_selector_code(*fault.error_code, of_delivery);
    }
}

void check_delivery(const CpuState& state, const Event& event, const Delivery& delivery)
{
    const auto attempts = delivery.attempts();
    require(!attempts.empty() && attempts.front().event == event, "the event itself is tried first");
    bool page_fault = event.cr2.has_value();
    for (const DeliveryAttempt& attempt : attempts) {
        const bool last = &attempt == &attempts.back();
        require(attempt.failed.has_value() || last, "nothing comes after a handler that was entered");
        if (attempt.failed) {
            check_fault(*attempt.failed, true);
            page_fault |= attempt.failed->cr2.has_value();
        }
    }
    require(delivery.state.has_value() == !attempts.back().failed.has_value(),
            "a handler is entered, or a rule failed");
    if (!delivery.state) {
        const bool double_fault =
            attempts.back().event.vector == 8 && attempts.back().event.origin == Event::Origin::Exception;
        return require(delivery.unmodelled() || double_fault, "only a fault of #DF's delivery shuts the CPU down");
    }
    const CpuState& after = *delivery.state;
    const std::uint64_t frame = attempts.back().event.error_code ? 48 : 40;
    constexpr std::uint64_t kCleared = 0x3'4100; // VM, RF, NT, TF
    require(after.in_64_bit_mode() && arch::is_canonical(after.rip), "a handler is 64-bit code");
    require((after[Gpr::Rsp] + frame) % 16 == 0 && arch::is_canonical(after[Gpr::Rsp]), "a frame is aligned");
    require(after.cpl <= state.cpl, "events never enter an outer ring");
    require(after.cpl == state.cpl || after.ss == SegmentRegister{.selector = after.cpl}, "a new ring has a null SS");
    require((after.rflags & kCleared) == 0, "handlers begin without TF, NT, RF and VM");
    require((after.rflags & ~state.rflags) == 0, "delivery sets no flag");
    require((state.rflags & ~after.rflags & ~(kCleared | 0x200)) == 0, "and clears no other than IF");
    require(page_fault || after.cr2 == state.cr2, "only #PF changes CR2");

    CpuState expected = state;
    expected.rip = after.rip;
    expected[Gpr::Rsp] = after[Gpr::Rsp];
    expected.cs = after.cs;
    expected.ss = after.ss;
    expected.cpl = after.cpl;
    expected.rflags = after.rflags;
    expected.cr2 = after.cr2;
    expected.dr6 = after.dr6;
    expected.dr7 &= after.dr7 | ~std::uint64_t{1u << 13};
    expected.nmi_blocked |= event.origin == Event::Origin::Nmi;
    expected.interrupt_shadow = expected.mov_ss_shadow = false;
    require(expected == after, "delivery changes nothing else");
}

} // namespace fuzz
