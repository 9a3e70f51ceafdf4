// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/instruction_class.h"

#include "engine/aligned_operand.h"

#include <algorithm>

namespace ringcheck {
namespace {

using Kind = InstructionKind;

/// Reads bytes one after the other; past the end it remembers that there were too few.
class Reader {
public:
    explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes.first(std::min(bytes.size(), kLongestInstruction)))
    {
    }
    std::uint8_t next()
    {
        exhausted_ |= position_ >= bytes_.size();
        return exhausted_ ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes_[position_++]);
    }
    std::uint8_t peek() const
    {
        return position_ < bytes_.size() ? static_cast<std::uint8_t>(bytes_[position_]) : std::uint8_t{0};
    }
    /// A little-endian number, sign-extended.
    template <typename Number> Number number()
    {
        std::uint32_t value = 0;
        for (unsigned byte = 0; byte != sizeof(Number); ++byte) {
            value |= std::uint32_t{next()} << 8 * byte;
        }
        return static_cast<Number>(value);
    }
    bool exhausted() const { return exhausted_; }
    std::uint8_t position() const { return static_cast<std::uint8_t>(position_); }

private:
    std::span<const std::byte> bytes_;
    std::size_t position_ = 0;
    bool exhausted_ = false;
};

constexpr bool register_form(std::uint8_t modrm)
{
    return modrm >> 6 == 3;
}

constexpr unsigned reg_field(std::uint8_t modrm)
{
    return modrm >> 3 & 7;
}

/// ModRM, and what follows it in 64-bit mode.  [SDM 2A "64-Bit Mode Addressing"]
std::uint8_t read_operand(Instruction& instruction, Reader& reader, bool long_code)
{
    const std::uint8_t modrm = instruction.modrm = reader.next();
    if (!long_code || register_form(modrm)) {
        return modrm;
    }
    constexpr unsigned kSibFollows = 4, kNoBase = 5;
    const unsigned mode = modrm >> 6;
    unsigned base = modrm & 7;
    if (base == kSibFollows) {
        instruction.sib = reader.next();
        base = instruction.sib & 7;
    }
    if (mode == 1) {
        instruction.displacement = (reader.next() ^ 0x80) - 0x80; // sign-extended
    } else if (mode == 2 || base == kNoBase) {
        instruction.displacement = reader.number<std::int32_t>();
    }
    return modrm;
}

/// 0F 01: group 7, whose register forms are instructions of their own.
Kind group_7(std::uint8_t modrm)
{
    constexpr unsigned kSgdt = 0, kSidt = 1, kLgdt = 2, kLidt = 3, kSmsw = 4, kLmsw = 6, kInvlpg = 7;
    switch (reg_field(modrm)) {
    case kSmsw: return Kind::StoreSystem;
    case kLmsw: return Kind::LoadMachineStatus;
    default: break;
    }
    if (register_form(modrm)) {
        constexpr std::uint8_t kMonitor = 0xc8, kMwait = 0xc9, kClac = 0xca, kStac = 0xcb, kXgetbv = 0xd0,
                               kXsetbv = 0xd1, kRdpkru = 0xee, kWrpkru = 0xef, kSwapgs = 0xf8, kRdtscp = 0xf9;
        switch (modrm) {
        case kMonitor: return Kind::Monitor;
        case kMwait: return Kind::Mwait;
        case kClac:
        case kStac: return Kind::Plain;
        case kXgetbv: return Kind::ReadExtendedControl;
        case kXsetbv: return Kind::WriteExtendedControl;
        case kRdpkru: return Kind::ReadProtectionKeys;
        case kWrpkru: return Kind::WriteProtectionKeys;
        case kSwapgs: return Kind::Swapgs;
        case kRdtscp: return Kind::Rdtscp;
        default: return Kind::Undefined; // VMX, SVM, SGX, transactions, shadow stacks
        }
    }
    switch (reg_field(modrm)) {
    case kSgdt:
    case kSidt: return Kind::StoreSystem;
    case kLgdt:
    case kLidt: return Kind::LoadTable;
    case kInvlpg: return Kind::InvalidatePage;
    default: return Kind::Undefined; // /5: RSTORSSP
    }
}

/// 0F AE: group 15, its register forms with F3 and its memory forms without a prefix.
Kind group_15(const Instruction& instruction)
{
    constexpr unsigned kFxrstor = 1, kLdmxcsr = 2, kWrfsbase = 2, kWrgsbase = 3;
    const unsigned reg = reg_field(instruction.modrm);
    if (register_form(instruction.modrm)) {
        return !instruction.repeat ? Kind::Plain
               : reg == kWrfsbase  ? Kind::WriteFsBase
               : reg == kWrgsbase  ? Kind::WriteGsBase
                                   : Kind::Plain;
    }
    const bool prefix = instruction.repeat || instruction.repeat_not_equal || instruction.operand_size;
    return !prefix && (reg == kFxrstor || reg == kLdmxcsr) ? Kind::LoadFloatControl : Kind::Plain;
}

