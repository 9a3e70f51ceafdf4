// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/disassembly.h"

#include "arch/control_registers.h"

#include <capstone/capstone.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace ringcheck {
namespace {

using model::CpuState;
using model::Gpr;

class Decoder {
public:
    explicit Decoder(bool long_code)
    {
        open_ = cs_open(CS_ARCH_X86, long_code ? CS_MODE_64 : CS_MODE_32, &handle_) == CS_ERR_OK;
        if (open_) {
            cs_option(handle_, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
            cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
            instruction_ = cs_malloc(handle_);
        }
    }
    ~Decoder()
    {
        if (open_) {
            cs_free(instruction_, 1);
            cs_close(&handle_);
        }
    }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    /// Valid until the next call; nullptr when there is no such instruction.
    const cs_insn* decode(std::span<const std::byte> bytes, std::uint64_t rip)
    {
        const auto* code = reinterpret_cast<const std::uint8_t*>(bytes.data());
        std::size_t size = bytes.size();
        return open_ && cs_disasm_iter(handle_, &code, &size, &rip, instruction_) ? instruction_ : nullptr;
    }

    /// Opening one costs 50 us, so each thread keeps its two.
    static Decoder& of(bool long_code)
    {
        thread_local Decoder narrow(false), wide(true);
        return long_code ? wide : narrow;
    }

private:
    csh handle_ = 0;
    bool open_ = false;
    cs_insn* instruction_ = nullptr;
};

/// A 64-bit or 32-bit general register by Capstone's number; nullopt for the narrow ones, which address nothing here.
std::optional<std::uint64_t> value_of(const CpuState& state, x86_reg reg)
{
    static const std::map<x86_reg, Gpr> wide_registers{
        {X86_REG_RAX, Gpr::Rax}, {X86_REG_RCX, Gpr::Rcx}, {X86_REG_RDX, Gpr::Rdx}, {X86_REG_RBX, Gpr::Rbx},
        {X86_REG_RSP, Gpr::Rsp}, {X86_REG_RBP, Gpr::Rbp}, {X86_REG_RSI, Gpr::Rsi}, {X86_REG_RDI, Gpr::Rdi},
        {X86_REG_R8, Gpr::R8},   {X86_REG_R9, Gpr::R9},   {X86_REG_R10, Gpr::R10}, {X86_REG_R11, Gpr::R11},
        {X86_REG_R12, Gpr::R12}, {X86_REG_R13, Gpr::R13}, {X86_REG_R14, Gpr::R14}, {X86_REG_R15, Gpr::R15}};
    static const std::map<x86_reg, Gpr> half_registers{
        {X86_REG_EAX, Gpr::Rax},  {X86_REG_ECX, Gpr::Rcx},  {X86_REG_EDX, Gpr::Rdx},  {X86_REG_EBX, Gpr::Rbx},
        {X86_REG_ESP, Gpr::Rsp},  {X86_REG_EBP, Gpr::Rbp},  {X86_REG_ESI, Gpr::Rsi},  {X86_REG_EDI, Gpr::Rdi},
        {X86_REG_R8D, Gpr::R8},   {X86_REG_R9D, Gpr::R9},   {X86_REG_R10D, Gpr::R10}, {X86_REG_R11D, Gpr::R11},
        {X86_REG_R12D, Gpr::R12}, {X86_REG_R13D, Gpr::R13}, {X86_REG_R14D, Gpr::R14}, {X86_REG_R15D, Gpr::R15}};
    if (const auto wide = wide_registers.find(reg); wide != wide_registers.end()) {
        return state[wide->second];
    }
    if (const auto half = half_registers.find(reg); half != half_registers.end()) {
        return state[half->second] & 0xffff'ffff;
    }
    return std::nullopt;
}

MemoryOperand operand(const x86_op_mem& memory, const CpuState& state, std::uint64_t next_rip)
{
    const bool relative = memory.base == X86_REG_RIP;
    const std::uint64_t base = relative ? next_rip : value_of(state, memory.base).value_or(0);
    const std::uint64_t index = value_of(state, memory.index).value_or(0);
    MemoryOperand result;
    result.uses_gs = memory.segment == X86_REG_GS;
    // In 64-bit mode only FS and GS have a base.  [SDM 1 "Segmentation in 64-Bit Mode"]
    const std::uint64_t segment = result.uses_gs ? state.gs.base : memory.segment == X86_REG_FS ? state.fs.base : 0;
    result.address =
        segment + base + index * static_cast<std::uint64_t>(memory.scale) + static_cast<std::uint64_t>(memory.disp);
    result.stack = memory.segment == X86_REG_INVALID && (memory.base == X86_REG_RSP || memory.base == X86_REG_RBP);
    return result;
}

bool in(const std::string& word, std::initializer_list<const char*> list)
{
    return std::ranges::any_of(list, [&word](const char* one) { return word == one; });
}

/// PUSH, POP, CALL and RET reach the stack without naming it.
void add_stack(Disassembly& result, const CpuState& state)
{
    constexpr std::uint64_t kWord = sizeof(std::uint64_t);
    const std::string& name = result.mnemonic;
    result.pushes = in(name, {"push", "pushq", "pushw", "pushf", "pushfq", "call", "callq", "lcall", "lcallq"});
    const bool pops = in(name, {"pop", "popq", "popw", "popf", "popfq", "ret", "retq", "iret", "iretq", "iretl"});
    const std::uint64_t rsp = state[Gpr::Rsp];
    if (result.pushes) {
        result.memory.push_back({rsp - kWord, true, false});
    } else if (pops) {
        result.memory.push_back({rsp, true, false});
    } else if (in(name, {"leave", "leaveq"})) {
        result.memory.push_back({state[Gpr::Rbp], true, false});
    }
}

} // namespace

Disassembly disassemble(std::span<const std::byte> bytes, const CpuState& state)
{
    const cs_insn* const instruction = Decoder::of(state.in_64_bit_mode()).decode(bytes, state.rip);
    Disassembly result;
    if (instruction == nullptr) {
        result.text = bytes.empty() ? "(unreadable)" : "(bad)";
        for (const std::byte byte : bytes.first(std::min<std::size_t>(bytes.size(), 4))) {
            result.text += fmt::format(" {:02x}", static_cast<unsigned>(byte));
        }
        return result;
    }
    result.mnemonic = instruction->mnemonic;
    result.text = result.mnemonic + (*instruction->op_str == '\0' ? "" : std::string(" ") + instruction->op_str);
    result.length = instruction->size;
    const bool branch = in(result.mnemonic, {"call", "callq", "jmp", "jmpq"});
    for (const cs_x86_op& one : std::span(instruction->detail->x86.operands, instruction->detail->x86.op_count)) {
        if (one.type == X86_OP_MEM && !result.mnemonic.starts_with("lea") && !result.mnemonic.starts_with("nop")) {
            result.memory.push_back(operand(one.mem, state, state.rip + instruction->size));
            result.target_in_memory |= branch;
        } else if (one.type == X86_OP_REG && branch) {
            result.target = value_of(state, one.reg);
        }
    }
    if (result.target_in_memory) {
        return result;
    }
    add_stack(result, state);
    result.target_in_memory = in(result.mnemonic, {"ret", "retq"});
    return result;
}

} // namespace ringcheck
