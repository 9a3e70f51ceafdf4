// SPDX-License-Identifier: GPL-2.0-or-later
// Loads of a segment register: MOV Sreg, POP Sreg, LSS, LFS and LGS.
// [SDM 2B MOV, POP "Operation"; SDM 2A LDS/LES/LFS/LGS/LSS; SDM 3A "Segment Loading Instructions in IA-32e Mode"]
#pragma once

#include "model/cpu_state.h"
#include "model/far_pointer.h"
#include "model/fault.h"
#include "model/operand_size.h"
#include "model/physical_memory.h"
#include "model/vendor.h"

#include <cstdint>
#include <expected>

namespace ringcheck::model {

/// In encoding order; 6 and 7 are no segment register.  [SDM 2A "ModR/M and SIB Bytes"]
enum class SegmentName : std::uint8_t { Es, Cs, Ss, Ds, Fs, Gs };

/// What every load does to the register, and nothing to RIP or the shadows: the checks, the accessed bit, the cache.
/// A null selector leaves the register unusable.  Intel: base and limit become 0.  AMD: both stay, because this
/// profile's CPUID does not report NullSelectorClearsBase.  [APM 3, the appendix on CPUID, Fn8000_0021]
/// @return  or #GP(0)         LoadSsNull, LoadSsNullRpl (Intel)
///             #GP(selector)  LoadSsBeyondTable, LoadSsRpl, LoadSsNotWritableData, LoadSsDpl,
///                            LoadDataBeyondTable, LoadDataNotReadable, LoadDataDpl
///             #SS(selector)  LoadSsNotPresent;  #NP(selector)  LoadDataNotPresent
///             #UD            SegmentLoadCs, SegmentLoadUnknown
///             #GP(0), #PF    reading or marking the descriptor
std::expected<CpuState, Fault> load_segment_register(CpuState state, const PhysicalMemory& memory, SegmentName which,
                                                     std::uint16_t selector, Vendor vendor);

/// MOV Sreg, r/m16.  `state.rip` is past the instruction; the shadows are those that it began with.
/// MOV to SS leaves the MOV SS shadow, unless the instruction was itself in one: only the first of several is
/// guaranteed to have it.  [SDM 3A "Masking Exceptions and Interrupts When Switching Stacks"]
std::expected<CpuState, Fault> mov_to_segment(CpuState state, const PhysicalMemory& memory, SegmentName which,
                                              std::uint16_t selector, Vendor vendor);

/// POP FS and POP GS in 64-bit mode: 16 or 64 bits from the stack, of which the low 16 are the selector.
/// @return  or the faults of the load; #SS(0), #PF reading the stack; #UD SegmentPopIn64BitMode for ES, SS and DS;
///          outside the model: ModeUnmodelled (not executed in 64-bit mode)
std::expected<CpuState, Fault> pop_segment(CpuState state, const PhysicalMemory& memory, SegmentName which,
                                           OperandSize size, Vendor vendor);

/// LSS, LFS and LGS, of an operand that has been read: register and offset change together or not at all.  No shadow.
/// @param size  as far_operand_size() gives it: how much of `destination` is written
std::expected<CpuState, Fault> load_far_pointer(CpuState state, const PhysicalMemory& memory, SegmentName which,
                                                Gpr destination, FarPointer pointer, OperandSize size, Vendor vendor);

} // namespace ringcheck::model
