// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/state_door.h"

#include "arch/control_registers.h"
#include "arch/msr.h"
#include "arch/rflags.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <malloc.h>
#include <memory>
#include <optional>
#include <vector>

namespace ringcheck {
namespace {

constexpr std::array kGprs = {UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX,
                              UC_X86_REG_RSP, UC_X86_REG_RBP, UC_X86_REG_RSI, UC_X86_REG_RDI,
                              UC_X86_REG_R8,  UC_X86_REG_R9,  UC_X86_REG_R10, UC_X86_REG_R11,
                              UC_X86_REG_R12, UC_X86_REG_R13, UC_X86_REG_R14, UC_X86_REG_R15};
constexpr std::array kDebugRegisters = {UC_X86_REG_DR0, UC_X86_REG_DR1, UC_X86_REG_DR2, UC_X86_REG_DR3};

/// Distinct words that nothing in a fresh engine contains.
constexpr std::uint64_t magic(std::uint64_t group, std::uint64_t index)
{
    return 0x5eed'0000'0000'0000 + (group << 40) + index * 0x0001'2345'6789;
}

template <std::size_t Count>
std::array<std::uint64_t, Count> plant(uc_engine* engine, const std::array<uc_x86_reg, Count>& registers,
                                       std::uint64_t group)
{
    std::array<std::uint64_t, Count> words;
    for (std::size_t index = 0; index < Count; ++index) {
        words[index] = magic(group, index);
        uc_reg_write(engine, registers[index], &words[index]);
    }
    return words;
}

/// The one place where `words` stand in the blob; none when they stand nowhere or twice.
std::optional<std::size_t> find_once(const void* blob, std::size_t size, const void* words, std::size_t bytes)
{
    std::optional<std::size_t> found;
    for (std::size_t offset = 0; offset + bytes <= size; offset += 4) {
        if (std::memcmp(static_cast<const std::byte*>(blob) + offset, words, bytes) == 0) {
            if (found) {
                return std::nullopt;
            }
            found = offset;
        }
    }
    return found;
}

/// A range of this process's memory.
struct Range {
    std::uintptr_t begin, end;
};

/// Where this process may read and write.  The heap of a process that fork() has made is two lines, whose border may be
/// within an object: what touches is one range.  [proc(5) "/proc/pid/maps"]
std::vector<Range> writable_memory()
{
    std::vector<Range> ranges;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        const std::size_t dash = line.find('-'), blank = line.find(' ');
        if (dash == std::string::npos || line.compare(blank + 1, 2, "rw") != 0) {
            continue;
        }
        const Range range{std::strtoull(line.c_str(), nullptr, 16),
                          std::strtoull(line.c_str() + dash + 1, nullptr, 16)};
        if (!ranges.empty() && ranges.back().end == range.begin) {
            ranges.back().end = range.end;
        } else {
            ranges.push_back(range);
        }
    }
    return ranges;
}

/// Looks for `words` from `begin` on.  The memory belongs to others: no library call and no sanitizer may judge it.
template <std::size_t Count>
[[clang::no_sanitize("address", "undefined")]] std::uint64_t* find_words(Range range,
                                                                         const std::array<std::uint64_t, Count>& words)
{
    for (std::uintptr_t at = range.begin; at + sizeof words <= range.end; at += sizeof(std::uint64_t)) {
        auto* const found = reinterpret_cast<std::uint64_t*>(at);
        std::size_t equal = 0;
        while (equal < Count && found[equal] == words[equal]) {
            ++equal;
        }
        if (equal == Count) {
            return found;
        }
    }
    return nullptr;
}

} // namespace

/// A copy of the engine's state.
class StateDoor::Context {
public:
    explicit Context(uc_engine* engine) : engine_(engine), size_(uc_context_size(engine))
    {
        uc_context* made = nullptr;
        result_ = uc_context_alloc(engine, &made);
        context_.reset(made);
    }
    uc_err result() const { return result_; }
    void save() { uc_context_save(engine_, context_.get()); }
    void restore() { uc_context_restore(engine_, context_.get()); }
    const std::byte* bytes() const { return reinterpret_cast<const std::byte*>(context_.get()); }
    std::size_t size() const { return size_; }

    std::size_t registers = 0; ///< where the general registers stand, with which the state begins

private:
    struct Free {
        void operator()(uc_context* context) const { uc_context_free(context); }
    };
    uc_engine* engine_;
    std::size_t size_;
    uc_err result_;
    std::unique_ptr<uc_context, Free> context_;
};

