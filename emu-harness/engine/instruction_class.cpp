// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/instruction_class.h"

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

/// 0F 01: group 7, whose register forms are instructions of their own.
Kind group_7(std::uint8_t modrm)
{
    constexpr std::uint8_t kMonitor = 0xc8, kMwait = 0xc9, kSwapgs = 0xf8, kRdtscp = 0xf9;
    constexpr unsigned kSmsw = 4;
    if (register_form(modrm)) {
        switch (modrm) {
        case kMonitor:
        case kMwait: return Kind::Undefined;
        case kSwapgs: return Kind::Swapgs;
        case kRdtscp: return Kind::Rdtscp;
        default: return reg_field(modrm) == kSmsw ? Kind::StoreSystem : Kind::Plain;
        }
    }
    switch (reg_field(modrm)) {
    case 0:
    case 1:
    case kSmsw: return Kind::StoreSystem;
    case 2:
    case 3: return Kind::LoadTable;
    case 7: return Kind::InvalidatePage;
    default: return Kind::Plain;
    }
}

/// F3 0F AE: group 15's register forms with F3.
Kind group_15(const Instruction& instruction)
{
    if (!instruction.repeat || !register_form(instruction.modrm)) {
        return Kind::Plain;
    }
    switch (reg_field(instruction.modrm)) {
    case 2: return Kind::WriteFsBase;
    case 3: return Kind::WriteGsBase;
    default: return Kind::Plain;
    }
}

/// 0F C7: group 9.
Kind group_9(std::uint8_t modrm)
{
    if (!register_form(modrm)) {
        return Kind::Plain;
    }
    switch (reg_field(modrm)) {
    case 6: return Kind::Rdrand;
    case 7: return Kind::Undefined; // RDSEED, RDPID
    default: return Kind::Plain;
    }
}

Kind two_byte(Instruction& instruction, Reader& reader)
{
    instruction.two_byte = true;
    instruction.opcode = reader.next();
    const auto modrm = [&] { return instruction.modrm = reader.next(); };
    switch (instruction.opcode) {
    case 0x00: {
        const unsigned reg = reg_field(modrm());
        return reg < 2 ? Kind::StoreSystem : reg < 4 ? Kind::LoadSelector : Kind::Plain;
    }
    case 0x01: return group_7(modrm());
    case 0x05: return Kind::Syscall;
    case 0x07: return Kind::Sysret;
    case 0x20: modrm(); return Kind::MoveFromControl;
    case 0x21: modrm(); return Kind::MoveFromDebug;
    case 0x22: modrm(); return Kind::MoveToControl;
    case 0x23: modrm(); return Kind::MoveToDebug;
    case 0x30: return Kind::Wrmsr;
    case 0x31: return Kind::Rdtsc;
    case 0x32: return Kind::Rdmsr;
    case 0x34: return Kind::Sysenter;
    case 0x35: return Kind::Sysexit;
    case 0xa2: return Kind::Cpuid;
    case 0xae: modrm(); return group_15(instruction);
    case 0xc7: return group_9(modrm());
    default: return Kind::Plain;
    }
}

Kind one_byte(Instruction& instruction, Reader& reader, bool long_code)
{
    instruction.opcode = reader.next();
    switch (instruction.opcode) {
    case 0x0f: return two_byte(instruction, reader);
    case 0x6c:
    case 0x6d: return Kind::InString;
    case 0x6e:
    case 0x6f: return Kind::OutString;
    case 0x9a:
    case 0xea: return long_code ? Kind::Plain : Kind::FarTransfer;
    case 0x9d: return Kind::MayEnableInterrupts; // POPF
    case 0xca:
    case 0xcb: return Kind::FarTransfer;
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
    case 0xfb: return Kind::MayEnableInterrupts; // STI
    case 0xff: {
        const std::uint8_t modrm = instruction.modrm = reader.next();
        const unsigned reg = reg_field(modrm);
        return (reg == 3 || reg == 5) && !register_form(modrm) ? Kind::FarTransfer : Kind::Plain;
    }
    default: return Kind::Plain;
    }
}

constexpr bool model_executes(Kind kind)
{
    return kind >= Kind::Syscall && kind <= Kind::Undefined;
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
    if (model_executes(instruction.kind)) {
        // None of them takes LOCK.  [SDM 2A LOCK]
        instruction.kind = lock ? Kind::Undefined : instruction.kind;
        instruction.length = reader.position();
    }
    return instruction;
}

} // namespace ringcheck
