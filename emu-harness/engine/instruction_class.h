// SPDX-License-Identifier: GPL-2.0-or-later
// Which instructions the engine may execute by itself, and what the others are, from their first bytes.
// Only what a privilege transition or the machine depends on is told apart; everything else is Plain, also when it is
// no instruction at all: the engine raises #UD then.  [SDM 2D "Opcode Map"; SDM 2A "Instruction Prefixes"]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ringcheck {

enum class InstructionKind : std::uint8_t {
    Plain,
    // The model executes these.
    Syscall,
    Sysret,
    Sysenter,
    Sysexit,
    Iret,
    IntN,
    Int3,
    IntO,
    Icebp,
    Swapgs,
    WriteFsBase,
    WriteGsBase,
    MoveToControl,
    MoveFromControl,
    MoveToDebug,
    MoveFromDebug,
    Rdmsr,
    Wrmsr,
    Cpuid,
    Rdtsc,
    Rdtscp,
    Rdrand,
    Rdseed,
    Hlt,
    In,
    Out,
    InString,
    OutString,
    MoveToSegment,  ///< MOV Sreg
    PopSegment,     ///< POP FS, POP GS
    LoadFarPointer, ///< LSS, LFS, LGS
    FarCall,        ///< through memory, in 64-bit mode, as FarJump
    FarJump,
    FarReturn,         ///< in 64-bit mode
    LoadTable,         ///< LGDT, LIDT
    LoadSelector,      ///< LLDT, LTR
    LoadMachineStatus, ///< LMSW
    ReadExtendedControl,
    WriteExtendedControl,
    ReadCounter, ///< RDPMC
    Monitor,
    Mwait,
    InvalidatePcid,
    ReadProtectionKeys,
    WriteProtectionKeys,
    Undefined, ///< the engine knows it, the machine's CPUID does not offer it
    // The engine executes these, one at a time, and the machine looks at the result.
    LoadFloatControl, ///< LDMXCSR, FXRSTOR (64-bit mode): reserved bits of MXCSR
    StoreSystem,      ///< SGDT, SIDT, SLDT, STR, SMSW: CR4.UMIP may forbid them
    FarTransfer,      ///< far CALL, JMP, RET outside 64-bit mode
    // The engine executes these freely, unless the machine has to look because of what goes on beside them.
    InvalidatePage,   ///< INVLPG
    EnableInterrupts, ///< STI
    PopFlags,         ///< POPF
    EvaluatesFlags,   ///< SETcc, RCL and RCR in memory: a fault finds them evaluated, so they must be announced
    AlignedOperand,   ///< SSE with an operand of 16 bytes in memory, which must be aligned (64-bit mode)
};

inline constexpr std::size_t kLongestInstruction = 15;

/// How an instruction reads, as far as its kind needs it.
struct Instruction {
    InstructionKind kind = InstructionKind::Plain;
    std::uint8_t length = 0;       ///< in bytes; 0 for Plain and EvaluatesFlags
    std::uint8_t opcode = 0;       ///< the last opcode byte
    std::uint8_t modrm = 0;        ///< 0 when there is none
    std::uint8_t sib = 0;          ///< 0 when there is none
    std::int32_t displacement = 0; ///< of a memory operand
    std::uint16_t immediate = 0;   ///< INT n, IN and OUT with a port number, far RET
    std::uint8_t rex = 0;          ///< the REX prefix that counts, 0 if none
    bool two_byte = false;         ///< the opcode follows 0F
    bool operand_size = false, repeat = false, repeat_not_equal = false, address_size = false;
    std::uint8_t segment_override = 0; ///< the prefix byte, 0 if none; in 64-bit mode FS's or GS's alone

    /// The general register that ModRM.rm names, and what ModRM.reg names, 0..15.
    constexpr unsigned rm() const { return (modrm & 7u) | (rex & 1u) << 3; }
    constexpr unsigned reg() const { return (modrm >> 3 & 7u) | (rex & 4u) << 1; }
    constexpr bool rex_w() const { return (rex & 8u) != 0; }
    constexpr bool register_operand() const { return modrm >> 6 == 3; }
    /// INS, OUTS, MOVS, CMPS, STOS, LODS or SCAS with a REP prefix: it can be interrupted between two iterations.
    constexpr bool repeated_string() const
    {
        const bool string = (opcode >= 0x6c && opcode <= 0x6f) || (opcode >= 0xa4 && opcode <= 0xa7) ||
                            (opcode >= 0xaa && opcode <= 0xaf);
        return string && (repeat || repeat_not_equal) && !two_byte;
    }
    /// Two executions of it in a row, with nothing between them, are possible: a branch to itself, or an iteration.
    constexpr bool may_follow_itself() const
    {
        if (two_byte) {
            return (opcode & 0xf0) == 0x80; // Jcc
        }
        const bool short_branch = (opcode & 0xf0) == 0x70 || (opcode >= 0xe0 && opcode <= 0xe3) || opcode == 0xeb;
        const bool near_branch = opcode == 0xe8 || opcode == 0xe9 || opcode == 0xff;
        const bool near_return = opcode == 0xc2 || opcode == 0xc3;
        return short_branch || near_branch || near_return || repeated_string();
    }
};

/// @param bytes     the instruction and perhaps more
/// @param long_code true in 64-bit mode, where 0x40..0x4f are REX prefixes
/// Fewer bytes than the instruction has: Plain.
Instruction classify(std::span<const std::byte> bytes, bool long_code);

} // namespace ringcheck