/// 0F C7: group 9.
Kind group_9(const Instruction& instruction)
{
    constexpr unsigned kCmpxchg8b = 1, kRdrand = 6, kRdseed = 7; // with F3: RDPID
    const std::uint8_t modrm = instruction.modrm;
    if (register_form(modrm)) {
        return reg_field(modrm) == kRdrand                          ? Kind::Rdrand
               : reg_field(modrm) == kRdseed && !instruction.repeat ? Kind::Rdseed
                                                                    : Kind::Undefined;
    }
    return reg_field(modrm) == kCmpxchg8b ? Kind::Plain : Kind::Undefined; // XSAVEC, XSAVES, VMX
}

/// Plain, or AlignedOperand with its operand decoded.
Kind sse(Instruction& instruction, Reader& reader, OpcodeMap map, bool long_code)
{
    const auto prefix = instruction.repeat             ? MandatoryPrefix::Repeat
                        : instruction.repeat_not_equal ? MandatoryPrefix::RepeatNotEqual
                        : instruction.operand_size     ? MandatoryPrefix::Operand
                                                       : MandatoryPrefix::None;
    if (!long_code || !needs_aligned_operand(map, instruction.opcode, prefix) ||
        register_form(read_operand(instruction, reader, long_code))) {
        return Kind::Plain;
    }
    if (has_immediate(map, instruction.opcode)) {
        reader.next();
    }
    return Kind::AlignedOperand;
}

/// SETcc; group 2, which shifts and rotates.
Kind if_in_memory(std::uint8_t modrm)
{
    return register_form(modrm) ? Kind::Plain : Kind::EvaluatesFlags;
}
Kind group_2(std::uint8_t modrm)
{
    constexpr unsigned kRcl = 2, kRcr = 3;
    const unsigned reg = reg_field(modrm);
    return reg == kRcl || reg == kRcr ? if_in_memory(modrm) : Kind::Plain;
}

/// 66 0F 38: those of the invalidations.
Kind three_byte(Instruction& instruction, Reader& reader, bool long_code)
{
    constexpr std::uint8_t kInvept = 0x80, kInvvpid = 0x81, kInvpcid = 0x82;
    instruction.opcode = reader.next();
    switch (instruction.operand_size ? instruction.opcode : 0) {
    case kInvept:
    case kInvvpid: return Kind::Undefined;
    case kInvpcid:
        return register_form(read_operand(instruction, reader, long_code)) ? Kind::Undefined : Kind::InvalidatePcid;
    default: return sse(instruction, reader, OpcodeMap::Three38, long_code);
    }
}

Kind two_byte(Instruction& instruction, Reader& reader, bool long_code)
{
    instruction.two_byte = true;
    instruction.opcode = reader.next();
    const auto operand = [&] { return read_operand(instruction, reader, long_code); };
    switch (instruction.opcode) {
    case 0x00: {
        const unsigned reg = reg_field(operand());
        return reg < 2 ? Kind::StoreSystem : reg < 4 ? Kind::LoadSelector : Kind::Plain;
    }
    case 0x01: return group_7(operand());
    case 0x05: return Kind::Syscall;
    case 0x07: return Kind::Sysret;
    case 0x20: instruction.modrm = reader.next(); return Kind::MoveFromControl; // always of the register form
    case 0x21: instruction.modrm = reader.next(); return Kind::MoveFromDebug;
    case 0x22: instruction.modrm = reader.next(); return Kind::MoveToControl;
    case 0x23: instruction.modrm = reader.next(); return Kind::MoveToDebug;
    case 0x30: return Kind::Wrmsr;
    case 0x31: return Kind::Rdtsc;
    case 0x32: return Kind::Rdmsr;
    case 0x33: return Kind::ReadCounter;
    case 0x34: return Kind::Sysenter;
    case 0x35: return Kind::Sysexit;
    case 0x38: return three_byte(instruction, reader, long_code);
    case 0x3a: instruction.opcode = reader.next(); return sse(instruction, reader, OpcodeMap::Three3a, long_code);
    case 0x37:                         // GETSEC
    case 0x78:                         // VMREAD
    case 0x79:                         // VMWRITE
    case 0xaa: return Kind::Undefined; // RSM
    case 0x90:
    case 0x91:
    case 0x92:
    case 0x93:
    case 0x94:
    case 0x95:
    case 0x96:
    case 0x97:
    case 0x98:
    case 0x99:
    case 0x9a:
    case 0x9b:
    case 0x9c:
    case 0x9d:
    case 0x9e:
    case 0x9f: return if_in_memory(operand()); // SETcc
    case 0xa1:
    case 0xa9: return Kind::PopSegment;
    case 0xa2: return Kind::Cpuid;
    case 0xae: operand(); return group_15(instruction);
    case 0xb2:
    case 0xb4:
    case 0xb5: return register_form(operand()) ? Kind::Undefined : Kind::LoadFarPointer;
    case 0xc7: operand(); return group_9(instruction);
    default: return sse(instruction, reader, OpcodeMap::Two, long_code);
    }
}