bool StateDoor::find_registers(Context& context)
{
    const auto gprs = plant(engine_, kGprs, 1);
    const auto debug_registers = plant(engine_, kDebugRegisters, 2);
    const std::array bases = plant(engine_, std::array{UC_X86_REG_FS_BASE, UC_X86_REG_GS_BASE}, 3);
    const std::uint64_t cr2 = magic(4, 0), rip = magic(5, 0);
    uc_reg_write(engine_, UC_X86_REG_CR2, &cr2);
    uc_reg_write(engine_, UC_X86_REG_RIP, &rip);
    const uc_x86_mmr gdtr{0, magic(6, 0), 0x5aa7, 0}, idtr{0, magic(6, 1), 0x5aa5, 0};
    uc_reg_write(engine_, UC_X86_REG_GDTR, &gdtr);
    uc_reg_write(engine_, UC_X86_REG_IDTR, &idtr);
    context.save();

    const auto base = find_once(context.bytes(), context.size(), gprs.data(), sizeof gprs);
    const auto dr = find_once(context.bytes(), context.size(), debug_registers.data(), sizeof debug_registers);
    if (!base || !dr || *dr < *base + 424 + 5 * sizeof(std::uint64_t) || *dr + 104 > context.size()) {
        return false;
    }
    context.registers = *base;
    dr_ = *dr - *base;
    if (!find_live_state(context)) {
        return false;
    }
    constexpr unsigned kFs = 4, kGs = 5, kGdtr = 8, kIdtr = 9;
    // A fresh engine of 64-bit mode is in ring 0 of 64-bit mode.
    constexpr std::uint32_t kMode = hflags::kProtected | hflags::kLongMode | hflags::kCs64;
    return this->rip() == rip && segments()[kFs].base == bases[0] && segments()[kGs].base == bases[1] &&
           segments()[kGdtr].base == gdtr.base && segments()[kGdtr].limit == gdtr.limit &&
           segments()[kIdtr].base == idtr.base && segments()[kIdtr].limit == idtr.limit && cr()[2] == cr2 &&
           (hidden_flags() & (kMode | hflags::kCpl)) == kMode;
}

/// Whether what is equal to the copied registers is where they were copied from.
bool StateDoor::is_live_state(const std::uint64_t* found, const Context& context)
{
    const std::byte* const copy = context.bytes() + context.registers;
    const auto* const state = reinterpret_cast<const std::byte*>(found);
    if (state == copy) {
        return false;
    }
    const std::uint64_t rax = found[0], other = magic(7, 0);
    uc_reg_write(engine_, UC_X86_REG_RAX, &other);
    const bool live = found[0] == other;
    uc_reg_write(engine_, UC_X86_REG_RAX, &rax);
    return live && std::memcmp(state, copy, context.size() - context.registers) == 0;
}

/// Finds the memory that the context was copied from.  The engine's record points to its CPU, whose state is part of
/// it. What is found there is equal to the copy in every byte, and changes when a register is written.
bool StateDoor::find_live_state(const Context& context)
{
    constexpr std::size_t kLargestCpu = 256 << 10;
    std::array<std::uint64_t, kGprs.size()> gprs;
    std::memcpy(gprs.data(), context.bytes() + context.registers, sizeof gprs);
    const std::vector<Range> memory = writable_memory();
    const auto* const record = reinterpret_cast<const std::uintptr_t*>(engine_);
    const std::size_t words = malloc_usable_size(engine_) / sizeof(std::uintptr_t);
    for (std::size_t word = 0; word < words; ++word) {
        const std::uintptr_t pointer = record[word];
        const auto range = std::ranges::find_if(
            memory, [&](Range candidate) { return pointer >= candidate.begin && pointer < candidate.end; });
        if (range == memory.end() || pointer % sizeof(std::uint64_t) != 0) {
            continue;
        }
        // What an engine that is gone has left in freed memory looks like it, and may lie in front of it.
        const Range near{pointer, std::min(range->end, pointer + kLargestCpu)};
        for (std::uint64_t* found = find_words(near, gprs); found != nullptr;
             found = find_words({reinterpret_cast<std::uintptr_t>(found + 1), near.end}, gprs)) {
            if (is_live_state(found, context)) {
                state_ = reinterpret_cast<std::byte*>(found);
                return true;
            }
        }
    }
    return false;
}

