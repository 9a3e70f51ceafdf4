// SPDX-License-Identifier: GPL-2.0-or-later
// The names of the rules that a transition can break: one per check that the model makes.
#pragma once

#include <cstdint>

namespace ringcheck::model {

enum class Reason : std::uint8_t {
    None,            ///< no rule failed
    InstructionRule, ///< raised while an instruction ran, by a rule of that instruction that the model does not repeat

    // Paging
    AddressNonCanonical,
    StackNonCanonical,
    PageNotPresent,
    PageReservedBit,
    PageSupervisorOnly,
    PageUserWriteToReadOnly,
    PageSupervisorWriteToReadOnly,
    PageNoExecute,
    PageSmep,
    PageSmap,

    // SYSCALL and SYSRET
    SyscallNotEnabled,
    SyscallOutside64BitMode,
    SysretNotEnabled,
    SysretOutside64BitMode,
    SysretNotRing0,
    SysretRcxNonCanonical,

    // IRET
    IretNestedTask,
    IretCsNull,
    IretRipNonCanonical,
    IretCsBeyondTable,
    IretCsNotCode,
    IretCsRplBelowCpl,
    IretCsConformingDpl,
    IretCsDpl,
    IretCsLongAndBig,
    IretCsNotPresent,
    IretEipBeyondLimit,
    IretSsNullToCompatibilityMode,
    IretSsNullToRing3,
    IretSsNullRpl,
    IretSsBeyondTable,
    IretSsRpl,
    IretSsNotWritableData,
    IretSsDpl,
    IretSsNotPresent,

    // Delivery of an event through the IDT
    GateBeyondIdt,
    GateType,
    GateDpl,
    GateNotPresent,
    GateCsNull,
    GateCsBeyondTable,
    GateCsNotCode,
    GateCsDpl,
    GateCsNot64Bit,
    GateCsNotPresent,
    TssStackBeyondLimit,
    HandlerNonCanonical,

    // MSRs and control registers
    MsrNotRing0,
    MsrUnknown,
    MsrNonCanonical,
    MsrReservedBits,
    MsrReadOnly,
    PatMemoryType,
    EferLmeWhilePaging,
    CrNotRing0,
    CrUnknown,
    Cr0UpperBits,
    Cr0PagingWithoutProtection,
    Cr0NotWriteThroughWithoutCacheDisable,
    Cr0LongModeWithoutPae,
    Cr0LongModeWithLongCs,
    Cr0LongModeWith16BitTss,
    Cr0PagingOffIn64BitMode,
    PdpteReservedBits,
    Cr3ReservedBits,
    Cr4ReservedBits,
    Cr4PaeOffInLongMode,
    Cr8ReservedBits,

    // Ports and privileged instructions
    IoTssUnusable,
    IoBitmapBeyondLimit,
    IoBitmapDenies,
    InstructionNotRing0,
    InstructionIopl,
    InstructionUmip,
    InstructionTsd,
    InstructionPce,
    SwapgsOutside64BitMode,
    FsGsBaseNotEnabled,
    BaseNonCanonical,
    TableBaseNonCanonical,

    // Loads of segment registers, of the task register and of LDTR
    SegmentLoadCs,
    SegmentLoadUnknown,
    SegmentPopIn64BitMode,
    LoadSsNull,
    LoadSsNullRpl,
    LoadSsBeyondTable,
    LoadSsRpl,
    LoadSsNotWritableData,
    LoadSsDpl,
    LoadSsNotPresent,
    LoadDataBeyondTable,
    LoadDataNotReadable,
    LoadDataDpl,
    LoadDataNotPresent,
    LtrNull,
    LtrNotGlobal,
    LtrBeyondTable,
    LtrNotAvailableTss,
    LtrUpperType,
    LtrNotPresent,
    LtrBaseNonCanonical,
    LldtNotGlobal,
    LldtBeyondTable,
    LldtNotLdt,
    LldtUpperType,
    LldtNotPresent,
    LldtBaseNonCanonical,

    // Far CALL, JMP and RET
    FarCsNull,
    FarBeyondTable,
    FarNotCodeOrGate,
    FarCsLongAndBig,
    FarCsConformingDpl,
    FarCsRpl,
    FarCsDpl,
    FarCsNotPresent,
    FarTargetBeyondLimit,
    FarTargetNonCanonical,
    CallGateUpperType,
    CallGateDpl,
    CallGateNotPresent,
    CallGateCsNull,
    CallGateCsBeyondTable,
    CallGateCsNotCode,
    CallGateCsDpl,
    CallGateCsNot64Bit,
    CallGateCsNotPresent,
    CallGateStackBeyondTss,
    CallGateEntryNonCanonical,
    RetCsNull,
    RetCsBeyondTable,
    RetCsNotCode,
    RetCsRplBelowCpl,
    RetCsConformingDpl,
    RetCsDpl,
    RetCsLongAndBig,
    RetCsNotPresent,
    RetEipBeyondLimit,
    RetRipNonCanonical,
    RetSsNullToCompatibilityMode,
    RetSsNullToRing3,
    RetSsNullRpl,
    RetSsBeyondTable,
    RetSsRpl,
    RetSsNotWritableData,
    RetSsDpl,
    RetSsNotPresent,

    // Debug registers and breakpoints
    DrUnknown,
    DrAliasWithDebuggingExtensions,
    DrGeneralDetect,
    DrUpperBits,
    InstructionBreakpoint,

    // Protection keys, PCIDs, extended state, and what else CPL and features decide
    PageProtectionKey,
    PkruNotEnabled,
    PkruEcx,
    PkruEdx,
    Cr0PagingOffWithPcide,
    Cr4PcideOutsideLongMode,
    Cr4PcideWithPcid,
    InstructionNotOffered,
    InvpcidNotOffered,
    InvpcidType,
    InvpcidReservedBits,
    InvpcidPcidWithoutPcide,
    InvpcidNonCanonical,
    XcrNotEnabled,
    XcrUnknown,
    Xcr0ReservedBits,
    Xcr0WithoutX87,
    Xcr0AvxWithoutSse,
    MonitorNotOffered,
    MonitorNotRing0,
    MonitorExtensions,
    InterruptFlagVip,
    AlignmentCheckFailed,
    OperandMisaligned,
    MxcsrReservedBits,
    SseException,
    SseExceptionNotEnabled,

    // What the model does not know.  No CPU has these: see outside_the_model().
    PageTableOutsideRam,
    AccessOutsideRam,
    PagingModeUnmodelled,
    ModeUnmodelled,
    MsrUnmodelled,
};

/// A rule in words.
struct ReasonText {
    const char* id;        ///< stable, kebab-case: "sysret-rcx-non-canonical"
    const char* statement; ///< one sentence: what was found that the rule forbids
    const char* citation;  ///< manual and title: "SDM 2B SYSRET"; "" where no manual says it
};

const ReasonText& describe(Reason reason);

/// True for a `Fault` that is no answer: the CPU would do something that the model cannot tell.  Such a Fault has
/// vector 0 and no error code, and must end the run by name instead of being delivered.
constexpr bool outside_the_model(Reason reason)
{
    return reason >= Reason::PageTableOutsideRam;
}

} // namespace ringcheck::model
