// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/reason.h"

namespace ringcheck::model {

namespace {

// Manual titles that more than one rule quotes.
constexpr const char* kCanonical = "SDM 1 \"Canonical Addressing\"";
constexpr const char* kPageFaults = "SDM 3A \"Page-Fault Exceptions\"";
constexpr const char* kRights = "SDM 3A \"Determination of Access Rights\"";
constexpr const char* kSyscall = "SDM 2B SYSCALL \"Operation\"";
constexpr const char* kSysret = "SDM 2B SYSRET \"Operation\"";
constexpr const char* kIret = "SDM 2A IRET/IRETD/IRETQ \"Operation\"";
constexpr const char* kIretExceptions = "SDM 2A IRET/IRETD/IRETQ \"64-Bit Mode Exceptions\"";
constexpr const char* kInt = "SDM 2A INT n/INTO/INT3/INT1 \"Operation\"";
constexpr const char* kHandlers64 = "SDM 3A \"Exception and Interrupt Handling in 64-bit Mode\"";
constexpr const char* kRdmsr = "SDM 2B RDMSR, SDM 2D WRMSR \"Protected Mode Exceptions\"";
constexpr const char* kMovCr = "SDM 2B MOV—Move to/from Control Registers";
constexpr const char* kControlRegisters = "SDM 3A \"Control Registers\"";
constexpr const char* kIoMap = "SDM 1 \"I/O Permission Bit Map\"";
constexpr const char* kMov = "SDM 2B MOV \"Operation\", \"64-Bit Mode Exceptions\"";
constexpr const char* kMovDr = "SDM 2B MOV—Move to/from Debug Registers";
constexpr const char* kInvpcid = "SDM 2A INVPCID";
constexpr const char* kXsetbv = "SDM 2D XGETBV, XSETBV \"64-Bit Mode Exceptions\"";
constexpr const char* kMonitor = "SDM 2B MONITOR, MWAIT \"64-Bit Mode Exceptions\"";
constexpr const char* kLtr = "SDM 2A LTR \"Operation\"";
constexpr const char* kLldt = "SDM 2A LLDT \"Operation\"";
constexpr const char* kCall = "SDM 2A CALL \"Operation\"";
constexpr const char* kRet = "SDM 2B RET \"Operation\"";
constexpr const char* kPrivileged = "SDM 3A \"Privileged Instructions\"";

} // namespace

const ReasonText& describe(Reason reason)
{
    // A switch without a default, so that the compiler asks for the text of every new rule.
    switch (reason) {
#define TEXT(name, ...)                                                                                                \
    case Reason::name: {                                                                                               \
        static constexpr ReasonText kText{__VA_ARGS__};                                                                \
        return kText;                                                                                                  \
    }
        TEXT(None, "none", "No rule failed.", "")
        TEXT(InstructionRule, "instruction-rule", "The instruction raised this exception by its own rule.", "")

        TEXT(AddressNonCanonical, "address-non-canonical", "The linear address is not canonical.", kCanonical)
        TEXT(StackNonCanonical, "stack-non-canonical", "The address of a stack reference is not canonical.", kCanonical)
        TEXT(PageNotPresent, "page-not-present", "A paging-structure entry on the way to the page has P = 0.",
             kPageFaults)
        TEXT(PageReservedBit, "page-reserved-bit",
             "A paging-structure entry on the way to the page has a reserved bit set.", kPageFaults)
        TEXT(PageSupervisorOnly, "page-supervisor-only",
             "Ring 3 touched a page for which some level of the tables has U/S = 0.", kRights)
        TEXT(PageUserWriteToReadOnly, "page-user-write-to-read-only",
             "Ring 3 wrote to a page for which some level of the tables has R/W = 0.", kRights)
        TEXT(PageSupervisorWriteToReadOnly, "page-supervisor-write-to-read-only",
             "The supervisor wrote to a page for which some level of the tables has R/W = 0, with CR0.WP = 1.", kRights)
        TEXT(PageNoExecute, "page-no-execute",
             "An instruction was fetched from a page for which some level of the tables has XD = 1.", kRights)
        TEXT(PageSmep, "page-smep", "The supervisor fetched an instruction from a user page, with CR4.SMEP = 1.",
             kRights)
        TEXT(PageSmap, "page-smap",
             "The supervisor touched data in a user page, with CR4.SMAP = 1 and no RFLAGS.AC to allow it.", kRights)

        TEXT(SyscallNotEnabled, "syscall-not-enabled", "SYSCALL was executed with EFER.SCE = 0.", kSyscall)
        TEXT(SyscallOutside64BitMode, "syscall-outside-64-bit-mode", "SYSCALL was executed outside 64-bit mode.",
             kSyscall)
        TEXT(SysretNotEnabled, "sysret-not-enabled", "SYSRET was executed with EFER.SCE = 0.", kSysret)
        TEXT(SysretOutside64BitMode, "sysret-outside-64-bit-mode", "SYSRET was executed outside 64-bit mode.", kSysret)
        TEXT(SysretNotRing0, "sysret-not-ring-0", "SYSRET was executed with CPL > 0.", kSysret)
        TEXT(SysretRcxNonCanonical, "sysret-rcx-non-canonical",
             "SYSRETQ was executed with a return address in RCX that is not canonical.", kSysret)

        TEXT(IretNestedTask, "iret-nested-task", "IRET was executed in long mode with RFLAGS.NT = 1.", kIretExceptions)
        TEXT(IretCsNull, "iret-cs-null", "The frame's CS selector is null.", kIret)
        TEXT(IretRipNonCanonical, "iret-rip-non-canonical", "The frame's RIP is not canonical.", kIret)
        TEXT(IretCsBeyondTable, "iret-cs-beyond-table",
             "The frame's CS selector lies beyond the limit of its descriptor table.", kIret)
        TEXT(IretCsNotCode, "iret-cs-not-code", "The frame's CS selector names no code segment.", kIret)
        TEXT(IretCsRplBelowCpl, "iret-cs-rpl-below-cpl",
             "The frame's CS has an RPL below CPL: IRET never enters an inner ring.", kIret)
        TEXT(IretCsConformingDpl, "iret-cs-conforming-dpl",
             "The frame's CS names a conforming code segment whose DPL is above the selector's RPL.", kIret)
        TEXT(IretCsDpl, "iret-cs-dpl",
             "The frame's CS names a non-conforming code segment whose DPL is not the selector's RPL.", kIretExceptions)
        TEXT(IretCsLongAndBig, "iret-cs-long-and-big", "The frame's CS names a code segment with both L and D set.",
             kIretExceptions)
        TEXT(IretCsNotPresent, "iret-cs-not-present", "The frame's CS names a code segment that is not present.", kIret)
        TEXT(IretEipBeyondLimit, "iret-eip-beyond-limit",
             "The frame's EIP lies beyond the limit of the compatibility-mode code segment.", kIret)
        TEXT(IretSsNullToCompatibilityMode, "iret-ss-null-to-compatibility-mode",
             "The frame's SS is null, in a return to compatibility mode.", kIret)
        TEXT(IretSsNullToRing3, "iret-ss-null-to-ring-3", "The frame's SS is null, in a return to ring 3.", kIret)
        TEXT(IretSsNullRpl, "iret-ss-null-rpl", "The frame's SS is null with an RPL that is not the ring returned to.",
             kIret)
        TEXT(IretSsBeyondTable, "iret-ss-beyond-table",
             "The frame's SS selector lies beyond the limit of its descriptor table.", kIret)
        TEXT(IretSsRpl, "iret-ss-rpl", "The frame's SS has another RPL than its CS.", kIret)
        TEXT(IretSsNotWritableData, "iret-ss-not-writable-data", "The frame's SS names no writable data segment.",
             kIret)
        TEXT(IretSsDpl, "iret-ss-dpl", "The frame's SS names a segment whose DPL is not the ring returned to.", kIret)
        TEXT(IretSsNotPresent, "iret-ss-not-present", "The frame's SS names a segment that is not present.", kIret)

        TEXT(GateBeyondIdt, "gate-beyond-idt", "The vector's gate lies beyond the IDT's limit.", kInt)
        TEXT(GateType, "gate-type", "The vector's gate is neither a 64-bit interrupt gate nor a 64-bit trap gate.",
             kInt)
        TEXT(GateDpl, "gate-dpl", "INT n was executed with CPL above the gate's DPL.", kInt)
        TEXT(GateNotPresent, "gate-not-present", "The vector's gate is not present.", kInt)
        TEXT(GateCsNull, "gate-cs-null", "The gate's code selector is null.", kInt)
        TEXT(GateCsBeyondTable, "gate-cs-beyond-table",
             "The gate's code selector lies beyond the limit of its descriptor table.", kInt)
        TEXT(GateCsNotCode, "gate-cs-not-code", "The gate's code selector names no code segment.", kInt)
        TEXT(GateCsDpl, "gate-cs-dpl", "The gate's code segment has a DPL above CPL: events never enter an outer ring.",
             kInt)
        TEXT(GateCsNot64Bit, "gate-cs-not-64-bit", "The gate's code segment is not a 64-bit one (L = 1, D = 0).",
             kHandlers64)
        TEXT(GateCsNotPresent, "gate-cs-not-present", "The gate's code segment is not present.", kInt)
        TEXT(TssStackBeyondLimit, "tss-stack-beyond-limit",
             "The TSS is too short to hold the stack pointer that the event needs.", kInt)
        TEXT(HandlerNonCanonical, "handler-non-canonical", "The handler's address in the gate is not canonical.", kInt)

        TEXT(MsrNotRing0, "msr-not-ring-0", "RDMSR or WRMSR was executed with CPL > 0.", kRdmsr)
        TEXT(MsrUnknown, "msr-unknown", "ECX names no MSR of this CPU.", kRdmsr)
        TEXT(MsrNonCanonical, "msr-non-canonical", "WRMSR of a non-canonical address to an MSR that holds an address.",
             kRdmsr)
        TEXT(MsrReservedBits, "msr-reserved-bits", "WRMSR set a reserved bit.", kRdmsr)
        TEXT(MsrReadOnly, "msr-read-only", "WRMSR to an MSR that can only be read.", "SDM 4 \"Architectural MSRs\"")
        TEXT(PatMemoryType, "pat-memory-type", "WRMSR put a memory type into IA32_PAT that is reserved.",
             "SDM 3A \"IA32_PAT MSR\"")
        TEXT(EferLmeWhilePaging, "efer-lme-while-paging", "WRMSR changed EFER.LME while CR0.PG = 1.",
             "SDM 3A \"Initializing IA-32e Mode\"")
        TEXT(CrNotRing0, "cr-not-ring-0", "MOV to a control register was executed with CPL > 0.", kMovCr)
        TEXT(CrUnknown, "cr-unknown", "There is no control register of this number.", kMovCr)
        TEXT(Cr0UpperBits, "cr0-upper-bits", "MOV to CR0 set a bit of CR0[63:32].", kControlRegisters)
        TEXT(Cr0PagingWithoutProtection, "cr0-paging-without-protection", "MOV to CR0 set PG with PE = 0.", kMovCr)
        TEXT(Cr0NotWriteThroughWithoutCacheDisable, "cr0-not-write-through-without-cache-disable",
             "MOV to CR0 set NW with CD = 0.", kMovCr)
        TEXT(Cr0LongModeWithoutPae, "cr0-long-mode-without-pae", "MOV to CR0 set PG with EFER.LME = 1 and CR4.PAE = 0.",
             kMovCr)
        TEXT(Cr0LongModeWithLongCs, "cr0-long-mode-with-long-cs", "MOV to CR0 set PG with EFER.LME = 1 while CS.L = 1.",
             kMovCr)
        TEXT(Cr0LongModeWith16BitTss, "cr0-long-mode-with-16-bit-tss",
             "MOV to CR0 set PG with EFER.LME = 1 while TR held a 16-bit TSS.", kMovCr)
        TEXT(Cr0PagingOffIn64BitMode, "cr0-paging-off-in-64-bit-mode", "MOV to CR0 cleared PG in 64-bit mode.", kMovCr)
        TEXT(PdpteReservedBits, "pdpte-reserved-bits",
             "MOV to a control register loaded PAE paging's four PDPTEs, and a present one has a reserved bit set.",
             "SDM 3A \"PDPTE Registers\"")
        TEXT(Cr3ReservedBits, "cr3-reserved-bits", "MOV to CR3 set a bit above the physical-address width.", kMovCr)
        TEXT(Cr4ReservedBits, "cr4-reserved-bits", "MOV to CR4 set a bit that this CPU does not have.", kMovCr)
        TEXT(Cr4PaeOffInLongMode, "cr4-pae-off-in-long-mode", "MOV to CR4 cleared PAE while long mode is active.",
             kMovCr)
        TEXT(Cr8ReservedBits, "cr8-reserved-bits", "MOV to CR8 set a bit of CR8[63:4].", kMovCr)

        TEXT(IoTssUnusable, "io-tss-unusable", "A port was used with CPL > IOPL, and the TSS has no I/O map base.",
             kIoMap)
        TEXT(IoBitmapBeyondLimit, "io-bitmap-beyond-limit",
             "A port was used with CPL > IOPL, and its bits lie beyond the TSS limit.", kIoMap)
        TEXT(IoBitmapDenies, "io-bitmap-denies",
             "A port was used with CPL > IOPL, and the I/O permission bit map has its bit set.", kIoMap)
        TEXT(InstructionNotRing0, "instruction-not-ring-0", "A privileged instruction was executed with CPL > 0.",
             kPrivileged)
        TEXT(InstructionIopl, "instruction-iopl", "CLI or STI was executed with CPL > IOPL.",
             "SDM 2A CLI, SDM 2B STI \"Operation\"")
        TEXT(InstructionUmip, "instruction-umip",
             "SGDT, SIDT, SLDT, STR or SMSW was executed with CPL > 0 and CR4.UMIP = 1.", kControlRegisters)
        TEXT(InstructionTsd, "instruction-tsd", "RDTSC or RDTSCP was executed with CPL > 0 and CR4.TSD = 1.",
             kControlRegisters)
        TEXT(InstructionPce, "instruction-pce", "RDPMC was executed with CPL > 0 and CR4.PCE = 0.", kControlRegisters)
        TEXT(SwapgsOutside64BitMode, "swapgs-outside-64-bit-mode", "SWAPGS was executed outside 64-bit mode.",
             "SDM 2B SWAPGS \"Operation\"")
        TEXT(FsGsBaseNotEnabled, "fs-gs-base-not-enabled",
             "WRFSBASE or WRGSBASE was executed with CR4.FSGSBASE = 0, or outside 64-bit mode.",
             "SDM 2D WRFSBASE/WRGSBASE \"64-Bit Mode Exceptions\"")
        TEXT(BaseNonCanonical, "base-non-canonical", "WRFSBASE or WRGSBASE of a non-canonical address.",
             "SDM 2D WRFSBASE/WRGSBASE \"64-Bit Mode Exceptions\"")
        TEXT(TableBaseNonCanonical, "table-base-non-canonical", "LGDT or LIDT of a base that is not canonical.",
             "SDM 2A LGDT/LIDT \"64-Bit Mode Exceptions\"")

        TEXT(SegmentLoadCs, "segment-load-cs", "MOV to CS: CS is loaded by far transfers only.", kMov)
        TEXT(SegmentLoadUnknown, "segment-load-unknown", "There is no segment register of this number.", kMov)
        TEXT(SegmentPopIn64BitMode, "segment-pop-in64-bit-mode",
             "POP to ES, SS or DS was executed in 64-bit mode, which does not have it.",
             "SDM 2B POP \"64-Bit Mode Exceptions\"")
        TEXT(LoadSsNull, "load-ss-null", "SS was loaded with a null selector in ring 3, or outside 64-bit mode.", kMov)
        TEXT(LoadSsNullRpl, "load-ss-null-rpl", "SS was loaded with a null selector whose RPL is not CPL.", kMov)
        TEXT(LoadSsBeyondTable, "load-ss-beyond-table",
             "SS was loaded with a selector beyond the limit of its descriptor table.", kMov)
        TEXT(LoadSsRpl, "load-ss-rpl", "SS was loaded with a selector whose RPL is not CPL.", kMov)
        TEXT(LoadSsNotWritableData, "load-ss-not-writable-data",
             "SS was loaded with a selector that names no writable data segment.", kMov)
        TEXT(LoadSsDpl, "load-ss-dpl", "SS was loaded with a segment whose DPL is not CPL.", kMov)
        TEXT(LoadSsNotPresent, "load-ss-not-present", "SS was loaded with a segment that is not present.", kMov)
        TEXT(LoadDataBeyondTable, "load-data-beyond-table",
             "A data segment register was loaded with a selector beyond the limit of its descriptor table.", kMov)
        TEXT(LoadDataNotReadable, "load-data-not-readable",
             "A data segment register was loaded with a selector that names neither data nor readable code.", kMov)
        TEXT(LoadDataDpl, "load-data-dpl",
             "A data segment register was loaded with a segment whose DPL is below CPL or the selector's RPL.", kMov)
        TEXT(LoadDataNotPresent, "load-data-not-present",
             "A data segment register was loaded with a segment that is not present.", kMov)
        TEXT(LtrNull, "ltr-null", "LTR of a null selector.", kLtr)
        TEXT(LtrNotGlobal, "ltr-not-global", "LTR of a selector that points into the LDT.", kLtr)
        TEXT(LtrBeyondTable, "ltr-beyond-table",
             "LTR of a selector whose 16-byte descriptor lies beyond the GDT's limit.", kLtr)
        TEXT(LtrNotAvailableTss, "ltr-not-available-tss",
             "LTR of a descriptor that is no available 64-bit TSS; a busy one has been loaded before.", kLtr)
        TEXT(LtrUpperType, "ltr-upper-type", "LTR of a TSS descriptor whose upper half has a type.",
             "SDM 2A LTR \"64-Bit Mode Exceptions\"")
        TEXT(LtrNotPresent, "ltr-not-present", "LTR of a TSS that is not present.", kLtr)
        TEXT(LtrBaseNonCanonical, "ltr-base-non-canonical", "LTR of a TSS whose base is not canonical.", kCanonical)
        TEXT(LldtNotGlobal, "lldt-not-global", "LLDT of a selector that points into the LDT.", kLldt)
        TEXT(LldtBeyondTable, "lldt-beyond-table",
             "LLDT of a selector whose 16-byte descriptor lies beyond the GDT's limit.", kLldt)
        TEXT(LldtNotLdt, "lldt-not-ldt", "LLDT of a descriptor that is no LDT.", kLldt)
        TEXT(LldtUpperType, "lldt-upper-type", "LLDT of an LDT descriptor whose upper half has a type.",
             "SDM 2A LLDT \"64-Bit Mode Exceptions\"")
        TEXT(LldtNotPresent, "lldt-not-present", "LLDT of an LDT that is not present.", kLldt)
        TEXT(LldtBaseNonCanonical, "lldt-base-non-canonical", "LLDT of an LDT whose base is not canonical.", kCanonical)

        TEXT(FarCsNull, "far-cs-null", "The target's code selector is null.", kCall)
        TEXT(FarBeyondTable, "far-beyond-table",
             "The target's selector, or the upper half of the call gate that it names, lies beyond the limit of its "
             "descriptor table.",
             kCall)
        TEXT(FarNotCodeOrGate, "far-not-code-or-gate",
             "The target's selector names neither a code segment nor a 64-bit call gate.", kCall)
        TEXT(FarCsLongAndBig, "far-cs-long-and-big", "The target's code segment has both L and D set.", kCall)
        TEXT(FarCsConformingDpl, "far-cs-conforming-dpl", "The target's conforming code segment has a DPL above CPL.",
             kCall)
        TEXT(FarCsRpl, "far-cs-rpl", "The target's selector has an RPL above CPL.", kCall)
        TEXT(FarCsDpl, "far-cs-dpl",
             "The target's non-conforming code segment has a DPL that is not CPL: only a gate changes the ring.", kCall)
        TEXT(FarCsNotPresent, "far-cs-not-present", "The target's code segment is not present.", kCall)
        TEXT(FarTargetBeyondLimit, "far-target-beyond-limit",
             "The target's offset lies beyond the limit of the compatibility-mode code segment.", kCall)
        TEXT(FarTargetNonCanonical, "far-target-non-canonical", "The target's offset is not canonical.", kCall)
        TEXT(CallGateUpperType, "call-gate-upper-type", "The call gate's upper half has a type.",
             "SDM 2A CALL \"64-Bit Mode Exceptions\"")
        TEXT(CallGateDpl, "call-gate-dpl", "The call gate's DPL is below CPL or the selector's RPL.", kCall)
        TEXT(CallGateNotPresent, "call-gate-not-present", "The call gate is not present.", kCall)
        TEXT(CallGateCsNull, "call-gate-cs-null", "The call gate's code selector is null.", kCall)
        TEXT(CallGateCsBeyondTable, "call-gate-cs-beyond-table",
             "The call gate's code selector lies beyond the limit of its descriptor table.", kCall)
        TEXT(CallGateCsNotCode, "call-gate-cs-not-code", "The call gate's code selector names no code segment.", kCall)
        TEXT(CallGateCsDpl, "call-gate-cs-dpl",
             "The call gate's code segment has a DPL above CPL, or JMP would have to change the ring to enter it.",
             "SDM 2A CALL, SDM 2A JMP \"Operation\"")
        TEXT(CallGateCsNot64Bit, "call-gate-cs-not64-bit",
             "The call gate's code segment is not a 64-bit one (L = 1, D = 0).", kCall)
        TEXT(CallGateCsNotPresent, "call-gate-cs-not-present", "The call gate's code segment is not present.", kCall)
        TEXT(CallGateStackBeyondTss, "call-gate-stack-beyond-tss",
             "The TSS is too short to hold the stack pointer of the ring that the call gate enters.", kCall)
        TEXT(CallGateEntryNonCanonical, "call-gate-entry-non-canonical",
             "The call gate's entry address is not canonical.", kCall)
        TEXT(RetCsNull, "ret-cs-null", "The return address's CS selector is null.", kRet)
        TEXT(RetCsBeyondTable, "ret-cs-beyond-table",
             "The return address's CS selector lies beyond the limit of its descriptor table.", kRet)
        TEXT(RetCsNotCode, "ret-cs-not-code", "The return address's CS selector names no code segment.", kRet)
        TEXT(RetCsRplBelowCpl, "ret-cs-rpl-below-cpl",
             "The return address's CS has an RPL below CPL: RET never enters an inner ring.", kRet)
        TEXT(RetCsConformingDpl, "ret-cs-conforming-dpl",
             "The return address's CS names a conforming code segment whose DPL is above the selector's RPL.", kRet)
        TEXT(RetCsDpl, "ret-cs-dpl",
             "The return address's CS names a non-conforming code segment whose DPL is not the selector's RPL.", kRet)
        TEXT(RetCsLongAndBig, "ret-cs-long-and-big",
             "The return address's CS names a code segment with both L and D set.", kRet)
        TEXT(RetCsNotPresent, "ret-cs-not-present", "The return address's CS names a code segment that is not present.",
             kRet)
        TEXT(RetEipBeyondLimit, "ret-eip-beyond-limit",
             "The return address lies beyond the limit of the compatibility-mode code segment.", kRet)
        TEXT(RetRipNonCanonical, "ret-rip-non-canonical", "The return address is not canonical.", kRet)
        TEXT(RetSsNullToCompatibilityMode, "ret-ss-null-to-compatibility-mode",
             "The return stack's SS is null, in a return to compatibility mode.", kRet)
        TEXT(RetSsNullToRing3, "ret-ss-null-to-ring3", "The return stack's SS is null, in a return to ring 3.", kRet)
        TEXT(RetSsNullRpl, "ret-ss-null-rpl",
             "The return stack's SS is null with an RPL that is not the ring returned to.",
             "SDM 2B RET \"64-Bit Mode Exceptions\"")
        TEXT(RetSsBeyondTable, "ret-ss-beyond-table",
             "The return stack's SS selector lies beyond the limit of its descriptor table.", kRet)
        TEXT(RetSsRpl, "ret-ss-rpl", "The return stack's SS has another RPL than CS.", kRet)
        TEXT(RetSsNotWritableData, "ret-ss-not-writable-data", "The return stack's SS names no writable data segment.",
             kRet)
        TEXT(RetSsDpl, "ret-ss-dpl", "The return stack's SS names a segment whose DPL is not the ring returned to.",
             kRet)
        TEXT(RetSsNotPresent, "ret-ss-not-present", "The return stack's SS names a segment that is not present.", kRet)

        TEXT(DrUnknown, "dr-unknown", "There is no debug register of this number.", kMovDr)
        TEXT(DrAliasWithDebuggingExtensions, "dr-alias-with-debugging-extensions",
             "MOV of DR4 or DR5 was executed with CR4.DE = 1.", kMovDr)
        TEXT(DrGeneralDetect, "dr-general-detect", "A debug register was touched with DR7.GD = 1.",
             "SDM 3B \"General-Detect Exception Condition\"")
        TEXT(DrUpperBits, "dr-upper-bits", "MOV set a bit of DR6[63:32] or DR7[63:32].", kMovDr)
        TEXT(InstructionBreakpoint, "instruction-breakpoint",
             "An instruction is about to execute at an address that a debug register guards, with RFLAGS.RF = 0.",
             "SDM 3B \"Instruction-Breakpoint Exception Condition\"")

        TEXT(PageProtectionKey, "page-protection-key",
             "PKRU denies data accesses, or writes, to user pages with this page's protection key.",
             "SDM 3A \"Protection Keys\"")
        TEXT(PkruNotEnabled, "pkru-not-enabled", "RDPKRU or WRPKRU was executed with CR4.PKE = 0.",
             "SDM 2B RDPKRU, SDM 2D WRPKRU")
        TEXT(PkruEcx, "pkru-ecx", "RDPKRU or WRPKRU was executed with ECX not zero.", "SDM 2B RDPKRU, SDM 2D WRPKRU")
        TEXT(PkruEdx, "pkru-edx", "WRPKRU was executed with EDX not zero.", "SDM 2D WRPKRU")
        TEXT(Cr0PagingOffWithPcide, "cr0-paging-off-with-pcide", "MOV to CR0 cleared PG while CR4.PCIDE = 1.", kMovCr)
        TEXT(Cr4PcideOutsideLongMode, "cr4-pcide-outside-long-mode",
             "MOV to CR4 set PCIDE while long mode is not active.", kMovCr)
        TEXT(Cr4PcideWithPcid, "cr4-pcide-with-pcid", "MOV to CR4 set PCIDE while CR3[11:0] is not zero.", kMovCr)
        TEXT(InstructionNotOffered, "instruction-not-offered",
             "The instruction was executed on a CPU whose CPUID does not offer it.",
             "SDM 2B RDRAND, RDSEED, RDTSCP \"Protected Mode Exceptions\"")
        TEXT(MxcsrReservedBits, "mxcsr-reserved-bits", "LDMXCSR or FXRSTOR would set a bit of MXCSR above bit 15.",
             "SDM 2A LDMXCSR, FXRSTOR \"Protected Mode Exceptions\"")
        TEXT(SseException, "sse-exception", "An SSE instruction met an exception that MXCSR does not mask.",
             "SDM 3A \"Interrupt 19—SIMD Floating-Point Exception (#XM)\"")
        TEXT(SseExceptionNotEnabled, "sse-exception-not-enabled",
             "An SSE instruction met an exception that MXCSR does not mask, with CR4.OSXMMEXCPT = 0.",
             "SDM 3A \"Interrupt 6—Invalid Opcode Exception (#UD)\"")
        TEXT(InvpcidNotOffered, "invpcid-not-offered", "INVPCID was executed on a CPU that does not offer it.",
             kInvpcid)
        TEXT(InvpcidType, "invpcid-type", "INVPCID was executed with a type above 3.", kInvpcid)
        TEXT(InvpcidReservedBits, "invpcid-reserved-bits", "The descriptor of INVPCID has a bit of 63:12 set.",
             kInvpcid)
        TEXT(InvpcidPcidWithoutPcide, "invpcid-pcid-without-pcide",
             "INVPCID names a PCID that is not zero while CR4.PCIDE = 0.", kInvpcid)
        TEXT(InvpcidNonCanonical, "invpcid-non-canonical", "INVPCID of one address that is not canonical.", kInvpcid)
        TEXT(XcrNotEnabled, "xcr-not-enabled", "XGETBV or XSETBV was executed with CR4.OSXSAVE = 0.", kXsetbv)
        TEXT(XcrUnknown, "xcr-unknown", "ECX names no extended control register of this CPU.", kXsetbv)
        TEXT(Xcr0ReservedBits, "xcr0-reserved-bits", "XSETBV set a bit of XCR0 that this CPU does not have.", kXsetbv)
        TEXT(Xcr0WithoutX87, "xcr0-without-x87", "XSETBV cleared bit 0 of XCR0, the x87 state.", kXsetbv)
        TEXT(Xcr0AvxWithoutSse, "xcr0-avx-without-sse", "XSETBV set the AVX bit of XCR0 without the SSE bit.", kXsetbv)
        TEXT(MonitorNotOffered, "monitor-not-offered",
             "MONITOR or MWAIT was executed on a CPU that does not offer them.", kMonitor)
        TEXT(MonitorNotRing0, "monitor-not-ring0", "MONITOR or MWAIT was executed with CPL > 0.", kMonitor)
        TEXT(MonitorExtensions, "monitor-extensions",
             "MONITOR or MWAIT was executed with an extension in RCX that this CPU does not have.", kMonitor)
        TEXT(InterruptFlagVip, "interrupt-flag-vip", "STI was executed in ring 3 under CR4.PVI with RFLAGS.VIP = 1.",
             "SDM 2B STI \"Operation\"")
        TEXT(AlignmentCheckFailed, "alignment-check-failed",
             "Ring 3 touched data at an address that is not a multiple of its size, with CR0.AM = 1 and RFLAGS.AC = 1.",
             "SDM 3A \"Interrupt 17—Alignment Check Exception (#AC)\"")
        TEXT(OperandMisaligned, "operand-misaligned",
             "An SSE instruction's operand of 16 bytes lies at an address that is not a multiple of 16.",
             "SDM 2B MOVAPS")

        TEXT(PageTableOutsideRam, "page-table-outside-ram", "A page table lies outside RAM.", "")
        TEXT(AccessOutsideRam, "access-outside-ram", "A table, frame or stack that the CPU uses lies outside RAM.", "")
        TEXT(PagingModeUnmodelled, "paging-mode-unmodelled",
             "Paging is on without long mode (EFER.LME = 0 when CR0.PG was set), which is not modelled.", "")
        TEXT(ModeUnmodelled, "mode-unmodelled", "The instruction or event came in a mode that is not modelled.", "")
        TEXT(MsrUnmodelled, "msr-unmodelled", "This MSR exists on every CPU, but not in the model.", "")
#undef TEXT
    }
    __builtin_unreachable();
}

} // namespace ringcheck::model