bool StateDoor::find_efer()
{
    namespace efer = arch::efer;
    constexpr auto kIndex = static_cast<std::uint32_t>(arch::Msr::IA32_EFER);
    // Both with LMA, which a write keeps.  The second write tells EFER from a word that is like the first by chance.
    constexpr std::uint64_t kFirst = efer::kLongModeEnable | efer::kLongModeActive;
    constexpr std::uint64_t kSecond = kFirst | efer::kSyscallEnable | efer::kNoExecuteEnable;
    const uc_x86_msr first{kIndex, kFirst}, second{kIndex, kSecond};
    const std::size_t after_cr = 424 + 5 * sizeof(std::uint64_t);

    uc_reg_write(engine_, UC_X86_REG_MSR, &second);
    unsigned found = 0;
    for (std::size_t offset = after_cr; offset < dr_; offset += 4) {
        std::uint64_t word = 0;
        std::memcpy(&word, at<std::byte>(offset), sizeof word);
        if (word != kSecond) {
            continue;
        }
        uc_reg_write(engine_, UC_X86_REG_MSR, &first);
        std::memcpy(&word, at<std::byte>(offset), sizeof word);
        if (word == kFirst) {
            efer_ = offset;
            ++found;
        }
        uc_reg_write(engine_, UC_X86_REG_MSR, &second);
    }
    uc_reg_write(engine_, UC_X86_REG_MSR, &first);
    return found == 1;
}

/// Writing RFLAGS leaves the flags evaluated.
bool StateDoor::verify_lazy_flags()
{
    std::uint64_t before = 0;
    uc_reg_read(engine_, UC_X86_REG_EFLAGS, &before);
    bool verified = true;
    for (const std::uint64_t flags : {arch::rflags::kCarry | arch::rflags::kAdjust, arch::rflags::kZero}) {
        const std::uint64_t word = flags | arch::rflags::kAlwaysOne;
        uc_reg_write(engine_, UC_X86_REG_EFLAGS, &word);
        const LazyFlags lazy = lazy_flags();
        verified = verified && lazy.operation == LazyFlags::kEvaluated && lazy.source == flags;
    }
    uc_reg_write(engine_, UC_X86_REG_EFLAGS, &before);
    return verified;
}

/// A run begins by evaluating what `raw_rflags` holds and ends by adding to it what the flags are then.
void StateDoor::set_lazy_flags(const LazyFlags& flags)
{
    std::memcpy(state_ + kLazyFlags, &flags, kLazyFlagsBytes);
    raw_rflags() &= ~arch::rflags::kArithmetic;
    std::uint64_t evaluated = 0;
    uc_reg_read(engine_, UC_X86_REG_RFLAGS, &evaluated);
    raw_rflags() |= evaluated & arch::rflags::kArithmetic;
}

/// Lets the engine load a selector beyond an empty GDT, which is #GP with that selector as its error code.
bool StateDoor::verify_exceptions(Context& context, std::byte* scratch)
{
    // divss %xmm0, %xmm0, with 0 in it; wrpkru; mov %eax, %ds
    constexpr std::array<unsigned char, 9> kCode = {0xf3, 0x0f, 0x5e, 0xc0, 0x0f, 0x01, 0xef, 0x8e, 0xd8};
    constexpr std::uint8_t kInvalidOperation = 1;
    constexpr std::uint64_t kSelector = 0x5a58, kZero = 0;
    constexpr std::uint32_t kRights = 0x5eed'0000 | kSelector;
    constexpr std::uint64_t kEax = kRights;
    constexpr int kGeneralProtection = 13;
    constexpr std::uint64_t kAddress = 16; // not 0, where a run ends
    scratch += kAddress;
    std::array<unsigned char, kCode.size()> kept;
    std::memcpy(kept.data(), scratch, kept.size());
    std::memcpy(scratch, kCode.data(), kCode.size());

    context.save();
    segments()[8].limit = 0; // GDTR
    old_exception() = -1;
    error_code() = 0;
    const bool none_met = sse_exceptions() == 0;
    cr()[4] |= arch::cr4::kProtectionKeys;
    uc_reg_write(engine_, UC_X86_REG_RAX, &kEax);
    uc_reg_write(engine_, UC_X86_REG_RCX, &kZero);
    uc_reg_write(engine_, UC_X86_REG_RDX, &kZero);
    // Without an interrupt hook, the first exception ends the run.  A `count` would leave a hook behind, whose removal
    // in the next run translates this address and faults.
    const uc_err result = uc_emu_start(engine_, kAddress, 0, 0, 0);
    uc_reg_write(engine_, UC_X86_REG_RAX, &kZero); // so that the rights stand in one place alone
    const auto rights = find_once(state_, context.size() - context.registers, &kRights, sizeof kRights);
    pkru_ = rights.value_or(0);
    const bool verified = rights && result == UC_ERR_EXCEPTION && error_code() == kSelector &&
                          exception_is_int() == 0 && old_exception() == kGeneralProtection && none_met &&
                          sse_exceptions() == kInvalidOperation;

    std::memcpy(scratch, kept.data(), kept.size());
    uc_ctl_flush_tb(engine_);
    context.restore();
    old_exception() = -1;
    return verified;
}