Kind one_byte(Instruction& instruction, Reader& reader, bool long_code)
{
    instruction.opcode = reader.next();
    switch (instruction.opcode) {
    case 0x0f: return two_byte(instruction, reader, long_code);
    case 0x6c:
    case 0x6d: return Kind::InString;
    case 0x6e:
    case 0x6f: return Kind::OutString;
    case 0x8e: read_operand(instruction, reader, long_code); return Kind::MoveToSegment;
    case 0x9a:
    case 0xea: return long_code ? Kind::Plain : Kind::FarTransfer;
    case 0x9d: return Kind::PopFlags;
    case 0xc0:
    case 0xc1:
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3: return group_2(read_operand(instruction, reader, long_code));
    case 0xca: instruction.immediate = reader.number<std::uint16_t>(); return Kind::FarReturn;
    case 0xcb: return Kind::FarReturn;
    case 0xcc: return Kind::Int3;
    case 0xcd: instruction.immediate = reader.next(); return Kind::IntN;
    case 0xce: return long_code ? Kind::Plain : Kind::IntO;
    case 0xcf: return Kind::Iret;
    case 0xe4:
    case 0xe5: instruction.immediate = reader.next(); return Kind::In;
    case 0xe6:
    case 0xe7: instruction.immediate = reader.next(); return Kind::Out;
    case 0xec:
    case 0xed: return Kind::In;
    case 0xee:
    case 0xef: return Kind::Out;
    case 0xf1: return Kind::Icebp;
    case 0xf4: return Kind::Hlt;
    case 0xfb: return Kind::EnableInterrupts;
    case 0xff: {
        const std::uint8_t modrm = read_operand(instruction, reader, long_code);
        const unsigned reg = reg_field(modrm);
        return register_form(modrm) ? Kind::Plain : reg == 3 ? Kind::FarCall : reg == 5 ? Kind::FarJump : Kind::Plain;
    }
    default: return Kind::Plain;
    }
}

/// Outside 64-bit mode the engine loads segments and reads memory operands.
Kind outside_64_bit_mode(Kind kind)
{
    switch (kind) {
    case Kind::FarCall:
    case Kind::FarJump:
    case Kind::FarReturn: return Kind::FarTransfer;
    case Kind::MoveToSegment:
    case Kind::PopSegment:
    case Kind::LoadFarPointer:
    case Kind::LoadTable:
    case Kind::LoadSelector:
    case Kind::LoadFloatControl:
    case Kind::LoadMachineStatus: return Kind::Plain;
    case Kind::InvalidatePcid: return Kind::Undefined;
    default: return kind;
    }
}

} // namespace

Instruction classify(std::span<const std::byte> bytes, bool long_code)
{
    Reader reader(bytes);
    Instruction instruction;
    bool lock = false;
    for (bool more = true; more;) {
        switch (reader.peek()) {
        case 0x66: instruction.operand_size = true; break;
        case 0x67: instruction.address_size = true; break;
        case 0xf0: lock = true; break;
        case 0xf2: instruction.repeat_not_equal = true; break;
        case 0xf3: instruction.repeat = true; break;
        case 0x26:
        case 0x2e:
        case 0x36:
        case 0x3e:
            if (!long_code) {
                instruction.segment_override = reader.peek();
            }
            break;
        case 0x64:
        case 0x65: instruction.segment_override = reader.peek(); break;
        default:
            // Only a REX right before the opcode counts: a prefix after it makes the CPU forget it.
            more = long_code && (reader.peek() & 0xf0) == 0x40;
            if (more) {
                instruction.rex = reader.next();
                const std::uint8_t after = reader.peek();
                const bool is_prefix = after == 0x66 || after == 0x67 || after == 0xf0 || after == 0xf2 ||
                                       after == 0xf3 || after == 0x26 || after == 0x2e || after == 0x36 ||
                                       after == 0x3e || after == 0x64 || after == 0x65 || (after & 0xf0) == 0x40;
                if (is_prefix) {
                    instruction.rex = 0;
                } else {
                    more = false;
                }
            }
            continue;
        }
        reader.next();
        more = !reader.exhausted();
    }
    instruction.kind = one_byte(instruction, reader, long_code);
    if (reader.exhausted()) {
        return {};
    }
    if (!long_code) {
        instruction.kind = outside_64_bit_mode(instruction.kind);
    }
    if (instruction.kind != Kind::Plain && instruction.kind != Kind::EvaluatesFlags) {
        instruction.length = reader.position();
    }
    if (lock && instruction.kind != Kind::Plain) {
        instruction.kind = Kind::Undefined; // none of them takes LOCK  [SDM 2A LOCK]
    }
    return instruction;
}

} // namespace ringcheck
