// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/state_door.h"

#include "arch/control_registers.h"
#include "arch/msr.h"

#include <array>
#include <optional>
#include <utility>

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

} // namespace

StateDoor::StateDoor(StateDoor&& other) noexcept
    : engine_(other.engine_), context_(std::exchange(other.context_, nullptr)), size_(other.size_), base_(other.base_),
      dr_(other.dr_), efer_(other.efer_)
{
}

StateDoor::~StateDoor()
{
    if (context_ != nullptr) {
        uc_context_free(context_);
    }
}

bool StateDoor::find_registers()
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
    save();

    const auto base = find_once(context_, size_, gprs.data(), sizeof gprs);
    const auto dr = find_once(context_, size_, debug_registers.data(), sizeof debug_registers);
    if (!base || !dr || *dr < *base + 424 + 5 * sizeof(std::uint64_t) || *dr + 104 > size_) {
        return false;
    }
    base_ = *base;
    dr_ = *dr - *base;
    constexpr unsigned kFs = 4, kGs = 5, kGdtr = 8, kIdtr = 9;
    // A fresh engine of 64-bit mode is in ring 0 of 64-bit mode.
    constexpr std::uint32_t kMode = hflags::kProtected | hflags::kLongMode | hflags::kCs64;
    return this->rip() == rip && segments()[kFs].base == bases[0] && segments()[kGs].base == bases[1] &&
           segments()[kGdtr].base == gdtr.base && segments()[kGdtr].limit == gdtr.limit &&
           segments()[kIdtr].base == idtr.base && segments()[kIdtr].limit == idtr.limit && cr()[2] == cr2 &&
           (hidden_flags() & (kMode | hflags::kCpl)) == kMode;
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
    save();
    unsigned found = 0;
    for (std::size_t offset = after_cr; offset < dr_; offset += 4) {
        std::uint64_t word = 0;
        std::memcpy(&word, at<std::byte>(offset), sizeof word);
        if (word != kSecond) {
            continue;
        }
        uc_reg_write(engine_, UC_X86_REG_MSR, &first);
        save();
        std::memcpy(&word, at<std::byte>(offset), sizeof word);
        if (word == kFirst) {
            efer_ = offset;
            ++found;
        }
        uc_reg_write(engine_, UC_X86_REG_MSR, &second);
        save();
    }
    uc_reg_write(engine_, UC_X86_REG_MSR, &first);
    return found == 1;
}

/// Lets the engine load a selector beyond an empty GDT, which is #GP with that selector as its error code.
bool StateDoor::verify_exception_fields(std::byte* scratch)
{
    constexpr std::array<unsigned char, 2> kMoveToDs = {0x8e, 0xd8}; // mov %eax, %ds
    constexpr std::uint64_t kSelector = 0x5a58;
    constexpr int kGeneralProtection = 13;
    constexpr std::uint64_t kAddress = 16; // not 0, where a run ends
    scratch += kAddress;
    std::array<unsigned char, kMoveToDs.size()> kept;
    std::memcpy(kept.data(), scratch, kept.size());
    std::memcpy(scratch, kMoveToDs.data(), kMoveToDs.size());

    save();
    segments()[8].limit = 0; // GDTR
    old_exception() = -1;
    error_code() = 0;
    restore();
    uc_reg_write(engine_, UC_X86_REG_RAX, &kSelector);
    // Without an interrupt hook, the first exception ends the run.  A `count` would leave a hook behind, whose removal
    // in the next run translates this address and faults.
    const uc_err result = uc_emu_start(engine_, kAddress, 0, 0, 0);
    save();
    const bool verified = result == UC_ERR_EXCEPTION && error_code() == kSelector && exception_is_int() == 0 &&
                          old_exception() == kGeneralProtection;

    std::memcpy(scratch, kept.data(), kept.size());
    uc_ctl_flush_tb(engine_);
    old_exception() = -1;
    restore();
    return verified;
}

std::expected<StateDoor, std::string> StateDoor::open(uc_engine* engine, std::byte* scratch)
{
    uc_context* context = nullptr;
    if (const uc_err result = uc_context_alloc(engine, &context); result != UC_ERR_OK) {
        return std::unexpected(std::string("Unicorn cannot save its state: ") + uc_strerror(result));
    }
    StateDoor door(engine, context);
    door.size_ = uc_context_size(engine);
    if (!door.find_registers() || !door.find_efer() || !door.verify_exception_fields(scratch)) {
        const unsigned version = uc_version(nullptr, nullptr);
        return std::unexpected("Unicorn " + std::to_string(version >> 24) + "." + std::to_string(version >> 16 & 0xff) +
                               "." + std::to_string(version >> 8 & 0xff) +
                               " keeps its CPU state otherwise than ringcheck knows: build with Unicorn 2.1.4");
    }
    return door;
}

} // namespace ringcheck