namespace {

constexpr std::size_t kX87Stride = 16, kXmmStride = 64;
/// Before the x87 registers: TOP (4 bytes), status without it (2), control (2), tags (8), padding (4).
constexpr std::size_t kTop = 20, kStatus = 16, kControl = 14, kTags = 12;
constexpr unsigned kTopShift = 11;

template <typename Field> Field read_field(const std::byte* place)
{
    Field field;
    std::memcpy(&field, place, sizeof field);
    return field;
}

} // namespace

/// Finds the registers by planted values, and verifies what stands around them by more of those.
bool StateDoor::find_floats()
{
    using Xmm = model::FloatState::Xmm;
    Context before(engine_);
    before.save();
    const Xmm first{magic(8, 0), magic(8, 1)}, last{magic(8, 2), magic(8, 3)};
    uc_reg_write(engine_, UC_X86_REG_XMM0, first.data());
    uc_reg_write(engine_, UC_X86_REG_XMM15, last.data());
    struct Extended {
        std::uint64_t significand;
        std::uint16_t exponent;
    };
    const Extended r0{magic(9, 0), 0}, r7{magic(9, 1), 0};
    uc_reg_write(engine_, UC_X86_REG_FP0, &r0);
    uc_reg_write(engine_, UC_X86_REG_FP7, &r7);
    constexpr std::uint16_t kPlantedControl = 0x0f7f, kPlantedStatus = 0x4100 | 3 << kTopShift;
    constexpr std::uint32_t kPlantedMxcsr = 0x5fa0;
    uc_reg_write(engine_, UC_X86_REG_FPCW, &kPlantedControl);
    uc_reg_write(engine_, UC_X86_REG_FPSW, &kPlantedStatus);
    uc_reg_write(engine_, UC_X86_REG_MXCSR, &kPlantedMxcsr);

    const auto xmm = find_once(state_, dr_, first.data(), sizeof first);
    const auto x87 = find_once(state_, dr_, &r0.significand, sizeof r0.significand);
    bool found = xmm && x87 && *x87 >= kTop && *xmm > *x87 + 8 * kX87Stride;
    if (found) {
        xmm_ = *xmm;
        x87_ = *x87;
        const auto mxcsr = find_once(state_ + xmm_ - kX87Stride, kX87Stride, &kPlantedMxcsr, sizeof kPlantedMxcsr);
        mxcsr_ = xmm_ - kX87Stride + mxcsr.value_or(0);
        const model::FloatState seen = floats();
        found = mxcsr && seen.xmm[0] == first && seen.xmm[15] == last && seen.control == kPlantedControl &&
                seen.status == kPlantedStatus && read_field<std::uint64_t>(seen.physical[7].data()) == r7.significand;
    }
    before.restore();
    return found;
}

model::FloatState StateDoor::floats() const
{
    model::FloatState floats;
    for (std::size_t n = 0; n < floats.xmm.size(); ++n) {
        std::memcpy(floats.xmm[n].data(), state_ + xmm_ + n * kXmmStride, sizeof floats.xmm[n]);
    }
    const std::byte* const x87 = state_ + x87_;
    for (std::size_t n = 0; n < floats.physical.size(); ++n) {
        std::memcpy(floats.physical[n].data(), x87 + n * kX87Stride, floats.physical[n].size());
        floats.empty[n] = x87[static_cast<std::ptrdiff_t>(n) - static_cast<std::ptrdiff_t>(kTags)] != std::byte{0};
    }
    floats.control = read_field<std::uint16_t>(x87 - kControl);
    const auto top = read_field<std::uint32_t>(x87 - kTop);
    floats.status = static_cast<std::uint16_t>(read_field<std::uint16_t>(x87 - kStatus) | top << kTopShift);
    floats.mxcsr = read_field<std::uint32_t>(state_ + mxcsr_);
    return floats;
}

std::expected<StateDoor, std::string> StateDoor::open(uc_engine* engine, std::byte* scratch)
{
    Context context(engine);
    if (context.result() != UC_ERR_OK) {
        return std::unexpected(std::string("Unicorn cannot save its state: ") + uc_strerror(context.result()));
    }
    StateDoor door(engine);
    const bool known = door.find_registers(context) && door.find_efer() && door.verify_lazy_flags() &&
                       door.find_floats() && door.verify_exceptions(context, scratch);
    if (!known) {
        const unsigned version = uc_version(nullptr, nullptr);
        return std::unexpected("Unicorn " + std::to_string(version >> 24) + "." + std::to_string(version >> 16 & 0xff) +
                               "." + std::to_string(version >> 8 & 0xff) +
                               " keeps its CPU state otherwise than ringcheck knows: build with Unicorn 2.1.4");
    }
    return door;
}

} // namespace ringcheck
